"""Searches a catalogue that is loaded at the start; everything else it has is bounded."""
import collections
import functools
import random
import signal
import threading


class Product:
    __slots__ = ('number', 'name', 'price', 'words')

    def __init__(self, number):
        self.number = number
        self.name = 'Product %d' % number
        self.price = number % 1000
        self.words = tuple('w%d' % (number * k % 4001) for k in (3, 7, 11))


class Catalogue:
    def __init__(self, size):
        self.products = {i: Product(i) for i in range(size)}
        self.by_word = collections.defaultdict(list)
        for product in self.products.values():
            for word in product.words:
                self.by_word[word].append(product.number)


catalogue = None


@functools.lru_cache(maxsize=1000)
def search(words):
    found = [set(catalogue.by_word.get(word, ())) for word in words]
    return sorted(set.intersection(*found))[:20]


class RequestLog:
    def __init__(self):
        self.lines = collections.deque(maxlen=2000)
        self.lock = threading.Lock()

    def add(self, line):
        with self.lock:
            self.lines.append(line)


def main():
    global catalogue
    catalogue = Catalogue(60000)
    log = RequestLog()
    for i in range(20000):
        words = ('w%d' % random.randrange(4001),)
        log.add('%d results for %s' % (len(search(words)), words))
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
