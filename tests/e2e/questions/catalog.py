"""A catalogue that keeps what a shop sells: most of the process's memory is its globals'."""
PRODUCTS = 30000
NAMES_COUNT = 20000
THUMBNAILS, KEPT_EVERY = 60000, 500
IMAGE_SIZE = 8 << 20


class Product:
    __slots__ = ('number', 'notes', 'a', 'b', 'c', 'd', 'e', 'f')

    def __init__(self, number):
        self.number = number


IMAGE = bytearray(IMAGE_SIZE)
NAMES = ['product name %d' % i for i in range(NAMES_COUNT)]
ALL = [Product(i) for i in range(PRODUCTS)]
BY_NUMBER = {product.number: product for product in ALL}
SMALL = []


def fill():
    """Makes many small things and keeps a few: each keeps its pool."""
    thumbnails = [bytes([i % 250 + 1]) * 270 for i in range(THUMBNAILS)]
    SMALL.extend(thumbnails[::KEPT_EVERY])
