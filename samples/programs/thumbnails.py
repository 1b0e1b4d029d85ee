"""Scales pictures in a pool of threads; each thread has room of its own to work in."""
import concurrent.futures
import random
import signal
import threading

SIZES = {'small': 64, 'medium': 256, 'large': 640}
scratch = threading.local()


class Picture:
    def __init__(self, name, width, height):
        self.name, self.width, self.height = name, width, height
        self.pixels = bytes(random.getrandbits(8) for _ in range(64)) * (width * height // 64)


def canvas(size):
    """The thread's own canvas, made larger when a picture needs it."""
    if len(getattr(scratch, 'canvas', b'')) < size:
        scratch.canvas = bytearray(size)
    return scratch.canvas


def scale(picture, target):
    room = canvas(picture.width * picture.height * 3)
    step = max(1, picture.width // SIZES[target])
    room[:len(picture.pixels) // step] = picture.pixels[::step]
    return picture.name, target, sum(room[:1000])


def pictures(count):
    for i in range(count):
        side = 640 if i % 20 == 0 else 120
        yield Picture('picture-%d.png' % i, side, side)


def main():
    results = {}
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=24)
    # The queue is longer than the pool, so that all threads start.
    barrier = threading.Barrier(24)
    for waiting in [pool.submit(barrier.wait) for _ in range(24)]:
        waiting.result()
    for picture in pictures(200):
        futures = [pool.submit(scale, picture, target) for target in SIZES]
        for future in futures:
            name, target, checksum = future.result()
            results.setdefault(name, {})[target] = checksum
    futures = [pool.submit(lambda p: (barrier.wait(), scale(p, 'large')), picture)
               for picture in [Picture('poster', 640, 640)] * 24]
    concurrent.futures.wait(futures)
    del futures, picture, future
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
