"""Cycles of many shapes: their patterns, what would break them, and what that frees.

The program knows its shapes, and which reference of each is the one to give up.  Its twin has given
that up: what is gone there must be what the snapshot says would have been freed.
"""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess

import dumps
import program

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cycles_program.py')

ALL, EVEN, ODD = 1, 0.5, 0.5  # of the program's count
# pattern, how often, edge, class in it, finalizers in each
SHAPES = (
    ('Node.children[] → Node.parent', ALL, 'Node.parent', 'Node', 0),
    ('Master.servant → Servant.owner', ALL, 'Servant.owner', 'Servant', 0),
    ('Link.following → Link.previous', ALL, 'Link.previous', 'Link', 0),
    ('Entry.registry → Registry.entries[]', ALL, 'Entry.registry', 'Entry', 0),
    ('Event.listeners[].__self__', ALL, 'Event.listeners[].__self__', 'Event', 0),
    ('Stage.following (repeated)', ALL, 'Stage.following', 'Stage', 0),
    ('Branch.parent → Tree.branches[]', EVEN, 'Branch.parent', 'Branch', 0),
    ('Tree.me', ODD, 'Branch.parent and Tree.me', 'Branch', 0),
    ('Finalized.me', ALL, 'Finalized.me', 'Finalized', 1),
    ('Watched.me', ALL, 'Watched.me', 'Watched', 1),
    ("Failure.__traceback__.tb_frame → frame handle() local 'error'", ALL,
     "frame handle() local 'error'", None, 0),
    ("function retry.<locals>.again closure 'again'", ALL,
     "function retry.<locals>.again closure 'again'", None, 0),
    ("dict['children'] → list[] → dict['parent']", ALL, "dict['parent']", None, 0),
    ("generator producer() local 'box'[]", ALL, "generator producer() local 'box'[]", None, 1),
)
STAYS = {'Tree', 'Branch'}  # in the twin, too: those that refer to themselves
CLASS = 'class __main__.dropped_class.<locals>.Local.__mro__[]'
OWNED = ('live', 'Kept.part → KeptPart.whole')


class OnMachine:
    """Where an interpreter of the machine runs; tests/matrix/rows.py has those in Debian roots."""

    def __init__(self, interpreter):
        self.interpreter = interpreter

    def sources(self, core, _):
        return [core]

    def temporary(self):
        return None

    def entered(self):
        return contextlib.nullcontext()


