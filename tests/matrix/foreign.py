"""Workloads that heapsect was not written against, held to the same truth as the matrix.

    python3 tests/matrix/foreign.py [--heapsect PROGRAM] [--version 3.11]... [--suite bookworm]...
                                    [--python PATH]... [--run test.test_dict]... [--verbose] [--keep]

The standard library's own test suites run for some seconds and are dumped by a signal, wherever
they are then; programs on Debian's packages are dumped in the middle of what they do.  A row of the
table is one dump:

    tracked      objects in the collector's lists; -missing +extra
    references   objects whose kind-0 references are those of gc.get_referents(), of types
                 whose references are known exactly
    garbage      objects that the collector would free; -missing +extra
    c n s        wrong counts, type names, sizes
    ledger       share of mortal objects whose count is explained, and how many are left; told
                 for the reader: in the middle of a call C code holds references of its own

What types without debug info lose is a list after the table.
"""
import collections
import contextlib
import glob
import os
import shutil
import sqlite3
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import checks  # noqa: E402
import dumps  # noqa: E402
import figures  # noqa: E402
import grouped  # noqa: E402
import roots  # noqa: E402
import rows  # noqa: E402
import run as matrix  # noqa: E402
from program import Heapsect, complaint  # noqa: E402
from results import Results  # noqa: E402

DRIVER = 'driver'
SECONDS = 6  # of a suite, before it is dumped
LONGEST = 300
SIGNAL = 37  # SIGRTMIN + 3
SUITES = ['test.test_' + name for name in (
    'asyncio decimal dict descr ctypes sqlite3 xml_etree typing').split()]
NAMED_BEFORE = {'test.test_sqlite3': 'test.test_sqlite'}  # up to 3.10
PROGRAMS = {'django_site': 'django', 'numpy_arrays': 'numpy', 'sqlalchemy_session': 'sqlalchemy',
            'lxml_trees': 'lxml.etree', 'yaml_documents': 'yaml', 'requests_session': 'requests'}
PACKAGES = ['python3-' + module.partition('.')[0] for module in PROGRAMS.values()]
COLUMNS = ('tracked', 'references', 'garbage', 'c n s', 'ledger')
GUESSED = ('guess', 'opaque')


class Skipped(Exception):
    """This workload is not for this interpreter; the text says why."""


def imports(interpreter, module):
    return subprocess.run(interpreter.command('-c', 'import ' + module), stdin=subprocess.DEVNULL,
                          capture_output=True).returncode == 0


def available(row, name):
    """The name to run; installs what is missing in a root."""
    module = PROGRAMS.get(name) or '.'.join(name.split('.')[:2])  # of a single test: the suite
    others = [NAMED_BEFORE[name]] if name in NAMED_BEFORE else []
    for attempt in range(2):
        for each in [module] + others:
            if imports(row.interpreter, each):
                return name if name in PROGRAMS else each
        if not row.root or attempt:
            break
        packages = (['libpython%d.%d-testsuite' % tuple(row.interpreter.minor)]
                    if name not in PROGRAMS else PACKAGES)
        with contextlib.suppress(roots.Missing):
            roots.install(row.root, packages)
    raise Skipped('it has no module %s' % module)


def read_until(process, line):
    """What the process printed, up to the line; all of it if that never comes."""
    output = ''
    for each in process.stdout:
        output += each
        if each.strip() == line:
            break
    return output


def dump(row, name, where):
    """The path of the core."""
    for path in [*glob.glob(os.path.join(HERE, 'foreign', '*.py')),
                 *(os.path.join(dumps.SAMPLES, each) for each in ('truth.py', 'stacks.py'))]:
        shutil.copy(path, where)
    process = dumps.start(row.interpreter, os.path.join(where, DRIVER + '.py'), 'kernel', where,
                          '--run', name)
    ending = threading.Timer(LONGEST, process.kill)
    ending.start()
    output = ''
    if name in PROGRAMS:
        output += process.stdout.read()
    else:
        output += read_until(process, 'ready')
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS)
        process.send_signal(SIGNAL)
        output += process.stdout.read()
    process.wait()
    ending.cancel()
    core = os.path.join(where, DRIVER + '.core')
    if not os.path.exists(core):
        raise dumps.Failed('exit status %d: %s' % (process.returncode, output.strip()[-400:]))
    return core


