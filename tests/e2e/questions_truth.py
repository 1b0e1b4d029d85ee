"""The questions of heapsect-snapshot(5), asked of a process that knows the answers.

A question is a file of schema/questions; what its answer has to be is a function of the same name
here.  A file without one is a failure.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess

import dumps
from program import complaint

HERE = pathlib.Path(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = HERE / 'questions' / 'shop.py'
QUESTIONS = HERE / '..' / '..' / 'schema' / 'questions'
UNITS = {'B': 1, 'KiB': 1 << 10, 'MiB': 1 << 20, 'GiB': 1 << 30}
OTHERS = 1.01  # what else is among the globals


def is_about(text, number, more=1.0):
    """Whether human()'s words tell of the number, or of up to `more` times it."""
    value, unit = text.split()
    value = float(value) * UNITS[unit]
    return number - 0.051 * UNITS[unit] <= value <= number * more + 0.051 * UNITS[unit]


def row(rows, **wanted):
    """The only row with these values; None if there is none, or another."""
    found = [r for r in rows if all(r[name] == value for name, value in wanted.items())]
    return found[0] if len(found) == 1 else None


def is_path(path, name):
    """Of a global of the catalogue."""
    return path == "modules['catalog']." + name


def types(rows, truth):
    product = row(rows, name='catalog.Product')
    return product['objects'] == truth['products'] and is_about(
        product['size'], truth['products'] * truth['product'])


def memory(rows, truth):
    groups = [r for r in rows if re.match(r'  \S', r['bucket'])]
    instances = [r for r in rows if r['bucket'].strip() == 'instances in pools']
    return rows[0]['bucket'] == 'dump' and sorted(r['bucket'].strip() for r in groups) == [
        'mapped', 'native', 'pymalloc'] and groups == sorted(groups, key=size_of, reverse=True) and (
            is_about(instances[0]['size'], truth['products'] * truth['product'], 1.5))


def size_of(found):
    value, unit = found['size'].split()
    return float(value) * UNITS[unit]


def largest_objects(rows, truth):
    address, size = truth['image']
    return rows[0]['address'] == hex(address) and is_about(rows[0]['size'], size) and (
        is_path(rows[0]['path'], 'IMAGE'))


def module_globals(rows, truth):
    return rows[0]['module'] == 'catalog' and is_about(
        rows[0]['retained'], truth['globals_bytes'], OTHERS)


def string_holders(rows, truth):
    first = rows[0]
    return (first['type'], first['strings']) == ('builtins.list', truth['names']) and is_path(
        first['holder'], 'NAMES') and is_about(first['size'], truth['names_bytes'])


def instances(rows, truth):
    count, size = truth['session']
    session = row(rows, **{'class': '__main__.Session'})
    return session['instances'] == count and all(
        is_about(session[name], size) for name in ('average', 'largest'))


def locals_(rows, truth):
    first = rows[0]
    return (first['function'].split('.')[-1], first['variable'], first['type']) == (
        'handle', 'request', 'builtins.bytearray') and is_about(
            first['retained'], truth['request'], 1.001)


def referrers(rows, truth):
    return [(r['referrer'], r['label'], r['referrer_type'], r['kind']) for r in rows] == [
        (hex(truth['globals']), "['IMAGE']", 'builtins.dict', 'traversed')] and (
            'catalog' in rows[0]['path'])


def containers(rows, truth):
    wanted = {'BY_NUMBER': truth['products'], 'ALL': truth['products'], 'NAMES': truth['names']}
    return all(any(is_path(r['path'], name) and r['entries'] == count for r in rows[:3])
               for name, count in wanted.items())


def empty_containers(rows, truth):
    return abs(row(rows, type='builtins.set')['empty'] - truth['empty_sets']) <= 2


def same_strings(rows, truth):
    value, count, size = truth['status']
    found = row(rows, value=value)
    return found['copies'] == count and is_about(found['wasted'], (count - 1) * size)


def sparse_pools(rows, truth):
    """A pool where new blocks of the size went last may be fuller."""
    found = {r['address']: r['path'] for r in rows}
    right = [address for i, address in enumerate(truth['small'])
             if is_path(found.get(hex(address), ''), 'SMALL[%d]' % i)]
    return len(right) >= 0.95 * len(truth['small']) and all(
        r['used'] * 10 < r['capacity'] for r in rows)


