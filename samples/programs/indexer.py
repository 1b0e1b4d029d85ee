"""Indexes documents; the postings are packed by a C extension, textpack (build textpack.c first)."""
import collections
import random
import signal

import textpack

WORDS = ['%s%s' % (a, b) for a in ('sun', 'rain', 'wind', 'snow', 'fog', 'hail', 'storm')
         for b in ('y', 'fall', 'ing', 'break', 'light', 'cloud', 'field', 'line')]


class Document:
    def __init__(self, number):
        self.number = number
        self.title = 'Document %d' % number
        self.words = random.choices(WORDS, k=60)


class Posting:
    """Where a word stands in a document."""

    def __init__(self, document, word, positions):
        self.document, self.word, self.positions = document, word, positions

    def __str__(self):
        return '%d:%s:%s' % (self.document.number, self.word,
                             ','.join('%d' % position for position in self.positions))


class Index:
    MEMORY = 200  # packed segments that are kept

    def __init__(self):
        self.segments = collections.deque(maxlen=self.MEMORY)
        self.frequency = collections.Counter()

    def add(self, document):
        places = collections.defaultdict(list)
        for position, word in enumerate(document.words):
            places[word].append(position)
        self.frequency.update(document.words)
        self.segments.append(textpack.pack([Posting(document, word, positions)
                                            for word, positions in places.items()]))


def main():
    index = Index()
    for number in range(4000):
        index.add(Document(number))
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
