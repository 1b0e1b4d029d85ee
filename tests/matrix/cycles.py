"""Cycles of many shapes on every CPython there is: see tests/e2e/cycles_truth.py.

    python3 tests/matrix/cycles.py [--heapsect PROGRAM] [--version 3.11]... [--suite bookworm]...
                                   [--python PATH]...
"""
import os
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'e2e'))

import cycles_truth  # noqa: E402
import dumps  # noqa: E402
import rows  # noqa: E402
from program import Heapsect  # noqa: E402
from results import Results  # noqa: E402


def main():
    parser = rows.parser(__doc__)
    parser.add_argument('--heapsect', default='build/heapsect')
    options = parser.parse_args()
    results = Results()
    with dumps.folder() as cache:
        heapsect = Heapsect(options.heapsect, cache)
        for row in rows.chosen(results, options):
            cycles_truth.run(results, heapsect, row.label, row)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
