"""A service that reads large batches, and remembers a little of each.

What it remembers are small objects that were made in the middle of a batch: when all else of the
batch is gone, each of them keeps a pool, and with it an arena, from being returned.

    python3 pins.py [--mebibytes N] [--marks N] [--record BYTES]

It waits for a byte on its standard input, to be dumped; then it clears SEEN, and waits again.  In
between nothing else happens: by what goes from its /proc/PID/maps one can tell what it gave back.
"""
import argparse
import gc
import os

SEEN = []
HEADER = 33  # bytes of an empty record


def read_batch(size, record):
    """The records of a batch, as some source would give them."""
    return [b'%012d' % number + bytes(record - HEADER - 12) for number in range(size // record)]


def handle(size, record, marks):
    records = read_batch(size, record)
    step = len(records) // marks
    SEEN.extend(records[step // 2:step * marks:step])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--mebibytes', type=int, default=191)
    parser.add_argument('--marks', type=int, default=334)
    parser.add_argument('--record', type=int, default=96)
    options = parser.parse_args()
    handle(options.mebibytes << 20, options.record, options.marks)
    gc.collect()
    gc.disable()
    print('pins: process %d waits' % os.getpid(), flush=True)
    os.read(0, 1)
    SEEN.clear()
    os.read(0, 1)


if __name__ == '__main__':
    main()
