"""Takes batches of readings from sensors, sums them up, and remembers how far it came."""
import collections
import random
import signal
import struct

Reading = collections.namedtuple('Reading', 'sensor moment value unit')


class Summary:
    def __init__(self):
        self.count = 0
        self.total = 0.0
        self.by_unit = collections.Counter()

    def add(self, reading):
        self.count += 1
        self.total += reading.value
        self.by_unit[reading.unit] += 1


class Service:
    def __init__(self):
        self.checkpoints = []
        self.summaries = collections.OrderedDict()

    def decode(self, batch):
        for i, (sensor, value) in enumerate(struct.iter_unpack('<Hd', batch)):
            yield Reading('sensor-%d' % sensor, 1.7e9 + i, value, ('C', 'hPa', '%')[sensor % 3])

    def ingest(self, batch):
        readings = []
        for reading in self.decode(batch):
            readings.append(reading)
            if len(readings) % 1500 == 0:  # where to go on if the rest is sent again
                self.checkpoints.append(reading)
        for reading in readings:
            self.summaries.setdefault(reading.sensor, Summary()).add(reading)
        while len(self.summaries) > 100:
            self.summaries.popitem(last=False)


def batch(size):
    return b''.join(struct.pack('<Hd', random.randrange(90), random.random()) for _ in range(size))


def main():
    service = Service()
    service.ingest(batch(260000))
    for _ in range(5):
        service.ingest(batch(2000))
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
