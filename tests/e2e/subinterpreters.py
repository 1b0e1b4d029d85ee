"""Interpreters beside the main one, as servers have them that embed CPython.

What they hold is alive, has a path, and its counts are explained; each has a collector of its own.
"""
import contextlib
import os
import sqlite3
import subprocess

import dumps
from program import complaint

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'subinterpreters_program.py')
NODES = "FROM objects o JOIN types t ON t.id = o.type_id WHERE t.name = '__main__.Node'"


def run(results, heapsect, interpreter):
    label = '%s: interpreters beside the main one: ' % interpreter.label
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label, reason)
        return
    with dumps.folder() as where:
        subprocess.run([interpreter.path, PROGRAM, where], check=False, timeout=60,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        snapshot = os.path.join(where, 'snapshot.db')
        ran = heapsect.run('analyze', os.path.join(where, 'core'), '-o', snapshot)
        if not results.check(ran.returncode == 0, label + 'analyze',
                             '' if ran.returncode == 0 else complaint(ran)):
            return
        with contextlib.closing(sqlite3.connect(snapshot)) as db:
            check(results, label, db)


def check(results, label, db):
    total, live, clean = db.execute("SELECT count(*), sum(o.state = 'live'), sum(o.surplus = 0) "
                                    + NODES).fetchone()
    results.check((total, live, clean) == (3000, 3000, 3000), label + 'what they hold',
                  '%s of 3000, %s alive, %s explained' % (total, live, clean))
    loose, = db.execute('SELECT count(*) FROM paths WHERE root_id IS NULL AND parent_id IS NULL'
                        ' AND object_id IN (SELECT o.id %s)' % NODES).fetchone()
    results.check(loose == 0, label + 'paths begin at roots', '%d do not' % loose)
    collectors, tracked = db.execute('SELECT (SELECT count(*) FROM collectors), (SELECT count(*) '
                                     + NODES + ' AND o.gc_tracked)').fetchone()
    results.check(collectors == 4 and tracked == 3000, label + 'a collector each',
                  '%d collectors, %d tracked' % (collectors, tracked))
    wrong, = db.execute("SELECT count(*) FROM leaks WHERE kind = 'refcount' AND grade = 'proven'"
                        ).fetchone()
    results.check(wrong <= 1, label + 'no false leaks', '%d' % wrong)
