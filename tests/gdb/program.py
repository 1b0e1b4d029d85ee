"""What the tests open in GDB: some objects of its own, a leak, a garbage cycle, threads.

    python3 program.py sleep|abort|call [OBJECTS]

It says "ready" and the address of a session once all of that is there.
"""
import gc
import os
import sys
import threading
import time

import leaky


class Session:
    def __init__(self, number):
        self.number = number
        self.user = 'user %d' % number
        self.history = [number] * 5


class Node:
    pass


CACHE = {}


def wait_for(event):
    reply = 'in a thread'
    event.wait()
    return reply


def make(count):
    gc.disable()
    CACHE.update((i, Session(i)) for i in range(count))
    for _ in range(50):
        left, right = Node(), Node()
        left.other, right.other = right, left
    leaky.measure([['leaked', i] for i in range(20)])


def main():
    mode, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    make(count)
    event = threading.Event()
    threading.Thread(target=wait_for, args=(event,), daemon=True, name='waiter').start()
    print('ready', hex(id(CACHE[7])), flush=True)
    if mode == 'abort':
        os.abort()
    if mode == 'sleep':
        time.sleep(600)
    for number in range(5):
        leaky.measure([CACHE[7].history, [number]])


if __name__ == '__main__':
    main()
