"""How long ten million chunks of malloc take, beside reading the same bytes once.

    python3 tests/bench/heap_bench.py --heap-sums PROGRAM --program PROGRAM [--chunks N]

Nothing is asserted.  Seconds are of the processor, so that a busy machine tells the same.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

GOAL = 'goal: 2 s'


def make_core(program, folder, chunks):
    subprocess.run([program, folder, str(chunks)], stderr=subprocess.DEVNULL)
    names = [name for name in os.listdir(folder) if name.startswith('core')]
    if not names:
        sys.exit('bench: no core in the working directory; see /proc/sys/kernel/core_pattern')
    return os.path.join(folder, names[0])


def facts(program, core):
    ran = subprocess.run([program, core, '--time'], text=True, capture_output=True)
    if ran.returncode:
        sys.exit('bench: ' + ran.stderr.strip())
    return dict(line.split(' ', 1) for line in ran.stdout.splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--heap-sums', required=True)
    parser.add_argument('--program', required=True)
    parser.add_argument('--chunks', type=int, default=10 ** 7)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='heapsect-bench-')
    try:
        found = facts(options.heap_sums, make_core(options.program, folder, options.chunks))
    finally:
        shutil.rmtree(folder)
    lists, walk, again, read = (float(found['seconds' + part])
                                for part in ('-attach', '', '-again', '-read'))
    print('\n%s chunks of %.0f MB: %.2f s (%s)' % (
        found['chunks'], int(found['arena']) / 1e6, lists + walk, GOAL))
    print('  %-24s %7.2f s' % ('arenas and free lists', lists))
    print('  %-24s %7.2f s, %.2f s when pages are there' % ('chunks', walk, again))
    print('  %-24s %7.2f s: the walk takes %.1f times that' % ('reading the bytes', read, again / read))
    print('  memory for the blocks    %.0f MB' % (int(found['block-bytes']) / 1e6))


if __name__ == '__main__':
    main()
