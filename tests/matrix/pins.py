"""What would go back to the system without what pins it, on every CPython and C library there is.

    python3 tests/matrix/pins.py [--heapsect PROGRAM] [--version 3.11]... [--suite bookworm]...
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import dumps  # noqa: E402
import pins_truth  # noqa: E402
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
            with row.entered():
                pins_truth.run(results, heapsect, row.interpreter, row.temporary(),
                               row.debug())
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
