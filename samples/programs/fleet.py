"""Where the vehicles of a fleet are; models know all of their instances, as in some frameworks."""
import datetime
import random
import signal
import weakref


class Model:
    instances = {}

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        Model.instances[cls.__name__] = []

    def __init__(self, **fields):
        self.__dict__.update(fields)
        Model.instances[type(self).__name__].append(self)


class Vehicle(Model):
    pass


class Driver(Model):
    pass


class Position(Model):
    pass


class Tracker:
    def __init__(self):
        self.vehicles = [Vehicle(plate='EL %05d' % i, model='e-Crafter') for i in range(400)]
        self.drivers = [Driver(name='Driver %d' % i, shifts=[]) for i in range(300)]
        self.watchers = weakref.WeakSet()
        self.latest = {}

    def report(self, vehicle, moment):
        self.latest[vehicle.plate] = Position(
            vehicle=vehicle, moment=moment, latitude=59 + random.random(),
            longitude=10 + random.random(), road='road %d' % random.randrange(10 ** 6))


def main():
    tracker = Tracker()
    start = datetime.datetime(2024, 5, 1)
    for i in range(40000):
        tracker.report(random.choice(tracker.vehicles), start + datetime.timedelta(seconds=i))
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
