"""How a process gets into GDB: each is a context that gives (gdb's arguments, what runs it, EXPR).

EXPR is an expression that gives the address of an object there.
"""
import contextlib
import os
import shutil
import subprocess
import time

import debugger
import dumps


class Impossible(Exception):
    """This machine cannot do that; the text says why."""


@contextlib.contextmanager
def kernel_core(python, folder):
    reason = dumps.why_no_kernel_cores()
    if reason:
        raise Impossible(reason)
    where = os.path.join(folder, 'kernel')
    os.mkdir(where)
    ran = subprocess.run(['sh', '-c', 'ulimit -c unlimited; cd "$1"; shift; exec "$@"', 'sh', where,
                          *debugger.program(python, 'abort')], text=True, stdout=subprocess.PIPE,
                         env=dict(os.environ, PYTHONPATH=folder, PYTHONDONTWRITEBYTECODE='1'))
    cores = [name for name in os.listdir(where) if name.startswith('core')]
    if not cores:
        raise Impossible('the kernel wrote no core')
    yield [python, os.path.join(where, cores[0])], ran.stdout.split()[1]


@contextlib.contextmanager
def gcore_core(python, folder):
    if not shutil.which('gcore'):
        raise Impossible('no gcore')
    process, address = debugger.start(python, folder, 'sleep')
    try:
        core = dumps.gcore(process.pid, folder)
    finally:
        debugger.end(process)
    yield [python, core], '*(PyObject *)' + address


@contextlib.contextmanager
def sleeping(python, folder):
    """The address lies inside the object."""
    process, address = debugger.start(python, folder, 'sleep')
    time.sleep(0.2)
    try:
        yield ['-p', str(process.pid)], address + ' + 20'
    finally:
        debugger.end(process)


@contextlib.contextmanager
def breakpoint(python, folder):
    """In C code, whose argument it is."""
    words = debugger.program(python, 'call')
    yield ['-ex', 'file %s' % words[0], '-ex', 'set args %s' % ' '.join(words[1:]),
           '-ex', 'set breakpoint pending on', '-ex', 'break leaky.c:measure',
           '-ex', 'set environment PYTHONPATH %s' % folder, '-ex', 'run',
           '-ex', 'next'], 'sequence'


@contextlib.contextmanager
def remote(python, folder):
    if not shutil.which('gdbserver'):
        raise Impossible('no gdbserver')
    process, address = debugger.start(python, folder, 'sleep')
    time.sleep(0.2)
    try:
        yield ['-ex', 'file %s' % python,
               '-ex', 'target remote | gdbserver --once --attach - %d' % process.pid], address
    finally:
        debugger.end(process)


@contextlib.contextmanager
def elsewhere(python, folder):
    """Remote, and its executable is a file that only its own mount namespace has, as gdbserver does."""
    if not shutil.which('gdbserver'):
        raise Impossible('no gdbserver')
    if not shutil.which('unshare') or subprocess.run(['unshare', '-m', 'true'],
                                                     stderr=subprocess.DEVNULL).returncode:
        raise Impossible('no mount namespaces (not root, or in a chroot)')
    place = os.path.join(folder, 'elsewhere')
    os.mkdir(place)
    script = 'mount -t tmpfs tmpfs "$1" && cp "$2" "$1/python" && shift 2 && exec "$@"'
    os.environ['PYTHONHOME'] = '/usr'
    process, address = debugger.start(
        os.path.join(place, 'python'), folder, 'sleep',
        before=['unshare', '-m', 'sh', '-c', script, 'sh', place, os.path.realpath(python)])
    del os.environ['PYTHONHOME']
    time.sleep(0.2)
    try:
        yield ['-ex', 'target remote | nsenter -m -t %d gdbserver --once '
               '--attach - %d' % (process.pid, process.pid)], address
    finally:
        debugger.end(process)


ALL = {'kernel core': kernel_core, 'gcore core': gcore_core, 'breakpoint in C': breakpoint,
       'live in time.sleep': sleeping, 'gdbserver': remote, 'gdbserver with files of its own': elsewhere}
