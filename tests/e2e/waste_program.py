"""Wastes memory, is dumped, and then saves it: what it won is what the snapshot must say.

    waste_program.py FOLDER

The process forks; the child aborts at once, and the parent, which is the same, does the thing: it
interns its strings, copies its containers, makes arrays of its numbers.  What sys.getsizeof() gives
of all objects concerned, before less after, is written to waste.json by kind and holder.
"""
import array
import ctypes
import gc
import json
import os
import sys

SHARED = 'shared_by_the_interpreter'  # a constant that looks like a name is interned
ROWS, FEW = 3000, 50


class Row:
    def __init__(self, i):
        self.country = ''.join(['country ', 'DE' if i % 3 else 'DK'])
        self.name = ''.join(['shared_by_', 'the_interpreter']) if i % 2 else 'name %d' % i
        self.city = 'Z\xfcrich \u4e00'[:6 + i % 3] + chr(0x1f600) * (i % 2)
        self.code = bytes([65, i % 7, 0, 66])
        self.tags = []
        self.notes = {}
        self.links = set() if i % 2 else {i}


class Slot:
    """Its attribute stands in a slot, and in a dict below that."""
    __slots__ = ('record',)

    def __init__(self, i):
        self.record = {'unit': ''.join(['kilo', 'gram']), 'number': i}


class Counts(dict):
    """A class below dict."""


class Table:
    def __init__(self):
        self.rows = [Row(i) for i in range(ROWS)]
        self.slots = [Slot(i) for i in range(ROWS)]


class Containers:
    def __init__(self):
        self.named = [shrunk(dict.fromkeys('key %d' % k for k in range(200)), i)
                      for i in range(FEW)]
        self.numbered = [shrunk(dict.fromkeys(range(3, 500)), i) for i in range(FEW)]
        self.counts = [shrunk(Counts.fromkeys(range(3, 100)), i + 1) for i in range(FEW)]
        self.sets = [shrunk(set(range(3, 1000)), 2 * i) for i in range(FEW)]
        self.frozen = [frozenset(str(k) for k in range(i)) for i in range(1, 3 * FEW)]
        self.lists = [grown(i) for i in range(1, 4 * FEW)]


class Numbers:
    def __init__(self):
        self.floats = [[i + k / 7 for k in range(8 + i)] for i in range(FEW)]
        self.tuples = [tuple(i + k / 3 for k in range(40)) for i in range(FEW)]
        self.integers = [[10 ** 18 + i + k for k in range(30)] for i in range(FEW)]
        self.small = [[k % 100 for k in range(500)] for i in range(FEW)]
        self.kept = Kept(self.floats[3][:5])
        self.large = [[2 ** 63 + k for k in range(100)] for i in range(FEW)]
        self.mixed = [[k, k + 0.5] * 50 for k in range(300, 300 + FEW)]


class Kept:
    """Refers to numbers, so that they stay when their list goes."""

    def __init__(self, numbers):
        self.one, self.two, self.three, self.four, self.five = numbers


def swell_namespaces():
    """Nobody can copy the dict of a module or class."""
    for i in range(1000):
        globals()['name_%d' % i] = None
        setattr(Kept, 'name_%d' % i, None)
    for i in range(1000):
        del globals()['name_%d' % i]
        delattr(Kept, 'name_%d' % i)


def shrunk(container, count):
    """With `count` elements left of them, in the room that it had for all."""
    for element in list(container)[count:]:
        if isinstance(container, dict):
            del container[element]
        else:
            container.discard(element)
    return container


def grown(count):
    items = []
    for i in range(count):
        items.append(None)
    return items


def sizes(things):
    return sum(map(sys.getsizeof, {id(thing): thing for thing in things}.values()))


def shared_attributes(rows, name, share):
    """What is won where all rows have the same object for the same value."""
    values = [getattr(row, name) for row in rows]
    before = sizes(values)
    values = None
    for row in rows:
        setattr(row, name, share(getattr(row, name)))
    after = sizes(v for v in (getattr(row, name) for row in rows) if v is not SHARED)
    return before - after


def shared_records(slots):
    values = [slot.record['unit'] for slot in slots]
    before = sizes(values)
    for slot in slots:
        slot.record['unit'] = sys.intern(slot.record['unit'])
    return before - sizes(slot.record['unit'] for slot in slots)


def filled(mapping):
    return type(mapping)(mapping.items())


def copied(containers, copy):
    """What is won by copies of those that get smaller by it; empty ones are another matter."""
    return sum(max(sys.getsizeof(c) - sys.getsizeof(copy(c)), 0) for c in containers
               if c or type(c) is Counts)


def packed(sequences, code, kept=()):
    """Numbers that are someone else's stay; those below 257 are everybody's."""
    stay = set(map(id, kept))
    numbers = {id(n): n for s in sequences for n in s}
    gone = sum(sys.getsizeof(n) for n in numbers.values()
               if id(n) not in stay and not (type(n) is int and -5 <= n <= 256))
    return sum(map(sys.getsizeof, sequences)) + gone - sum(
        sys.getsizeof(array.array(code, s)) for s in sequences)


def won(table, containers, numbers):
    seen, rows = {}, table.rows
    kept = vars(numbers.kept).values()
    return {
        'duplicate-text': {
            '__main__.Row.country': shared_attributes(rows, 'country', sys.intern),
            '__main__.Row.name': shared_attributes(rows, 'name', sys.intern),
            '__main__.Row.city': shared_attributes(rows, 'city', sys.intern),
            "__main__.Slot.record['unit']": shared_records(table.slots),
        },
        'duplicate-bytes': {
            '__main__.Row.code': shared_attributes(rows, 'code', lambda v: seen.setdefault(v, v)),
        },
        'empty-list': {'__main__.Row.tags': sizes(row.tags for row in rows)},
        'empty-dict': {'__main__.Row.notes': sizes(row.notes for row in rows)},
        'empty-set': {'__main__.Row.links': sizes(row.links for row in rows if not row.links)},
        'underfilled-dict': {
            '__main__.Containers.named[]': copied(containers.named, filled),
            '__main__.Containers.numbered[]': copied(containers.numbered, filled),
            '__main__.Containers.counts[]': copied(containers.counts, filled),
        },
        'underfilled-set': {
            '__main__.Containers.sets[]': copied(containers.sets, set),
            '__main__.Containers.frozen[]': copied(containers.frozen,
                                                   lambda f: frozenset(set(f))),
        },
        'underfilled-list': {
            '__main__.Containers.lists[]': copied(containers.lists, lambda x: x[:]),
        },
        'boxed-floats': {
            '__main__.Numbers.floats[]': packed(numbers.floats, 'd', kept),
            '__main__.Numbers.tuples[]': packed(numbers.tuples, 'd'),
            '__main__.Numbers.large[]': 0, '__main__.Numbers.mixed[]': 0,
        },
        'boxed-ints': {
            '__main__.Numbers.integers[]': packed(numbers.integers, 'q'),
            '__main__.Numbers.small[]': max(packed(numbers.small, 'q'), 0),
            '__main__.Numbers.large[]': 0, '__main__.Numbers.mixed[]': 0,
        },
    }


def main():
    os.chdir(sys.argv[1])
    table, containers, numbers = Table(), Containers(), Numbers()
    swell_namespaces()
    gc.collect()
    pid = ctypes.PyDLL(None).fork()
    if not pid:
        os.abort()
    os.waitpid(pid, 0)
    told = won(table, containers, numbers)
    with open('waste.json', 'w') as file:
        json.dump(told, file)


if __name__ == '__main__':
    main()
