"""Programs that abort in a folder of theirs and leave a core and what they wrote there."""
import contextlib
import glob
import json
import os
import shutil
import sqlite3
import subprocess

import dumps
import program


@contextlib.contextmanager
def snapshot_of(results, heapsect, label, interpreter, path, *arguments, sources=(), parent=None):
    """(what it wrote, its snapshot, the snapshot's path), or None: then a check failed.

    sources: more arguments of analyze.  parent: a folder that the interpreter sees, if not all.
    """
    with dumps.folder(parent) as where:
        core = crashed(interpreter, path, where, arguments)
        told = glob.glob(os.path.join(where, '*.json'))
        if not core or not told:
            results.check(False, label, 'no core, or no truth')
            yield None
            return
        snapshot = os.path.join(where, 'snapshot.db')
        ran = heapsect.run('analyze', core, '-o', snapshot, '-q', *sources)
        os.remove(core)
        if not results.check(ran.returncode == 0, label + ': analyze',
                             program.complaint(ran) if ran.returncode else ''):
            yield None
            return
        with open(told[0]) as file, contextlib.closing(sqlite3.connect(snapshot)) as db:
            yield json.load(file), db, snapshot


def crashed(interpreter, path, where, arguments):
    """The core's path; None if none was written."""
    script = shutil.copy(path, where)
    inside = interpreter.inside
    command = interpreter.command(inside(script), inside(where), *arguments)
    subprocess.run(['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh', *command], cwd=where,
                   env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'), stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    return next(iter(glob.glob(os.path.join(where, 'core*'))), None)
