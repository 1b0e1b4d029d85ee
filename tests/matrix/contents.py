"""The collector, and what memory is wasted on, on every CPython there is.

    python3 tests/matrix/contents.py [--heapsect PROGRAM] [--version 3.11]... [--suite bookworm]...
                                     [--python PATH]...

What tests/e2e/{collector,waste}_truth.py check of the system's python3, of all rows of the matrix.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import collector_truth  # noqa: E402
import dumps  # noqa: E402
import rows  # noqa: E402
import waste_truth  # noqa: E402
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
            sources = row.sources('', True)[1:]
            with row.entered():
                for truth in collector_truth, waste_truth:
                    truth.run(results, heapsect, row.label, row.interpreter, sources,
                              row.temporary())
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
