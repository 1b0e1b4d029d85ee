"""Runs samples and dumps them: kernel cores, gcore's, and processes that wait."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'samples')


class Failed(Exception):
    """A sample did not do its part; the text says why."""


@contextlib.contextmanager
def folder(parent=None, keep=False):
    path = tempfile.mkdtemp(prefix='heapsect-', dir=parent)
    try:
        yield path
    finally:
        if not keep:
            shutil.rmtree(path, ignore_errors=True)


def why_no_kernel_cores():
    with open('/proc/sys/kernel/core_pattern') as file:
        pattern = file.read().strip()
    if pattern not in ('core', 'core.%p'):
        return 'core_pattern is %s, cores do not go to the working directory' % pattern
    limit = subprocess.run(['sh', '-c', 'ulimit -Hc'], capture_output=True, text=True).stdout.strip()
    return None if limit == 'unlimited' else 'ulimit -Hc is %s' % limit


def start(interpreter, script, kind, where, *arguments, environment=None):
    """Starts a sample; its paths and `where` are the machine's, the interpreter may be in a root."""
    inside = interpreter.inside(where)
    command = interpreter.command(interpreter.inside(script), '--core-dir', inside, '--dump', kind,
                                  *arguments)
    environment = dict(os.environ, PYTHONPATH=inside, PYTHONDONTWRITEBYTECODE='1',
                       **(environment or {}))
    return subprocess.Popen(command, env=environment, text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def path_of(sample):
    return os.path.join(SAMPLES, sample + '.py')


def crash(interpreter, script, kind, where, *arguments, environment=None, name=None):
    """Runs a sample until its core and its truth are in the folder; the core's path, renamed to
    `name` if there is one."""
    process = start(interpreter, script, kind, where, *arguments, environment=environment)
    output = process.communicate()[0]
    core = os.path.join(where, os.path.splitext(os.path.basename(script))[0] + '.core')
    if process.returncode or not os.path.exists(core):
        raise Failed(output.strip() or 'exit status %d' % process.returncode)
    if name:
        os.rename(core, os.path.join(where, name))
    return os.path.join(where, name) if name else core


@contextlib.contextmanager
def held(interpreter, script, where, *arguments):
    """A process id that waits to be dumped; it is ended afterwards."""
    process = start(interpreter, script, 'hold', where, *arguments)
    output, pid = '', None
    while not pid:
        line = process.stdout.readline()
        output += line
        if not line:
            process.wait()
            raise Failed(output.strip())
        waiting = re.search(r'process (\d+) waits', line)
        pid = int(waiting.group(1)) if waiting else None
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def gcore(pid, where):
    """The path of a core that gdb wrote."""
    ran = subprocess.run(['gcore', '-o', os.path.join(where, 'gcore'), str(pid)],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True)
    core = os.path.join(where, 'gcore.%d' % pid)
    if not os.path.exists(core):
        raise Failed('gcore wrote nothing: %s' % (ran.stderr.strip().split('\n') or [''])[-1])
    return core


def abort(pid, where, seconds=60):
    """The path of the core that the kernel writes of a process whose folder is `where`."""
    os.kill(pid, signal.SIGABRT)
    names = [os.path.join(where, name) for name in ('core', 'core.%d' % pid)]
    for _ in range(seconds * 10):
        if is_gone(pid):
            break
        time.sleep(0.1)
    core = next((name for name in names if os.path.exists(name)), None)
    if not core:
        raise Failed('the kernel wrote no core of process %d' % pid)
    return core


def is_gone(pid):
    """It is, or is a zombie: the kernel reaps nothing before the core is written."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return process_state(pid)[0] == 'Z'
    return True


def process_state(pid):
    """(state letter, tracer's pid) of a process."""
    with open('/proc/%d/status' % pid) as file:
        text = file.read()
    return (re.search(r'^State:\s+(\S)', text, re.M).group(1),
            int(re.search(r'^TracerPid:\s+(\d+)', text, re.M).group(1)))


def truth(sample, where):
    with open(os.path.join(where, sample + '.truth.json')) as file:
        return json.load(file)
