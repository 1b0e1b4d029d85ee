"""Holds one thing of a shape that is hard on whoever walks it, and dies.

    shapes_program.py FOLDER deep|nested|wide|loops NUMBER
"""
import gc
import os
import resource
import sys


class Link:
    __slots__ = ('following',)


def deep(number):
    first = None
    for _ in range(number):
        link = Link()
        link.following, first = first, link
    return first


def nested(number):
    inner = []
    for _ in range(number - 1):
        inner = [inner]
    return inner


def wide(number):
    return (float(number),) * number


def loops(number):
    for _ in range(number):
        loop = []
        loop.append(loop)


def main():
    folder, shape, number = sys.argv[1:]
    gc.disable()
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(folder)
    held = {'deep': deep, 'nested': nested, 'wide': wide, 'loops': loops}[shape](int(number))
    abort(held)


def abort(held):
    os.abort()


if __name__ == '__main__':
    main()
