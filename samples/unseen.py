"""Objects of a C extension without debug info (opaque.c), alive and dropped in cycles.

Build the extension first, with the headers of the same interpreter:

    cc -O2 -shared -fPIC $(python3-config --includes) samples/opaque.c -o DIR/opaque.so
    PYTHONPATH=DIR python3 samples/unseen.py
"""
import weakref

import opaque
import truth


class Named(opaque.Pair):
    __slots__ = ('name',)


class Free(opaque.Pair):
    pass


class Leafy(opaque.Tree):
    pass


class Thing:
    pass


def pair(kind):
    thing = Thing()
    made = kind(thing, None, 1000)
    thing.back = made
    return [made, thing]


def named():
    made, thing = pair(Named)
    made.name = thing
    return [made, thing]


def free():
    made, thing = pair(Free)
    made.mine = thing
    return [made, thing]


def row():
    thing = Thing()
    thing.row = opaque.Row(thing, 'text', thing, None)
    return [thing, thing.row]


def tree(kind):
    thing = Thing()
    thing.tree = kind('label', thing, kind('branch'), None)
    return [thing, thing.tree]


SHAPES = (lambda: pair(opaque.Pair), named, free, row, lambda: tree(opaque.Tree), lambda: tree(Leafy))


def alive():
    kept = [shape() for _ in range(10) for shape in SHAPES]
    long = opaque.Row(*(i * 7 for i in range(1000)), *[kept] * 50)
    noted = opaque.Pair(long, [], 'a note %d' % len(kept))
    noted.attribute = long
    return [kept, long, noted, weakref.ref(noted), opaque.Counter(kept), opaque.Row(),
            opaque.Row([1], kept, 'text')]


def drop(planted):
    for _ in range(50):
        for shape in SHAPES:
            for thing in shape():
                planted.add(thing, 'cycle')


def main():
    options = truth.prepare(__doc__)
    planted = truth.Planted()
    kept = alive()
    truth.settle()
    drop(planted)
    truth.tell(options, planted)
    del kept


if __name__ == '__main__':
    main()
