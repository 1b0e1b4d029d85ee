"""Leaks of a program with a C extension: who could hold them, and that runs agree on what they are."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess

import dumps
import program

PROGRAM = os.path.join(dumps.SAMPLES, 'recordleak.py')
QUERY = os.path.join(dumps.SAMPLES, '..', 'schema', 'queries', 'show_account.sql')
FEW, MANY = 60, 700
# The lines and objects that the program handled last may have left words somewhere.
STALE_AT_MOST = 5
KNOWN_AT_MOST = 1  # of the interpreter's own leaks, of a type
ACCOUNTS = 1000  # objects whose accounts are added up


def crash(interpreter, where, count, *arguments):
    """The core's path."""
    environment = dict(os.environ, PYTHONPATH=interpreter.inside(where), PYTHONDONTWRITEBYTECODE='1')
    command = interpreter.command(interpreter.inside(os.path.abspath(PROGRAM)), str(count), *arguments)
    subprocess.run(['sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh', *command], cwd=where,
                   env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = [name for name in os.listdir(where) if re.fullmatch(r'core(\.\d+)?', name)]
    if not found:
        raise dumps.Failed('no core of %s' % ' '.join(command))
    core = os.path.join(where, 'crashed-%d%s' % (count, ''.join(arguments)))
    os.rename(os.path.join(where, found[0]), core)
    return core


class Run:
    """One crash, analyzed."""

    def __init__(self, heapsect, interpreter, where, count, *arguments):
        self.heapsect, self.count = heapsect, count
        self.core = crash(interpreter, where, count, *arguments)
        self.snapshot = self.core + '.db'
        ran = heapsect.run('analyze', self.core, '-o', self.snapshot, '-q')
        if ran.returncode:
            raise dumps.Failed(program.complaint(ran))

    def sql(self, text):
        with contextlib.closing(sqlite3.connect(self.snapshot)) as db:
            return db.execute(text).fetchall()

    def groups(self, grades="'proven'"):
        """{(kind, type, holder): leaks}; of native blocks without sizes."""
        counts = {}
        for kind, name, holder, leaks in self.sql(
                'SELECT kind, type, holder, sum(leaks) FROM leak_groups WHERE grade IN (%s)'
                ' GROUP BY 1, 2, 3' % grades):
            key = kind, re.sub(r' of \d+ (to \d+ )?bytes$', '', name), holder
            counts[key] = counts.get(key, 0) + leaks
        return counts

    def fingerprints(self):
        """Of what the program leaks on purpose."""
        return set(self.sql(
            "SELECT kind, replace(type, 'glibc ', ''), fingerprint FROM leak_groups WHERE grade = 'proven'"
            " AND (kind <> 'native' AND type IN ('records.Record', 'builtins.str', '__main__.Node')"
            " OR holder = 'records.so')"))

    def text_fingerprints(self):
        return {row for row, in self.sql(
            "SELECT fingerprint FROM leak_groups WHERE kind = 'native' AND type LIKE 'text of%'")}


def check_groups(results, label, run):
    """Counts are the program's own; a stale word may make a few doubtful."""
    expected = {('refcount', 'records.Record', 'records.so'): run.count // 2,
                ('refcount', 'builtins.str', 'records.so'): run.count // 2,
                ('garbage', '__main__.Node', None): 3 * run.count,
                ('native', 'glibc block', 'records.so'): run.count // 2,
                ('native', 'text', None): run.count // 2}
    found, doubted = run.groups(), run.groups("'probable'")
    for key, count in expected.items():
        here = found.get(key, 0)
        others = sum(n for (kind, name, _), n in doubted.items() if (kind, name) == key[:2])
        results.check(count - STALE_AT_MOST <= here <= count + KNOWN_AT_MOST and here + others >= count - STALE_AT_MOST,
                      '%s: %d lines: leaks of %s, by %s' % (label, run.count, *key[1:]),
                      '%d of %d, %d doubtful' % (here, count, others))
    cached = [name for name, in run.sql(
        "SELECT holder FROM leak_groups WHERE grade = 'probable' AND type = 'builtins.str'")]
    results.check('recent (records.so)' in cached, '%s: what a C variable may hold' % label,
                  ', '.join(map(str, cached)))
    title = run.sql("SELECT title FROM findings WHERE kind = 'refcount'")
    results.check(any('records.so' in t for t, in title), '%s: a finding names the extension' % label,
                  '; '.join(t for t, in title))


def check_fingerprints(results, label, heapsect, runs, other):
    few, many = runs
    results.equal(few.fingerprints(), many.fingerprints(), '%s: fingerprints of two runs' % label)
    results.equal(few.text_fingerprints(), many.text_fingerprints(),
                  '%s: texts of all lengths have one fingerprint' % label)
    known = few.core + '.known'
    heapsect.run('leaks', few.snapshot, '--write-baseline', known)
    for run, status in ((few, 0), (many, 0), (other, 1)):
        ran = heapsect.run('leaks', run.snapshot, '--baseline', known, '--fail-on', 'new', '--json')
        new = [leak['type'] for leak in json.loads(ran.stdout)['leaks']
               if leak['known'] == 'NEW' and leak['grade'] == 'proven']
        results.check(ran.returncode == status and bool(new) == bool(status),
                      '%s: %s: status %d' % (label, os.path.basename(run.core), status),
                      'new: %s' % ', '.join(new) if new else '')


def check_accounts(results, label, run):
    """The rows above the last are the count, of objects with a surplus and any others."""
    with open(QUERY) as file:
        query = file.read()
    wrong, zero = [], 0
    with contextlib.closing(sqlite3.connect(run.snapshot)) as db:
        db.create_function('path', 1, lambda number: None)
        objects = db.execute(
            'SELECT id, refcount FROM (SELECT * FROM objects WHERE refcount IS NOT NULL AND NOT immortal'
            ' ORDER BY coalesce(surplus, 0) = 0, id * 7919 % 10007) LIMIT ?', (ACCOUNTS,)).fetchall()
        for number, count in objects:
            for top in (-1, 21):
                rows = db.execute(query, {'object': number, 'top': top}).fetchall()
                if sum(row[0] for row in rows[:-1]) != count or rows[-1][:2] != (count, 'count'):
                    wrong.append(number)
                zero += len(rows) < 2
    results.check(not wrong and objects, '%s: accounts add up to the count' % label,
                  '%d of %d; %s' % (len(objects) - len(set(wrong)), len(objects), wrong[:5]))


def show(run, address, *arguments):
    return json.loads(run.heapsect.run('show', run.snapshot, hex(address), '--json', *arguments).stdout)


def check_words(results, label, run):
    """The variable is named, and what nobody holds has no word but stale ones."""
    (address,), = run.sql(
        "SELECT o.address FROM leak_groups g JOIN objects o ON o.id = (SELECT object_id FROM leaks"
        " WHERE id = g.largest_id) WHERE g.holder = 'recent (records.so)'")
    shown = show(run, address)
    unknown = [word['place'] for word in shown['words'] if word['status'] == 'unknown']
    results.check(any(re.match(r'recent( \+ \d+)?, .*records\.so', place) for place in unknown),
                  '%s: show names the variable that holds it' % label, '; '.join(unknown))
    addresses = [address for address, in run.sql(
        "SELECT o.address FROM leaks l JOIN objects o ON o.id = l.object_id JOIN leak_groups g ON"
        " g.id = l.group_id WHERE g.type = 'records.Record' AND g.grade = 'proven' LIMIT 20")]
    # What an earlier use left behind a lost text is no reference, but only the scan of analyze knows.
    lost = run.sql("SELECT b.address, b.address + b.size FROM leaks l JOIN blocks b ON b.id = l.block_id")
    held = [word['place'] for address in addresses
            for word in show(run, address)['words'] if word['status'] == 'unknown'
            and not any(start <= int(word['address'], 16) < end for start, end in lost)]
    results.check(addresses and not held, '%s: no word of the dump holds what is lost' % label,
                  ', '.join(held))
    results.equal(set(all_words(run.core, address)),
                  {int(word['address'], 16) for word in shown['words'] if word['address']},
                  '%s: show finds all words with an address' % label)
    moved = run.core + '.moved'
    os.rename(run.core, moved)
    results.check('the core is gone' in str(show(run, address)['scan']),
                  '%s: show says that the core is gone' % label)
    os.rename(moved, run.core)


def all_words(core, address):
    """Addresses of the aligned words of a core that hold one, by its program headers alone."""
    with open(core, 'rb') as file:
        data = file.read()
    offset, entry, count = (int.from_bytes(data[at:at + size], 'little')
                            for at, size in ((32, 8), (54, 2), (56, 2)))
    for at in range(offset, offset + entry * count, entry):
        kind, start, place, size = (int.from_bytes(data[at + o:at + o + n], 'little')
                                    for o, n in ((0, 4), (8, 8), (16, 8), (32, 8)))
        if kind != 1:
            continue
        wanted = address.to_bytes(8, 'little')[1:]
        found = data.find(wanted, start, start + size)
        while found >= 0:
            word = found - 1 - start
            if word % 8 == 0 and data[found - 1] & ~7 == address & 0xf8:
                yield place + word
            found = data.find(wanted, found + 1, start + size)


def run(results, heapsect, interpreter):
    label = '%s: recordleak' % interpreter.label
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label, reason)
        return
    with dumps.folder() as where:
        reason = interpreter.build_extension(os.path.join(dumps.SAMPLES, 'records.c'), where, '-g0')
        if reason:
            results.skip(label, reason)
            return
        try:
            few, many = (Run(heapsect, interpreter, where, count) for count in (FEW, MANY))
            other = Run(heapsect, interpreter, where, FEW, 'and-dicts')
        except dumps.Failed as failure:
            results.check(False, '%s: dump' % label, failure)
            return
        check_groups(results, label, few)
        check_groups(results, label, many)
        check_fingerprints(results, label, heapsect, (few, many), other)
        check_accounts(results, label, many)
        check_words(results, label, many)
