"""Containers of builtins and of the standard library: full, empty, grown, shrunk, with holes."""
import array
import builtins
import collections
import configparser
import contextlib
import contextvars
import email.message
import heapq
import http.cookies
import itertools
import mmap
import queue
import types
import weakref

PAIR = collections.namedtuple('PAIR', 'left right')


class Item:
    def __init__(self, number):
        self.number = number * 1000

    def method(self):
        return self.number


def dicts():
    holes = {i * 1000: [i] for i in range(100)}
    for i in range(0, 100, 2):
        del holes[i * 1000]
    emptied = {i: [i] for i in range(20)}
    emptied.clear()
    popped = {'k%d' % i: [i] for i in range(10)}
    while len(popped) > 1:
        popped.popitem()
    turned_general = {'text': [1], 'other': [2]}
    turned_general[(1, 'tuple')] = [3]
    grown = {}
    for i in range(70000):
        grown[i] = None
    for i in range(69000):
        del grown[i]
    return [{}, {1: [1]}, {'a': [1]}, {i * 7919: (i, [i]) for i in range(3000)},
            {'key %d' % i: [i] for i in range(500)}, holes, emptied, popped, turned_general, grown,
            dict.fromkeys(range(5), [1]), {**holes}, holes.copy(), {True: [1], None: [2], 1.5: [3]},
            {frozenset([1]): {2: {3: {}}}}, vars(Item(7)).copy(), dict(a=[1], b=[2])]


def sets():
    holes = {(i, str(i)) for i in range(300)}
    for i in range(0, 300, 3):
        holes.discard((i, str(i)))
    emptied = {(i,) for i in range(50)}
    emptied.clear()
    small_holes = {(1, 'a'), (2, 'b'), (3, 'c')}
    small_holes.remove((2, 'b'))
    return [set(), {1, (2, 3)}, {Item(1), Item(2)}, holes, emptied, small_holes,
            {(i, i) for i in range(5000)}, frozenset(), frozenset({(1, 2)}),
            frozenset((i, i) for i in range(200)), {frozenset({(3, 4)})}]


def sequences():
    shrunk = [[i] for i in range(1000)]
    del shrunk[10:]
    nested = []
    for _ in range(200):
        nested = [nested]
    return [[], [[]], shrunk, nested, [None] * 1000, [[1]] * 50, list(range(5000)), [0.5] * 3,
            (), ((),), tuple([i] for i in range(300)), (1, 2, 3), ((1, 2), [3]),
            [(i, i + 1) for i in range(300)], sorted([3, 1, 2]), heapified(), [*'abc']]


def heapified():
    heap = [(i * 7 % 11, [i]) for i in range(11)]
    heapq.heapify(heap)
    return heap


def of_collections():
    deque = collections.deque(([i] for i in range(200)), maxlen=500)
    for _ in range(70):
        deque.popleft()
    deque.rotate(50)
    ordered = collections.OrderedDict((str(i), [i]) for i in range(50))
    ordered.move_to_end('3', last=False)
    del ordered['7']
    return [deque, collections.deque(), collections.deque([[1]], maxlen=1), ordered,
            collections.OrderedDict(), collections.defaultdict(list, {i: [i] for i in range(50)}),
            collections.defaultdict(None, {1: [2]}), collections.Counter('abracadabra'),
            collections.ChainMap({1: [2]}, {3: 4}), [PAIR(i, [i]) for i in range(20)],
            collections.UserDict({1: [1]}), collections.UserList([[1]]),
            collections.UserString('user string'), iter(deque), reversed(deque),
            iter(ordered), ordered.items(), iter(ordered.values()), reversed(ordered.keys())]


def views_and_proxies():
    source = {('view', i): [i] for i in range(10)}
    return [source.keys(), source.values(), source.items(), types.MappingProxyType(source),
            types.MappingProxyType(collections.ChainMap(source)), types.SimpleNamespace(a=[1]),
            types.SimpleNamespace(), slice([1], 2, None), slice(None), range(10 ** 20, 10 ** 21),
            vars(Item), iter(source), iter(source.items()), iter(source.values())]


