"""glibc's heap: what heap-sums finds in a core is what mallinfo2() said, to the byte."""
import glob
import json
import os
import struct
import subprocess

import dumps

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'heap_program.py')
MODES = ('quiet', 'busy')
# mallinfo has a chunk in a tcache for used, one in a fastbin for free; `usmblks` is always 0.
TOLD = ('arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'fsmblks', 'uordblks', 'fordblks')


class Failed(Exception):
    """The program or heap-sums did not do its part; the text says why."""


def crash(command, where, inside, mode, allocator=None):
    """The core's path.  `inside`: the folder as the process sees it."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1')
    if allocator:
        environment['PYTHONMALLOC'] = allocator
    limited = ['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh']
    ran = subprocess.run([*limited, *command, inside, mode], env=environment, text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    cores = glob.glob(os.path.join(where, 'core*'))
    if not cores:
        raise Failed(ran.stdout.strip() or 'no core, and exit status %d' % ran.returncode)
    return cores[0]


def told(where):
    """What malloc said, and (address, usable size) of what the program has in use."""
    with open(os.path.join(where, 'heap.truth.json')) as file:
        truth = json.load(file)
    with open(os.path.join(where, 'mallinfo'), 'rb') as file:
        data = file.read()
    form = '<%d%s' % (len(truth['names']), {8: 'Q', 4: 'I'}[truth['width']])
    return dict(zip(truth['names'], struct.unpack_from(form, data))), truth


def found(heap_sums, core, options=()):
    """({fact: value}, the tops' sizes, lines about anomalies, {(address, size) in use})."""
    ran = subprocess.run([heap_sums, core, '--used', *options], text=True, capture_output=True)
    if ran.returncode:
        raise Failed(ran.stderr.strip())
    facts, tops, anomalies, used = {}, [], [], set()
    for line in ran.stdout.splitlines():
        name, _, value = line.partition(' ')
        if name == 'top':
            tops.append(int(value))
        elif name == 'anomaly':
            anomalies.append(value)
        elif name == 'used':
            used.add(tuple(map(int, value.split())))
        else:
            facts[name] = int(value)
    return facts, tops, anomalies, used


def is_equal(name, info, facts):
    """glibc since 2.42 counts 16 bytes too many each time that it has a mapping moved."""
    drift = info[name] - facts[name]
    return drift == 0 or name == 'hblkhd' and info[name] % 4096 and drift > 0 and drift % 16 == 0


def differences(info, facts, tops):
    """Lines; none: all is equal."""
    lines = ['%s: told %d, here %d' % (name, info[name], facts[name]) for name in TOLD
             if not is_equal(name, info, facts)]
    if info['keepcost'] not in tops:
        lines.append('keepcost: told %d, and no top is of that size' % info['keepcost'])
    return lines


def one(heap_sums, command, where, inside, mode, options=(), allocator=None):
    """(what malloc said, what was found, lines that differ); raises Failed."""
    core = crash(command, where, inside, mode, allocator)
    info, truth = told(where)
    facts, tops, lines, used = found(heap_sums, core, options)
    missing = set(map(tuple, truth['used'])) - used
    lines += differences(info, facts, tops)
    lines += ['%#x of %d bytes is in use, and not here' % pair for pair in sorted(missing)[:5]]
    return info, facts, lines


def run(results, heap_sums, label, command):
    """Of the machine's own interpreter and C library."""
    if not os.path.exists(heap_sums):
        results.skip(label + ': heap', 'no %s (make %s)' % (heap_sums, heap_sums))
        return
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label + ': heap', reason)
        return
    for mode, allocator in (('quiet', None), ('busy', None), ('busy', 'malloc'), ('busy', 'debug')):
        name = '%s: heap: %s%s' % (label, mode, ' PYTHONMALLOC=' + allocator if allocator else '')
        with dumps.folder() as where:
            try:
                info, facts, lines = one(heap_sums, [*command, PROGRAM], where, where, mode,
                                         allocator=allocator)
            except Failed as failure:
                results.check(False, name, failure)
                continue
            results.check(not lines, name + ': what mallinfo2() says',
                          'used %d of %d, mapped %d' % (facts['uordblks'], info['uordblks'],
                                                        facts['hblkhd']))
            results.note(*lines)
