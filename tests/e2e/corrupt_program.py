"""Corrupts the interpreter's own heap, and aborts.

    python3 corrupt_program.py FOLDER MODE

Writes FOLDER/corrupt.json, a list of [stage, address, text]: there must be an anomaly of that
stage at the address, with the text in its message.  The blocks are of a size that the interpreter
itself hardly uses, so that it gets as far as abort().
"""
import ctypes
import json
import os
import resource
import sys

HEADER = 33            # bytes of a bytes object besides its own
SIZE = 480             # of the blocks
POOL_CLASS = 36        # offsets in a pool's header
POOL_HEADER = 48
KEPT = []


def pool_size():
    return 4096 if sys.version_info < (3, 10) else 16384


def blocks():
    KEPT.extend(bytes([i % 256]) * (SIZE - HEADER) for i in range(300))
    return KEPT


def middle_pool():
    """One of several full pools that lie side by side, and the last block before it."""
    size = pool_size()
    pools = {}
    for each in blocks():
        pools.setdefault(id(each) & -size, []).append(id(each))
    found = next(p for p in sorted(pools) if p - size in pools and p + size in pools)
    return found, found - size + POOL_HEADER + ((size - POOL_HEADER) // SIZE - 1) * SIZE


def pool_header(byte):
    pool, writer = middle_pool()
    return [(pool, byte * POOL_HEADER)], [['pymalloc', pool, "a pool's header is damaged"],
                                          ['pymalloc', writer, 'written past its end']]


def pool_class(number):
    pool, _ = middle_pool()
    return [(pool + POOL_CLASS, number.to_bytes(4, 'little'))], [
        ['pymalloc', pool, "a pool's header is damaged"]]


def free_list(link):
    pool, _ = middle_pool()
    index = next(i for i, each in enumerate(KEPT) if id(each) == pool + POOL_HEADER + 3 * SIZE)
    address = id(KEPT[index])
    KEPT[index] = None
    return [(address, (link or address).to_bytes(8, 'little'))], [
        ['pymalloc', address, "a pool's free list is damaged"],
        ['pymalloc', address - SIZE, 'written past its end']]


def pad(before):
    KEPT.extend(bytearray(100) for _ in range(50))
    buffer = KEPT[25]
    address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    if before:
        return [(address - 3, b'xxx')], [
            ['pads', address, 'before a block were written over: builtins.bytearray']]
    return [(address + len(buffer) + 1, b'xxx')], [
        ['pads', address, 'behind a block were written over, likely by its owner: '
                          'builtins.bytearray']]


MODES = {
    'pool-header': lambda: pool_header(b'A'),
    'pool-zeros': lambda: pool_header(b'\0'),
    'pool-class': lambda: pool_class(7),
    'pool-no-class': lambda: pool_class(77777),
    'free-loop': lambda: free_list(0),
    'free-link': lambda: free_list(0x4141414141414141),
    'pad-after': lambda: pad(False),
    'pad-before': lambda: pad(True),
}


def main(where, mode):
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(where)
    writes, expected = MODES[mode]()
    with open('corrupt.json', 'w') as file:
        json.dump(expected, file)
    move, abort = ctypes.memmove, os.abort
    for address, data in writes:
        move(address, data, len(data))
    abort()


if __name__ == '__main__':
    main(*sys.argv[1:])
