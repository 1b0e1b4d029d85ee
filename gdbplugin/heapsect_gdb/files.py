"""The process's files, for the analyzer: GDB's settings, and what only a remote machine has."""
import contextlib
import os
import shutil
import tempfile

import gdb

from heapsect_gdb import target
from heapsect_gdb.analyzer import notice

START = 1 << 16  # of a file: its notes are there


def mapped():
    """(path, build-id) of the remote target's files that GDB reads through the target."""
    for objfile in gdb.objfiles():
        name = objfile.filename or ''
        if name.startswith('target:/') and objfile.is_valid() and not objfile.owner:
            yield name[len('target:'):], objfile.build_id


def is_here(path, build_id):
    """This machine has the very file."""
    if not build_id:
        return False
    identity = bytes.fromhex(build_id)
    note = b'\x04\0\0\0' + bytes([len(identity)]) + b'\0\0\0\x03\0\0\0GNU\0' + identity
    try:
        with open(path, 'rb') as file:
            return note in file.read(START)
    except OSError:
        return False


def fetch(path, place):
    try:
        gdb.execute('remote get %s %s' % (path, place), to_string=True)
    except gdb.error as error:
        notice("'%s' cannot be had from the target: %s" % (path, str(error).strip().rstrip('.')))


def fill(root, wanted):
    """A folder like the remote machine's /, with links to what is here anyway."""
    for path, build_id in wanted:
        place = root + path
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if is_here(path, build_id):
            os.symlink(path, place)
        else:
            fetch(path, place)


@contextlib.contextmanager
def found(now, folder):
    """The options of `analyze` that say where the files are, while this lasts."""
    wanted = list(mapped()) if now.kind == target.REMOTE and not target.sysroot() else []
    options = target.where_files_are(now)
    if all(is_here(*file) for file in wanted):
        yield options
        return
    notice('files of the remote machine are fetched through GDB')
    root = tempfile.mkdtemp(prefix='root-', dir=folder)
    try:
        fill(root, wanted)
        # GDB may know a library by another of its names (/lib for /usr/lib) than the core.
        names = sorted({os.path.dirname(path) for path, _ in wanted})
        yield options + ['--sysroot', root] + [word for name in names
                                               for word in ('--library-dir', root + name)]
    finally:
        shutil.rmtree(root, ignore_errors=True)
