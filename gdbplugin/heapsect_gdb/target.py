"""What GDB has open, and how the analyzer gets at it."""
import contextlib
import os
import re

import gdb

from heapsect_gdb.analyzer import notice
from heapsect_gdb.errors import Failure

CORE, PROCESS, REMOTE = 'core', 'process', 'remote'
REGISTERS = ('r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp '
             'ss fs_base gs_base ds es fs gs').split()
AT_PHDR, AT_RANDOM = 3, 25
NO_PROCESS = ('heapsect: GDB has no process; open a core, attach to one, run a program, or give a '
              "snapshot with 'heapsect use FILE'")

RUNS = ("heapsect: thread %d runs; stop all threads first: 'interrupt -a', or, where GDB tests a "
        "condition, 'maintenance set target-non-stop off' before the process is started")


def strata():
    """The short names of the targets that GDB has stacked, the topmost first."""
    text = gdb.execute('maint print target-stack', to_string=True)
    return re.findall(r'^\s*- (\S+)', text, re.M)


def core_path():
    """Where the core is that GDB has open; None if GDB does not tell."""
    found = re.search(r"Local core dump file:\s+[`'\"]?(.+?)['\"]?, file type",
                      gdb.execute('info files', to_string=True), re.S)
    return os.path.abspath(found[1]) if found else None


class Target:
    """The process of the selected inferior."""

    def __init__(self):
        inferior = gdb.selected_inferior()
        names = strata()
        if inferior.pid == 0:
            raise Failure(NO_PROCESS)
        self.number, self.pid, self.core = inferior.num, inferior.pid, None
        if 'core' in names:
            self.kind, self.core = CORE, core_path()
        elif 'native' in names:
            self.kind = PROCESS
        else:
            self.kind = REMOTE

    @property
    def identity(self):
        """Equal as long as it is the same process or core."""
        written = os.path.getmtime(self.core) if self.core and os.path.exists(self.core) else None
        return self.number, self.kind, self.pid, self.core, written

    def __str__(self):
        return self.core or 'pid %d' % self.pid


def runs(target):
    """What has changed once a thread of a live process has run; None: the kernel does not tell.

    GDB's events do not: while it tests a breakpoint's condition, the process runs and stops without
    any.  A thread that has run was switched to and away from."""
    counts = []
    try:
        for thread in sorted(os.listdir('/proc/%d/task' % target.pid)):
            with open('/proc/%d/task/%s/status' % (target.pid, thread)) as file:
                counts.append((thread, re.findall(r'ctxt_switches:\s+(\d+)', file.read())))
    except OSError:
        return None
    return counts


def auxiliary():
    """{type: value} of the auxiliary vector; empty if GDB does not know it."""
    try:
        text = gdb.execute('info auxv', to_string=True)
    except gdb.error:
        return {}
    rows = re.findall(r'^(\d+)\s.*?(0x[0-9a-f]+|\d+)(?: ".*")?$', text, re.M)
    return {int(number): int(value, 0) for number, value in rows}


def folders(parameter):
    """A setting that is a list of folders."""
    value = gdb.parameter(parameter) or ''
    return [os.path.expanduser(folder) for folder in value.split(':') if folder]


def sysroot():
    """GDB's, if that is a folder of this machine; "target:" is wherever the process is."""
    value = gdb.parameter('sysroot') or ''
    for prefix in ('target:', 'remote:'):
        if value.startswith(prefix):
            value = value[len(prefix):]
    return value.rstrip('/')


def same_file(left, right):
    try:
        return os.path.samefile(left, right)
    except OSError:
        return False


def executable(target):
    """The file that the user gave GDB; None where the analyzer finds the same by itself."""
    name = gdb.current_progspace().filename
    if not name or name.startswith('target:') or not os.path.isfile(name):
        return None
    if target.kind == PROCESS and same_file(name, '/proc/%d/exe' % target.pid):
        return None
    return name


def where_files_are(target):
    """GDB's settings as the analyzer's options."""
    options = []
    name = executable(target)
    if name:
        options += ['--exe', name]
    if sysroot():
        options += ['--sysroot', sysroot()]
    for folder in folders('debug-file-directory'):
        options += ['--debug-dir', folder]
    for folder in folders('solib-search-path'):
        options += ['--library-dir', folder]
    return options


@contextlib.contextmanager
def selection_kept():
    """The user's thread and frame are selected again afterwards."""
    thread = gdb.selected_thread()
    try:
        frame = gdb.selected_frame()
    except gdb.error:
        frame = None
    try:
        yield
    finally:
        if thread and thread.is_valid():
            thread.switch()
            if frame and frame.is_valid():
                frame.select()


def number(value):
    """A register's, also of one that GDB shows as flags."""
    return int(value.format_string(format='x'), 16)


def registers_of(thread):
    """A line of the file that `analyze --registers` takes."""
    thread.switch()
    words = [str(thread.ptid[1] or thread.ptid[0])]
    try:
        frame = gdb.newest_frame()
    except gdb.error:
        raise Failure(RUNS % thread.num)
    for name in REGISTERS:
        with contextlib.suppress(ValueError, gdb.error):
            words.append('%s=0x%x' % (name, number(frame.read_register(name))))
    return ' '.join(words) + '\n'


def write_registers(path):
    """Of all threads.  Which of them run, GDB may show otherwise than it is: while it tests the
    condition of a breakpoint all seem to, and others than the one that is there mostly do."""
    with selection_kept(), open(path, 'w') as file:
        for thread in gdb.selected_inferior().threads():
            if thread.is_valid():
                file.write(registers_of(thread))


def open_memory(pid):
    """GDB traces the process, so GDB may open its memory where a child of GDB may not; None if
    the kernel forbids that, too."""
    try:
        return os.open('/proc/%d/mem' % pid, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def write_core(path):
    try:
        gdb.execute('generate-core-file %s' % path, to_string=True)
    except gdb.error as error:
        raise Failure('heapsect: GDB cannot write a core of this process: %s'
                      % str(error).strip().rstrip('.'))


@contextlib.contextmanager
def dumped(target, folder, reason):
    """The arguments of `analyze` for a core that GDB writes for the purpose."""
    path = os.path.join(folder, 'core.%d' % target.pid)
    notice('%s, so GDB writes a core of it first (generate-core-file)' % reason)
    try:
        write_core(path)
        yield [path], ()
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@contextlib.contextmanager
def held(target, folder, memory):
    """The arguments of `analyze` for a process that GDB has stopped."""
    path = os.path.join(folder, 'registers.%d' % target.pid)
    try:
        write_registers(path)
        yield ['--pid', str(target.pid), '--registers', path, '--memory-fd', str(memory)], (memory,)
    finally:
        os.close(memory)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@contextlib.contextmanager
def readable(target, folder):
    """(arguments, descriptors) with which `analyze` reads the target while this lasts."""
    memory = open_memory(target.pid) if target.kind == PROCESS else None
    if target.kind == CORE:
        if not target.core:
            raise Failure('heapsect: GDB does not tell where this core is; open it again with '
                          "'core-file FILE'")
        yield [target.core], ()
    elif memory is not None:
        with held(target, folder, memory) as way:
            yield way
    else:
        reason = 'the process is on a remote target' if target.kind == REMOTE else \
            "the kernel lets nobody read the process's memory directly"
        with dumped(target, folder, reason) as way:
            yield way
