"""What only C code holds has no surplus, and a leaked reference to it is found all the same."""
import contextlib
import glob
import json
import os
import sqlite3
import subprocess

import dumps
import program

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'c_owners_program.py')
IMMORTAL = ('empty tuple',)  # since 3.12


def surpluses(snapshot, truth):
    """{(what, surplus)}; immortal objects have none."""
    with contextlib.closing(sqlite3.connect(snapshot)) as db:
        found = dict(db.execute('SELECT address, surplus FROM objects'))
    return {(name, found.get(address, 'no object')) for name, address in truth.items()
            if name not in IMMORTAL or found.get(address) is not None}


def crashed(command, where, arguments):
    """The core's path; None if none was written."""
    subprocess.run(['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh', *command, PROGRAM, where,
                    *arguments], cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return next(iter(glob.glob(os.path.join(where, 'core*'))), None)


def one(results, heapsect, label, command, arguments, surplus):
    with dumps.folder() as where:
        core = crashed(command, where, arguments)
        if not core or not os.path.exists(os.path.join(where, 'c_owners.json')):
            results.check(False, label, 'no core, or no truth')
            return
        snapshot = os.path.join(where, 'snapshot.db')
        ran = heapsect.run('analyze', core, '-o', snapshot, '-q')
        if ran.returncode:
            results.check(False, label, program.complaint(ran))
            return
        with open(os.path.join(where, 'c_owners.json')) as file:
            truth = json.load(file)
        here = surpluses(snapshot, truth)
        results.equal(here, {(name, surplus) for name, _ in here}, label)


def run(results, heapsect, label, command):
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip('%s: what C code holds' % label, reason)
        return
    one(results, heapsect, '%s: what C code holds' % label, command, (), 0)
    one(results, heapsect, '%s: what C code holds, leaked' % label, command, ('leak',), 1)
