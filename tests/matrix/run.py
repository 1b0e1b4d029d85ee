"""The test matrix: every CPython there is, held against what it says of itself.

    python3 tests/matrix/run.py [--heapsect PROGRAM] [--version 3.11]... [--suite bookworm]...
                                [--python PATH]...
                                [--variant healthy]... [--verbose] [--keep]

One table is printed, a row a version; --verbose shows what differs, by type.  The columns are
the numbered items of "what it must show":

    tracked      1  objects in the collector's lists; -missing +extra
    references   2  objects whose kind-0 references are those of gc.get_referents()
    c n s        3  wrong counts, type names, sizes
    ledger       4  share of mortal objects whose count is explained, and how many are left
    surpluses    5  planted ones with exactly their surplus; of these proven; +others proven
    garbage      6  objects that the collector would free; -missing +extra
    stacks       7  threads, frames, lines, locals; words of stacks that are one thread's only:
                     in a kernel's core, a live process, and gcore's if gdb can read the stacks
    damage          what is said to be damaged in the heap, where nothing is
    bytes           the accounts' leaves sum to the dump; share of memory that nobody explains,
                    and of small blocks in use of which it is known what they are for

A variant like planted-debug is `planted` under PYTHONMALLOC=debug.  What a row reaches in its worst
variant is its cell.
"""
import contextlib
import glob
import os
import shutil
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import checks  # noqa: E402
import dumps  # noqa: E402
import figures  # noqa: E402
import rows  # noqa: E402
import threads  # noqa: E402
from program import Heapsect, complaint  # noqa: E402
from results import Results  # noqa: E402

SCRIPT = 'workload'
ALWAYS = {'tracked': figures.tracked, 'references': figures.references,
          'c n s': figures.counts_names_sizes, 'damage': figures.damage,
          'bytes': figures.accounts}
VARIANTS = {
    'healthy': dict(ALWAYS, ledger=figures.ledger),
    'planted': dict(ALWAYS, surpluses=figures.surpluses, garbage=figures.garbage),
    'frozen': ALWAYS,
    'threads': dict(ALWAYS, stacks=threads.compare),
    'threads-gcore': dict(ALWAYS, stacks=threads.compare_or_missing),
    'threads-live': dict(ALWAYS, stacks=threads.compare),
}
ALLOCATORS = ('malloc', 'debug', 'malloc_debug', 'pymalloc_debug')  # values of PYTHONMALLOC
VARIANTS.update({'%s-%s' % (variant, allocator): VARIANTS[variant]
                 for allocator in ALLOCATORS for variant in ('healthy', 'planted')})
VARIANTS.update({'planted-' + allocator: dict(VARIANTS['planted'],
                                              surpluses=figures.surpluses_in_chunks)
                 for allocator in ALLOCATORS})
# pymalloc_debug is another name of what debug does, unless Python was built without pymalloc.
ON_REQUEST = ('healthy-pymalloc_debug', 'planted-pymalloc_debug')
COLUMNS = ('tracked', 'references', 'c n s', 'ledger', 'surpluses', 'garbage', 'stacks',
           'damage', 'bytes')


def copy_scripts(where):
    samples = [os.path.join(dumps.SAMPLES, name) for name in ('truth.py', 'stacks.py')]
    for path in glob.glob(os.path.join(HERE, 'workload', '*.py')) + samples:
        shutil.copy(path, where)
    return os.path.join(where, SCRIPT + '.py')


@contextlib.contextmanager
def dumped(row, variant, where):
    """Arguments of `heapsect analyze` for a dump of the variant, or for the process itself."""
    script = copy_scripts(where)
    workload, _, how = variant.partition('-')
    if workload != 'threads':
        core = dumps.crash(row.interpreter, script, 'kernel', where, '--variant', workload,
                           environment={'PYTHONMALLOC': how} if how else None)
        yield row.sources(core, True)
        return
    with dumps.held(row.interpreter, script, where, '--variant', workload) as pid:
        if how == 'live':
            yield ['--pid', str(pid), *row.debug()]
        elif how == 'gcore':
            yield row.sources(dumps.gcore(pid, where), False)
        else:
            yield row.sources(dumps.abort(pid, where), True)


def why_not(variant):
    if variant == 'threads-live':
        return None
    if variant == 'threads-gcore':
        return None if shutil.which('gcore') else 'no gcore (package gdb)'
    return dumps.why_no_kernel_cores()


def compare(case, columns):
    found = {}
    for name, function in columns.items():
        try:
            found[name] = function(case)
        except (sqlite3.Error, LookupError, TypeError) as error:
            found[name] = figures.Figure(False, 'error', [repr(error)])
    return found


def one_variant(options, heapsect, row, variant, results):
    """{column: Figure} of one dump; raises dumps.Failed."""
    with dumps.folder(row.temporary(), options.keep) as where:
        with row.entered(), dumped(row, variant, where) as source:
            snapshot = os.path.join(where, 'snapshot.db')
            ran = heapsect.run('analyze', *source, '-o', snapshot)
        if ran.returncode:
            raise dumps.Failed('analyze: ' + complaint(ran))
        if options.keep:
            print('kept: %s: %s: %s' % (row.label, variant, where))
        with contextlib.closing(sqlite3.connect(snapshot)) as db:
            case = checks.Case(results, row.label, dumps.truth(SCRIPT, where), db)
            return compare(case, VARIANTS[variant])


def one_row(options, heapsect, row, results):
    """{column: the worst variant's Figure}."""
    worst = {}
    for variant in options.variant or (v for v in VARIANTS if v not in ON_REQUEST):
        reason = why_not(variant)
        if reason:
            results.skip('%s: %s' % (row.label, variant), reason)
            continue
        try:
            found = one_variant(options, heapsect, row, variant, results)
        except dumps.Failed as failure:
            found = {name: figures.Figure(False, 'failed', [str(failure)])
                     for name in VARIANTS[variant]}
            print('%s: %s: %s' % (row.label, variant, str(failure)[-600:]), flush=True)
        for name, figure in found.items():
            results.count(figure.good)
            if name not in worst or worst[name].good and not figure.good:
                worst[name] = figure
        if options.verbose:
            show(row, variant, found)
    return worst


def show(row, variant, found):
    for name, figure in found.items():
        print('%s %s: %s: %s: %s' % ('ok    ' if figure.good else 'not ok', row.label, variant, name,
                                     figure.cell))
        for line in figure.lines:
            print('#      ' + line)
    sys.stdout.flush()


def print_table(table, columns):
    cells = [('version',) + columns] + [
        (label,) + tuple(('' if figures_of[name].good else '! ') + figures_of[name].cell
                         if name in figures_of else '-' for name in columns)
        for label, figures_of in table]
    rows.print_aligned(cells)


def main():
    parser = rows.parser(__doc__)
    parser.add_argument('--heapsect', default='build/heapsect')
    parser.add_argument('--variant', action='append', choices=VARIANTS)
    parser.add_argument('--verbose', action='store_true')
    options = parser.parse_args()
    results, table = Results(), []
    with dumps.folder() as cache:
        heapsect = Heapsect(options.heapsect, cache)
        for row in rows.chosen(results, options):
            table.append((row.label, one_row(options, heapsect, row, results)))
    print_table(table, COLUMNS)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
