"""Garbage: cycles of many shapes, dropped while the collector is off."""
import asyncio
import collections
import contextlib
import contextvars
import ctypes
import functools
import gc
import io
import itertools
import operator
import sqlite3
import sys
import threading
import types
import weakref
import xml.etree.ElementTree

EACH = 3
CALLBACK = ctypes.CFUNCTYPE(None)


class Node:
    def __init__(self, other=None):
        self.other = other


class Slots:
    __slots__ = ('other', '__weakref__')


class Finalized(Node):
    def __del__(self):
        self.closed = True


class Lazarus(Node):
    kept = []

    def __del__(self):
        self.kept.append(self)


class SubList(list):
    pass


class SubDict(dict):
    pass


class Struct(ctypes.Structure):
    _fields_ = [('thing', ctypes.py_object)]


def holders():
    """Each refers to what it is given, which then refers to it."""
    def variable_in(node):
        context = contextvars.Context()
        context.run(contextvars.ContextVar('variable').set, node)
        return context

    def local_of(node):
        local = threading.local()
        local.node = node
        return local

    return (
        lambda n: [n], lambda n: (n,), lambda n: {'key': n}, lambda n: {n: 1}, lambda n: {n},
        lambda n: frozenset({n}), lambda n: Node(n), lambda n: SubList([n]), lambda n: SubDict(a=n),
        lambda n: collections.deque([n]), lambda n: collections.OrderedDict(a=n),
        lambda n: collections.defaultdict(list, a=n), lambda n: collections.ChainMap({1: n}),
        lambda n: types.SimpleNamespace(a=n), lambda n: types.MappingProxyType({1: n}),
        lambda n: slice(n, None), lambda n: (lambda: n), lambda n: functools.partial(print, n),
        lambda n: types.MethodType(print, n), lambda n: [n].append, lambda n: property(lambda: n),
        lambda n: classmethod(lambda: n), lambda n: staticmethod(lambda: n), lambda n: super(Node, n),
        lambda n: iter([n]), lambda n: iter((n,)), lambda n: iter({1: n}.values()), lambda n: {1: n}.items(),
        lambda n: zip([n]), lambda n: map(str, [n]), lambda n: filter(None, [n]), lambda n: enumerate([n]),
        lambda n: itertools.chain([n]), lambda n: itertools.cycle([n]), lambda n: itertools.repeat(n),
        lambda n: itertools.tee([n])[0], lambda n: itertools.product([n]), lambda n: itertools.groupby([n]),
        lambda n: operator.itemgetter(n), lambda n: operator.methodcaller('name', n),
        lambda n: ValueError('held', n), lambda n: Struct(n), lambda n: CALLBACK(lambda: n),
        lambda n: ctypes.py_object(n), lambda n: ctypes.pointer(Struct(n)), variable_in, local_of,
        lambda n: functools.lru_cache(maxsize=2)(lambda: n), lambda n: types.CellType(n),
        lambda n: functools.cmp_to_key(lambda a, b: n)(n), lambda n: iter(lambda: n, 1))


def in_holders():
    for hold in holders():
        node = Node()
        node.other = hold(node)
        yield node


def by_attribute():
    """Things that refer to themselves in their own ways."""
    itself, mapping, element = [], {}, xml.etree.ElementTree.Element('e')
    itself.append(itself)
    mapping['self'] = mapping
    element.append(element)
    module, error, stream = types.ModuleType('m'), KeyError('k'), io.TextIOWrapper(io.BytesIO(b'x'))
    module.itself, error.__context__, stream.itself = module, ValueError(error), stream
    slots, bytes_io = Slots(), io.BytesIO(b'x' * 100)
    slots.other, bytes_io.itself = [slots], bytes_io
    return [itself, mapping, element, module, error, stream, slots, bytes_io, type('Kind', (), {}),
            type('Sub', (Node,), {'__slots__': ('a',)})]


def future(loop):
    made = loop.create_future()
    made.add_done_callback(Node(made).__init__)
    return made


def connection():
    database = sqlite3.connect(':memory:')
    if sys.version_info >= (3, 11):
        database.create_function('itself', 0, lambda: database)
    node = Node(database)
    node.itself = node
    return node


def recursive():
    def walk(depth):
        return walk(depth - 1) if depth else depth
    return walk


def generator(steps, finish=False):
    def generate():
        mine = yield
        try:
            yield mine
        finally:
            mine.append(finish)
    made = generate()
    holder = [made]
    for step in (None, holder)[:steps]:
        made.send(step)
    node = Node(made)
    if steps < 2:
        node.itself = node
    return node


def with_frame():
    node = generator(2)
    node.frame = node.other.gi_frame
    return node


def coroutine():
    async def handle(box):
        kept = box
        await asyncio.sleep(0)
        return kept
    box = []
    box.append(handle(box))
    box[0].send(None)
    return box


def async_generator():
    async def pages(box):
        yield box
    box = []
    box.append(pages(box))
    with contextlib.suppress(StopIteration):
        box[0].asend(None).send(None)
    return box


def traceback():
    def fail():
        local = []
        try:
            {}['missing']
        except KeyError as error:
            local.append(error)
        return local
    return fail()[0]


def with_weak_references():
    called = []
    node = Node()
    node.itself, node.weak = node, weakref.ref(node, called.append)
    node.outer = Node(node)
    node.outer.weak = weakref.ref(node.outer)
    return node


def seen_from_outside(outside):
    node = Node()
    node.itself = node
    outside.append(weakref.ref(node, outside.append))
    return node


def tree():
    root = Node()
    root.itself = root
    root.leaves = [[i * 1000, str(i), (i, [i]), {'leaf': i}] for i in range(20)]
    return root


def chain():
    first = last = Node()
    for _ in range(5000):
        last = Node(last)
    first.other = last
    return last


def shared_by_two():
    shared = [1000000]
    left, right = Node(shared), Node(shared)
    left.itself, right.itself = left, right
    return left, right


def resurrected():
    """Objects that their finalizer saved from one collection; the next one takes them."""
    for _ in range(EACH):
        node = Lazarus()
        node.itself = node
    node = None
    gc.collect()
    gone = Lazarus.kept[:]
    Lazarus.kept.clear()
    return gone


def shapes():
    for make in (recursive, with_frame, coroutine, async_generator, traceback, with_weak_references, tree,
                 connection, shared_by_two):
        yield make()
    for steps in range(3):
        yield generator(steps)
    node = Finalized()
    node.other = [node, Finalized(node)]
    yield node


def drop(planted):
    """Drops it all; what stays are weak references to some of it."""
    outside = []
    gone, loop = resurrected(), asyncio.new_event_loop()
    for _ in range(EACH):
        gone += in_holders()
        gone += by_attribute()
        gone.append(future(loop))
        gone += shapes()
        gone.append(seen_from_outside(outside))
    gone.append(chain())
    for thing in gone:
        planted.add(thing, 'garbage')
    return outside, loop
