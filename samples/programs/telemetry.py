"""Reports what requests did; each registers a function that knows its trace, for the end of the day."""
import signal

import hooks


class Trace:
    def __init__(self, number):
        self.number = number
        self.steps = ['request %d, step %d' % (number, step) for step in range(20)]


def handle(number):
    trace = Trace(number)

    def at_end(event):
        return '%s: %d steps' % (event, len(trace.steps))
    hooks.register(at_end)


def main():
    for number in range(5000):
        handle(number)
    hooks.fire('end of the day')
    print('ready', flush=True)
    signal.pause()


main()
