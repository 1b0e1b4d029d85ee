"""Threads that wait inside Python code, each somewhere else."""
import _thread
import asyncio
import concurrent.futures
import ctypes
import functools
import queue
import threading
import time

GATE = threading.Lock()  # held for good
READY = queue.SimpleQueue()
IDENTS = {}


def wait(label='here'):
    """Where each thread ends."""
    local = [label]
    READY.put(threading.get_ident())
    GATE.acquire()
    return local


class Waiter:
    def __init__(self, number):
        self.number = [number]

    def method(self, *rest, key=(1, [2]), **more):
        mine = [self, rest]
        return wait(mine)

    @property
    def attribute(self):
        inside = {'property': self.number}
        wait(inside)

    @classmethod
    def made(cls, number):
        instance = cls(number)
        return instance.method(number, extra=[number])

    def __enter__(self):
        return wait([self])

    def __exit__(self, *error):
        return None


def nested(depth, carried):
    mine = [depth]
    if depth:
        return nested(depth - 1, mine)
    return wait(carried)


def in_closure():
    shared, changed = ['shared'], 1

    def middle(own=2):
        nonlocal changed
        changed += own

        def inner():
            return wait([shared, changed])
        return inner()
    return middle()


def in_generator():
    def generate(steps):
        for step in range(steps):
            held = [step]
            if step == 2:
                wait(held)
            yield held
    return [x for x in generate(3)]


def in_delegation():
    def inner():
        yield 1
        yield wait(['inner'])

    def outer():
        result = yield from inner()
        return result
    return list(outer())


def in_comprehension():
    outer = ['outer']
    return [{key: wait(outer) for key in range(2)} for outer_index in range(2)]


def in_class_body():
    before = [1]

    class Body:
        inside = before
        result = wait(inside)
    return Body


def in_handler():
    try:
        raise KeyError('handled', [1])
    except KeyError as error:
        gone = error
        del gone
        wait([error])
    finally:
        last = 1
    return last


def in_with():
    with Waiter(1) as value:
        return value


def in_call_from_c():
    held = functools.partial(wait, ['partial'])
    return sorted([3, 1, 2], key=lambda number: held() if number == 2 else number)


def in_callback():
    kept = ['callback']
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    return kind(lambda number: len(wait(kept)))(5)


def in_property():
    waiter = Waiter(5)
    return [waiter, waiter.attribute]


def in_stack():
    """With values that only the evaluation stack holds."""
    return ([1], {'two': [2]}, *[[3]], wait(['stack']), [4])


def in_exec():
    names = {'wait': wait}
    exec('local = [1]\ndef executed(argument=[2]):\n    return wait(argument)\nexecuted()\n', names)


def in_event_loop():
    async def leaf(request):
        held = [request]
        wait(held)

    async def branch(request):
        await asyncio.sleep(0)
        return await leaf(request)
    loop = asyncio.new_event_loop()
    return loop.run_until_complete(branch('request'))


def in_lambda():
    return (lambda first, *rest: wait([first, rest]))(1, [2], [3])


def sleeping():
    pause = 10 ** 6
    READY.put(threading.get_ident())
    time.sleep(pause)


def in_queue(source):
    READY.put(threading.get_ident())
    return source.get()


def of_no_thread_object():
    local = ['no Thread object']
    return nested(2, local)


PLACES = (in_closure, in_generator, in_delegation, in_comprehension, in_class_body, in_handler, in_with,
          in_call_from_c, in_callback, in_property, in_stack, in_exec, in_event_loop, in_lambda, sleeping)


def start():
    """All of them, once they wait."""
    GATE.acquire()
    targets = [(place, ()) for place in PLACES] + [
        (nested, (60, ['deep'])), (Waiter(7).method, (1, [2])), (Waiter.made, (8,)),
        (in_queue, (queue.Queue(),)), (functools.partial(wait, ['target']), ())]
    threads = [threading.Thread(target=target, args=arguments, daemon=True,
                                name='waits %s' % getattr(target, '__name__', 'partial'))
               for target, arguments in targets]
    for thread in threads:
        thread.start()
    _thread.start_new_thread(of_no_thread_object, ())
    pool = concurrent.futures.ThreadPoolExecutor(2)
    results = [pool.submit(wait, ['pool']), pool.submit(pow, 2, 3)]
    for _ in range(len(targets) + 2):
        READY.get()
    time.sleep(0.3)  # from the queue to the lock
    return [threads, pool, results]
