"""A shop with a known answer to every question of schema/questions.

Prints what it knows of itself as a line of JSON and waits for a line; then grows, and does both
again.
"""
import ctypes
import gc
import json
import sys
import threading

import catalog

STATUS, STATUS_COUNT = 'waiting for %s', 3000
SESSIONS, SESSION_BYTES = 400, 4000
REQUEST_SIZE = 3 << 20
SHARED_INTEGERS = 1025  # 257 before 3.15
TICKETS, RINGS, EMPTY_SETS, ORDERS = 25, 700, 4000, 5000


class Order:
    __slots__ = ('status', 'lines')

    def __init__(self, status):
        self.status = status
        self.lines = None


class Session:
    __slots__ = ('buffer',)

    def __init__(self):
        self.buffer = bytearray(SESSION_BYTES)


class Ticket:
    __slots__ = ('number',)


class Ring:
    __slots__ = ('next',)

    def __init__(self):
        self.next = self


def handle(started, request):
    """What a thread works on while the process is looked at."""
    started.set()
    threading.Event().wait()
    return request


def start_thread():
    started = threading.Event()
    threading.Thread(target=handle, args=(started, bytearray(REQUEST_SIZE)), daemon=True).start()
    started.wait()


def lose_a_reference(thing):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def make(count):
    orders = [Order(STATUS % 'payment') for _ in range(count)]
    sessions = [Session() for _ in range(SESSIONS)]
    tickets = [Ticket() for _ in range(TICKETS)]
    for ticket in tickets:
        lose_a_reference(ticket)
    return orders, sessions, tickets


def drop(count):
    for _ in range(count):
        Ring()


def mapped_files():
    with open('/proc/self/maps') as maps:
        return sorted({line.split(None, 5)[5].strip() for line in maps if len(line.split()) > 5})


def tell(orders, sessions, rings):
    session = sessions[0]
    print(json.dumps({
        'products': len(catalog.ALL), 'product': sys.getsizeof(catalog.ALL[0]),
        'names': len(catalog.NAMES), 'names_bytes': sum(map(sys.getsizeof, catalog.NAMES)),
        'globals_bytes': sum(map(sys.getsizeof, [
            *catalog.NAMES, *catalog.ALL, *catalog.SMALL, *list(catalog.BY_NUMBER)[SHARED_INTEGERS:],
            catalog.NAMES, catalog.ALL, catalog.IMAGE, catalog.BY_NUMBER])),
        'globals': id(vars(catalog)), 'files': mapped_files(), 'image': [id(catalog.IMAGE), sys.getsizeof(catalog.IMAGE)],
        'small': list(map(id, catalog.SMALL)), 'orders': len(orders),
        'status': [STATUS % 'payment', STATUS_COUNT, sys.getsizeof(orders[0].status)],
        'session': [len(sessions), sys.getsizeof(session) + sys.getsizeof(session.buffer)],
        'request': REQUEST_SIZE, 'tickets': TICKETS, 'rings': rings,
        'ring': sys.getsizeof(Ring()),
        'empty_sets': sum(type(o) is set and not o for o in gc.get_objects()),
        'tracked': [len(gc.get_objects(i)) for i in range(3)],
    }), flush=True)
    sys.stdin.readline()


def main():
    gc.collect()
    gc.disable()
    catalog.fill()
    start_thread()
    orders, sessions, tickets = make(STATUS_COUNT)
    sets = [set() for _ in range(EMPTY_SETS)]
    drop(RINGS)
    tell(orders, sessions, RINGS + 1)  # telling drops one more
    orders += [Order(STATUS % 'delivery') for _ in range(ORDERS)]
    tell(orders, sessions, RINGS + 2)
    return tickets, sets


if __name__ == '__main__':
    main()
