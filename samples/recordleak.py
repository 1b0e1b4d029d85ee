"""Reads lines with a C extension (records.c) that leaks, and aborts: how many, it is told.

Every second line has no size, and leaves a Record behind; each label that is made stays, too.
Nodes in dropped cycles, which no collection frees, are there besides.  Build the extension first,
with the headers of the same interpreter:

    cc -g0 -shared -fPIC $(python3-config --includes) samples/records.c -o DIR/records.so
    PYTHONPATH=DIR python3 samples/recordleak.py LINES [and-dicts]

With and-dicts, something leaks that is not in the extension: the program raises counts itself.
"""
import ctypes
import gc
import os
import sys

import records


class Node:
    def __init__(self, parent):
        self.parent = parent
        self.children = []


def line(number):
    return 'record-%d%s%s' % (number, '-' * (number % 40), ' %d' % number if number % 2 else '')


def read(count):
    good, bad = [], 0
    for number in range(count):
        try:
            good.append(records.parse(line(number)))
        except ValueError:
            bad += 1
    return good, bad


def drop_trees(count):
    for _ in range(count):
        root = Node(None)
        root.children += [Node(root), Node(root)]


def leak_dicts(count):
    for number in range(count):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object({number: str(number)}))


def forget_arguments(depth):
    """Overwrites what calls left on the stack."""
    return depth and [forget_arguments(depth - 1), (depth,) * 9, str(depth)][0]


def main(count, more):
    gc.collect()
    gc.disable()
    good, _ = read(count)
    labels = records.labels(good)[::2]
    drop_trees(count)
    if more:
        leak_dicts(count)
    forget_arguments(50)
    os.abort()
    return labels


if __name__ == '__main__':
    main(int(sys.argv[1]), sys.argv[2:] == ['and-dicts'])