def crashed(interpreter, where, variant):
    """The core's path; None if none was written."""
    script, inside = shutil.copy(PROGRAM, where), interpreter.inside
    subprocess.run(interpreter.command(inside(script), inside(where), variant),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return next((os.path.join(where, name) for name in os.listdir(where)
                 if name.startswith('core')), None)


@contextlib.contextmanager
def analyzed(heapsect, row, variant):
    """(database, truth, snapshot); Failed if there is none."""
    with dumps.folder(row.temporary()) as where:
        snapshot = os.path.join(where, 'snapshot.db')
        with row.entered():
            core = crashed(row.interpreter, where, variant)
            if not core:
                raise dumps.Failed('no core')
            ran = heapsect.run('analyze', *row.sources(core, True), '-o', snapshot, '-q')
        os.remove(core)
        if ran.returncode:
            raise dumps.Failed(program.complaint(ran))
        with open(os.path.join(where, 'cycles.json')) as file:
            truth = json.load(file)
        with contextlib.closing(sqlite3.connect(snapshot)) as db:
            yield db, truth, snapshot


def short(text):
    return text.replace('__main__.', '') if text else text


def patterns(db, state):
    """{(pattern, cycles, edge, finalizers)} of what is the program's."""
    return {(short(pattern), cycles, short(edge), finalizers)
            for pattern, cycles, edge, finalizers in db.execute(
                'SELECT p.pattern, p.cycles, e.edge, p.finalizers FROM cycle_patterns p'
                ' LEFT JOIN cycle_edges e ON e.id = p.edge_id'
                " WHERE p.kind = 'program' AND p.state = ?", (state,))}


def garbage(db):
    """(objects, bytes); weak references are what the twin has more."""
    return db.execute(
        'SELECT count(*), coalesce(sum(o.size + o.owned_size), 0) FROM objects o'
        " JOIN types t ON t.id = o.type_id WHERE o.state = 'garbage'"
        " AND t.name NOT IN ('builtins.weakref', 'weakref.ReferenceType', 'weakref.WeakMethod',"
        " 'weakref')").fetchone()


def garbage_of(db, names):
    return {(name, count) for name, count in db.execute(
        "SELECT substr(t.name, 10), count(*) FROM objects o JOIN types t ON t.id = o.type_id"
        " WHERE o.state = 'garbage' AND t.name LIKE '__main__.%' GROUP BY 1") if name in names}


def freed(db):
    """(objects, bytes) that the chosen edges free, each once."""
    return db.execute(
        'SELECT sum(objects), sum(bytes) FROM (SELECT DISTINCT e.edge, e.objects, e.bytes'
        ' FROM cycle_edges e JOIN cycle_patterns p ON p.edge_id = e.id'
        " WHERE p.state = 'garbage' AND e.edge NOT LIKE '% and %')").fetchone()


def check_strong(results, label, db, truth):
    count = truth['count']
    results.equal(patterns(db, 'garbage'),
                  {(pattern, int(count * share), edge, int(count * share * finalizers))
                   for pattern, share, edge, _, finalizers in SHAPES},
                  '%s: patterns, their cycles, and the reference to give up' % label)
    classes = {name for *_, name, _ in SHAPES if name}
    results.equal(garbage_of(db, classes),
                  {(name, truth['objects'][name]) for name in classes},
                  '%s: every object of these classes is garbage' % label)
    here = db.execute('SELECT kind, cycles FROM cycle_patterns WHERE pattern = ?'
                      " AND state = 'garbage'", (CLASS,)).fetchall()
    results.check(here == [('class', count)], '%s: dropped classes' % label, '%s' % here)


def check_owner(results, heapsect, label, db, snapshot, count):
    rows = [row for row in json.loads(heapsect.run('cycles', snapshot, '--json', '--top', '0').stdout)
            ['cycles'] if (row['state'], short(row['pattern'])) == OWNED]
    results.check(len(rows) == 1 and rows[0]['owner'].endswith("['__main__'].CACHE")
                  and rows[0]['owner_cycles'] == rows[0]['cycles'] == count
                  and rows[0]['edge_cycles'] == count,
                  '%s: live cycles say who holds them, and what would break them' % label,
                  '%s' % [(row['owner'], row['cycles'], row['edge']) for row in rows])
    title = db.execute("SELECT title FROM findings WHERE kind = 'garbage' ORDER BY rank").fetchone()
    results.check(title and 'Node objects in dropped cycles' in title[0]
                  and title[0].endswith('make Node.parent a weakref'),
                  '%s: the first finding names class and reference' % label, '%s' % (title,))


def check_twin(results, label, before, after):
    """before: what edges free, and all garbage; after: what the twin, with its edges weak, has."""
    (objects, size), (all_objects, all_size) = before
    gone = all_objects - after[0], all_size - after[1]
    results.check((objects, size) == gone, '%s: what counting frees is what the twin freed' % label,
                  '%d objects, %d bytes of %d, %d' % (objects, size, *gone))


def check_weak(results, label, db, truth, strong):
    """The twin has of each class what stays, as the program itself counts."""
    classes = {name for *_, name, _ in SHAPES if name} - STAYS
    left = {name for name in classes if truth['objects'].get(name)}
    results.check(not left and not garbage_of(db, classes), '%s: the twin freed its objects' % label,
                  ' '.join(sorted(left)))
    stays = {(name, truth['objects'][name]) for name in STAYS}
    results.equal(garbage_of(db, STAYS), stays, '%s: the twin keeps the others' % label)
    check_twin(results, label, strong, garbage(db))


def run(results, heapsect, label, row):
    label = '%s: cycles by shape' % label
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label, reason)
        return
    try:
        with analyzed(heapsect, row, 'strong') as (db, truth, snapshot):
            check_strong(results, label, db, truth)
            check_owner(results, heapsect, label, db, snapshot, truth['count'])
            strong = freed(db), garbage(db)
        with analyzed(heapsect, row, 'weak') as (db, truth, _):
            check_weak(results, label, db, truth, strong)
    except dumps.Failed as failure:
        results.check(False, label, failure)
