"""Generators, coroutines, async generators, tasks and exceptions, each in every state it can be in."""
import asyncio
import concurrent.futures
import contextlib
import sys
import types


class Refused(Exception):
    pass


def rows(count):
    seen = [count]
    for i in range(count):
        with contextlib.suppress(KeyError):
            got = yield (i, seen)
    return seen, got


def delegating(count):
    local = [count]
    result = yield from rows(count)
    return local, result


def handling():
    try:
        {}['missing']
    except KeyError as error:
        yield [error]
        yield {}


async def handler(request):
    body = [request]
    await asyncio.sleep(0)
    return body


async def waiting(request):
    scope = {'request': [request]}
    async with Scope(scope):
        result = await handler(request)
    return result


class Scope:
    def __init__(self, value):
        self.value = value

    async def __aenter__(self):
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *error):
        return None

    def __await__(self):
        yield self
        return [self]


@types.coroutine
def old_style(value):
    held = [value]
    yield held


async def pages(count):
    cursor = [count]
    for i in range(count):
        yield (i, cursor)
        await asyncio.sleep(0)


def advanced(generator, steps=1):
    for _ in range(steps):
        generator.send(None)
    return generator


def finished(generator):
    for _ in generator:
        pass
    return generator


def generators():
    closed, thrown = advanced(rows(3)), advanced(rows(3))
    closed.close()
    with contextlib.suppress(Refused):
        thrown.throw(Refused('thrown', [1]))
    framed, finished_frame = advanced(rows(4)), rows(1)
    frames = [framed.gi_frame, finished_frame.gi_frame]
    nested = ((a, b) for a in [[1], [2]] for b in [[a]])
    next(nested)
    cyclic = self_referring()
    return [rows(3), advanced(rows(5), 2), finished(rows(2)), closed, thrown, advanced(delegating(4), 2),
            advanced(handling()), framed, finished(finished_frame), frames, nested, cyclic,
            ([i] for i in range(3)), advanced(rows(2)).gi_frame, advanced(deep(20))]


def deep(level):
    mine = [level]
    if level:
        yield from deep(level - 1)
    yield mine


def self_referring():
    def generate():
        me = yield
        yield me
    generator = generate()
    next(generator)
    generator.send([generator])
    return generator


def coroutines():
    fresh, suspended, closed = handler('fresh'), handler('suspended'), handler('closed')
    advanced(suspended)
    closed.close()
    ended = handler('ended')
    with contextlib.suppress(StopIteration):
        advanced(ended, 9)
    return [fresh, suspended, closed, ended, advanced(waiting('nested'), 2), old_style([1]),
            advanced(old_style([2])), handler('awaited').__await__(), Scope([3]).__await__(),
            advanced(waiting('framed')).cr_frame]


def async_generators():
    fresh, suspended, asked, closing = (pages(3) for _ in range(4))
    with contextlib.suppress(StopIteration):
        suspended.asend(None).send(None)
    sending = asked.asend(None)
    throwing = pages(2).athrow(Refused('athrow', [1]))
    between = pages(2)
    with contextlib.suppress(StopIteration):
        between.__anext__().send(None)
    step = between.__anext__()
    step.send(None)
    return [fresh, suspended, asked, sending, throwing, closing, closing.aclose(), between, step,
            (i async for i in pages(2)), anext_of(pages(1))]


def anext_of(generator):
    return anext(generator, [1]) if sys.version_info >= (3, 10) else generator.__anext__()


async def failing():
    await asyncio.sleep(0)
    raise Refused('failed', [1])


async def scenario(kept):
    loop = asyncio.get_running_loop()
    pending, done, cancelled, broken = (loop.create_future() for _ in range(4))
    pending.add_done_callback(kept.append)
    pending.add_done_callback(print)
    done.set_result([1])
    cancelled.cancel()
    broken.set_exception(Refused('future', [2]))
    broken.exception()
    tasks = [loop.create_task(make) for make in (handler('task'), waiting('task'), failing())]
    await asyncio.gather(*tasks, return_exceptions=True)
    queue, lock, event, condition = (asyncio.Queue(), asyncio.Lock(), asyncio.Event(),
                                     asyncio.Condition())
    queue.put_nowait([1])
    await lock.acquire()
    blocked = [loop.create_task(make) for make in (lock.acquire(), event.wait(), wait_for(pending),
                                                   asyncio.shield(wait_for(pending)),
                                                   asyncio.wait([pending]))
               if asyncio.iscoroutine(make)]
    gathered = asyncio.gather(pending, wait_for(pending))
    await asyncio.sleep(0)
    kept += [pending, done, cancelled, broken, tasks, blocked, gathered, queue, lock, event, condition,
             asyncio.Semaphore(3), loop.call_later(1000, print, [1]), iter(pending)]


async def wait_for(future):
    reason = ['waits']
    await future
    return reason


def event_loop():
    kept = []
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(scenario(kept))
    return [loop, kept, loop.create_future(), loop.create_task(handler('not begun')),
            concurrent.futures.Future(), asyncio.Future(loop=loop)]


def raised(make):
    try:
        make()
    except BaseException as error:
        return error
    return None


def chained():
    try:
        {}['missing']
    except KeyError as cause:
        raise Refused('no', [403]) from cause


def in_context():
    try:
        chained()
    except Refused:
        local = [1]
        return local[1]


def frames_kept():
    return sys._getframe(), [1]


def exceptions():
    plain = Refused('never raised', [1])
    plain.note, plain.__cause__ = [2], KeyError('cause')
    error = raised(chained)
    found = [plain, error, raised(in_context), error.__traceback__, raised(lambda: 1 / 0), SystemExit([1]),
             error.__traceback__.tb_frame, FileNotFoundError(2, 'no', 'file', None, 'other'), OSError(1),
             StopIteration([1]), StopAsyncIteration(), ImportError('no', name='a', path='b'),
             UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'no'), UnicodeEncodeError('ascii', '\xe9', 0, 1, 'x'),
             raised(lambda: compile('a b', 'f.py', 'exec')), raised(lambda: missing),
             raised(lambda: object().missing), MemoryError(), RecursionError([1]), frames_kept(),
             types.TracebackType(None, sys._getframe(), 0, 1)]
    if sys.version_info >= (3, 11):
        plain.add_note('a note')
        found.append(ExceptionGroup('group', [plain, ExceptionGroup('inner', [KeyError([1])])]))
    return found


def build():
    return [make() for make in (generators, coroutines, async_generators, event_loop, exceptions)]
