"""Takes orders from a queue.  Failures are logged, and the last ones shown on a status page."""
import json
import logging
import queue
import random
import signal
import threading

log = logging.getLogger('orders')
RATES = {'EUR': 1.0, 'USD': 1.08, 'NOK': 11.4, 'SEK': 11.3}
CATALOGUE = {'sku-%05d' % i: {'weight': i % 70, 'price': 5 + i % 900} for i in range(4000)}


class OrderError(Exception):
    pass


class StatusPageHandler(logging.Handler):
    """Keeps what went wrong, for the status page."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.recent_errors = []

    def emit(self, record):
        self.recent_errors.append(record)

    def page(self):
        return [self.format(record) for record in self.recent_errors[-20:]]


class Order:
    def __init__(self, message):
        data = json.loads(message)
        self.number = data['number']
        self.lines = data['lines']
        self.currency = data['currency']

    def total(self):
        amount = sum(CATALOGUE[sku]['price'] * count for sku, count in self.lines)
        if self.currency not in RATES:
            raise OrderError('order %d: no rate for %s' % (self.number, self.currency))
        return amount * RATES[self.currency]


class Worker(threading.Thread):
    def __init__(self, orders):
        super().__init__(daemon=True)
        self.orders = orders
        self.done = 0

    def process(self, message):
        order = Order(message)
        document = [{'sku': sku, 'count': count, 'text': '%s x %d' % (sku, count)}
                    for sku, count in order.lines]
        order.total()
        return document

    def run(self):
        while True:
            message = self.orders.get()
            try:
                self.process(message)
                self.done += 1
            except OrderError:
                log.exception('order failed')
            finally:
                self.orders.task_done()


def message(number):
    lines = [('sku-%05d' % random.randrange(4000), random.randrange(1, 9)) for _ in range(60)]
    currency = random.choice(['EUR', 'USD', 'NOK', 'SEK', 'GBP'])
    return json.dumps({'number': number, 'lines': lines, 'currency': currency})


def main():
    status = StatusPageHandler()
    log.addHandler(status)
    log.propagate = False
    orders = queue.Queue(maxsize=200)
    workers = [Worker(orders) for _ in range(3)]
    for worker in workers:
        worker.start()
    for number in range(3500):
        orders.put(message(number))
    orders.join()
    status.page()
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
