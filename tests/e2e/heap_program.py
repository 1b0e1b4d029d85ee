"""A rich heap of glibc's malloc, dumped while malloc itself says what is in it.

    python3 heap_program.py FOLDER [quiet|busy]

The C library is asked and the process ended by handlers that exit() calls, one after the other:
between them nothing runs that could allocate.  The handlers are mallinfo2() (mallinfo() where
there is no other), which writes into a mapped file, FOLDER/mallinfo, as its caller's first
argument says where, and abort().  FOLDER/heap.truth.json tells how to read the file, and the
addresses that are in use.  quiet: Python's own work is over before the heap is filled; busy: it
makes and drops objects all the time, in every thread.  For every CPython from 3.8 on.
"""
import array
import ctypes
import json
import mmap
import os
import random
import resource
import sys
import threading

THREADS = 16
ENDED = 4           # threads that end before the dump: their arenas stay
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
SLOTS = 3000
LARGE = 200000      # bytes, with a mapping of its own
NAMES = ('arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks',
         'fordblks', 'keepcost')

libc = ctypes.CDLL(None)
for function in libc.malloc, libc.calloc, libc.realloc, libc.memalign, libc.malloc_usable_size:
    function.restype = ctypes.c_size_t
libc.malloc.argtypes = [ctypes.c_size_t]
libc.calloc.argtypes = libc.realloc.argtypes = libc.memalign.argtypes = [ctypes.c_size_t] * 2
libc.free.argtypes = libc.malloc_usable_size.argtypes = [ctypes.c_size_t]
libc.free.restype = None


def allocate(choose):
    size = choose(600)
    kind = choose(1000)
    if kind < 650:
        return libc.malloc(size)
    if kind < 850:
        return libc.calloc(1, size * 7)
    if kind < 940:
        return libc.memalign(32 << choose(8), size * 3)
    if kind < 990:
        return libc.realloc(libc.malloc(size), size * 40)
    if kind < 997:
        return libc.malloc(LARGE + size * 100)
    return libc.memalign(4096 << choose(3), LARGE * 2 + size)


def release(blocks, i):
    if blocks[i]:
        libc.free(blocks[i])
        blocks[i] = 0


def fill(blocks, seed, busy):
    """Bins of all kinds: chunks are freed at random, sorted into bins, and freed again."""
    choose = random.Random(seed).randrange
    noise = []
    for i in range(len(blocks)):
        blocks[i] = allocate(choose)
        if busy:
            noise.append('%d' % i * choose(200))
            if choose(2):
                noise[choose(len(noise))] = None
    for i in range(len(blocks)):
        if choose(3) == 0:
            release(blocks, i)
    for i in range(0, len(blocks), 2):
        if not blocks[i]:
            blocks[i] = libc.malloc(choose(3000))
    for i in range(0, len(blocks), 13):
        release(blocks, i)  # the last ones: tcache, fastbins, the unsorted bin


def work(blocks, seed, busy, filled, wait):
    filled.wait()  # all are here before one allocates: each has its own arena
    fill(blocks, seed, busy)
    filled.wait()
    if wait:
        libc.pause()


def start_threads(blocks, busy):
    filled = threading.Barrier(THREADS + 1)
    threads = [threading.Thread(target=work, daemon=True, args=(
        blocks[i + 1], i + 1, busy, filled, i >= ENDED)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    filled.wait()
    filled.wait()
    for thread in threads[:ENDED]:
        thread.join()
    return threads


def trim(blocks):
    for i in range(SLOTS // 2, SLOTS):
        release(blocks, i)
    libc.malloc_trim(ctypes.c_size_t(0))
    for i in range(100, 400):
        release(blocks, i)


def register(function, argument):
    if libc.__cxa_atexit(ctypes.cast(function, ctypes.c_void_p), argument, None):
        sys.exit('no room for a handler')


def end_with_a_dump(where):
    """Handlers run last first.  The width of what they tell, and the place to keep until then."""
    has_wide = hasattr(libc, 'mallinfo2')
    with open(os.path.join(where, 'mallinfo'), 'w+b') as file:
        file.truncate(mmap.PAGESIZE)
        shared = mmap.mmap(file.fileno(), mmap.PAGESIZE)
    place = ctypes.c_char.from_buffer(shared)
    register(libc.abort, None)
    register(libc.mallinfo2 if has_wide else libc.mallinfo, ctypes.byref(place))
    return 8 if has_wide else 4, place


def main(where, how='busy'):
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(where)
    libc.mallopt(M_ARENA_MAX, THREADS * 2)
    libc.mallopt(M_MMAP_THRESHOLD, 128 * 1024)
    blocks = [array.array('Q', bytes(SLOTS * 8)) for _ in range(THREADS + 1)]
    fill(blocks[0], 0, how == 'busy')
    threads = start_threads(blocks, how == 'busy')
    width, place = end_with_a_dump(where)
    trim(blocks[0])
    last = slice(400, 500)
    kept = [address for each in (blocks[0][:last.start], blocks[0][last.stop:], *blocks[1:])
            for address in each if address]
    used = [[address, libc.malloc_usable_size(address)] for address in kept]
    with open('heap.truth.json', 'w') as file:
        json.dump({'width': width, 'names': NAMES, 'used': used, 'threads': len(threads)}, file)
    for i in range(last.start, last.stop):  # once more, now that Python has no more to do
        release(blocks[0], i)
    del used, kept
    libc.exit(0)


if __name__ == '__main__':
    main(*sys.argv[1:])
