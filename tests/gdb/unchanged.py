"""A live process is the same after it was read: maps, memory, registers, signals."""
import os
import re
import time

import debugger
import ways

STATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'state.py')
BIG = 20000  # objects of the program's own


def states(printed):
    return [re.search(r'^state (.*)$', text, re.M)[1] for text in printed if 'state ' in text]


def process_state(pid):
    with open('/proc/%d/status' % pid) as file:
        text = file.read()
    return (re.search(r'^State:\s+(\S)', text, re.M)[1], re.search(r'^TracerPid:\s+(\d+)', text, re.M)[1])


def check_state(bench):
    """Before, after the summary, and after all that has an address and a fallback to a core."""
    run = bench.debugger
    process, address = debugger.start(bench.python, bench.folder, 'sleep', BIG)
    time.sleep(0.2)
    try:
        printed = run.run(['-p', str(process.pid), '-ex', 'thread 2', '-ex', 'up'], [
            'python exec(open("%s").read())' % STATE, 'heapsect summary',
            'python exec(open("%s").read())' % STATE, 'heapsect why %s' % address,
            'python exec(open("%s").read())' % STATE])
        time.sleep(0.2)
        after = process_state(process.pid)
    finally:
        debugger.end(process)
    told = states(printed)
    good = len(told) == 3 and len(set(told)) == 1
    if not bench.results.check(good, 'maps, memory, registers, threads and the selection are as before'):
        bench.results.note(*told)
    bench.results.check(after == ('S', '0'), 'it sleeps on afterwards, traced by nobody', ' '.join(after))


def check(bench):
    check_state(bench)
    bench.check_tidy('unchanged')
