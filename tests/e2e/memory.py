"""What the summary's sentence says of processes whose memory is known by construction.

    python3 tests/e2e/memory.py [--heapsect PROGRAM] [--python PATH]... [--mebibytes N]

With --mebibytes 2048 it is the process that people ask about; run.py does it with 64.
"""
import argparse
import contextlib
import glob
import json
import os
import sqlite3
import subprocess
import sys

import dumps
import interpreters
from program import Heapsect, complaint
from results import Results

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'memory_program.py')
MEBIBYTES = 64
MOST_OBJECTS = 256  # mebibytes of a cache: all of it is objects, and each is a row
SHARE = 0.85  # of what was made, that the figures must account for at least
# A native leak is native memory to the tool as long as no row of `leaks` says more of it.
EXPECTED = {
    'retention': ('This is allocator retention: ',),
    'native': ('This is native memory: ', 'This is a leak: '),
    'cache': ('This is a big live heap: ',),
}


def crash(interpreter, way, mebibytes, where):
    """(the core's path, what the process said of itself)."""
    subprocess.run(interpreter.command(PROGRAM, where, way, str(mebibytes)), text=True,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    cores = glob.glob(os.path.join(where, 'core*'))
    if not cores:
        raise dumps.Failed('no core')
    with open(os.path.join(where, 'memory.truth.json')) as file:
        return cores[0], json.load(file)


def leaves(db):
    return dict(db.execute('SELECT bucket, bytes FROM accounting WHERE bucket NOT IN (SELECT parent'
                           ' FROM accounting WHERE parent IS NOT NULL)'))


def check_accounts(results, label, db):
    dumped = db.execute('SELECT sum(dumped) FROM mappings').fetchone()[0]
    named = leaves(db)
    results.check(sum(named.values()) == dumped, label + ': every byte is in one bucket',
                  '%d of %d' % (sum(named.values()), dumped))
    unexplained = sum(size for name, size in named.items() if name.startswith('unexplained'))
    anonymous = db.execute("SELECT sum(bytes) FROM accounting WHERE bucket IN"
                           " ('pymalloc', 'native')").fetchone()[0]
    results.check(unexplained * 100 < anonymous, label + ': unexplained is under 1%',
                  '%d of %d' % (unexplained, anonymous))


def check_verdict(results, label, way, mebibytes, truth, db):
    rows = db.execute("SELECT title, bytes, query FROM findings WHERE kind = 'verdict'").fetchall()
    if not results.check(len(rows) == 1, label + ': there is one verdict', '%d' % len(rows)):
        return
    title, size, query = rows[0]
    results.check(title.startswith(EXPECTED[way]), label + ': the sentence', title)
    results.check(db.execute(query).fetchall(), label + ': its query has rows')
    least = truth.get('native') or truth.get('live') if way != 'retention' else (
        (mebibytes << 20) * 0.8)
    results.check(size >= SHARE * least, label + ': the figure', '%d of %d' % (size, least))
    if way == 'retention':
        results.check('can be returned to the system now' in title,
                      label + ': it says what can be returned')
        live = db.execute("SELECT sum(bytes) FROM accounting WHERE bucket = 'objects in pools'")
        results.check(live.fetchone()[0] >= truth['live'], label + ': the live part',
                      '%d' % truth['live'])
    if way == 'cache':
        results.check('builtins.str' in title and 'builtins.dict' in title,
                      label + ': it names the largest types')


def one(results, heapsect, interpreter, way, mebibytes):
    label = '%s: memory: %s' % (interpreter.label, way)
    with dumps.folder() as where:
        core, truth = crash(interpreter, way, mebibytes, where)
        snapshot = os.path.join(where, 'snapshot.db')
        ran = heapsect.run('analyze', core, '-o', snapshot)
        os.remove(core)
        if not results.check(ran.returncode == 0, label + ': analyze',
                             complaint(ran) if ran.returncode else ''):
            return
        with contextlib.closing(sqlite3.connect(snapshot)) as db:
            check_accounts(results, label, db)
            check_verdict(results, label, way, mebibytes, truth, db)
            title = db.execute("SELECT title FROM findings WHERE kind = 'verdict'").fetchone()
        results.check(title and title[0] in ' '.join(ran.stdout.split()), label + ': the summary has the sentence')


def run(results, heapsect, interpreter, mebibytes=MEBIBYTES):
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip('%s: memory' % interpreter.label, reason)
        return
    for way in EXPECTED:
        size = min(mebibytes, MOST_OBJECTS) if way == 'cache' else mebibytes
        try:
            one(results, heapsect, interpreter, way, size)
        except dumps.Failed as failure:
            results.check(False, '%s: memory: %s' % (interpreter.label, way), failure)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--heapsect', default='build/heapsect')
    parser.add_argument('--python', action='append', default=[])
    parser.add_argument('--mebibytes', type=int, default=MEBIBYTES)
    options = parser.parse_args()
    results = Results()
    with dumps.folder() as cache:
        for interpreter in interpreters.find(options.python, results):
            run(results, Heapsect(options.heapsect, cache), interpreter, options.mebibytes)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
