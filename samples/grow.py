"""A service with a cache that is never emptied, stopped at each step to be dumped.

Each line on its standard input is a step: requests come, most of what they made goes again, their
responses stay in the cache.  After each step it writes STEP.truth.json and waits: addresses, types
and serial numbers of all that is in its containers.  Two objects with one serial number are one.
"""
import ctypes
import gc
import json
import os
import sys


class Response:
    def __init__(self, serial):
        self.serial = serial
        self.body = 'response %d, with a body of some length' % serial
        self.headers = {'serial': serial, 'parts': [serial]}


class Request:
    """Dropped when it is answered, and its address is taken by the next one."""
    __slots__ = ('serial',)

    def __init__(self, serial):
        self.serial = serial


class Retry:
    """Dropped in a cycle."""

    def __init__(self):
        self.again = self


CACHE = {}
WAITING = []   # requests
HISTORY = []   # tuples, text, bytes, numbers
COUNTER = [1 << 40]
RETRIES = 100  # of each step, garbage while the collector is off


def serial():
    COUNTER[0] += 1
    return COUNTER[0]


def answer(count):
    for _ in range(count):
        number = serial()
        CACHE['key %d' % number] = Response(number)


def keep_history(count):
    for _ in range(count):
        number = serial()
        HISTORY.append((number, 'event %d' % number, b'event %d' % number, number + 0.5))


def step(number):
    """Frees what it can before it makes more, so that addresses are used again."""
    del WAITING[::2]
    del HISTORY[:len(HISTORY) // 3]
    for key in list(CACHE)[:number * 50]:
        del CACHE[key]
    WAITING.extend(Request(serial()) for _ in range(600 + 400 * number))
    answer(1000 + 500 * number)
    keep_history(900 + 300 * number)
    for _ in range(RETRIES):
        Retry()


def watched():
    """(object, serial number) of all that the program made to keep."""
    for response in CACHE.values():
        yield from ((response, response.serial), (response.body, response.serial),
                    (response.headers, response.serial), (response.headers['parts'], response.serial),
                    (response.serial, response.serial))
    for request in WAITING:
        yield from ((request, request.serial), (request.serial, request.serial))
    for event in HISTORY:
        yield from ((item, event[0]) for item in event)
        yield event, event[0]


def tell(number):
    """What it writes is gone before it waits."""
    names = {}
    rows = [(id(thing), names.setdefault(type(thing), len(names)), of) for thing, of in watched()]
    told = {'pid': os.getpid(), 'objects': rows, 'types': [
        '%s.%s' % (kind.__module__, kind.__qualname__) for kind in names],
        'cached': len(CACHE), 'retries': RETRIES * number}
    with open('%d.truth.json.new' % number, 'w') as file:
        json.dump(told, file)
    os.rename('%d.truth.json.new' % number, '%d.truth.json' % number)


def main():
    ctypes.PyDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1))  # PR_SET_PTRACER_ANY
    gc.disable()
    for number in range(1, 1000):
        step(number)
        if number == 1:
            gc.collect()  # what survives is old, what comes later is young
            for _ in range(RETRIES):
                Retry()
        tell(number)
        print('process %d waits at step %d' % (os.getpid(), number), flush=True)
        if not sys.stdin.readline():
            return


if __name__ == '__main__':
    main()
