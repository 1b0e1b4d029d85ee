"""How long a core of a million objects takes, beside what any analyzer would have to pay, and then
how long each report on it.

    python3 tests/bench/bench.py --heapsect PROGRAM --floor PROGRAM [--python PATH]

Nothing is asserted; the ratios are within this run, on this machine.
"""
import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INTERVAL = 0.02  # seconds between two looks at the memory
GOAL = 'goal: 10 s and 600 MB'
REPORT_GOAL = 'goal: 0.1 s, why --type 1 s'
TIMES = 3  # that a report is run; the least counts
# Of types with few and with most objects, and of the object that most refer to.
REPORTS = ('summary', 'types', 'leaks', 'cycles', 'gc', 'pools', 'heap', 'retained', 'retained --depth 4', 'waste',
           'threads', 'show {address}', 'why {address}', 'referrers {address}', 'retained {address}', 'diff {snapshot}',
           'why --type {few}', 'why --type {most}')


def make_core(python, folder):
    subprocess.run([python, os.path.join(HERE, 'million.py'), folder], stderr=subprocess.DEVNULL)
    names = [name for name in os.listdir(folder) if name.startswith('core')]
    if not names:
        sys.exit('bench: no core in the working directory; see /proc/sys/kernel/core_pattern')
    return os.path.join(folder, names[0])


def anonymous_bytes(pid):
    try:
        with open('/proc/%d/status' % pid) as file:
            found = re.search(r'^RssAnon:\s+(\d+)', file.read(), re.M)
    except OSError:
        found = None
    return int(found.group(1)) * 1024 if found else 0


def analyze(heapsect, core, snapshot, cache, *options):
    """(wall seconds, peak anonymous bytes, meta) of one run."""
    environment = dict(os.environ, XDG_CACHE_HOME=cache)
    start, peak = time.monotonic(), 0
    process = subprocess.Popen([heapsect, 'analyze', core, '-o', snapshot, *options],
                               env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, anonymous_bytes(process.pid))
        time.sleep(INTERVAL)
    if process.returncode:
        sys.exit('bench: heapsect analyze: exit status %d' % process.returncode)
    seconds = time.monotonic() - start
    with sqlite3.connect(snapshot) as db:
        meta = dict(db.execute('SELECT key, value FROM meta'))
        for table in 'objects', 'refs':
            meta[table] = db.execute('SELECT count(*) FROM ' + table).fetchone()[0]
    return seconds, peak, meta


def print_run(name, seconds, peak, meta):
    print('\n%s: %.2f s, peak anonymous memory %.0f MB (%s)' % (name, seconds, peak / 1e6, GOAL))
    print('  %d objects, %d references: %.0f objects/s, %.0f references/s' % (
        meta['objects'], meta['refs'], meta['objects'] / seconds, meta['refs'] / seconds))
    stages = [(key[len('seconds.'):], float(value)) for key, value in meta.items()
              if key.startswith('seconds.')]
    for stage, taken in sorted(stages, key=lambda pair: -pair[1]):
        print('  %-24s %7.2f s  %5.1f%%' % (stage, taken, 100 * taken / seconds))


def print_floor(program, core, snapshot, scratch, seconds):
    ran = subprocess.run([program, core, snapshot, scratch], text=True, capture_output=True)
    if ran.returncode:
        sys.exit('bench: ' + ran.stderr.strip())
    read, insert, rows = re.match(r'read (\S+) .*\ninsert (\S+) (\d+)', ran.stdout).groups()
    floor = float(read) + float(insert)
    print('\nfloor: reading the core once %s s, inserting the same %s rows %s s' % (read, rows, insert))
    print('  heapsect (warm) takes %.1f times their sum' % (seconds / floor))


def names_for_reports(snapshot):
    with sqlite3.connect(snapshot) as db:
        types = db.execute('SELECT t.name FROM objects o JOIN types t ON t.id = o.type_id GROUP BY t.id'
                           ' ORDER BY count(*) DESC').fetchall()
        address = db.execute('SELECT address FROM objects WHERE id = (SELECT target_id FROM refs GROUP BY 1'
                             ' ORDER BY count(*) DESC LIMIT 1)').fetchone()[0]
    return {'most': types[0][0], 'few': types[-1][0], 'address': hex(address), 'snapshot': snapshot}


def print_reports(heapsect, snapshot):
    names = names_for_reports(snapshot)
    print('\nreports (%s)' % REPORT_GOAL)
    for report in REPORTS:
        command, *rest = report.format(**names).split()
        seconds = []
        for _ in range(TIMES):
            start = time.monotonic()
            ran = subprocess.run([heapsect, command, snapshot, *rest], stdout=subprocess.DEVNULL)
            seconds.append(time.monotonic() - start)
            if ran.returncode:
                sys.exit('bench: heapsect %s: exit status %d' % (command, ran.returncode))
        print('  %-40s %.3f s' % (' '.join([command, *rest]).replace(snapshot, 'SNAPSHOT'), min(seconds)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--heapsect', required=True)
    parser.add_argument('--floor', required=True)
    parser.add_argument('--python', default=sys.executable)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='heapsect-bench-')
    snapshot, cache = os.path.join(folder, 'snapshot.db'), os.path.join(folder, 'cache')
    try:
        core = make_core(options.python, folder)
        print('core: %.0f MB, %s' % (os.path.getsize(core) / 1e6, options.python))
        print_run('without cache', *analyze(options.heapsect, core, snapshot, cache, '--no-cache'))
        analyze(options.heapsect, core, snapshot, cache)
        warm = analyze(options.heapsect, core, snapshot, cache)
        print_run('with a warm cache', *warm)
        print('  snapshot: %.0f MB' % (os.path.getsize(snapshot) / 1e6))
        print_reports(options.heapsect, snapshot)
        print_floor(options.floor, core, snapshot, os.path.join(folder, 'floor.db'), warm[0])
    finally:
        shutil.rmtree(folder)


if __name__ == '__main__':
    main()