def garbage(rows, truth):
    ring = row(rows, type='__main__.Ring')
    return ring['objects'] == truth['rings'] and ring['pattern'] == '__main__.Ring.next' and (
        is_about(ring['size'], truth['rings'] * truth['ring']))


def surplus(rows, truth):
    found = row(rows, type='__main__.Ticket')
    return (found['surplus'], found['objects']) == (1, truth['tickets']) and (
        'tickets' in found['path'])


def collector(rows, truth):
    """3.14 has no generation 1 to speak of; what runs between telling and the look is few."""
    found = {r['generation']: r['objects'] for r in rows}
    return all(abs(found.get(i, 0) - told) <= 50 for i, told in enumerate(truth['tracked']))


def files(rows, truth):
    return len(rows) > 5 and {r['path'] for r in rows} <= set(truth['files'])


def grown_types(rows, truth):
    order = row(rows, name='__main__.Order')
    return (order['before'], order['now'], order['more']) == (
        truth['before']['orders'], truth['orders'], truth['orders'] - truth['before']['orders'])


ANSWERS = {function.__name__.rstrip('_'): function for function in (
    types, memory, largest_objects, module_globals, string_holders, instances, locals_, referrers,
    containers, empty_containers, same_strings, sparse_pools, garbage, surplus, collector, files)}


def snapshots(heapsect, interpreter, where):
    """[(snapshot, truth)] before and after the process grew."""
    process = subprocess.Popen(interpreter.command(str(PROGRAM)), text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE,
                               env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'))
    try:
        for name in 'before', 'after':
            line = process.stdout.readline()
            snapshot = os.path.join(where, name + '.db')
            ran = heapsect.run('analyze', '--pid', process.pid, '-q', '-o', snapshot)
            if not line or ran.returncode:
                raise dumps.Failed('%s: %s' % (name, complaint(ran)))
            yield snapshot, json.loads(line)
            process.stdin.write('\n')
            process.stdin.flush()
    finally:
        process.kill()
        process.communicate()


def ask(heapsect, snapshot, query):
    ran = subprocess.run(heapsect.command('sql', '--json', snapshot), input=query, text=True,
                         capture_output=True, env=heapsect.environment)
    if ran.returncode:
        raise dumps.Failed(complaint(ran))
    return json.loads(ran.stdout)


def ask_shell(extension, snapshot, old, query):
    """As the manual page says it is done for two snapshots."""
    typed = ".load %s\nATTACH '%s' AS old;\n%s" % (extension, old, query)
    ran = subprocess.run(['sqlite3', '-json', snapshot], input=typed, text=True, capture_output=True)
    if ran.returncode or ran.stderr:
        raise dumps.Failed(ran.stderr.strip())
    return json.loads(ran.stdout)


def check(results, label, question, answer, truth, asked):
    name = '%s: %s' % (label, question)
    try:
        rows = asked()
        good = answer(rows, truth)
    except (dumps.Failed, LookupError, TypeError, ValueError) as failure:
        results.check(False, name, repr(failure))
        return
    if not results.check(good, name, '%d rows' % len(rows)):
        results.note(*map(str, rows[:5]), 'but the process says: %s' % {
            key: value for key, value in truth.items() if key not in ('small', 'files', 'before')})


def run(results, heapsect, interpreter):
    label = interpreter.label + ': questions'
    texts = {path.stem: path.read_text() for path in sorted(QUESTIONS.glob('*.sql'))}
    results.equal(set(ANSWERS) | {'grown_types'}, set(texts), label + ': each has an answer')
    with dumps.folder() as where:
        try:
            (old, before), (new, truth) = snapshots(heapsect, interpreter, where)
        except dumps.Failed as failure:
            results.check(False, label, failure)
            return
        for name, answer in ANSWERS.items():
            check(results, label, name, answer, truth,
                  lambda: ask(heapsect, new, texts[name]))
        if not shutil.which('sqlite3'):
            results.skip(label + ': grown_types', 'no sqlite3 (package sqlite3)')
            return
        extension = os.path.join(os.path.dirname(heapsect.program), 'heapsect_sqlite')
        check(results, label, 'grown_types', grown_types, dict(truth, before=before),
              lambda: ask_shell(extension, new, old, texts['grown_types']))
