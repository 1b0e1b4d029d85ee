"""Allocates 100,000 blocks with malloc() and loses 64 of them.

What is not lost is kept in many ways: by Python objects, in tables, lists and trees, by a
thread's own variable, by pointers that lead 16 bytes in.  Some of the lost lead to others, which
are lost with them.  A few blocks have only a pointer into their middle.  Thousands are freed in
the end, so that malloc's caches and bins are full of addresses that hold nothing.

What is told of them later is kept inverted: nothing in memory looks like a pointer.
"""
import ctypes
import threading

import truth

TOTAL = 100000
LOST = 64
POSSIBLE = 8
FREED = 20000
BEHIND = (0, 0, 1, 3)  # blocks behind a lost one, in turn
LARGE = 300000         # bytes: a mapping of its own
LIBRARY = ctypes.CDLL(None)
LIBRARY.malloc.argtypes, LIBRARY.malloc.restype = [ctypes.c_size_t], ctypes.c_size_t
LIBRARY.malloc_usable_size.argtypes = [ctypes.c_size_t]
LIBRARY.malloc_usable_size.restype = ctypes.c_size_t
LIBRARY.free.argtypes, LIBRARY.free.restype = [ctypes.c_size_t], None


def write(address, word):
    ctypes.c_uint64.from_address(address).value = word


def allocate(size):
    address = LIBRARY.malloc(size)
    # All of it: malloc's links may be left in what it rounds up.
    ctypes.memset(address, 0, LIBRARY.malloc_usable_size(address))
    return address


def size_of(number):
    return LARGE if number % 31 == 30 else 32 + number * 7 % 700


def chain(length, number):
    """Addresses of blocks that lead from each to the next."""
    blocks = [allocate(size_of(number + i)) for i in range(length)]
    for this, after in zip(blocks, blocks[1:]):
        write(this + 8, after)
    return blocks


def inverted(addresses):
    return [address ^ truth.INVERT for address in addresses]


def lose():
    return [inverted(chain(1 + BEHIND[i % len(BEHIND)], i)) for i in range(LOST // 2)]


class Keeper:
    """Blocks that a table keeps; the table is a buffer of ctypes."""

    def __init__(self, room):
        self.table = (ctypes.c_uint64 * room)()
        self.used = self.count = 0

    def keep(self, address, offset=0, blocks=1):
        self.table[self.used] = address + offset
        self.used += 1
        self.count += blocks

    def fill_table(self, count, offset=0):
        for i in range(count):
            self.keep(allocate(32 + i * 5 % 300), offset)

    def fill_list(self, count):
        self.keep(chain(count, 1)[0], blocks=count)

    def fill_tree(self, count):
        """Each leads to two others, as in a heap queue."""
        blocks = [allocate(48) for _ in range(count)]
        for i in range(1, count):
            write(blocks[(i - 1) // 2] + 8 * (i % 2), blocks[i])
        self.keep(blocks[0], blocks=count)

    def fill_thread(self, count):
        key = ctypes.c_uint()
        LIBRARY.pthread_key_create(ctypes.byref(key), None)
        LIBRARY.pthread_setspecific(key, ctypes.c_size_t(chain(count, 2)[0]))
        self.count += count

    def fill_possible(self):
        found = [allocate(100 + i) for i in range(POSSIBLE)]
        for address in found:
            self.keep(address, 64)
        return inverted(found)


def in_thread(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def main():
    options = truth.prepare(__doc__)
    keeper = Keeper(TOTAL)
    # First what fills the gaps: a block in new memory has no address that was another's before.
    keeper.fill_table(20000)
    in_thread(lambda: keeper.fill_table(2000))
    lost = in_thread(lose) + lose()
    possible = keeper.fill_possible()
    keeper.fill_table(5000, 16)
    keeper.fill_list(20000)
    keeper.fill_tree(20000)
    keeper.fill_thread(1000)
    in_thread(lambda: keeper.fill_list(5000))
    freed = inverted(allocate(24 + i * 13 % 1500) for i in range(FREED))
    keeper.fill_table(TOTAL - keeper.count - FREED - sum(map(len, lost)))
    for address in freed[::2] + freed[1::2]:
        LIBRARY.free(address ^ truth.INVERT)
    truth.settle()
    truth.tell(options, truth.Planted(), inverted={'lost': lost, 'possible': [[address] for address in possible]})


if __name__ == '__main__':
    main()