def garbage(case):
    """What no count and no reference keeps must be there; what also went, by whatever finalizers
    do, may be."""
    told = set(case.truth['unreachable'])
    here = {o.address for o in case.objects.values() if o.state == 'garbage' and o.tracked}
    return figures.set_figure(case, 'garbage', told, here - (set(case.truth['freed']) - told))


def references(case, lost):
    """Of types that are known exactly; the others' differences are added to `lost`."""
    layouts = dict(case.db.execute('SELECT name, layout FROM types'))
    exact = []
    for each in checks.reference_differences(case):
        if layouts.get(each.told.type) in GUESSED:
            row = lost[each.told.type]
            row.update(objects=1, inexact=bool(each.missing or each.extra),
                       edges=len(each.told.referents), missing=sum(each.missing.values()),
                       extra=sum(each.extra.values()))
        else:
            exact.append(each)
    wrong = [each for each in exact if each.missing or each.extra]
    cell = '%d/%d' % (len(exact) - len(wrong), len(exact))
    return figures.Figure(not wrong, cell, grouped.references(case, exact) if wrong else [])


def compare(case, lost):
    found = {'tracked': figures.tracked(case), 'references': references(case, lost),
             'garbage': garbage(case), 'c n s': figures.counts_names_sizes(case)}
    found['ledger'] = figures.ledger(case)._replace(good=True)
    return found


def one_dump(options, heapsect, row, name, lost):
    with dumps.folder(row.temporary(), options.keep) as where:
        with row.entered():
            core = dump(row, available(row, name), where)
            snapshot = os.path.join(where, 'snapshot.db')
            ran = heapsect.run('analyze', *row.sources(core, True), '-o', snapshot)
        if ran.returncode:
            raise dumps.Failed('analyze: ' + complaint(ran))
        if options.keep:
            print('kept: %s: %s: %s' % (row.label, name, where))
        with contextlib.closing(sqlite3.connect(snapshot)) as db:
            case = checks.Case(None, row.label, dumps.truth(DRIVER, where), db)
            return compare(case, lost)


def short(row):
    return '%s %s' % (row.version, os.path.basename(row.root) if row.root else 'here')


def rows_of(options, heapsect, row, results, lost):
    """Yields (label, {column: Figure})."""
    for name in options.run or SUITES + list(PROGRAMS):
        label = '%s %s' % (short(row), name)
        if name in PROGRAMS and not row.root:
            continue  # of Debian's packages
        try:
            found = one_dump(options, heapsect, row, name, lost[short(row)])
        except Skipped as reason:
            results.skip(label, reason)
            continue
        except dumps.Failed as failure:
            found = {'tracked': figures.Figure(False, 'failed', [str(failure)])}
        for figure in found.values():
            results.count(figure.good)
        if options.verbose or not all(figure.good for figure in found.values()):
            matrix.show(row, name, found)
        yield label, found


def print_lost(lost):
    for label, types in sorted(lost.items()):
        for name, row in sorted(types.items()):
            if row['inexact']:
                print('lost: %s: %s: %d of %d objects, %d of %d references missing, %d too many' % (
                    label, name, row['inexact'], row['objects'], row['missing'], row['edges'],
                    row['extra']))


def main():
    parser = rows.parser(__doc__)
    parser.add_argument('--heapsect', default='build/heapsect')
    parser.add_argument('--run', action='append', default=[])
    parser.add_argument('--verbose', action='store_true')
    options = parser.parse_args()
    results, table = Results(), []
    lost = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip('all', reason)
        print('0 passed, 0 failed, 1 skipped')
        return
    with dumps.folder() as cache:
        heapsect = Heapsect(options.heapsect, cache)
        for row in rows.chosen(results, options):
            table += rows_of(options, heapsect, row, results, lost)
    matrix.print_table(table, COLUMNS)
    print_lost(lost)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
