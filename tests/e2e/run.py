"""End-to-end tests: crashes real programs and holds heapsect's snapshots against the truth.

    python3 tests/e2e/run.py [--heapsect PROGRAM] [--python PATH]... [--sample NAME]...
                             [--only PART]
                             [--heap-sums PROGRAM]
"""
import argparse
import contextlib
import os
import shutil
import sqlite3
import sys

import bad_inputs
import c_owners
import can_fail
import checks
import collector_truth
import corrupt_truth
import cycles_truth
import diff_truth
import dumps
import heap_truth
import interpreters
import leak_reports
import memory
import programs
import pins_truth
import questions_truth
import reports
import shapes
import subinterpreters
import threads_truth
import waste_truth
from program import Heapsect, complaint
from results import Results

SAMPLES = ('cycles', 'refleak', 'fragment', 'healthy', 'unseen', 'nativeleak', 'retained')
# The extension that a sample needs, and its debug info.
EXTENSIONS = {'refleak': ('leaky.c', '-g'), 'unseen': ('opaque.c', '-g0')}


def analyze_and_check(results, heapsect, label, sample, where, source, core=None):
    """source: arguments that name the core or the process.  True if there is a snapshot."""
    snapshot = os.path.join(where, 'snapshot.db')
    ran = heapsect.run('analyze', *source, '-o', snapshot)
    good = ran.returncode == 0 and os.path.exists(snapshot) and ran.stdout.strip()
    if not results.check(good, '%s: heapsect analyze' % label, '' if good else complaint(ran)):
        return
    if '--pid' in source:
        results.check(', stopped for ' in ran.stdout, '%s: it says how long it was stopped' % label)
    truth = dumps.truth(sample, where)
    with contextlib.closing(sqlite3.connect(snapshot)) as db:
        checks.run(checks.Case(results, label, truth, db, core), sample)
        if label.endswith('kernel core'):
            can_fail.run(results, label, sample, truth, db)
    if label.endswith('kernel core'):
        address = (truth['planted'] or truth['objects'])[0][0]
        reports.run(results, label, heapsect, snapshot, address)
    os.remove(snapshot)


def kernel_cores(results, heapsect, interpreter, sample, where):
    for kind, name in (('kernel', 'kernel core'), ('full', 'kernel core of all pages')):
        label = '%s: %s: %s' % (interpreter.label, sample, name)
        reason = dumps.why_no_kernel_cores()
        if reason:
            results.skip(label, reason)
            continue
        core = dumps.crash(interpreter, dumps.path_of(sample), kind, where)
        analyze_and_check(results, heapsect, label, sample, where, [core], core)
        os.remove(core)


def held_process(results, heapsect, interpreter, sample, where):
    label = '%s: %s: ' % (interpreter.label, sample)
    with dumps.held(interpreter, dumps.path_of(sample), where) as pid:
        analyze_and_check(results, heapsect, label + 'live', sample, where, ['--pid', pid])
        state = dumps.process_state(pid)
        results.check(state == ('S', 0), label + 'live: the process goes on', 'state %s, tracer %d'
                      % state)
        if not shutil.which('gcore'):
            results.skip(label + 'gcore', 'no gcore (package gdb)')
            return
        core = dumps.gcore(pid, where)
        analyze_and_check(results, heapsect, label + 'gcore', sample, where, [core], core)
        os.remove(core)


def test_sample(results, heapsect, interpreter, sample):
    with dumps.folder() as where:
        if sample in EXTENSIONS:
            source, debug = EXTENSIONS[sample]
            reason = interpreter.build_extension(os.path.join(dumps.SAMPLES, source), where, debug)
            if reason:
                results.skip('%s: %s' % (interpreter.label, sample), reason)
                return
        for part in kernel_cores, held_process:
            try:
                part(results, heapsect, interpreter, sample, where)
            except dumps.Failed as failure:
                results.check(False, '%s: %s: dump' % (interpreter.label, sample), failure)


def test_samples(results, heapsect, interpreter, options):
    for sample in options.sample or SAMPLES:
        test_sample(results, heapsect, interpreter, sample)


def test_heap(results, heapsect, interpreter, options):
    heap_truth.run(results, options.heap_sums, interpreter.label, [interpreter.path])
    corrupt_truth.run(results, heapsect, interpreter.label, [interpreter.path])


# Each takes results, heapsect, an interpreter, and the options.
PARTS = {
    'dumps': test_samples,
    'threads': lambda results, heapsect, interpreter, _:
        threads_truth.run(results, heapsect, interpreter.label, [interpreter.path]),
    'heap': test_heap,
    'c-owners': lambda results, heapsect, interpreter, _:
        c_owners.run(results, heapsect, interpreter.label, [interpreter.path]),
    'leaks': lambda results, heapsect, interpreter, _:
        leak_reports.run(results, heapsect, interpreter),
    'collector': lambda results, heapsect, interpreter, _:
        collector_truth.run(results, heapsect, interpreter.label, interpreter),
    'cycles': lambda results, heapsect, interpreter, _:
        cycles_truth.run(results, heapsect, interpreter.label, cycles_truth.OnMachine(interpreter)),
    'waste': lambda results, heapsect, interpreter, _:
        waste_truth.run(results, heapsect, interpreter.label, interpreter),
    'memory': lambda results, heapsect, interpreter, _:
        memory.run(results, heapsect, interpreter),
    'programs': lambda results, heapsect, interpreter, _:
        programs.run(results, heapsect, interpreter),
    'pins': lambda results, heapsect, interpreter, _:
        pins_truth.run(results, heapsect, interpreter),
    'diff': lambda results, heapsect, interpreter, _:
        diff_truth.run(results, heapsect, interpreter),
    'shapes': lambda results, heapsect, interpreter, options:
        shapes.run(results, heapsect, interpreter, options.large),
    'subinterpreters': lambda results, heapsect, interpreter, _:
        subinterpreters.run(results, heapsect, interpreter),
    'questions': lambda results, heapsect, interpreter, _:
        questions_truth.run(results, heapsect, interpreter),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--heapsect', default='build/heapsect')
    parser.add_argument('--python', action='append', default=[])
    parser.add_argument('--sample', action='append', choices=SAMPLES)
    parser.add_argument('--only', choices=(*PARTS, 'bad-inputs'))
    parser.add_argument('--large', action='store_true', help='shapes of millions of objects')
    parser.add_argument('--heap-sums', default='build/heap-sums')
    options = parser.parse_args()
    results = Results()
    usable = interpreters.find(options.python, results)
    with dumps.folder() as cache:
        heapsect = Heapsect(options.heapsect, cache)
        for name, part in PARTS.items():
            for interpreter in usable if options.only in (None, name) else ():
                part(results, heapsect, interpreter, options)
        if options.only in (None, 'bad-inputs'):
            bad_inputs.run(results, heapsect, usable)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
