"""Damage to the interpreter's own heap is an anomaly where it is, and stops nothing."""
import contextlib
import glob
import json
import os
import sqlite3
import subprocess

import dumps
import program

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corrupt_program.py')
# Modes of corrupt_program.py and values of PYTHONMALLOC; '': as it is by itself.
CASES = (('pool-header', ''), ('pool-zeros', ''), ('pool-class', ''), ('pool-no-class', ''),
         ('free-loop', ''), ('free-link', ''), ('pad-after', 'debug'), ('pad-before', 'debug'),
         ('pad-after', 'malloc_debug'), ('pad-before', 'malloc_debug'))


def crash(command, where, mode, allocator):
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1')
    environment.pop('PYTHONMALLOC', None)
    if allocator:
        environment['PYTHONMALLOC'] = allocator
    ran = subprocess.run([*command, PROGRAM, where, mode], env=environment, text=True,
                         capture_output=True, stdin=subprocess.DEVNULL)
    cores = glob.glob(os.path.join(where, 'core*'))
    if not cores:
        raise dumps.Failed(ran.stderr.strip() or 'no core')
    return cores[0]


def missing(snapshot, where):
    """Expected anomalies that are not there, and those that are."""
    with open(os.path.join(where, 'corrupt.json')) as file:
        expected = json.load(file)
    with contextlib.closing(sqlite3.connect(snapshot)) as db:
        here = db.execute('SELECT stage, address, message FROM anomalies').fetchall()
    lacking = ['%s %#x %s' % (stage, address, text) for stage, address, text in expected
               if not any(row[0] == stage and row[1] == address and text in row[2]
                          for row in here)]
    return lacking, here


def one(results, heapsect, name, command, where, mode, allocator):
    core = crash(command, where, mode, allocator)
    snapshot = os.path.join(where, 'snapshot.db')
    ran = heapsect.run('analyze', core, '-o', snapshot, '-q')
    if ran.returncode:
        results.check(False, name, program.complaint(ran))
        return
    lacking, here = missing(snapshot, where)
    if not results.check(not lacking, name + ': it is said what is damaged'):
        results.note(*('not said: ' + line for line in lacking),
                     *('said: %s %#x %s' % (row[0], row[1] or 0, row[2]) for row in here[:9]))


def run(results, heapsect, label, command):
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label + ': damage', reason)
        return
    for mode, allocator in CASES:
        name = '%s: damage: %s%s' % (label, mode, ' PYTHONMALLOC=' + allocator if allocator else '')
        with dumps.folder() as where:
            try:
                one(results, heapsect, name, command, where, mode, allocator)
            except dumps.Failed as failure:
                results.check(False, name, failure)
