"""Shapes that are hard to walk: a linked list, lists in lists, one wide tuple, objects that are cycles.

Retained sizes and paths are as the shape has them, whatever its size.
"""
import contextlib
import json
import os
import sqlite3
import subprocess

import dumps
from program import complaint

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shapes_program.py')
ANY_ROOT = "thread * frame abort() local 'held'"
LINK = 24  # bytes of a link, without what the collector has before it


def crash(interpreter, shape, number, where):
    subprocess.run([interpreter.path, PROGRAM, where, shape, str(number)], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
    return os.path.join(where, 'core')


def report(heapsect, *arguments):
    ran = heapsect.run(*arguments, '--json')
    return json.loads(ran.stdout) if ran.returncode == 0 else {'error': complaint(ran)}


def chain(results, label, heapsect, snapshot, db, number, step):
    """The first of a chain retains all of it, and the path of the last one is as long."""
    address, depth, longest = db.execute(
        'SELECT o.address, p.depth, (SELECT max(depth) FROM paths) FROM paths p'
        ' JOIN objects o ON o.id = p.object_id ORDER BY p.depth DESC LIMIT 1').fetchone()
    results.check(depth == longest and number - 1 <= depth <= number + 8, label + 'depth',
                  '%d steps' % depth)
    why = report(heapsect, 'why', snapshot, hex(address))
    path = why['paths'][0]['path']
    good = path.endswith(' steps … ' + 6 * step) and 3 * step + ' … ' in path
    results.check(good, label + 'path of the last one', path)
    least, = db.execute('SELECT min(retained_size) FROM objects WHERE address = ?', (address,)).fetchone()
    steps = db.execute(
        'SELECT count(*) FROM objects o JOIN objects d ON d.id = o.dominator_id JOIN paths p ON'
        ' p.object_id = o.id WHERE p.depth > 20 AND d.retained_size <> o.retained_size + d.size +'
        ' d.owned_size').fetchone()[0]
    results.check(steps == 0 and least > 0, label + 'each retains the next', '%d do not' % steps)


def deep(results, label, heapsect, snapshot, db, number):
    chain(results, label, heapsect, snapshot, db, number, '.following')
    why = report(heapsect, 'why', '--type', 'Link', snapshot)
    rows = [(row['objects'], row['expression']) for row in why['paths']]
    results.check(rows == [(number, ANY_ROOT), (number - 1, ANY_ROOT + '.following')],
                  label + 'merged path', repr(rows[:3]))
    total = db.execute("SELECT retained_bytes FROM v_types WHERE name = '__main__.Link'").fetchone()[0]
    results.check(total % number == 0 and total >= number * LINK, label + 'retained', str(total))


def nested(results, label, heapsect, snapshot, db, number):
    chain(results, label, heapsect, snapshot, db, number, '[0]')


def wide(results, label, heapsect, snapshot, db, number):
    address, size, retained = db.execute('SELECT address, size, retained_size FROM objects'
                                         ' ORDER BY size DESC LIMIT 1').fetchone()
    results.check(size == 40 + 8 * number and retained == size + 24, label + 'retained',
                  '%d, %d' % (size, retained))
    show = report(heapsect, 'show', '--top=3', snapshot, hex(address))
    results.check([row['label'] for row in show['referents']] == ['[0]', '[1]', '[2]'],
                  label + 'show', repr(show)[:200])
    refs = db.execute('SELECT count(*) FROM refs WHERE source_id = (SELECT id FROM objects WHERE'
                      ' address = ?)', (address,)).fetchone()[0]
    results.check(refs == number, label + 'references', str(refs))


def loops(results, label, heapsect, snapshot, db, number):
    cycles = report(heapsect, 'cycles', snapshot)
    first = cycles['cycles'][0]
    results.check((first['state'], first['cycles'], first['objects']) == ('garbage', number, number),
                  label + 'cycles', repr(first))
    alone = db.execute("SELECT count(*) FROM objects WHERE state = 'garbage' AND dominator_id IS"
                       " NULL AND retained_size = size + owned_size").fetchone()[0]
    results.check(alone == number, label + 'each is its own', str(alone))


SHAPES = {'deep': (deep, 50000, 1000000), 'nested': (nested, 50000, 1000000),
          'wide': (wide, 500000, 10000000), 'loops': (loops, 1, 300000)}


def run(results, heapsect, interpreter, large=False):
    for shape, (check, small, full) in SHAPES.items():
        number = full if large else small
        label = '%s: shapes: %s of %d: ' % (interpreter.label, shape, number)
        reason = dumps.why_no_kernel_cores()
        if reason:
            results.skip(label, reason)
            continue
        with dumps.folder() as where:
            core = crash(interpreter, shape, number, where)
            snapshot = os.path.join(where, 'snapshot.db')
            ran = heapsect.run('analyze', core, '-o', snapshot)
            if not results.check(ran.returncode == 0, label + 'analyze', "" if ran.returncode == 0 else complaint(ran)):
                continue
            with contextlib.closing(sqlite3.connect(snapshot)) as db:
                check(results, label, heapsect, snapshot, db, number)
