"""glibc's heap on every C library there is: what heap-sums finds, and what malloc said of itself.

    python3 tests/matrix/heap.py [--heap-sums PROGRAM] [--version 3.11]... [--suite bookworm]...
                                 [--keep]

A row is a C library with one of its interpreters, and what a process's heap was filled by: quiet,
busy (tests/e2e/heap_program.py says what that is), or busy under PYTHONMALLOC=malloc or debug.
The columns are what is here, equal to what mallinfo2() told, or followed by how much more was told;
`tcache` are bytes in chunks of tcaches, which malloc counts as used: uordblks has them.  Fastbins
(fsmblks) it counts as free: fordblks has them.  Since 2.42 malloc adds 16 bytes to hblkhd each time
that it has a mapping moved; here are the mappings.  Of the blocks in use that the process knows of
each must be here with its size.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import dumps  # noqa: E402
import heap_truth  # noqa: E402
import rows  # noqa: E402
from results import Results  # noqa: E402

FILLED = (('quiet', None), ('busy', None), ('busy', 'malloc'), ('busy', 'debug'))
COLUMNS = ('uordblks', 'fordblks', 'fsmblks', 'hblks', 'hblkhd', 'keepcost', 'arena', 'ordblks')


def c_library(row):
    """The release of the row's C library, as it says itself."""
    code = 'import os; print(os.confstr("CS_GNU_LIBC_VERSION"))'
    with row.entered():
        ran = subprocess.run(row.interpreter.command('-c', code), capture_output=True, text=True)
    return ran.stdout.strip()


def cell(name, info, facts):
    if info[name] == facts[name]:
        return str(facts[name])
    mark = '+%d told' if heap_truth.is_equal(name, info, facts) else '! %+d told'
    return '%d %s' % (facts[name], mark % (info[name] - facts[name]))


def one_dump(options, row, mode, allocator):
    """Cells and lines."""
    with dumps.folder(row.temporary(), options.keep) as where, row.entered():
        script = shutil.copy(heap_truth.PROGRAM, where)
        inside = row.interpreter.inside
        sysroot = ['--sysroot', row.root] if row.root else []
        info, facts, lines = heap_truth.one(
            options.heap_sums, row.interpreter.command(inside(script)), where, inside(where), mode,
            sysroot, allocator)
        if options.keep:
            print('kept: %s' % where)
    facts['keepcost'] = info['keepcost']  # one of the tops, or there is a line about it
    cells = [cell(name, info, facts) for name in COLUMNS]
    return cells + [str(facts['tcache'])], lines


def one_row(options, row, results, table):
    library = c_library(row)
    for mode, allocator in FILLED:
        label = '%s, %s, %s' % (library, row.label, allocator or mode)
        try:
            cells, lines = one_dump(options, row, mode, allocator)
        except heap_truth.Failed as failure:
            cells, lines = ['! failed'], [str(failure)[-600:]]
        results.count(not lines)
        table.append([('' if not lines else '! ') + label] + cells)
        for line in lines:
            print('not ok %s: %s' % (label, line), flush=True)


def main():
    parser = rows.parser(__doc__)
    parser.add_argument('--heap-sums', default='build/heap-sums')
    options = parser.parse_args()
    results, table = Results(), []
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip('heap', reason)
    else:
        for row in rows.chosen(results, options):
            one_row(options, row, results, table)
        rows.print_aligned([['C library, interpreter, heap', *COLUMNS, 'tcache'], *table])
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
