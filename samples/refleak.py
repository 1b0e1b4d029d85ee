"""Lets a C extension (leaky.c) count 500 containers and 700 bytes once too often.

Half of them are still in use elsewhere when the process is dumped, half have no other
reference left.  Build the extension first, with the headers of the same interpreter:

    cc -shared -fPIC $(python3-config --includes) samples/leaky.c -o DIR/leaky.so
    PYTHONPATH=DIR python3 samples/refleak.py
"""
import truth

import leaky


class Batch:
    def __init__(self, number):
        self.number = number

    def __len__(self):
        return self.number


MAKERS = (
    (100, lambda i: [i, i + 1000]),
    (100, lambda i: {'number': i, i: None}),
    (100, lambda i: (i, str(i))),
    (100, lambda i: {i, -1000 - i}),
    (100, Batch),
    (690, lambda i: b'record %d' % i),
    (10, lambda i: b'%d' % i * 1000),  # too big for a pool: kept in use, see main
)


def make():
    return [maker(i) for count, maker in MAKERS for i in range(count)]


def main():
    options = truth.prepare(__doc__)
    planted = truth.Planted()
    things = make()
    for thing in things:
        planted.add(thing, 'refcount')
    thing = None
    truth.settle()
    leaky.measure(things)
    in_use = things[1::2] + things[-10::2]
    things = None
    truth.tell(options, planted)
    del in_use


if __name__ == '__main__':
    main()
