"""What the first finding says of programs that were not written to be found out.

    python3 tests/e2e/programs.py [--heapsect PROGRAM] [--python PATH]... [--program NAME]...

samples/programs/ are services as their authors would write them.  Each works for a moment, prints
"ready" and waits; the kernel dumps it.  The first finding must name what holds its memory in words
that a reader of its source knows, and every finding's query must show the finding's figures.
"""
import argparse
import contextlib
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys

import dumps
import interpreters
from program import Heapsect, complaint
from results import Results

PROGRAMS = os.path.join(dumps.SAMPLES, 'programs')
# Sources, and how they are built: most are installed without debug info.
EXTENSIONS = {'gallery': ('raster.c', '-g0'), 'indexer': ('textpack.c', '-g'), 'telemetry': ('hooks.c', '-g0')}
# Kind of the first finding, and words of its title; None: nothing stands out.
EXPECTED = {
    'audit': ('native-use', 'sqlite3.Connection', 'database'),
    'batches': ('holder', "local 'futures'", 'Future'),
    'catalogue': ('holder', 'catalogue.products', 'Product'),
    'chat': ('holder', 'inboxes', 'collections.deque'),
    'crm': ('holder', "['__main__'].session ", 'Session', '.identity_map'),
    'cron': None,
    'dashboard': ('holder', 'subscriptions'),
    'desktop': ('holder', "signals.receivers['theme-changed']", 'method'),
    'exports': ('holder', 'open_downloads', 'Download'),
    'feeds': ('garbage', 'minidom.Element objects', 'Attr.ownerElement'),
    'fleet': ('holder', "Model.instances['Position']", 'Position'),
    'gallery': ('holder', 'gallery.previews', 'Image'),
    'indexer': ('refcount', 'references that nobody owns'),
    'ingest': ('pins', '.checkpoints'),
    'invoices': ('holder', "['__main__'].mailer ", 'Mock'),
    'notifier': ('holder', '_deliveries', 'Task'),
    'orders': ('holder', 'recent_errors', 'LogRecord'),
    'outline': ('garbage', 'Node.parent a weakref'),
    'pricing': ('holder', 'volatility'),
    'statements': ('holder', 'Statement.balance', 'lru_cache'),
    'telemetry': ('c-held', 'function objects that only C code holds', 'hooks.so'),
    'thumbnails': ('holder', 'scratch', 'threading.local'),
    'webapp': ('holder', 'cache._entries', 'Response'),
}
MOST_LINES, MOST_COLUMNS = 40, 110
UNEXPLAINED_SHARE = 0.01  # of a dump
SECONDS = 60


def lift_core_limit():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def crash(interpreter, name, where):
    """The core of a program that has done its work, in a folder that the interpreter can see."""
    inside = interpreter.inside(where)
    script = shutil.copy(os.path.join(PROGRAMS, name + '.py'), where)
    process = subprocess.Popen(
        interpreters.command('/bin/sh', interpreter.root, '-c', 'cd "$0" && exec "$@"', inside,
                             interpreter.path, interpreter.inside(script)), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        env=dict(os.environ, PYTHONPATH=inside, PYTHONDONTWRITEBYTECODE='1'),
        preexec_fn=lift_core_limit)
    said = ''
    try:
        while not said.endswith('ready\n'):
            line = process.stdout.readline()
            said += line
            if not line:
                raise dumps.Failed(said.strip() or 'exit status %d' % process.wait())
        return dumps.abort(process.pid, where, SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def check_queries(results, label, db):
    """Every finding's query has rows; of holders and of native memory they add up to the finding's bytes."""
    for kind, title, size, query in db.execute('SELECT kind, title, bytes, query FROM findings'
                                               ' ORDER BY rank').fetchall():
        if '(' in query and 'path(' in query:
            query = re.sub(r'path\(id\)', "''", query)  # a function of heapsect's own
        cursor = db.execute(query)
        rows = cursor.fetchall()
        results.check(rows, '%s: the query of: %s' % (label, title[:60]), query)
        if kind in ('holder', 'holders', 'c-held', 'native-use'):
            column = [column[0] for column in cursor.description].index('bytes')
            found = sum(row[column] for row in rows)
            results.check(found == size, '%s: the sum of: %s' % (label, title[:60]),
                          '%d of %d' % (found, size))


def check_first(results, label, name, db):
    first = db.execute("SELECT kind, title FROM findings WHERE kind <> 'verdict' ORDER BY rank"
                       ' LIMIT 1').fetchone()
    if EXPECTED[name] is None or first is None:
        results.check(first is EXPECTED[name], label + ': nothing stands out', first)
        return
    kind, *words = EXPECTED[name]
    missing = [word for word in words if word not in first[1]]
    results.check(first[0] == kind and not missing, label + ': the first finding',
                  '%s: %s' % first)


def check_accounts(results, label, db):
    dumped, unexplained = (db.execute('SELECT bytes FROM accounting WHERE bucket = ?',
                                      (bucket,)).fetchone()[0] for bucket in ('dump', 'unexplained'))
    results.check(unexplained <= dumped * UNEXPLAINED_SHARE, label + ': bytes without a name',
                  '%d of %d' % (unexplained, dumped))


def check_screen(results, label, text):
    lines = text.split('\n')
    results.check(len(lines) <= MOST_LINES, label + ': the summary is a screen',
                  '%d lines' % len(lines))
    longest = max(lines[2:], key=len)  # but for the command and its files
    results.check(len(longest) <= MOST_COLUMNS, label + ': its lines fit', longest)


def one(results, heapsect, interpreter, name, parent, sources):
    label = '%s: %s' % (interpreter.label, name)
    with dumps.folder(parent) as where:
        if name in EXTENSIONS:
            source, debug = EXTENSIONS[name]
            reason = interpreter.build_extension(os.path.join(PROGRAMS, source), where, debug)
            if reason:
                results.skip(label, reason)
                return
        core = crash(interpreter, name, where)
        snapshot = os.path.join(where, 'snapshot.db')
        ran = heapsect.run('analyze', core, *sources, '-o', snapshot)
        os.remove(core)
        if not results.check(ran.returncode == 0, label + ': analyze',
                             complaint(ran) if ran.returncode else ''):
            return
        check_screen(results, label, ran.stdout)
        with contextlib.closing(sqlite3.connect(snapshot)) as db:
            check_first(results, label, name, db)
            check_queries(results, label, db)
            check_accounts(results, label, db)


def run(results, heapsect, interpreter, names=EXPECTED, parent=None, sources=()):
    """parent: a folder that the interpreter can see; sources: arguments of analyze for its cores."""
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip('%s: programs' % interpreter.label, reason)
        return
    for name in names:
        try:
            one(results, heapsect, interpreter, name, parent, sources)
        except dumps.Failed as failure:
            results.check(False, '%s: %s' % (interpreter.label, name), failure)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--heapsect', default='build/heapsect')
    parser.add_argument('--python', action='append', default=[])
    parser.add_argument('--program', action='append', choices=sorted(EXPECTED))
    options = parser.parse_args()
    results = Results()
    with dumps.folder() as cache:
        for interpreter in interpreters.find(options.python, results):
            run(results, Heapsect(options.heapsect, cache), interpreter,
                options.program or EXPECTED)
    sys.exit(results.finish())


if __name__ == '__main__':
    main()
