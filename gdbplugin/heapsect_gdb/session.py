"""Which snapshot answers: made on first need, kept, and made again once the process has run."""
import atexit
import contextlib
import json
import os
import shutil
import tempfile
import time

import gdb

from heapsect_gdb import analyzer, files, target
from heapsect_gdb.errors import Failure

SUFFIX = '.heapsect.db'
# Where the process's stack and executable are: no other process has the same, by chance.
WHOSE = '''SELECT (SELECT value FROM meta WHERE key = 'pid') AS pid,
	(SELECT value FROM meta WHERE key = 'executable') AS executable,
	EXISTS (SELECT 1 FROM mappings WHERE address <= {0} AND {0} - address < size
		AND kind = 'stack') AS stack,
	EXISTS (SELECT 1 FROM mappings WHERE address <= {1} AND {1} - address < size
		AND path IS NOT NULL) AS program'''


class Moves:
    """How often what GDB has open has run or was written to; how it last did."""
    count = 0
    how = 'has run'
    runs = None  # of the live process, when it was asked last

    @classmethod
    def ran(cls, _event=None):
        cls.count += 1
        cls.how = 'has run'

    @classmethod
    def written(cls, _event=None):
        cls.count += 1
        cls.how = 'was changed from GDB'

    @classmethod
    def look(cls, now):
        """Counts also what GDB told nobody: what runs between two tests of a condition."""
        runs = (now.identity, target.runs(now)) if now.kind == target.PROCESS else None
        thread = gdb.selected_thread()
        if runs != cls.runs if runs else thread and thread.is_running():
            cls.ran()
        cls.runs = runs


class Held:
    """A snapshot of an inferior."""

    def __init__(self, path, identity, ours):
        self.path = path
        self.identity = identity  # of the Target; None: GDB had none
        self.ours = ours          # a temporary file
        self.moves = Moves.count
        self.made = time.monotonic()
        self.told = Moves.count   # up to which of the moves the user knows that it is older

    @property
    def moved(self):
        """A core never does."""
        return bool(self.identity) and self.identity[1] != target.CORE and self.moves != Moves.count

    def age(self):
        seconds = int(time.monotonic() - self.made)
        if seconds < 120:
            return '%d s old' % seconds
        if seconds < 7200:
            return '%d min old' % (seconds // 60)
        return '%d h old' % (seconds // 3600)

    def drop(self):
        if self.ours:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)


held = {}  # by the inferior's number
_folder = None


def folder():
    """For temporary files: of this session, removed at its end."""
    global _folder
    if _folder is None or not os.path.isdir(_folder):
        parents = [os.environ.get('TMPDIR'), '/var/tmp', tempfile.gettempdir()]
        parent = next(p for p in parents if p and os.access(p, os.W_OK))
        _folder = tempfile.mkdtemp(prefix='heapsect-gdb-', dir=parent)
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    return _folder


def watch():
    gdb.events.cont.connect(Moves.ran)
    gdb.events.inferior_call.connect(Moves.ran)
    gdb.events.memory_changed.connect(Moves.written)
    gdb.events.register_changed.connect(Moves.written)


def keep(number, snapshot):
    old = held.get(number)
    held[number] = snapshot
    if old and old.path != snapshot.path:
        old.drop()


def make(output=None, options=()):
    """Reads what GDB has open, now."""
    now = target.Target()
    Moves.look(now)
    path = output or os.path.join(folder(), 'inferior-%d%s' % (now.number, SUFFIX))
    moves = Moves.count
    with target.readable(now, folder()) as (source, keep_open):
        with files.found(now, folder()) as where:
            analyzer.analyze([*source, *where, *options, '-o', path], keep_open)
    snapshot = Held(path, now.identity, output is None)
    # What GDB itself does to write a core is nothing that the process has done.
    snapshot.moves = snapshot.told = Moves.count = moves
    keep(now.number, snapshot)
    return path


def here():
    """The Target, or None if GDB has no process."""
    return target.Target() if gdb.selected_inferior().pid else None


def usable(snapshot, now):
    """Whether it answers for what GDB has now; says so where that is not plain."""
    if snapshot.identity != (now.identity if now else None):
        return not now and not snapshot.identity
    if not snapshot.moved:
        return True
    if not snapshot.ours:
        if snapshot.told != Moves.count:
            analyzer.notice("the process %s since '%s' was made (%s); 'heapsect analyze' reads it "
                            'again' % (Moves.how, snapshot.path, snapshot.age()))
        snapshot.told = Moves.count
        return True
    analyzer.notice('the process %s since the snapshot was made (%s); reading it again'
                    % (Moves.how, snapshot.age()))
    return False


def need():
    """The path of the snapshot that answers; made first, if need be."""
    now = here()
    snapshot = held.get(gdb.selected_inferior().num)
    if now:
        Moves.look(now)
    if snapshot and os.path.exists(snapshot.path) and usable(snapshot, now):
        return snapshot.path
    return make()


def present():
    """The same, but None rather than making one: for completion."""
    snapshot = held.get(gdb.selected_inferior().num)
    return snapshot.path if snapshot and os.path.exists(snapshot.path) else None


def check_owner(path, now):
    """Failure if the snapshot is of another process than GDB has open."""
    values = target.auxiliary() if now else {}
    stack, program = values.get(target.AT_RANDOM, 0), values.get(target.AT_PHDR, 0)
    row = json.loads(analyzer.ask(['sql', path, WHOSE.format(stack, program), '--json']))[0]
    if not now:
        return
    same = row['stack'] and row['program'] if stack else row['pid'] == str(now.pid)
    if not same:
        raise Failure("heapsect: '%s' is a snapshot of another process (pid %s, %s), not of %s"
                      % (path, row['pid'], row['executable'], now))


def use(path):
    now = here()
    path = os.path.abspath(os.path.expanduser(path))
    check_owner(path, now)
    keep(gdb.selected_inferior().num, Held(path, now.identity if now else None, False))


def save(path):
    """A copy, under its name only when it is whole."""
    path = os.path.abspath(os.path.expanduser(path))
    source = need()
    beside = '%s.%d' % (path, os.getpid())
    try:
        if os.path.exists(path) and os.path.samefile(path, source):
            return
        shutil.copyfile(source, beside)
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise Failure("heapsect: '%s' cannot be written: %s" % (path, error.strerror))
