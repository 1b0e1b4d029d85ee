"""What would go back to the system without what pins it, held against a process that lets go.

samples/pins.py is dumped, and runs on: it clears the list that keeps its arenas.  What the simulation
said of that list must be what is gone from the process's mappings, to the byte.
"""
import collections
import contextlib
import os
import shutil
import sqlite3
import subprocess

import dumps
from program import complaint

DROPPED = 'dropped'
Way = collections.namedtuple('Way', 'name arguments environment returns')
# Records in pools; in chunks of malloc's, which trims its heap; of a size that tcaches keep, so
# that the last few pin the heap as before; with pads around them; in dropped cycles.
WAYS = (
    Way('pools', (), {}, True),
    Way('chunks', ('--mebibytes', '48', '--record', '1500'), {}, True),
    Way('cached chunks', ('--mebibytes', '48', '--record', '600'), {}, False),
    Way('padded pools', ('--mebibytes', '48', '--marks', '100'), {'PYTHONMALLOC': 'debug'}, True),
    Way(DROPPED, ('--mebibytes', '48', '--marks', '100', '--dropped'), {}, True),
)
LISTED = ("SELECT r.path, r.pins, r.returned, r.returned_arenas, r.id FROM releases r"
          " JOIN objects o ON o.id = r.object_id JOIN types t ON t.id = o.type_id"
          " WHERE r.kind = 'holder' AND r.path LIKE '%.SEEN' AND t.name = 'builtins.list'")
PINS = ('SELECT o.address FROM pins p JOIN objects o ON o.id = p.object_id'
        " JOIN types t ON t.id = o.type_id WHERE p.release_id = ? AND t.name = 'builtins.bytes'")


class Twin:
    """A sample that waits to be dumped, and then to go on."""

    def __init__(self, interpreter, script, way):
        command = interpreter.command(script, *way.arguments)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=dict(os.environ, **way.environment))
        self.pid = self.process.pid
        self.seen = set(map(int, self.process.stdout.readline().split()))
        if not self.seen:
            self.end()
            raise dumps.Failed('the sample did not get to its end')

    def writable(self):
        """Bytes of all its private writable mappings."""
        with open('/proc/%d/maps' % self.pid) as file:
            rows = [line.split() for line in file]
        return sum(int(end, 16) - int(start, 16) for start, end in
                   (row[0].split('-') for row in rows if row[1] == 'rw-p'))

    def lets_go(self):
        """Clears its list; the bytes that it gave back."""
        before = self.writable()
        self.process.stdin.write(b'.')
        self.process.stdin.flush()
        self.process.stdout.read(1)
        return before - self.writable()

    def end(self):
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def twin(interpreter, script, way):
    running = Twin(interpreter, script, way)
    try:
        yield running
    finally:
        running.end()


def check_reports(results, label, heapsect, snapshot, path):
    ran = heapsect.run('pools', snapshot)
    results.check(path in ran.stdout, label + ': pools names the list')
    with contextlib.closing(sqlite3.connect(snapshot)) as db:
        titles = [title for title, in db.execute(
            "SELECT title FROM findings WHERE kind = 'pins' AND title LIKE '%.SEEN keep%'")]
        queries = [query for query, in db.execute(
            "SELECT query FROM findings WHERE kind = 'pins'")]
        results.check(len(titles) == 1, label + ': a finding names it', '; '.join(titles))
        results.check(all(db.execute(query).fetchall() for query in queries),
                      label + ': the queries have rows')
    ran = heapsect.run('summary', snapshot)
    results.check(titles and titles[0] in ' '.join(ran.stdout.split()), label + ': summary has the finding')


def check_dropped(results, label, running, snapshot):
    with contextlib.closing(sqlite3.connect(snapshot)) as db:
        (number, returned), = db.execute(
            "SELECT id, returned FROM releases WHERE kind = 'garbage'")
        pins = {address for address, in db.execute(PINS, (number,))}
        by_leak = db.execute("SELECT max(returned) FROM releases WHERE kind = 'leak'").fetchone()[0]
    results.equal(pins, running.seen, label + ': the pins are garbage')
    gone = running.lets_go()
    results.check(returned == gone and gone, label + ': a collection gives back what was said',
                  '%d of %d bytes' % (returned, gone))
    results.check(by_leak == gone, label + ': and so does mending the leak', '%d' % by_leak)


def check(results, label, heapsect, way, running, snapshot):
    with contextlib.closing(sqlite3.connect(snapshot)) as db:
        rows = db.execute(LISTED).fetchall()
        if not results.check(len(rows) == 1, label + ': the list is a holder', str(len(rows))):
            return
        path, _, returned, arenas, number = rows[0]
        pins = {address for address, in db.execute(PINS, (number,))}
        total = db.execute('SELECT count(*) FROM arenas WHERE pools > 0').fetchone()[0]
    results.equal(pins, running.seen, label + ': the pins are what is in it')
    gone = running.lets_go()
    results.check(returned == gone, label + ': what goes back is what the process gives back',
                  '%d of %d bytes, %d of %d arenas' % (returned, gone, arenas, total))
    results.check(bool(gone) == way.returns, label + ': it gives %s back' % (
        'something' if way.returns else 'nothing'), '%d bytes' % gone)
    if way.returns:
        check_reports(results, label, heapsect, snapshot, path)


def one(results, heapsect, interpreter, way, where, kind, debug):
    label = '%s: pins: %s: %s' % (interpreter.label, way.name, kind)
    script = shutil.copy(dumps.path_of('pins'), where)
    snapshot = os.path.join(where, 'snapshot.db')
    with twin(interpreter, interpreter.inside(script), way) as running:
        source = ['--pid', running.pid] if kind == 'live' else [
            dumps.gcore(running.pid, where), *debug]
        ran = heapsect.run('analyze', *source, '-o', snapshot)
        if results.check(ran.returncode == 0, label + ': analyze',
                         complaint(ran) if ran.returncode else ''):
            if way.name == DROPPED:
                check_dropped(results, label, running, snapshot)
            else:
                check(results, label, heapsect, way, running, snapshot)


def run(results, heapsect, interpreter, where=None, debug=()):
    """All ways of a live process, the first of gcore's, too.

    where: a folder to work in; debug: arguments that say where a core's debug info is.
    """
    kinds = [(way, 'live') for way in WAYS]
    if shutil.which('gcore'):
        kinds.append((WAYS[0], 'gcore'))
    else:
        results.skip('%s: pins: gcore' % interpreter.label, 'no gcore (package gdb)')
    for way, kind in kinds:
        try:
            with dumps.folder(where) as folder:
                one(results, heapsect, interpreter, way, folder, kind, debug)
        except dumps.Failed as failure:
            results.check(False, '%s: pins: %s' % (interpreter.label, way.name), failure)