def buffers():
    owner = bytearray(b'owner' * 100)
    view = memoryview(owner)
    return [b'', b'x' * 10, b'z' * 100000, bytearray(), bytearray(b'y' * 1000), bytearray(5000),
            shifted(), view, view[10:20], memoryview(b'abc').cast('B'), memoryview(view)[::2],
            memoryview(array.array('d', [1.5, 2.5])), array.array('d', range(1000)),
            array.array('u', 'text') if hasattr(array, 'typecodes') and 'u' in array.typecodes
            else None, array.array('b'), mmap.mmap(-1, 4096)]


def shifted():
    """A bytearray whose content begins after its block does."""
    content = bytearray(b'abc' * 1000)
    del content[:1500]
    return content


def queues():
    filled = [queue.Queue(), queue.LifoQueue(), queue.PriorityQueue(), queue.SimpleQueue()]
    for number, each in enumerate(filled):
        for i in range(5):
            each.put((i, [number]))
    taken = queue.SimpleQueue()
    for i in range(100):
        taken.put([i])
    for i in range(60):
        taken.get()
    return [filled, taken, queue.Queue(maxsize=3)]


def weak():
    items = [Item(i) for i in range(30)]
    called = []
    values = weakref.WeakValueDictionary((i, item) for i, item in enumerate(items[:5]))
    keys = weakref.WeakKeyDictionary((item, [1]) for item in items[5:10])
    dead = weakref.ref(Item(99), called.append)
    finalizer = weakref.finalize(items[10], print, [1], sep=[2])
    finalizer.atexit = False
    return [items, called, values, keys, weakref.WeakSet(items[10:15]), weakref.ref(items[0]),
            weakref.ref(items[1], called.append), weakref.proxy(items[2]),
            weakref.proxy(items[3], called.append), weakref.proxy(Item.__init__), dead, finalizer,
            weakref.ref(Item), weakref.WeakMethod(items[4].method),
            [weakref.ref(items[20], lambda _, i=i: i) for i in range(5)]]


def contexts():
    variables = [contextvars.ContextVar('variable %d' % i, default=[i]) for i in range(40)]
    tokens = [variable.set([variable.name]) for variable in variables]
    variables[0].reset(tokens[0])
    copied = contextvars.copy_context()
    ran = contextvars.Context()
    ran.run(lambda: [variable.set({variable.name: [1]}) for variable in variables[:3]])
    return [variables, tokens, copied, ran, contextvars.Context(), iter(copied), copied.items()]


def text_formats():
    parser = configparser.ConfigParser()
    parser.read_string('[a]\nb = c\n[d]\ne = %(f)s\nf = 1\n')
    message = email.message.EmailMessage()
    message['Subject'] = 'subject'
    message.set_content('content')
    stack = contextlib.ExitStack()
    stack.callback(print, [1])
    return [parser, message, http.cookies.SimpleCookie('a=b; c=d'), stack,
            contextlib.closing(Item(3)), contextlib.suppress(KeyError)]


def of_new_versions():
    """Containers that only some versions have."""
    found = []
    frozendict = getattr(builtins, 'frozendict', None)
    if frozendict:
        found += [frozendict(), frozendict({'a': [1]}), frozendict({(1, 2): [i] for i in range(9)})]
    if hasattr(itertools, 'batched'):
        found.append(itertools.batched([[1], [2], [3]], 2))
    if hasattr(itertools, 'pairwise'):
        pairs = itertools.pairwise([[1], [2], [3]])
        next(pairs)
        found.append(pairs)
    sentinel = getattr(builtins, 'sentinel', None)
    if sentinel:
        found.append(sentinel('MISSING'))
    return found


def build():
    return [make() for make in (
        dicts, sets, sequences, of_collections, views_and_proxies, buffers, queues, weak, contexts,
        text_formats, of_new_versions)]
