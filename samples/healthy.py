"""A service in the middle of its work: sessions, caches, queues, suspended handlers, open
resources.  Nothing in it is leaked, and no cycle is dropped.
"""
import array
import asyncio
import collections
import contextvars
import dataclasses
import datetime
import decimal
import enum
import functools
import io
import itertools
import re
import sqlite3
import threading
import types
import weakref

import truth


class State(enum.Enum):
    OPEN = 1
    CLOSED = 2


class Session:
    def __init__(self, number):
        self.number = number + 1000
        self.user = 'user %d' % number
        self.rights = {'read', 'write', number}
        self.state = State.OPEN


class Point:
    __slots__ = ('x', 'y', '__weakref__')

    def __init__(self, x, y):
        self.x, self.y = x, y


class Headers(dict):
    pass


class Path(str):
    pass


class Refused(Exception):
    pass


class Registered(type):
    pass


class Plugin(metaclass=Registered):
    limit = 1.5


@dataclasses.dataclass
class Order:
    number: int
    items: list


Price = collections.namedtuple('Price', 'amount currency')
REQUEST = contextvars.ContextVar('request', default=[0])


def rows(count):
    seen = []
    for i in range(count):
        seen.append([i])
        yield i, seen


async def handler(request):
    body = [request]
    await asyncio.sleep(0)
    return body


def counter(start):
    steps = [start]

    def step(by=1, *, log=steps):
        steps.append(by)
        return log
    return step


def refused():
    try:
        try:
            {}['missing']
        except KeyError as cause:
            raise Refused('no', [403]) from cause
    except Refused as error:
        return error


def instances():
    deleted, odd_key, many, asked = (Session(i) for i in range(4))
    del deleted.user
    odd_key.__dict__[7] = 'seven'
    for i in range(60):
        setattr(many, 'extra%d' % i, i * 1000)
    vars(asked)
    subclasses = [Headers(accept='*/*'), Path('/index')]
    for thing in subclasses:
        thing.origin = [thing.__class__]
    return [[Session(i) for i in range(300)], [Point(i, (i, str(i))) for i in range(100)],
            deleted, odd_key, many, asked, subclasses, [Order(i, [i]) for i in range(20)],
            [Price(i * 0.25, 'EUR') for i in range(20)], Plugin(), State.CLOSED]


def containers():
    holes = {i: [i] for i in range(100)}
    for i in range(0, 100, 2):
        del holes[i]
    return [{i * 7919: (i, [i]) for i in range(3000)}, {'key%d' % i: [i] for i in range(500)},
            holes, {}, [], set(), {(i, str(i)) for i in range(300)}, frozenset(range(20)),
            collections.deque([i] for i in range(200)),
            collections.OrderedDict((str(i), [i]) for i in range(50)),
            collections.defaultdict(list, {i: [i] for i in range(50)}),
            collections.Counter('abracadabra'), collections.ChainMap({1: [2]}, {3: 4}),
            types.MappingProxyType({1: [2]}), types.SimpleNamespace(a=[1]), slice([1], 2)]


def values():
    return [b'x' * 10, bytearray(b'y' * 1000), memoryview(b'abc'), b'z' * 100000,
            array.array('d', range(1000)), 'é', '日本語', '\U0001f600' * 20, 'x' * 1000, 'é' * 1000,
            1.5, 2j, 10 ** 100, -10 ** 30, True,
            'it\'s "quoted"\n\\', '\x00\x1b\x7f\xa0\u2028\udcff\U0001f600', '\t' * 39 + 'xyz',
            b"it's\n\xff", b'x' * 77, b'x' * 78, 2 ** 256 - 1, -2 ** 256, 0.1, -0.0, 1e16, 1e-5,
            5e-324, 2.0 ** -44, 1 / 3, float('inf'), float('nan'), decimal.Decimal('1.23'),
            datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), datetime.timedelta(1),
            re.compile('a(b)c'), re.match('a', 'a'), io.BytesIO(b'abc'), io.StringIO('abc')]


def callables(sessions):
    def pair(x):
        return [x, x]
    cached = functools.lru_cache(maxsize=10)(pair)
    for i in range(15):
        cached(i)
    step = counter(5)
    step(2)
    return [cached, step, [counter(i) for i in range(10)], functools.partial(print, [1], sep=[2]),
            sessions.append, dict.get, 'x'.upper, property(pair), classmethod(pair),
            staticmethod(len), lambda: sessions, compile('lambda a: lambda: a', 'x', 'exec')]


def suspended():
    started, fresh, task = rows(5), rows(3), handler('GET /')
    next(started)
    next(started)
    task.send(None)
    nested = ((a, b) for a in [1, 2] for b in [[a]])
    next(nested)
    return [started, fresh, task, nested, iter([1, [2]]), iter({1: [2]}), iter('abc'), zip([1], [2]),
            map(str, [3]), enumerate([[5]]), itertools.chain([1], [2]), itertools.islice([1, 2], 1),
            itertools.count(10 ** 30), itertools.repeat([1]), itertools.tee([1, 2, 3], 2)]


def resources(sessions):
    database = sqlite3.connect(':memory:')
    cursor = database.execute('select 1 as a, 2 as b')
    local = threading.local()
    local.request = ['request']
    REQUEST.set(['current'])
    return [database, cursor, local, threading.Lock(), threading.RLock(), open(__file__, 'rb'),
            contextvars.copy_context(), weakref.ref(sessions[0]), weakref.WeakSet(sessions[:5]),
            weakref.WeakValueDictionary({1: sessions[1]}), weakref.proxy(sessions[2])]


def main():
    options = truth.prepare(__doc__)
    planted = truth.Planted()
    service = {'instances': instances(), 'containers': containers(), 'values': values(),
               'suspended': suspended(), 'error': refused()}
    sessions = service['instances'][0]
    service['callables'] = callables(sessions)
    service['resources'] = resources(sessions)
    service['dynamic'] = [type('Kind%d' % i, (Session,), {'number': [i]}) for i in range(10)]
    truth.settle()
    truth.tell(options, planted)


if __name__ == '__main__':
    main()
