"""Allocates many small objects, frees nearly all of them, and keeps a few.

Each of those that are left keeps a pool of 16 KiB, and with it an arena of 1 MiB, from being
returned: the process stays big with hardly anything in it.
"""
import truth

COUNT = 100000
KEEP_EVERY = 997


class Entry:
    __slots__ = ('key',)

    def __init__(self, key):
        self.key = key


def main():
    options = truth.prepare(__doc__)
    planted = truth.Planted()
    everything = [(Entry(i), 'entry %d of many' % i, [i]) for i in range(COUNT)]
    kept = everything[::KEEP_EVERY]
    everything = None
    truth.settle()
    for entry, text, numbers in kept:
        planted.add(entry, 'pin')
        planted.add(text, 'pin')
        planted.add(numbers, 'pin')
    truth.tell(options, planted)


if __name__ == '__main__':
    main()
