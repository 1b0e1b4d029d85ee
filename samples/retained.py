"""Holds things of which it measured, in a copy of itself, how many bytes go when they are deleted.

The copy lets go of one thing, collects, and asks tracemalloc what is left.
"""
import collections
import functools
import gc
import os
import sys
import tracemalloc

import truth

# From the first allocation on: what a free list has from before would not be told of.
if not tracemalloc.is_tracing():
    os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, PYTHONTRACEMALLOC='1'))

LARGE = 2 ** 40  # ints of two digits, made by |, are as large as sys.getsizeof() says


class Node:
    """Refers to its parent, and the parent to it."""

    def __init__(self, parent, number):
        self.parent = parent
        self.number = LARGE | number
        self.children = []
        if parent:
            parent.children.append(self)


class Slots:
    __slots__ = ('following', 'data')


def family(count):
    """The measured case of others: a dict of nodes that are children of one another's parents."""
    nodes = {}
    for i in range(count):
        parent = Node(None, i)
        nodes[parent.number | 2 ** 50] = Node(parent, i)
    return nodes


def linked(length):
    first = None
    for i in range(length):
        link = Slots()
        link.following, link.data = first, i + 0.5
        first = link
    return first


def ring(length):
    links = [Slots() for _ in range(length)]
    for left, right in zip(links, links[1:] + links[:1]):
        left.following, left.data = right, 'ring %d' % id(left)
    return links[0]


def tree(depth, parent=None):
    node = Node(parent, depth)
    for _ in range(2 if depth else 0):
        tree(depth - 1, node)
    return node


def cached():
    compute = functools.lru_cache(maxsize=None)(lambda number: b'%d' % number * 20)
    for i in range(500):
        compute(LARGE | i)
    return compute


def generator():
    data = ['in a generator %d' % i for i in range(300)]
    yield len(data)
    yield data


def running():
    suspended = generator()
    next(suspended)
    return suspended


def closure(size):
    kept = [bytes(size)]
    return lambda: kept


def caught(size):
    local = bytearray(size)
    try:
        raise ValueError(local)
    except ValueError as error:
        return error


SHARED = ['shared %d' % i for i in range(1000)]


def frames():
    """Up to 3.10, a frame may be one that was larger than it needs."""
    return [running(), caught(700)] if sys.version_info >= (3, 11) else []


def things():
    """What is held, each by nothing else."""
    return frames() + [
        family(10000), linked(2000), ring(500), tree(7), closure(5000),
        {'name %d' % i: [LARGE | i, str(i) * 3] for i in range(300)},
        {(i, LARGE | i): {i + 0.5} for i in range(200)},
        [SHARED, ['its own %d' % i for i in range(100)]],
        collections.OrderedDict((b'%d' % i, [LARGE | i]) for i in range(200)),
        collections.defaultdict(list, {LARGE | i: [i] for i in range(100)}),
        collections.deque(['in a deque %d' % i for i in range(200)]),
        [frozenset([str(i) * 2, LARGE | i]) for i in range(100)],
        'a text that nobody else has %d' % os.getpid(), bytes(2000), 2 ** 3990,
        cached(),
    ]


def settle_memory():
    """Something to keep.

    The first instances of a class have more room for attributes than later ones, and free lists
    may have what was allocated before anything was traced.
    """
    for _ in range(50):
        Node(None, 0)
    return [[[], {}, (i,), i + 0.5] for i in range(200)]


def fill_free_lists():
    """Those that the collector does not clear."""
    things()
    collections.deque(range(10000))


def traced():
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def freed_with(cells, number):
    """Bytes that go with what cells[number] holds, by a copy of this process that lets go of it."""
    reader, writer = os.pipe()
    if not os.fork():
        fill_free_lists()
        frame = sys._getframe()  # a generator that goes may ask for it
        traced()
        before = traced()
        if number is not None:
            cells[number][0] = None
        after = traced()
        os.write(writer, b'%d' % (before - after))
        os._exit(not frame)
    os.wait()
    freed = int(os.read(reader, 100))
    os.close(reader)
    os.close(writer)
    return freed


def measured(cells):
    """[[address, bytes]]"""
    noise = freed_with(cells, None)
    return [[id(cell[0]), freed_with(cells, i) - noise] for i, cell in enumerate(cells)]


def main():
    options = truth.prepare(__doc__)
    kept = settle_memory()
    cells = [[thing] for thing in things()]
    truth.settle()
    retained = measured(cells)
    truth.tell(options, truth.Planted(), retained=retained)
    del kept


if __name__ == '__main__':
    main()
