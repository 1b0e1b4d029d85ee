"""Drops cycles of many shapes while the collector is off, and keeps some alive.

    python3 cycles_program.py FOLDER strong|weak

`strong` has the cycles as people write them.  `weak` is the same program with one reference of
each shape weak, or cleared: what it still has of a shape's class was not freed by counting alone.
Writes how many objects of each class there are, and ends with a core.
"""
import collections
import gc
import json
import os
import resource
import sys
import weakref

COUNT = 40
WEAK = sys.argv[2:] == ['weak']
CACHE = []
WATCHED = []


def link(thing):
    return weakref.ref(thing) if WEAK else thing


class Node:
    """A tree whose nodes know their parent."""

    def __init__(self, parent, depth):
        self.parent = link(parent) if parent else None
        self.text = ['word'] * 3
        self.children = [Node(self, depth - 1) for _ in range(3)] if depth else []


class Master:
    def __init__(self):
        self.servant = Servant(self)


class Servant:
    """Which of the two is the owner, only the names could tell: `owner` is one that does."""

    def __init__(self, owner):
        self.owner = link(owner)


class Link:
    __slots__ = ('previous', 'following', '__weakref__')

    def __init__(self, previous):
        self.previous = link(previous) if previous else None
        self.following = None


class Registry:
    def __init__(self, number):
        self.entries = {'entry %d of %d' % (i, number): Entry(self) for i in range(5)}


class Entry:
    def __init__(self, registry):
        self.registry = link(registry)


class Event:
    """Listens to itself."""

    def __init__(self):
        self.listeners = set()
        self.listeners.add(weakref.WeakMethod(self.fire) if WEAK else self.fire)

    def fire(self):
        pass


class Stage:
    __slots__ = ('following', '__weakref__')


class Tree:
    """Half of them refer to themselves besides: the parent is not all there is to it."""

    def __init__(self, refers_to_itself):
        self.me = self if refers_to_itself else None
        self.branches = [Branch(self) for _ in range(4)]


class Branch:
    def __init__(self, parent):
        self.parent = link(parent)


class Finalized:
    def __init__(self):
        self.me = link(self)

    def __del__(self):
        pass


class Watched:
    """Has a weak reference with a callback, which is alive."""

    def __init__(self):
        self.me = link(self)
        WATCHED.append(weakref.ref(self, WATCHED.remove))


class Failure(Exception):
    pass


class Kept:
    """Alive, in cycles that only CACHE holds."""

    def __init__(self):
        self.part = KeptPart(self)


class KeptPart:
    def __init__(self, whole):
        self.whole = whole


def linked_list():
    first = last = Link(None)
    for _ in range(20):
        last.following = Link(last)
        last = last.following
    return first


def ring(length):
    stages = [Stage() for _ in range(length)]
    for i, stage in enumerate(stages):
        stage.following = link(stages[i - 1])


def handle(number):
    try:
        raise Failure(number)
    except Failure as failure:
        error = failure
    if WEAK:
        del error


def retry(number):
    def again(left):
        return again(left - 1) if left else number
    again(2)
    if WEAK:
        again = None


def documents():
    root = {'name': 'root', 'children': []}
    for name in 'abc':
        root['children'].append({'name': name, 'parent': None if WEAK else root})


def producer(box):
    box.append(None)
    yield box


def generator():
    box = []
    running = producer(box)
    next(running)
    box.append(None if WEAK else running)


def dropped_class():
    class Local:
        pass
    return Local().__doc__


def drop(number):
    Node(None, 2)
    Master()
    linked_list()
    Registry(number)
    Event()
    ring(4 + number % 2)
    Tree(number % 2)
    Finalized()
    Watched()
    handle(number)
    retry(number)
    documents()
    generator()
    dropped_class()


def main():
    gc.collect()
    gc.disable()
    for number in range(COUNT):
        drop(number)
        CACHE.append(Kept())
    counts = collections.Counter(type(thing).__qualname__ for thing in gc.get_objects()
                                 if type(thing).__module__ == '__main__')
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(sys.argv[1])
    with open('cycles.json', 'w') as file:
        file.write(json.dumps({'count': COUNT, 'objects': counts}))  # dump() drops a cycle itself
    os.abort()


if __name__ == '__main__':
    main()
