"""Fills its memory in one of a few ways, writes how much of what there is, and dies.

    python3 memory_program.py FOLDER WAY MEBIBYTES

    retention  many small objects of which one in a hundred stays: the others' memory is the
               allocator's, and nearly every pool has something in it
    native     blocks that C code allocated and nobody frees, nor has the address of
    cache      a dict in a module global, with an entry for every number
"""
import ctypes
import json
import os
import resource
import sys

KEEP_EVERY = 100
BLOCK = 1000  # bytes of what C code allocates
ENTRY = 200   # bytes of an entry of the cache, about: key, value, and its place in the table

kept = None
cache = {}


def retention(size):
    global kept
    everything = [b'%d bytes' % i + bytes(100) for i in range(size // 160)]
    kept = everything[::KEEP_EVERY]
    del everything
    return {'live': sum(map(sys.getsizeof, kept))}


def native(size):
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    for _ in range(size // BLOCK):
        libc.memset(libc.malloc(BLOCK), 0xa5, BLOCK)
    return {'native': size // BLOCK * BLOCK}


def fill_cache(size):
    for i in range(size // ENTRY):
        cache[i] = 'the value of number %d, as it was computed' % i
    return {'live': sys.getsizeof(cache) + sum(map(sys.getsizeof, cache.values()))}


WAYS = {'retention': retention, 'native': native, 'cache': fill_cache}


def main():
    folder, way, mebibytes = sys.argv[1:]
    truth = WAYS[way](int(mebibytes) << 20)
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(folder)
    with open('memory.truth.json', 'w') as file:
        json.dump(truth, file)
    os.abort()


if __name__ == '__main__':
    main()
