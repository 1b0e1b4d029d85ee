"""Functions, methods, descriptors, closures, code, and the iterators that wrap them."""
import functools
import itertools
import operator
import sys
import types


def closure(first):
    second = [first]

    def inner(third=1, *rest, fourth=second, **more):
        return first, second, third, rest, fourth, more
    return inner


def recursive():
    def walk(depth):
        return walk(depth - 1) if depth else [depth]
    return walk


def empty_cell():
    def inner():
        return never
    if inner is None:
        never = 1
    return inner


class Held:
    __slots__ = ('value', '__weakref__')

    def __init__(self, value=None):
        self.value = value

    def __call__(self):
        return self.value

    def parent(self):
        return super()

    @functools.lru_cache(maxsize=4)
    def cached(self, key):
        return [key]

    @functools.singledispatchmethod
    def dispatched(self, key):
        return [key]

    partial = functools.partialmethod(print, [1])


def annotated(first: 'int', second: list = [1]) -> dict:
    return {first: second}


annotated.attribute = ['attribute of a function']


@functools.singledispatch
def general(value):
    return [value]


@general.register(int)
def special(value):
    return (value,)


@functools.wraps(annotated)
def wrapped(*values):
    return annotated(*values)


def functions():
    return [[closure([i]) for i in range(10)], recursive(), empty_cell(), annotated, wrapped, general,
            lambda *names, key=[1]: names, types.FunctionType(annotated.__code__, {'a': [1]}, 'made'),
            types.CellType([1]), types.CellType(), functools.total_ordering]


def methods():
    held = Held([1])
    return [held, held.parent, held.parent(), super(Held, held), super(Held), [].append, dict.get,
            str.join, 'upper'.upper, [1].__len__, (1).__add__, Held.value, Held.__init__,
            Held.__call__, types.MethodType(annotated, [1]), types.MethodType(print, held),
            dict.fromkeys, int.from_bytes, Held.cached, held.dispatched, held.partial,
            property(closure(1), None, None, 'doc'), classmethod(annotated), staticmethod(annotated),
            property(), type.__dict__['__mro__'], types.FunctionType.__dict__['__code__'],
            sys.getsizeof, object.__new__, Held.__new__, object().__str__, object.__init_subclass__]


def caches():
    bounded = functools.lru_cache(maxsize=10)(lambda *key, **more: [key, more])
    unbounded = functools.lru_cache(maxsize=None)(lambda key: [key])
    none = functools.lru_cache(maxsize=0)(lambda key: [key])
    typed = functools.lru_cache(typed=True)(lambda key: [key])
    for i in range(15):
        bounded(i)
        bounded(i, str(i), name=i)
        unbounded(i)
        none(i)
        typed(i)
        typed(float(i))
    bounded(13)
    held = Held()
    held.cached(1), held.cached('two')
    emptied = functools.lru_cache(maxsize=3)(lambda key: [key])
    emptied(1)
    emptied.cache_clear()
    return [bounded, unbounded, none, typed, held, emptied]


def wrappers():
    inner = functools.partial(print, [1], sep=[2])
    attributed = functools.partial(print)
    attributed.note = [1]
    return [inner, functools.partial(inner, [3], end=[4]), attributed,
            functools.cmp_to_key(lambda a, b: 0), functools.cmp_to_key(lambda a, b: 0)([1]),
            operator.itemgetter([1].__len__()), operator.itemgetter(1, 'two', (3,)),
            operator.attrgetter('a.b'), operator.attrgetter('a', 'b.c'),
            operator.methodcaller('name', [1], key=[2]), operator.methodcaller('name')]


def grouped():
    groups = itertools.groupby([[1], [1], [2]], key=len)
    key, members = next(groups)
    next(members)
    return [groups, key, members]


def teed():
    first, second = itertools.tee([i] for i in range(150))
    for _ in range(100):
        next(first)
    third = second.__copy__()
    return [first, second, third]


def advanced(iterator, steps=1):
    for _ in range(steps):
        next(iterator)
    return iterator


def iterators():
    chain = advanced(itertools.chain([[1]], [[2]], [[3]]))
    return [iter([1, [2]]), iter((1, [2])), iter({(1,)}), iter('abc'), iter('\u65e5\u672c'),
            iter(b'abc'), iter(bytearray(b'abc')), iter(memoryview(b'abc')), iter(range(10)),
            iter(range(10 ** 30)), reversed([1, [2]]), reversed((1, [2])), reversed({1: [2]}),
            reversed({1: [2]}.items()), iter(closure(1), [2]), iter(Sequence()), advanced(zip([[1]], [[2]])),
            zip(), map(closure(1), [[3]], [[4]]), filter(None, [[4]]), filter(Held, [[5]]),
            enumerate([[5]]), advanced(enumerate([[5]], 10 ** 30)), chain,
            itertools.chain.from_iterable([[[1]]]), advanced(itertools.cycle([[1], [2]]), 3),
            advanced(itertools.islice([[1], [2], [3]], 1, 3)), itertools.count(10 ** 30),
            itertools.count(0.5, 10 ** 20), itertools.repeat([1]), itertools.repeat([1], 5),
            advanced(itertools.product([[1], [2]], [[3]], repeat=2)),
            advanced(itertools.permutations([[1], [2], [3]], 2)),
            advanced(itertools.combinations([[1], [2], [3]], 2)),
            advanced(itertools.combinations_with_replacement([[1], [2]], 2)),
            advanced(itertools.accumulate([[1], [2]])), itertools.accumulate([1], closure(2), initial=[0]),
            itertools.starmap(closure(1), [([1],)]), itertools.compress([[1]], [True]),
            itertools.dropwhile(bool, [[1]]), itertools.takewhile(bool, [[1]]),
            itertools.filterfalse(None, [[1]]), advanced(itertools.zip_longest([[1], [2]], [[3]],
                                                                            fillvalue=[4]))]


class Sequence:
    def __getitem__(self, index):
        return [index][index]


def code():
    nested = compile('def f(a, *, b=(1, 2.5, "text", b"bytes", frozenset({3}))):\n'
                     '    return lambda c: (a, b, c, {"x", "y"}, 10 ** 30, ...)\n', 'nested.py', 'exec')
    names = {}
    exec(nested, names)
    for _ in range(2000):  # long enough for the interpreter to specialize it
        names['f'](1)(2)
    return [nested, names, compile('1 + 2', 'eval.py', 'eval'), nested.co_consts,
            annotated.__code__, nested.replace(co_name='replaced')]


def called_often():
    """Code with inline caches that hold something: attributes, globals, methods, operators."""
    total = 0
    held = [Held(i) for i in range(3)]
    for i in range(3000):
        total += held[i % 3].value + len(held) + held[0]()
    return [total, annotated(total), general(total), general('text')]


def build():
    return [make() for make in (functions, methods, caches, wrappers, grouped, teed, iterators, code,
                                called_often)]
