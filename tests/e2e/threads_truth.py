"""Python stacks: what `heapsect threads` prints is what sys._current_frames() said."""
import contextlib
import glob
import json
import os
import re
import shutil
import subprocess

import dumps
import program

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'threads_program.py')


class Failed(Exception):
    """The program or heapsect did not do its part; the text says why."""


@contextlib.contextmanager
def running(command, where, how):
    """A process id once the truth is written; it is ended afterwards."""
    started = subprocess.Popen(
        ['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh', *command, where, how], cwd=where,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    line = started.stdout.readline()
    waits = re.search(r'process (\d+) waits', line)
    try:
        if not waits:
            raise Failed(line + started.stdout.read())
        if how == 'kernel':
            started.wait()
        yield int(waits.group(1))
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def read_truth(where):
    with open(os.path.join(where, 'threads.truth.json')) as file:
        return json.load(file)


def read_report(heapsect, snapshot):
    ran = heapsect.run('threads', snapshot, '--json', '--top', '0')
    if ran.returncode:
        raise Failed(program.complaint(ran))
    return {thread['tid']: thread['frames'] for thread in json.loads(ran.stdout)['threads']}


def compare(results, label, truth, report):
    """Sets of frames and of locals.  The latter only of functions, whose frames hold them."""
    told = [(int(tid), depth, frame) for tid, stack in truth.items()
            for depth, frame in enumerate(stack)]
    here = {(tid, depth): frame for tid in map(int, truth)
            for depth, frame in enumerate(report.get(tid, ()))}
    results.equal({(*place, f['function'], f['file'], f['line']) for place, f in here.items()},
                  {(tid, depth, f['function'], f['file'], f['line']) for tid, depth, f in told},
                  '%s: functions, files and lines of %d threads' % (label, len(truth)))
    results.equal({(*place, v['name'], int(v['address'], 16), v['type'])
                   for place, f in here.items() for v in f['locals']},
                  {(tid, depth, *v) for tid, depth, f in told for v in f['locals']},
                  '%s: locals' % label)


def analyze(results, heapsect, label, where, source):
    snapshot = os.path.join(where, 'threads.db')
    ran = heapsect.run('analyze', *source, '-o', snapshot, '-q')
    if ran.returncode:
        results.check(False, label, program.complaint(ran))
        return
    try:
        compare(results, label, read_truth(where), read_report(heapsect, snapshot))
    except Failed as failure:
        results.check(False, label, failure)
    os.remove(snapshot)


def kernel_core(results, heapsect, label, command, options, where):
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label + 'kernel core', reason)
        return
    with running(command, where, 'kernel'):
        for core in glob.glob(os.path.join(where, 'core*')):
            analyze(results, heapsect, label + 'kernel core', where, [core, *options])
            os.remove(core)
            return
    results.check(False, label + 'kernel core', 'none was written')


def held_process(results, heapsect, label, command, options, where):
    with running(command, where, 'hold') as pid:
        analyze(results, heapsect, label + 'live', where, ['--pid', pid, *options])
        if not shutil.which('gcore'):
            results.skip(label + 'gcore', 'no gcore (package gdb)')
            return
        core = dumps.gcore(pid, where)
        analyze(results, heapsect, label + 'gcore', where, [core, *options])
        os.remove(core)


def run(results, heapsect, label, command, options=()):
    """command: what starts the interpreter; options: more arguments of analyze."""
    label += ': threads: '
    for part in kernel_core, held_process:
        with dumps.folder() as where:
            try:
                part(results, heapsect, label, [*command, PROGRAM], options, where)
            except (Failed, dumps.Failed) as failure:
                results.check(False, label + part.__name__.replace('_', ' '), failure)
