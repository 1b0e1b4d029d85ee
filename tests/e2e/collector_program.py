"""Writes down how its collector stands and what a collection of each generation finds, and aborts.

    collector_program.py FOLDER MODE

Each question is asked in a fork of its own, so that all are asked of what is dumped: the last of
the forks is the one that aborts.  Nothing is allocated for the collector to count in between.
MODE: `plain`, as Python starts; `tuned`, with other thresholds, flags, and objects frozen; `off`;
`running`, in the middle of a collection.
"""
import array
import ctypes
import gc
import json
import os
import sys

LEAVES, NESTED, RINGS = 1000, 300, 200


class Leaf:
    """Tracked, and refers to nothing that is."""
    __slots__ = ('number',)


class Box(list):
    """Of a number, or of another box."""


class Ring:
    def __init__(self):
        self.itself = self


def made():
    leaves = [Leaf() for _ in range(LEAVES)]
    for number, leaf in enumerate(leaves):
        leaf.number = number * 1000
    return {'leaves': leaves, 'nested': [Box([Box([i])]) for i in range(NESTED)],
            'rings': [Ring() for _ in range(RINGS)]}


def drop(count):
    for _ in range(count):
        Ring()


def age():
    """Garbage and live objects in all generations: 70 rings in the oldest, 30, and 10."""
    alive, dropped = [made()], [Ring() for _ in range(70)]
    gc.collect()
    gc.collect()
    del dropped
    alive.append(made())
    dropped = [Ring() for _ in range(30)]
    gc.collect(0)
    del dropped
    alive.append(made())
    drop(10)
    return alive


def choose(mode):
    if mode == 'tuned':
        gc.set_threshold(100000, 7, 3)
        gc.set_debug(gc.DEBUG_UNCOLLECTABLE)
        gc.freeze()
    else:
        gc.collect()
    if mode == 'off':
        gc.disable()


QUESTIONS = (('count', gc.get_count, None), ('threshold', gc.get_threshold, None),
             ('stats', gc.get_stats, None), ('frozen', gc.get_freeze_count, None),
             ('debug', gc.get_debug, None), ('enabled', gc.isenabled, None),
             ('objects0', gc.get_objects, 0), ('objects1', gc.get_objects, 1),
             ('objects2', gc.get_objects, 2), ('found0', gc.collect, 0), ('found1', gc.collect, 1),
             ('found2', gc.collect, 2), ('core', os.abort, None))


def ask_all(files):
    fork, leave, write = ctypes.PyDLL(None).fork, os._exit, answer
    children = array.array('i', [0] * len(QUESTIONS))
    index = 0
    while index < len(QUESTIONS):
        name, question, argument = QUESTIONS[index]
        children[index] = fork()
        if not children[index]:
            told = question() if argument is None else question(argument)
            write(files[index], name, told)
            leave(0)
        index += 1
    for child in children:
        os.waitpid(child, 0)


def answer(file, name, told):
    if name.startswith('objects'):
        told = len(told)
    os.write(file, json.dumps(told).encode())


def die_collecting():
    with open('collector.json', 'w') as file:
        json.dump(None, file)
    gc.callbacks.append(lambda phase, info: os.abort())
    gc.collect()


def main():
    folder, mode = sys.argv[1:]
    os.chdir(folder)
    if mode == 'running':
        die_collecting()
    choose(mode)
    alive = age()
    files = [os.open('answer.%d' % i, os.O_CREAT | os.O_RDWR) for i in range(len(QUESTIONS))]
    ask_all(files)
    told = {}
    for file, (name, _, _) in zip(files, QUESTIONS):
        text = os.pread(file, 1 << 20, 0)
        told[name] = json.loads(text) if text else None
    with open('collector.json', 'w') as file:
        json.dump(told, file)
    del alive


if __name__ == '__main__':
    main()
