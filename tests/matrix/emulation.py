"""Every type's tp_traverse, run on a dump of the matrix's workload, held against the truth.

    python3 tests/matrix/emulation.py [--emulation PROGRAM] [--version 3.11]... [--suite bookworm]...

For each interpreter: what the walk reports as kind 0 (by type, from the program), and what the
process said of itself (gc.get_referents) of every object that was run.  Differences with the
former are errors of the walk or of the processor; with the latter of the processor only, but for
functions that depend on what the interpreter changes.
"""
import collections
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import dumps  # noqa: E402
import rows  # noqa: E402
import run  # noqa: E402
from results import Results  # noqa: E402


def visited(path):
    """{address: sorted targets}"""
    found = {}
    with open(path) as file:
        for line in file:
            address, targets = line.split(':')
            found[int(address, 16)] = sorted(int(target, 16) for target in targets.split())
    return found


def against_truth(truth, found):
    """(objects that agree, Counter of those that differ, by type's name)"""
    agree, differ = 0, collections.Counter()
    for address, kind, _, _, tracked, referents, _ in truth['objects']:
        if not tracked or referents is None or address not in found:
            continue
        if sorted(referents) == found[address]:
            agree += 1
        else:
            differ[truth['types'][kind][1 if isinstance(truth['types'][kind][0], int) else 0]] += 1
    return agree, differ


def one_row(options, row):
    with dumps.folder(row.temporary()) as where, row.entered():
        with run.dumped(row, 'healthy', where) as source:
            listed = os.path.join(where, 'visits')
            ran = subprocess.run([options.emulation, *source, '--most', '20000', '--list', listed],
                                 capture_output=True, text=True)
        if ran.returncode:
            print('%s: %s' % (row.label, ran.stderr.strip()))
            return False
        lines = ran.stdout.splitlines()
        for line in lines[:-1]:
            if ', 0 differ, 0 failed' not in line or options.verbose:
                print('#      %s: %s' % (row.label, line))
        agree, differ = against_truth(dumps.truth(run.SCRIPT, where), visited(listed))
        print('%s: %s' % (row.label, lines[-1]))
        print('%s: gc.get_referents: %d agree, %d differ %s'
              % (row.label, agree, sum(differ.values()), dict(differ) or ''), flush=True)
        return not differ


def main():
    parser = rows.parser(__doc__)
    parser.add_argument('--emulation', default='build/emulation')
    parser.add_argument('--verbose', action='store_true')
    options = parser.parse_args()
    good = [one_row(options, row) for row in rows.chosen(Results(), options)]
    sys.exit(not all(good))


if __name__ == '__main__':
    main()
