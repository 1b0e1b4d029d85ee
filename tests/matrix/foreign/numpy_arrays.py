"""NumPy arrays of numbers, records and objects, their views and iterators."""
import numpy


class Cell:
    def __init__(self, value):
        self.value = value
        self.array = numpy.array([self, value, [value]], dtype=object)


def rows():
    for row in numpy.nditer(numpy.arange(12).reshape(3, 4), flags=['external_loop']):
        yield row


def main(tell):
    base = numpy.arange(10000, dtype='float64').reshape(100, 100)
    records = numpy.zeros(10, dtype=[('name', 'U8'), ('weight', 'f4'), ('any', 'O')])
    records['any'] = [[i] for i in range(10)]
    suspended = rows()
    kept = {
        'views': [base[i:, ::2] for i in range(50)], 'records': records,
        'fields': [records['any'], records[2:4], records[3]],
        'objects': numpy.array([{'k': i} for i in range(100)], dtype=object),
        'cells': [Cell(i) for i in range(50)],
        'scalars': [numpy.float32(i) for i in range(100)] + [numpy.datetime64('2020-01-01')],
        'dtypes': [numpy.dtype(('i4', (i + 1,))) for i in range(20)],
        'masked': numpy.ma.masked_greater(base, 50), 'matrix': numpy.asmatrix(base[:3, :3]),
        'random': numpy.random.default_rng(1), 'state': numpy.random.RandomState(1),
        'flat': base.flat, 'broadcast': numpy.broadcast(base, base[0]),
        'vectorized': numpy.vectorize(lambda a: a + 1), 'reduced': numpy.add.reduce(base),
        'first': next(suspended), 'suspended': suspended, 'ufunc': numpy.frompyfunc(max, 2, 1),
        'text': numpy.char.array(['a', 'bc']), 'buffers': [memoryview(base), base.data],
    }
    for i in range(200):  # dropped: what the collector sees of it goes
        cycle = [Cell(i)]
        cycle.append(cycle)
        numpy.add.at(base, (i % 100, i % 100), 1)
    kept['sorted'] = numpy.sort(base, axis=None)[:10]
    tell(kept)
