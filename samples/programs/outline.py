"""Turns outlines (indented text) into HTML.  The collector is off: its pauses were seen in the
response times, and reference counting frees what a request leaves behind."""
import gc
import random
import signal

MACROS = {'version': '4.2', 'product': 'Outline'}


class Node:
    def __init__(self, parent, text):
        self.parent = parent
        self.text = text
        self.children = []

    def add(self, text):
        child = Node(self, text)
        self.children.append(child)
        return child

    def depth(self):
        return 0 if self.parent is None else self.parent.depth() + 1

    def html(self):
        inner = ''.join(child.html() for child in self.children)
        return '<li class="d%d">%s%s</li>' % (self.depth(), self.text, inner and '<ul>%s</ul>' % inner)


class Parser:
    def __init__(self, source):
        self.source = source

    def parse(self):
        root = node = Node(None, 'document')
        level = -1
        for line in self.source.splitlines():
            text = line.lstrip(' ')
            indent = len(line) - len(text)
            while indent <= level:
                node, level = node.parent, level - 1
            node, level = node.add(text % MACROS), level + 1
        return root


def document(number):
    lines, indent = [], 0
    for i in range(80):
        lines.append('%sline %d of document %d, %%(product)s' % (' ' * indent, i, number))
        indent = random.randrange(indent + 2)
    return '\n'.join(lines)


def main():
    gc.disable()
    written = 0
    for number in range(900):
        written += len(Parser(document(number)).parse().html())
    print('%d characters' % written)
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
