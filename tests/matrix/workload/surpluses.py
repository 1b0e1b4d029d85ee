"""References that nobody owns: 25 objects of each of 41 kinds, counted once or three times too often,
beside as many untouched ones.  Half of them are still in use, half have been dropped."""
import array
import collections
import ctypes
import datetime
import decimal
import functools
import io
import itertools
import re
import sqlite3
import types

EACH = 25
AMOUNTS = (1, 3)
PATTERN = re.compile('(a)')
DATABASE = sqlite3.connect(':memory:')


class Plain:
    def __init__(self, number):
        self.number = [number]


class Slots:
    __slots__ = ('value', '__weakref__')

    def __init__(self, number):
        self.value = [number]


class SubDict(dict):
    pass


class Refused(Exception):
    pass


def rows(number):
    yield [number]


def suspended(number):
    generator = rows(number)
    next(generator)
    return generator


def closure(number):
    return lambda: number


def registered(number):
    """SQLite holds it, too."""
    made = closure([number])
    DATABASE.create_function('f%d' % number, 0, made)
    return made


MAKERS = (
    lambda i: [i, [i]],
    lambda i: {'key': [i]},
    lambda i: (i, [i]),
    lambda i: {(i, 'member')},
    lambda i: frozenset({(i, 'member')}),
    lambda i: 'text number %d' % i,
    lambda i: b'bytes number %d' % i,
    lambda i: bytearray(b'bytearray %d' % i),
    lambda i: 10 ** 20 + i,
    lambda i: i + 0.5,
    lambda i: Plain(i),
    lambda i: Slots(i),
    lambda i: SubDict(a=i),
    lambda i: Refused('refused', i),
    lambda i: closure([i]),
    lambda i: closure([i]).__closure__[0],
    lambda i: suspended(i),
    lambda i: [i].append,
    lambda i: types.MethodType(closure(i), [i]),
    lambda i: collections.deque([[i]]),
    lambda i: collections.OrderedDict(a=[i]),
    lambda i: collections.defaultdict(list, a=[i]),
    lambda i: array.array('d', [i]),
    lambda i: memoryview(b'memory %d' % i),
    lambda i: slice([i], None),
    lambda i: range(i * 1000, i * 2000),
    lambda i: property(closure(i)),
    lambda i: functools.partial(print, [i]),
    lambda i: functools.lru_cache(maxsize=None)(closure(i)),
    lambda i: datetime.datetime(2000 + i, 1, 1),
    lambda i: datetime.timedelta(i + 1000, 7),
    lambda i: decimal.Decimal('1.%d' % i),
    lambda i: types.SimpleNamespace(a=[i]),
    lambda i: types.MappingProxyType({i: [i]}),
    lambda i: PATTERN.match('a' + str(i)),
    lambda i: io.BytesIO(b'content %d' % i),
    lambda i: iter([[i], [i]]),
    lambda i: itertools.count(10 ** 20 + i),
    lambda i: types.ModuleType('module %d' % i),
    lambda i: type('Kind%d' % i, (), {}),
    registered,
)


def plant(planted):
    """What keeps the untouched objects, and that half of the others that is not dropped.

    The lists have their full length before: one that grows leaves copies of its items behind.
    """
    increment = ctypes.pythonapi.Py_IncRef
    increment.argtypes, increment.restype = [ctypes.py_object], None
    kept, held = ([None] * (len(MAKERS) * EACH) for _ in range(2))
    for place in range(len(MAKERS) * EACH):
        make, i = MAKERS[place // EACH], place % EACH
        amount = AMOUNTS[i % len(AMOUNTS)]
        kept[place], thing = make(i + 300), make(i + 600)
        planted.add(kept[place], 'control')
        planted.add(thing, 'surplus %d' % amount)
        for _ in range(amount):
            increment(thing)
        if i % 4 < 2:
            held[place] = thing
    return kept, held
