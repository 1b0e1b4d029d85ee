"""Objects that keep references where only C looks: ctypes, sqlite3, ElementTree."""
import ctypes
import sqlite3
import xml.etree.ElementTree
import xml.parsers.expat


class Leaf(ctypes.Structure):
    _fields_ = [('number', ctypes.c_int), ('name', ctypes.c_char_p), ('thing', ctypes.py_object)]


class Node(ctypes.Structure):
    pass


Node._fields_ = [('leaf', Leaf), ('next', ctypes.POINTER(Node)), ('row', ctypes.c_int * 4)]


class Either(ctypes.Union):
    _fields_ = [('whole', ctypes.c_long), ('part', ctypes.c_short * 4)]


class Big(ctypes.BigEndianStructure):
    _fields_ = [('a', ctypes.c_uint16), ('bits', ctypes.c_uint16, 5)]


COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
PLAIN = ctypes.CFUNCTYPE(None)


def structures():
    leaf = Leaf(1, b'name', ['thing'])
    node, tail = Node(leaf=leaf), Node()
    node.next = ctypes.pointer(tail)
    tail.leaf.thing = {'tail': [1]}
    array = (Leaf * 3)()
    array[1] = leaf
    array[2].thing = [2]
    things = (ctypes.py_object * 4)([1], {'a': 2})
    return [leaf, node, tail, node.leaf, node.next, node.next.contents, array, array[1], things, Either(5),
            Big(1, 2), (ctypes.c_int * 1000)(), (ctypes.c_char_p * 2)(b'abc', b'def'),
            (ctypes.POINTER(Leaf) * 2)(ctypes.pointer(leaf)), node.row, Leaf._fields_, Leaf.thing]


def pointers():
    number = ctypes.c_int(5)
    text = ctypes.c_char_p(b'some bytes of text')
    return [number, text, ctypes.c_wchar_p('wide'), ctypes.pointer(number), ctypes.byref(number),
            ctypes.cast(text, ctypes.c_void_p), ctypes.create_string_buffer(b'buffer', 100),
            ctypes.py_object([1]), ctypes.c_double(1.5), ctypes.c_longdouble(2.5), ctypes.c_bool(True),
            ctypes.POINTER(ctypes.c_int)(), Leaf.from_buffer(bytearray(100)),
            ctypes.c_uint64.from_buffer(bytearray(8)), (ctypes.c_int * 2).from_buffer(bytearray(8), 0)]


def callbacks():
    seen = []
    compare = COMPARE(lambda a, b: seen.append(1) or a[0] - b[0])
    library = ctypes.CDLL(None)
    library.strlen.argtypes, library.strlen.restype = [ctypes.c_char_p], ctypes.c_size_t
    library.strlen(b'abc')
    checked = library.labs
    checked.errcheck = lambda result, function, arguments: [result]
    checked.argtypes = (ctypes.c_long,)
    checked(-3)
    return [seen, compare, PLAIN(print), library, library.strlen, checked, ctypes.pythonapi.Py_GetVersion,
            COMPARE.__mro__, ctypes.CFUNCTYPE(ctypes.py_object, ctypes.py_object)(lambda thing: thing)]


def databases():
    connection = sqlite3.connect(':memory:')
    connection.row_factory = sqlite3.Row
    connection.create_function('twice', 1, lambda value: value * 2)
    connection.create_aggregate('gather', 1, Gather)
    connection.create_collation('backwards', lambda a, b: (a < b) - (a > b))
    connection.set_trace_callback([].append)
    connection.set_authorizer(lambda *event: sqlite3.SQLITE_OK)
    connection.set_progress_handler(lambda: 0, 1000000)
    connection.execute('create table t (a integer, b text)')
    connection.executemany('insert into t values (?, ?)', [(i, 'text %d' % i) for i in range(10)])
    cursor = connection.execute('select twice(a), b from t')
    row = cursor.fetchone()
    done = connection.execute('select gather(a) from t')
    rows = done.fetchall()
    plain = sqlite3.connect(':memory:', isolation_level=None, cached_statements=3)
    plain.text_factory = bytes
    return [connection, cursor, row, done, rows, plain, plain.execute("select 'a'"), plain.cursor(),
            raised(connection), sqlite3.connect(':memory:', factory=Connection)]


def callables_of_databases():
    """Many functions, so that SQLite hashes them; replaced and removed ones, and a shared one."""
    shared = ['shared'].append
    first, second, closed = (sqlite3.connect(':memory:') for _ in range(3))
    for number in range(40):
        first.create_function('f%d' % number, number % 3, lambda *values: len(values))
        first.create_collation('c%d' % number, lambda a, b: 0)
    for number in range(0, 40, 3):
        first.create_function('f%d' % number, number % 3, None if number % 2 else shared)
        first.create_collation('c%d' % number, None if number % 2 else lambda a, b: 1)
    for database in first, second, closed:
        database.create_function('same', 1, shared)
        database.create_aggregate('gather', 1, Gather)
    if hasattr(first, 'create_window_function') and sqlite3.sqlite_version_info >= (3, 25):
        second.create_window_function('sliding', 1, Sliding)
    closed.close()
    first.executescript('create table t (a text collate c1);' + "insert into t values ('abc');" * 50)
    return [first, second, closed, first.execute('select same(a), f1(1) from t order by a')]


class Gather:
    def __init__(self):
        self.seen = []

    def step(self, value):
        self.seen.append(value)

    def finalize(self):
        return len(self.seen)


class Sliding(Gather):
    def inverse(self, value):
        self.seen.remove(value)

    value = Gather.finalize


class Connection(sqlite3.Connection):
    pass


def raised(connection):
    try:
        connection.execute('select nothing from nowhere')
    except sqlite3.Error as error:
        return error
    return None


def trees():
    root = xml.etree.ElementTree.fromstring(
        '<a x="1"><b>text</b><c/>tail' + ''.join('<d n="%d">t</d>' % i for i in range(20)) + '</a>')
    del root[3]
    walking = root.iter('d')
    next(walking)
    parser = xml.etree.ElementTree.XMLParser()
    parser.feed('<open><inside attribute="value">text')
    pulling = xml.etree.ElementTree.XMLPullParser(['start', 'end', 'comment'])
    pulling.feed('<a><b/><!-- c -->')
    builder = xml.etree.ElementTree.TreeBuilder()
    builder.start('made', {'k': 'v'}), builder.data('data')
    expat = xml.parsers.expat.ParserCreate()
    expat.StartElementHandler = lambda name, attributes: [name, attributes]
    expat.Parse('<a b="c">')
    return [root, root.find('b'), walking, root.findall('d'), parser, pulling, builder, expat,
            xml.etree.ElementTree.ElementTree(root), root.iterfind('.//d'), root.itertext(),
            xml.etree.ElementTree.Element('empty'), SubElement('sub', {'a': '1'})]


class SubElement(xml.etree.ElementTree.Element):
    pass


def build():
    return [make() for make in (structures, pointers, callbacks, databases, callables_of_databases,
                                trees)]
