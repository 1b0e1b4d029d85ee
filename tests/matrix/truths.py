"""What the end-to-end tests check of the system's python3, of every CPython there is.

    python3 tests/matrix/truths.py [--only collector|cycles|pins|programs|waste]...
                                   [--heapsect PROGRAM]
                                   [--version 3.11]... [--suite bookworm]... [--python PATH]...

The collector and what it would find, cycles and how to break them, what pins arenas, what memory is
wasted on, what the first finding says of services: tests/e2e/NAME_truth.py has the checks, and
programs.py.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import collector_truth  # noqa: E402
import cycles_truth  # noqa: E402
import dumps  # noqa: E402
import pins_truth  # noqa: E402
import programs  # noqa: E402
import rows  # noqa: E402
import waste_truth  # noqa: E402
from program import Heapsect  # noqa: E402
from results import Results  # noqa: E402


def run_contents(truth):
    def run(results, heapsect, row):
        with row.entered():
            truth.run(results, heapsect, row.label, row.interpreter, row.sources('', True)[1:],
                      row.temporary())
    return run


def run_pins(results, heapsect, row):
    with row.entered():
        pins_truth.run(results, heapsect, row.interpreter, row.temporary(), row.debug())


def run_programs(results, heapsect, row):
    with row.entered():
        programs.run(results, heapsect, row.interpreter, parent=row.temporary(),
                     sources=row.sources('', True)[1:])


TRUTHS = {
    'collector': run_contents(collector_truth),
    'cycles': lambda results, heapsect, row: cycles_truth.run(results, heapsect, row.label, row),
    'pins': run_pins,
    'programs': run_programs,
    'waste': run_contents(waste_truth),
}


def main():
    parser = rows.parser(__doc__)
    parser.add_argument('--heapsect', default='build/heapsect')
    parser.add_argument('--only', action='append', choices=TRUTHS)
    options = parser.parse_args()
    results = Results()
    with dumps.folder() as cache:
        heapsect = Heapsect(options.heapsect, cache)
        for row in rows.chosen(results, options):
            for name in options.only or TRUTHS:
                TRUTHS[name](results, heapsect, row)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
