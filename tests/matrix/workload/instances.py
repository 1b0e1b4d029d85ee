"""Classes of Python code and their instances: every state of a dict, slots, metaclasses, subclasses
of builtins, dataclasses, enums."""
import abc
import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import random
import threading
import typing


class Plain:
    def __init__(self, number):
        self.number = number
        self.items = [number]
        self.names = {'k': number}


class Slots:
    __slots__ = ('x', 'y', 'unset', '__weakref__')

    def __init__(self, number):
        self.x = (number, str(number))
        self.y = Plain(number)


class MoreSlots(Slots):
    __slots__ = ('z', '__dict__')


class Unweak:
    __slots__ = ()


class SubDict(dict):
    pass


class SlotDict(dict):
    __slots__ = ('extra',)


class SubList(list):
    pass


class SlotList(list):
    __slots__ = ('extra',)


class SubTuple(tuple):
    pass


class SubInt(int):
    pass


class SubStr(str):
    pass


class SubBytes(bytes):
    pass


class SubBytearray(bytearray):
    pass


class SubFloat(float):
    pass


class SlotFloat(float):
    __slots__ = ('__dict__', '__weakref__')


class SubComplex(complex):
    pass


class SubSet(set):
    pass


class SubFrozenset(frozenset):
    pass


class SubDeque(collections.deque):
    pass


class SubOrdered(collections.OrderedDict):
    pass


class SubDefault(collections.defaultdict):
    pass


class SubArray(array.array):
    pass


class SubError(KeyError):
    pass


class SubDecimal(decimal.Decimal):
    pass


class SubDatetime(datetime.datetime):
    pass


class SubPartial(functools.partial):
    pass


class SubProperty(property):
    pass


class SubBytesIO(io.BytesIO):
    pass


class SubStringIO(io.StringIO):
    pass


class SubLocal(threading.local):
    pass


class SubRandom(random.Random):
    pass


class SubFraction(fractions.Fraction):
    pass


class SubModule(type(abc)):
    pass


class Meta(type):
    registry = {}

    def __new__(cls, name, bases, namespace):
        made = super().__new__(cls, name, bases, namespace)
        cls.registry[name] = made
        return made


class WithMeta(metaclass=Meta):
    limit = 1.5


class SlotMeta(type):
    # Instances of a variable-sized type take no slots; a dict they have.
    pass


class Abstract(abc.ABC):
    @abc.abstractmethod
    def act(self):
        """Does nothing."""


class Concrete(Abstract):
    def act(self):
        return __class__


Abstract.register(SubList)


@dataclasses.dataclass
class Data:
    number: int
    items: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, order=True)
class FrozenData:
    number: int
    items: tuple = ()


class Color(enum.Enum):
    RED = 1
    GREEN = (2, [3])


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


class Level(enum.IntEnum):
    LOW = 1001
    HIGH = 1002


Point = collections.namedtuple('Point', 'x y', defaults=[[0]])
Typed = typing.NamedTuple('Typed', [('name', str), ('value', list)])
Variable = typing.TypeVar('Variable')


class Box(typing.Generic[Variable]):
    def __init__(self, content):
        self.content = content


class Described:
    """Descriptors, private names, nested classes, annotations."""
    kind: str = 'described'

    def __set_name__(self, owner, name):
        self.owner = owner

    @property
    def one(self):
        return 1

    @one.setter
    def one(self, value):
        self.value = value

    @classmethod
    def made(cls):
        return cls()

    @staticmethod
    def helped():
        return [1]

    @functools.cached_property
    def cached(self):
        return [self]

    class Inner:
        pass


def dict_states():
    """One instance for each state that an instance's attributes can be in."""
    many, odd_key, deleted, asked, emptied, replaced, shared = (Plain(i * 1000) for i in range(7))
    for i in range(60):
        setattr(many, 'attribute%d' % i, [i])
    odd_key.__dict__[7] = ['not a string']
    del deleted.items
    asked_dict = vars(asked)
    asked_dict['later'] = [1]
    for name in list(vars(emptied)):
        delattr(emptied, name)
    replaced.__dict__ = {'whole': [1], 'new': [2]}
    shared.__dict__ = asked_dict
    reordered = Plain.__new__(Plain)
    reordered.names, reordered.number = [1], [2]
    kept = vars(Plain(1000001))  # the dict outlives its instance
    dropped = Plain(1000002)
    vars(dropped)
    dropped.extra = [1]
    return [many, odd_key, deleted, asked, asked_dict, emptied, replaced, shared, reordered, kept,
            dropped, Plain.__new__(Plain), [Plain(i) for i in range(1000, 1300)]]


def over_thirty():
    """Classes whose instances have 29 to 33 attributes: shared keys end at 30."""
    found = []
    for count in range(29, 34):
        kind = type('Attributes%d' % count, (), {})
        for _ in range(3):
            instance = kind()
            for i in range(count):
                setattr(instance, 'name%d' % i, [i])
            found.append(instance)
    return found


def subclasses():
    made = [SubDict(a=1), SubList([1, [2]]), SubTuple((1, [2])), SubInt(10 ** 30), SubStr('h\xe9'),
            SubBytes(b'bytes'), SubBytearray(b'bytearray'), SubFloat(1.5), SlotFloat(2.5),
            SubComplex(1j), SubSet({(1, 2)}), SubFrozenset({(3, 4)}), SubDeque([1, [2]]),
            SubOrdered(a=[1]), SubDefault(list, {1: [2]}), SubArray('d', [1.5]), SubError('key'),
            SubDecimal('1.25'), SubDatetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
            SubPartial(print, [1]), SubBytesIO(b'abc'), SubStringIO('abc'), SubLocal(),
            SubRandom(3), SubFraction(1, 3), SubModule('made')]
    for thing in made:
        thing.attribute = [made]
    slotted = [SlotDict(a=[1]), SlotList([[1]])]
    for thing in slotted:
        thing.extra = [thing]
    return [made, slotted, SubProperty(lambda self: 1), SubDict(), SubList(), SubInt(), SubStr(),
            [SubInt(i) for i in range(5)], SubTuple()]


def slots():
    more = MoreSlots(5000)
    more.z, more.free = [1], [2]
    return [[Slots(i) for i in range(2000, 2100)], more, Slots.__new__(Slots), Unweak(),
            MoreSlots(6000)]


def made_classes():
    kinds = [type('Kind%d' % i, (Plain,), {'value': [i]}) for i in range(10)]
    mixed = type('Mixed', (SubList, Slots.__mro__[1]), {'__slots__': ()})
    metas = [Meta('Made%d' % i, (WithMeta,), {'n': [i]}) for i in range(3)]
    slotted = SlotMeta('Slotted', (), {'__slots__': ('a', 'b'), 'c': [1]})
    gone = type('Gone', (Plain,), {})  # leaves a dead entry in its base's subclasses
    del gone
    return [kinds, [kind(3) for kind in kinds], mixed(), metas, [meta() for meta in metas], slotted(),
            Box([1]), Box[int], Box[Variable], typing.List[int], Concrete(), Abstract]


def data():
    described = Described()
    described.one = [2]
    described.cached
    return [[Data(i, [i]) for i in range(20)], FrozenData(1, (2, [3])), dataclasses.fields(Data),
            list(Color), Color.RED, Permission.READ | Permission.WRITE, list(Level),
            enum.Enum('Functional', 'A B C'), [Point(i, [i]) for i in range(20)], Point(3),
            Typed('name', [1]), described, Described.made(), Described.Inner()]


def build():
    return [make() for make in (dict_states, over_thirty, subclasses, slots, made_classes, data)]
