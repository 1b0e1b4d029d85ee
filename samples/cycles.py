"""Drops 2,000 objects in reference cycles while the collector is off.

All of them are instances of plain classes, in five shapes; the same shapes are alive too,
held by a list.
"""
import truth


class Session:
    """Refers to itself."""

    def __init__(self, number):
        self.number = number
        self.current = self


class Parent:
    """Refers to its child, which refers back."""

    def __init__(self):
        self.child = Child(self)


class Child:
    def __init__(self, parent):
        self.parent = parent


class Stage:
    """One of four in a ring; keeps its link in a slot."""
    __slots__ = ('following',)


class Node:
    """One of seven in a binary tree whose nodes know their parent."""

    def __init__(self, parent, depth):
        self.parent = parent
        self.left = Node(self, depth - 1) if depth else None
        self.right = Node(self, depth - 1) if depth else None


class Link:
    """One of a hundred in a doubly linked list."""

    def __init__(self):
        self.previous = self.following = None


def ring():
    stages = [Stage() for _ in range(4)]
    for i, stage in enumerate(stages):
        stage.following = stages[i - 1]
    return stages


def chain():
    links = [Link() for _ in range(100)]
    for left, right in zip(links, links[1:]):
        left.following, right.previous = right, left
    return links


def pair():
    parent = Parent()
    return [parent, parent.child]


def tree():
    return nodes(Node(None, 2))


def nodes(node):
    return [node] + nodes(node.left) + nodes(node.right) if node else []


SHAPES = (  # how many are dropped: 200 + 600 + 400 + 700 + 100 objects
    (200, lambda: [Session(7)]),
    (300, pair),
    (100, ring),
    (100, tree),
    (1, chain),
)


def drop(planted):
    for count, shape in SHAPES:
        for _ in range(count):
            for thing in shape():
                planted.add(thing, 'garbage')


def main():
    options = truth.prepare(__doc__)
    planted = truth.Planted()
    alive = [shape() for _ in range(10) for _, shape in SHAPES]
    truth.settle()
    drop(planted)
    truth.tell(options, planted)
    del alive


if __name__ == '__main__':
    main()
