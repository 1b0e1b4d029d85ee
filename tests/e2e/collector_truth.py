"""The collector as it stood, against what gc says; what it would find, against gc.collect()."""
import os

import collector_program as made
import crashes
import dumps

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'collector_program.py')
MODES = ('plain', 'tuned', 'off', 'running')
STATS = ('collections', 'collected', 'uncollectable')


def state(case, told, db):
    rows = db.execute('SELECT enabled, collecting, debug FROM collectors').fetchall()
    case('enabled, running, debug flags', rows, [(int(told['enabled']), 0, told['debug'])])


def generations(case, told, db):
    rows = db.execute('SELECT generation, objects, count, threshold, collections, collected,'
                      ' uncollectable FROM generations ORDER BY generation').fetchall()
    expected = [(i, told['objects%d' % i], told['count'][i], told['threshold'][i],
                 *(told['stats'][i][name] for name in STATS)) for i in range(3)]
    expected.append((3, told['frozen'], *[None] * 5))
    case('generations', rows, expected)


def passes(case, told, db):
    rows = db.execute('SELECT generation, would_visit, would_find FROM generations'
                      ' WHERE generation < 3 ORDER BY generation').fetchall()
    sizes = [told['objects%d' % i] for i in range(3)]
    case('what a collection would visit and find', rows,
         [(i, sum(sizes[:i + 1]), told['found%d' % i]) for i in range(3)])


def running(case, told, db):
    rows = db.execute('SELECT enabled, collecting, debug FROM collectors').fetchall()
    case('it was running', rows, [(1, 1, 0)])
    rows = db.execute('SELECT would_visit, would_follow, would_find, would_find_bytes'
                      ' FROM generations').fetchall()
    case('what it would find is not known', rows, [(None,) * 4] * 4)


def tracked(case, told, db):
    rows = dict((name, rest) for name, *rest in db.execute(
        'SELECT t.name, k.objects, k.in_cycles, k.leaves FROM tracked_types k'
        ' JOIN types t ON t.id = k.type_id'))
    leaves, rings = 3 * made.LEAVES, 3 * made.RINGS + 70 + 30 + 10
    case('leaves', rows['__main__.Leaf'], [leaves, 0, leaves])
    case('cycles', rows['__main__.Ring'], [rings, rings, 0])
    case('boxes of numbers, and boxes of these', rows['__main__.Box'],
         [6 * made.NESTED, 0, 3 * made.NESTED])
    sums = [db.execute('SELECT sum(objects), sum(in_cycles), sum(leaves) FROM ' + table).fetchone()
            for table in ('tracked_types', 'generations')]
    case('the types sum to the generations', *sums)


def one(results, heapsect, label, interpreter, mode, sources, parent):
    label = '%s: collector: %s' % (label, mode)
    with crashes.snapshot_of(results, heapsect, label, interpreter, PROGRAM, mode, sources=sources,
                             parent=parent) as found:
        if not found:
            return
        told, db, snapshot = found

        def case(what, actual, expected):
            good = list(actual) == list(expected)
            results.check(good, '%s: %s' % (label, what),
                          '' if good else '%s, told %s' % (actual, expected))

        for check in (running,) if mode == 'running' else (state, generations, passes, tracked):
            check(case, told, db)
        ran = heapsect.run('gc', snapshot)
        results.check(ran.returncode == 0 and 'What a collection would do now' in ran.stdout,
                      label + ': heapsect gc', ran.stderr)


def run(results, heapsect, label, interpreter, sources=(), parent=None):
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip('%s: collector' % label, reason)
        return
    for mode in MODES:
        one(results, heapsect, label, interpreter, mode, sources, parent)
