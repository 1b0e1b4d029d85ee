"""Threads in known places, which write where they are before they are dumped.

    python3 threads_program.py FOLDER hold|kernel

Writes FOLDER/threads.truth.json: for each thread but the one that writes it, innermost frame
first, what sys._current_frames() says.  Then it waits (hold), or aborts (kernel).  For every
CPython from 3.8 on.
"""
import asyncio
import json
import os
import sys
import threading
import time

CO_OPTIMIZED = 1
NEVER = 10 ** 6  # seconds
HERE = []        # a word from each thread that is about to block


class Worker:
    """Named by its qualified name where the version has them."""

    def __init__(self, name):
        self.name = name

    def sleep(self, seconds, *rest, **named):
        text, deleted, unset = 'ä€\U0001d11e', 1, None
        del deleted
        HERE.append(self.name)
        if rest:
            unset = never = seconds
        return (text, [
            rest,
            time.sleep(
                seconds),
            named, unset, never])

    def lock(self, lock):
        def inner(argument, number=2.5):
            closed = [argument]
            HERE.append(self.name)
            with lock:
                return lambda: (closed, number, argument)
        return inner(lock)


def in_c_code(read_end):
    def key(item):
        HERE.append('c')
        return os.read(read_end, item)
    return sorted([3, 1, 2], key=key)


def numbers(limit, lock):
    for i in range(limit):
        square = i * i
        if i == 3:
            HERE.append('generator')
            lock.acquire()
        yield square


def in_generator(lock):
    total = None
    return [total or (value, other) for value in (n for n in numbers(7, lock)) for other in 'x']


async def innermost(seconds):
    local = {'seconds': seconds}
    HERE.append('coroutine')
    time.sleep(seconds)
    return local


async def outermost(seconds):
    other = b'bytes'
    result = await innermost(seconds)
    return other, result


def in_python_code(number):
    big = 1 << 200
    HERE.append('python')
    while number: pass
    return big


def recurse(depth, lock):
    if depth:
        return recurse(depth - 1, lock)
    HERE.append('recursion')
    with lock:
        pass


# Lines far apart, and going back: entries of a table that take more than one.
FAR = '''
def far(lock, here):
%s
    one = 1; here.append('far'); (lambda:
%s
        lock.acquire(
%s
        ))()
''' % ('\n' * 1000, '\n' * 300, '\n' * 70)


def in_far_lines(lock):
    names = {}
    exec(compile(FAR, 'far.py', 'exec'), names)
    names['far'](lock, HERE)


def type_name(value):
    kind = type(value)
    return '%s.%s' % (kind.__module__, kind.__qualname__)


def frame_truth(frame):
    code = frame.f_code
    names = dict(frame.f_locals) if code.co_flags & CO_OPTIMIZED else {}
    return {'function': getattr(code, 'co_qualname', code.co_name), 'file': code.co_filename,
            'line': frame.f_lineno,
            'locals': [[name, id(value), type_name(value)] for name, value in names.items()]}


def stack_truth(frame):
    stack = []
    while frame:
        stack.append(frame_truth(frame))
        frame = frame.f_back
    return stack


def write_truth(folder):
    native = {thread.ident: thread.native_id for thread in threading.enumerate()}
    stacks = {native[ident]: stack_truth(frame)
              for ident, frame in sys._current_frames().items()
              if ident != threading.get_ident()}
    with open(os.path.join(folder, 'threads.truth.json'), 'w') as file:
        json.dump(stacks, file)


def writer(folder, how, expected):
    while len(HERE) < expected:
        time.sleep(0.01)
    time.sleep(0.5)
    write_truth(folder)
    print('process %d waits' % os.getpid(), flush=True)
    if how == 'kernel':
        os.abort()
    time.sleep(NEVER)


def start(target, *arguments):
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def main(folder, how):
    lock = threading.Lock()
    lock.acquire()
    threads = [
        start(Worker('sleep').sleep, NEVER),
        start(Worker('lock').lock, lock),
        start(in_c_code, os.pipe()[0]),
        start(in_generator, lock),
        start(lambda: asyncio.new_event_loop().run_until_complete(outermost(NEVER))),
        start(in_python_code, 1),
        start(recurse, 150, lock),
        start(in_far_lines, lock),
    ]
    start(writer, folder, how, len(threads))
    threads[0].join()


if __name__ == '__main__':
    main(*sys.argv[1:])
