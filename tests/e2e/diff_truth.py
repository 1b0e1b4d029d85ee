"""heapsect diff: which objects were born and died is what the program knew about its own."""
import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess

import dumps
import program

SAMPLE = os.path.join(dumps.SAMPLES, 'grow.py')
STEPS = 3


class Running:
    """The sample, in a folder of its own; each step() goes on to the next dump."""

    def __init__(self, interpreter, where):
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1')
        self.where, self.number = where, 0
        self.process = subprocess.Popen(
            interpreter.command(interpreter.inside(SAMPLE)), cwd=where, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid = self.wait()

    def wait(self):
        line = self.process.stdout.readline()
        waits = re.search(r'process (\d+) waits at step (\d+)', line)
        if not waits:
            raise dumps.Failed(line + self.process.stdout.read())
        self.number = int(waits.group(2))
        return int(waits.group(1))

    def step(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        self.wait()

    def truth(self):
        with open(os.path.join(self.where, '%d.truth.json' % self.number)) as file:
            return json.load(file)


@contextlib.contextmanager
def running(interpreter, where):
    sample = Running(interpreter, where)
    try:
        yield sample
    finally:
        sample.process.kill()
        sample.process.communicate()


def snapshot(heapsect, sample, how):
    """The path of a snapshot of the sample as it is now."""
    path = os.path.join(sample.where, '%s-%d.heapsect.db' % (how, sample.number))
    core = dumps.gcore(sample.pid, sample.where) if how == 'gcore' else None
    source = [core] if core else ['--pid', sample.pid]
    ran = heapsect.run('analyze', *source, '-o', path, '--quiet')
    if core:
        os.remove(core)
    if ran.returncode:
        raise dumps.Failed(program.complaint(ran))
    return path


def diff(heapsect, *arguments):
    ran = heapsect.run('diff', *arguments, '--json', '--top', '0')
    if ran.returncode or ran.stderr:
        raise dumps.Failed(program.complaint(ran))
    return json.loads(ran.stdout)


def objects_of(truth):
    """{address: (type, serial)}"""
    return {address: (truth['types'][kind], serial) for address, kind, serial in truth['objects']}


def dicts_in(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {address for address, in db.execute(
            "SELECT o.address FROM objects o JOIN types t ON t.id = o.type_id"
            " WHERE t.name = 'builtins.dict'")}


def check_objects(results, label, heapsect, paths, truths):
    """Sets of addresses.  A dict in place of a dict looks the same: the man page says so."""
    old, new = objects_of(truths[0]), objects_of(truths[1])
    report = diff(heapsect, '--objects', *paths)
    alike = dicts_in(paths[0]) & dicts_in(paths[1])
    died = {a for a, what in old.items() if new.get(a) != what}
    born = {a for a, what in new.items() if old.get(a) != what}
    told_born = {int(row['address'], 16) for row in report['born']}
    told_died = {int(row['address'], 16) for row in report['died']}
    again = {a for a in died & born if old[a][0] == new[a][0]} - alike
    results.check(len(again) > 500, label + 'addresses taken by another object of the type',
                  '%d, %d dicts more' % (len(again), len(died & born & alike)))
    results.equal(told_born & set(new), born - alike, label + 'born')
    results.equal(told_died & set(old), died - alike, label + 'died')
    total = report['total']
    results.check((total['born'], total['died']) == (len(report['born']), len(report['died'])),
                  label + 'born and died as the sum says', '%d, %d' % (total['born'], total['died']))
    results.check(total['survived'] + total['born'] == sizes(paths[1]) and
                  total['survived'] + total['died'] == sizes(paths[0]),
                  label + 'every object was born, died or survived', '%d' % total['survived'])


def sizes(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute('SELECT count(*) FROM objects').fetchone()[0]


# What each section compares, from the tables of one row an object, block or leak.
RECOUNTED = {
    'types': ('type', "SELECT t.name, count(*), sum(o.size + o.owned_size) FROM objects o"
              ' JOIN types t ON t.id = o.type_id GROUP BY 1'),
    'accounting': ('bucket', 'SELECT bucket, count, bytes FROM accounting'),
    'blocks': (('kind', 'owned'), "SELECT allocator || ': ' || coalesce(kind, 'unknown'),"
               ' owner_id IS NOT NULL, count(*), sum(size)'
               " FROM blocks WHERE state = 'used' GROUP BY 1, 2"),
    'leaks': ('fingerprint', "SELECT printf('%s %016x', kind, fingerprint), sum(objects), sum(bytes)"
              ' FROM leaks GROUP BY 1'),
    'cycles': ('fingerprint', "SELECT printf('%s %016x', state, fingerprint), sum(objects), sum(bytes)"
               ' FROM cycles GROUP BY 1'),
}


def recount(path, query):
    """{key: (objects, bytes)}"""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {row[:-2]: row[-2:] for row in db.execute(query)}


def check_sums(results, label, paths, report):
    for section, (names, query) in RECOUNTED.items():
        names = (names,) if isinstance(names, str) else names
        old, new = recount(paths[0], query), recount(paths[-1], query)
        grown = {(*key, new.get(key, (0, 0))[0] - old.get(key, (0, 0))[0],
                  new.get(key, (0, 0))[1] - old.get(key, (0, 0))[1])
                 for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        here = {(*(row[name] for name in names), row['objects'], row['bytes'])
                for row in report[section]}
        if section == 'accounting':  # and the buckets that these are in
            here = {row for row in here if row[1] or row[2]}
        results.equal(here, grown, '%s%s as counted one by one' % (label, section))


def check_words(results, label, report, truths):
    """The first line names the cache and how many responses more are in it."""
    more = truths[-1]['cached'] - truths[0]['cached']
    first = report['findings'][0]['sentence']
    results.check(first == "{:,} more __main__.Response at modules['__main__'].CACHE[*]".format(more),
                  label + 'the first line names the cache', first)
    garbage = [row['objects'] for row in report['leaks'] if '__main__.Retry' in row['explanation']]
    # Up to 3.10 their dicts are a second row.
    results.check(set(garbage) == {truths[-1]['retries'] - truths[0]['retries']},
                  label + 'garbage by its fingerprint', garbage)


def check_series(results, label, heapsect, paths, truths):
    report = diff(heapsect, *paths)
    places = {row['path']: row['objects_series'] for row in report['places']}
    told = ' → '.join(str(truth['cached']) for truth in truths)
    results.check(places.get("modules['__main__'].CACHE[*]") == told,
                  label + 'the cache in each snapshot', told)
    counts = [recount(path, RECOUNTED['types'][1]) for path in paths]
    always = {name for name in counts[-1]
              if all(b.get(name, (0, 0))[1] > a.get(name, (0, 0))[1]
                     for a, b in zip(counts, counts[1:]))}
    results.equal({(row['type'],) for row in report['types']}, always,
                  label + 'types that grew every time')
    back = diff(heapsect, *reversed(paths))
    results.check(not any(row['path'] == "modules['__main__'].CACHE[*]" for row in back['places']),
                  label + 'what shrinks is not in a series', '%d places' % len(back['places']))


def check_other_process(results, label, heapsect, paths, interpreter):
    with dumps.folder() as where, running(interpreter, where) as other:
        other.step()
        path = snapshot(heapsect, other, 'pid')
        truth = other.truth()
        report = diff(heapsect, '--objects', paths[0], path)
        results.check(not report['lineage']['same_process'] and report['total'] is None
                      and not report['born'] and not report['died'],
                      label + 'no objects of two processes are compared',
                      report['lineage']['sentence'])
        places = {row['path']: row['new_objects'] for row in diff(heapsect, paths[0], path)['places']}
        results.check(places.get("modules['__main__'].CACHE[*]") == truth['cached'],
                      label + 'places of two processes are', '%d' % truth['cached'])


def run(results, heapsect, interpreter):
    label = '%s: grow: ' % interpreter.label
    for how in ('pid', 'gcore') if shutil.which('gcore') else ('pid',):
        with dumps.folder() as where, running(interpreter, where) as sample:
            name = '%s%s: ' % (label, how)
            paths, truths = [], []
            for number in range(STEPS):
                if number:
                    sample.step()
                paths.append(snapshot(heapsect, sample, how))
                truths.append(sample.truth())
            report = diff(heapsect, *paths[:2])
            results.check(report['lineage']['same_process'] == 1, name + 'one process',
                          report['lineage']['sentence'])
            check_objects(results, name, heapsect, paths[:2], truths[:2])
            check_sums(results, name, paths[:2], report)
            check_words(results, name, report, truths[:2])
            check_series(results, name, heapsect, paths, truths)
            if how == 'pid':
                check_other_process(results, name, heapsect, paths, interpreter)
