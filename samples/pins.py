"""A service that reads large batches, and remembers a little of each.

What it remembers are small objects that were made in the middle of a batch: when all else of the
batch is gone, each of them keeps a pool, and with it an arena, from being returned.

    python3 pins.py [--mebibytes N] [--marks N] [--record BYTES] [--dropped]

It prints the addresses of what is in SEEN, and waits for a byte on its standard input, to be dumped;
then it clears SEEN, writes a byte, and waits again.  With --dropped it is lists that refer to
themselves which have what it remembers; SEEN is cleared before, and the garbage collected then.  In
between nothing else happens: by what goes from its /proc/PID/maps one can tell what it gave back.
"""
import argparse
import ctypes
import gc
import os

SEEN = []
HEADER = 33  # bytes of an empty record
PR_SET_PTRACER, ANY = 0x59616d61, ctypes.c_ulong(-1)


def read_batch(size, record):
    """The records of a batch, as some source would give them."""
    return [b'%012d' % number + bytes(record - HEADER - 12) for number in range(size // record)]


def handle(size, record, marks):
    records = read_batch(size, record)
    step = len(records) // (marks + 2)  # the first two fill what start-up has left of its arenas
    SEEN.extend(records[2 * step:(marks + 2) * step:step])


def drop():
    """What SEEN has is in cycles, and lost."""
    for i, record in enumerate(SEEN):
        SEEN[i] = [record]
        SEEN[i].append(SEEN[i])
    SEEN.clear()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--mebibytes', type=int, default=191)
    parser.add_argument('--marks', type=int, default=334)
    parser.add_argument('--record', type=int, default=96)
    parser.add_argument('--dropped', action='store_true')
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY)
    handle(options.mebibytes << 20, options.record, options.marks)
    gc.collect()
    gc.disable()
    print(*map(id, SEEN), flush=True)
    if options.dropped:
        drop()
    os.read(0, 1)
    SEEN.clear()
    if options.dropped:
        gc.collect()
    os.write(1, b'.')
    os.read(0, 1)


if __name__ == '__main__':
    main()
