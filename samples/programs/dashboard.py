"""A dashboard: every browser gets widgets, which listen to the metrics that they show."""
import collections
import itertools
import random
import signal

subscriptions = []


def subscribe(metric, callback):
    subscriptions.append((metric, callback))


def publish(metric, value):
    for name, callback in subscriptions:
        if name == metric:
            callback(value)


class Widget:
    def __init__(self, connection, metric):
        self.connection = connection
        self.metric = metric
        self.history = collections.deque(maxlen=50)
        subscribe(metric, self.on_value)

    def on_value(self, value):
        self.history.append((self.metric, value))


class Connection:
    def __init__(self, number):
        self.address = '10.0.%d.%d' % divmod(number, 250)
        self.outgoing = bytearray(2000)
        self.widgets = [Widget(self, metric) for metric in random.sample(METRICS, 4)]

    def close(self):
        self.outgoing.clear()
        self.widgets.clear()


METRICS = ['%s.%s' % (host, what) for host in ('web1', 'web2', 'db')
           for what in ('cpu', 'memory', 'disk', 'network')]


class Dashboard:
    def __init__(self):
        self.connections = {}
        self.numbers = itertools.count()

    def connect(self):
        number = next(self.numbers)
        self.connections[number] = Connection(number)
        if len(self.connections) > 30:  # the oldest browser tab is closed
            self.connections.pop(min(self.connections)).close()


def main():
    dashboard = Dashboard()
    for i in range(1500):
        dashboard.connect()
        if i % 20 == 0:
            publish(random.choice(METRICS), random.random())
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
