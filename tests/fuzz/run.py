"""Damaged cores: whatever is in one, heapsect ends with a status, and its snapshot can be reported on.

    python3 tests/fuzz/run.py --heapsect build/asan/heapsect [--rounds N] [--seed S] [--keep FOLDER]
                              [--python PATH]

A real core is damaged in its memory, its notes and headers, or cut; which way is told by the seed of
a round, so that a round can be had again: --seed S --rounds 1.  Run it with a program that has the
sanitizers in it; a report of theirs, a signal or a run without an end fails the round.
"""
import argparse
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import dumps  # noqa: E402
import interpreters  # noqa: E402
from program import Heapsect  # noqa: E402
from results import Results  # noqa: E402

# What is dumped: garbage and cycles; lost references; pinned arenas; lost native blocks.
SAMPLES = ('cycles', 'refleak', 'fragment', 'nativeleak')
STATUSES = (0, 3)
SANITIZED = 86  # what a program ends with that reported something
REPORTS = (['summary'], ['types'], ['leaks'], ['cycles'], ['gc'], ['pools'], ['heap'], ['retained', '--depth', '3'],
           ['waste'], ['threads'], ['why', '--type', 'builtins.dict'])
PAGE = 4096
PT_LOAD = 1


def segments(core):
    """(offset, size, address) of what is in the file of its memory."""
    table, = struct.unpack_from('<Q', core, 32)
    size, count = struct.unpack_from('<HH', core, 54)
    found = []
    for at in range(table, table + size * count, size):
        kind, _, offset, address, _, stored = struct.unpack_from('<IIQQQQ', core, at)
        if kind == PT_LOAD and stored:
            found.append((offset, stored, address))
    return found


class Damage:
    """One round's."""

    def __init__(self, core, seed):
        self.core, self.choose = core, random.Random(seed)
        self.segments = segments(core)
        self.done = []

    def address(self):
        """One that is in the core."""
        offset, size, address = self.choose.choice(self.segments)
        return address + self.choose.randrange(size) // 8 * 8

    def place(self):
        """Where a word of the memory is that has something in it; else one of the header's."""
        for _ in range(50):
            offset, size, _ = self.choose.choice(self.segments)
            at = offset + self.choose.randrange(size - 7) // 8 * 8
            if any(self.core[at:at + 8]) and at + 8 <= len(self.core):
                return at
        return 0

    def word(self, at):
        old, = struct.unpack_from('<Q', self.core, at)
        return self.choose.choice((
            lambda: old ^ 1 << self.choose.randrange(64), lambda: old + self.choose.choice((-16, -8, -1, 1, 8, 16)),
            lambda: self.choose.getrandbits(64), lambda: self.choose.randrange(300),
            lambda: 0, lambda: 2 ** 64 - 1, lambda: 2 ** 63 - 1, self.address,
            lambda: struct.unpack_from('<Q', self.core, self.place())[0]))() % 2 ** 64

    def words(self):
        count = self.choose.choice((1, 10, 100, 1000, 10000))
        self.done.append('%d words' % count)
        for _ in range(count):
            at = self.place()
            struct.pack_into('<Q', self.core, at, self.word(at))

    def pages(self):
        """Zeros, noise, or what another page has."""
        count = self.choose.choice((1, 10, 100))
        self.done.append('%d pages' % count)
        for _ in range(count):
            at, other = (self.place() // PAGE * PAGE for _ in range(2))
            new = self.choose.choice((bytes(PAGE), self.choose.randbytes(PAGE), self.core[other:other + PAGE]))
            if at and at + PAGE <= len(self.core) and len(new) == PAGE:
                self.core[at:at + PAGE] = new

    def start(self):
        """The headers and notes."""
        end = min(offset for offset, _, _ in self.segments)
        count = self.choose.choice((1, 3, 20))
        self.done.append('%d bytes at the start' % count)
        for _ in range(count):
            self.core[self.choose.randrange(end)] = self.choose.randrange(256)

    def cut(self):
        self.done.append('cut')
        self.core.resize(max(PAGE, self.choose.randrange(len(self.core))))

    def do(self):
        self.choose.choice((self.words, self.words, self.words, self.pages, self.start, self.cut))()
        if self.choose.randrange(4) == 0:
            self.words()
        return ', '.join(self.done)


def complaint(ran):
    """What is wrong with how a run ended; None: nothing is."""
    if ran.returncode in STATUSES and len(ran.stderr.strip().split('\n')) <= 2:
        return None
    lines = [line for line in ran.stderr.split('\n') if 'ERROR' in line or 'runtime error' in line]
    return 'status %d, %s' % (ran.returncode, (lines or ran.stderr.strip().split('\n'))[0][:200])


def check_reports(heapsect, snapshot):
    for report in REPORTS:
        ran = heapsect.run(report[0], snapshot, *report[1:])
        if ran.returncode or ran.stderr:
            return '%s: %s' % (report[0], complaint(ran) or ran.stderr.strip()[:200])
    return None


def attempt(heapsect, core, where, seed):
    """(what was done to the core, what went wrong or None)."""
    with open(core, 'r+b') as file, mmap.mmap(file.fileno(), 0) as memory:
        done = Damage(memory, seed).do()
    snapshot = os.path.join(where, 'snapshot.db')
    partial = ['--partial'] if seed % 2 else []
    try:
        ran = heapsect.run('analyze', core, '-q', '-o', snapshot, *partial)
        wrong = complaint(ran)
        if not wrong and ran.returncode == 0:
            wrong = check_reports(heapsect, snapshot)
        elif not wrong and os.path.exists(snapshot):
            wrong = 'a snapshot in spite of status %d' % ran.returncode
    except subprocess.TimeoutExpired:
        wrong = 'no end'
    if os.path.exists(snapshot):
        os.remove(snapshot)
    return done, wrong


def run(results, heapsect, interpreter, options):
    with dumps.folder() as where:
        reason = interpreter.build_extension(os.path.join(dumps.SAMPLES, 'leaky.c'), where)
        if reason:
            results.skip('fuzz', reason)
            return
        cores = [dumps.crash(interpreter, dumps.path_of(sample), 'kernel', where, name=sample + '.whole')
                 for sample in SAMPLES]
        for seed in range(options.seed, options.seed + options.rounds):
            core = os.path.join(where, 'core')
            shutil.copyfile(cores[seed % len(cores)], core)
            done, wrong = attempt(heapsect, core, where, seed)
            name = 'seed %d, %s: %s' % (seed, SAMPLES[seed % len(cores)], done)
            if not results.check(not wrong, name, wrong or '') and options.keep:
                shutil.copyfile(core, os.path.join(options.keep, 'seed-%d.core' % seed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--heapsect', required=True)
    parser.add_argument('--rounds', type=int, default=100)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--keep', help='a folder for the cores of rounds that failed')
    parser.add_argument('--python', default='/usr/bin/python3')
    options = parser.parse_args()
    os.environ['ASAN_OPTIONS'] = 'exitcode=%d:allocator_may_return_null=1' % SANITIZED
    os.environ['UBSAN_OPTIONS'] = 'exitcode=%d' % SANITIZED
    results = Results()
    reason = dumps.why_no_kernel_cores()
    found = interpreters.find([options.python], results)
    if reason or not found:
        results.skip('fuzz', reason or 'no python3 with debug info')
        sys.exit(results.finish())
    with dumps.folder() as cache:
        run(results, Heapsect(options.heapsect, cache), found[0], options)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
