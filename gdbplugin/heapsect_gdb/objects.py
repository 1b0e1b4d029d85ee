"""The Python API: a snapshot and its objects, by lazy queries.

    import heapsect
    s = heapsect.snapshot()
    for o in s.objects(type='app.Session'):
        print(o, o.path())
        for r in o.referrers():
            print('   ', r.label, r.type)
    s.db.execute('SELECT count(*) FROM refs').fetchone()
"""
import contextlib
import json
import os

from heapsect_gdb import analyzer
from heapsect_gdb.errors import Failure

try:
    import sqlite3
except ImportError:
    sqlite3 = None

COLUMNS = ('id', 'address', 'type', 'size', 'owned_size', 'retained_size', 'refcount', 'found_refs',
           'surplus', 'state', 'value')
SELECT = ('SELECT o.id, o.address, t.name, o.size, o.owned_size, o.retained_size, o.refcount, '
          'o.found_refs, o.surplus, o.state, o.value, {} FROM objects o '
          'JOIN types t ON t.id = o.type_id {}')
PLAIN = 'NULL AS label, NULL AS kind'
REFERRERS = SELECT.format('r.label, r.kind', 'JOIN v_referrers r ON r.referrer_id = o.id '
                          'WHERE r.object_id = ? ORDER BY r.referrer_id, r.ordinal')
REFERENTS = SELECT.format('r.label, r.kind', 'JOIN v_referents r ON r.referent_id = o.id '
                          'WHERE r.object_id = ? ORDER BY r.ordinal')
EXTENSIONS = ('../../build/heapsect_sqlite.so',            # in the source tree
              '../../../../lib/heapsect/heapsect_sqlite.so')  # of PREFIX/share/heapsect/gdb
STRICT = (3, 37)  # the SQLite from which on it reads our tables
WORD = 1 << 64
opened = {}  # path: (mtime, connection); breakpoints' conditions ask again and again


def signed(address):
    """As SQLite has it."""
    address %= WORD
    return address - WORD if address >= WORD // 2 else address


def full_name(name):
    """As types.name has it."""
    return 'builtins.' + name if name and '.' not in name else name


class Object:
    """An object of the process as it was; `label` and `kind` say by which reference it was reached."""
    __slots__ = COLUMNS + ('label', 'kind', 'snapshot')

    def __init__(self, snapshot, row):
        for name, value in zip(COLUMNS + ('label', 'kind'), row):
            setattr(self, name, value)
        self.address %= WORD
        self.snapshot = snapshot

    def __repr__(self):
        value = '' if self.value is None else ' %s' % self.value
        return '<%s at 0x%x%s>' % (self.type, self.address, value)

    def __eq__(self, other):
        return isinstance(other, Object) and \
            (self.snapshot.path, self.id) == (other.snapshot.path, other.id)

    def __hash__(self):
        return hash(self.id)

    def referrers(self):
        """Who refers to it: objects whose `label` is what they call it."""
        return self.snapshot.select(REFERRERS, self.id)

    def referents(self):
        """What it refers to: objects whose `label` is what it calls them."""
        return self.snapshot.select(REFERENTS, self.id)

    def path(self):
        """Why it is alive, as an expression; None if nothing that is known leads to it."""
        return self.snapshot.path_of(self.id)


class Snapshot:
    """A snapshot in a file; `path` is the file's name, `db` a read-only sqlite3 connection."""

    def __init__(self, path):
        self.path = path

    @property
    def db(self):
        if not can_read():
            raise Failure("heapsect: GDB's Python has no SQLite of 3.37 or later, which this needs; "
                          'the rest does without')
        return connection(self.path)

    def rows(self, sql, *values):
        """By GDB's own SQLite, else by the analyzer's."""
        if can_read():
            return self.db.execute(sql, values)
        for value in values:
            sql = sql.replace('?', literal(value), 1)
        rows = json.loads(analyzer.ask(['sql', self.path, sql, '--json']))
        return (tuple(row.values()) for row in rows)

    def select(self, sql, *values):
        for row in self.rows(sql, *values):
            yield Object(self, row)

    def objects(self, type=None, state=None):
        """All of them, those of a type ("app.Session", "list"), or in a state: live, garbage, leaked."""
        wanted = [(column, value) for column, value in (('t.name', full_name(type)),
                                                        ('o.state', state)) if value is not None]
        where = ' AND '.join('%s = ?' % column for column, _ in wanted)
        return self.select(SELECT.format(PLAIN, 'WHERE ' + where if wanted else ''),
                           *[value for _, value in wanted])

    def object(self, address):
        """The object at an address, or inside of which it lies; None: there is none."""
        found = next(self.select(SELECT.format(PLAIN, 'WHERE o.address = ?'), signed(address)), None)
        number = None if found else self.place(address)
        if number is None:
            return found
        return next(self.select(SELECT.format(PLAIN, 'WHERE o.id = ?'), number), None)

    def place(self, address):
        """The number of the object that `heapsect show` finds there; None: no object."""
        try:
            shown = json.loads(analyzer.ask(['show', self.path, '0x%x' % (address % WORD), '--json',
                                             '--top', '1']))
        except Failure:
            return None  # in no mapping
        return shown['object']['id'] if shown.get('object') else None

    def path_of(self, number):
        query = 'SELECT path(%d) AS path' % number
        if can_read():
            with contextlib.suppress(sqlite3.OperationalError):  # without the extension
                return self.db.execute(query).fetchone()[0]
        return json.loads(analyzer.ask(['sql', self.path, query, '--json']))[0]['path']


def can_read():
    return sqlite3 and sqlite3.sqlite_version_info >= STRICT


def literal(value):
    """In SQL; ours are numbers and names of types."""
    return str(value) if isinstance(value, int) else "'%s'" % value.replace("'", "''")


def load_extension(database):
    """path(), addr() and human() in Python's own SQLite, where both can do that."""
    here = os.path.dirname(os.path.realpath(__file__))
    for name in EXTENSIONS:
        path = os.path.normpath(os.path.join(here, name))
        if not os.path.exists(path):
            continue
        with contextlib.suppress(AttributeError, sqlite3.Error):
            database.enable_load_extension(True)
            database.load_extension(path)
            database.enable_load_extension(False)
            return


def connection(path):
    path = os.path.abspath(path)
    try:
        written = os.stat(path).st_mtime_ns, os.stat(path).st_ino
        if path in opened and opened[path][0] == written:
            return opened[path][1]
        database = sqlite3.connect('file:%s?mode=ro' % quoted(path), uri=True)
        database.execute('SELECT 1 FROM meta').fetchone()
    except (OSError, sqlite3.Error) as error:
        raise Failure("heapsect: '%s' cannot be read: %s" % (path, error))
    load_extension(database)
    opened[path] = written, database
    return database


def quoted(path):
    """In a URI."""
    from urllib.parse import quote
    return quote(path)
