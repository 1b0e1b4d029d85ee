"""The GDB plugin, in scripted GDBs: every command on every kind of process, held against the CLI.

    python3 tests/gdb/run.py [--heapsect PROGRAM] [--gdb GDB] [--python PYTHON] [--only CHECK]... [--way WAY]...
"""
import argparse
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, '..', 'e2e'))

import debugger  # noqa: E402
import interpreters  # noqa: E402
import loading  # noqa: E402
import mistakes  # noqa: E402
import sessions  # noqa: E402
import terminals  # noqa: E402
import unchanged  # noqa: E402
import ways  # noqa: E402
from results import Results  # noqa: E402

LEAKY = os.path.join(debugger.ROOT, 'samples', 'leaky.c')
# Commands as GDB gets them, and as the program does; {snapshot}, {address}, {old} are filled in.
REPORTS = [
    ('summary', 'summary {snapshot}'),
    ('summary --json', 'summary --json {snapshot}'),
    ('types --top 5', 'types --top 5 {snapshot}'),
    ('types Sess|Node', 'types {snapshot} Sess|Node'),
    ('leaks', 'leaks {snapshot}'),
    ('leaks --all --top 3', 'leaks --all --top 3 {snapshot}'),
    ('cycles', 'cycles {snapshot}'),
    ('gc', 'gc {snapshot}'),
    ('waste', 'waste {snapshot}'),
    ('pools', 'pools {snapshot}'),
    ('heap', 'heap {snapshot}'),
    ('retained', 'retained {snapshot}'),
    ('retained --depth 2 --top 3', 'retained --depth 2 --top 3 {snapshot}'),
    ('threads', 'threads {snapshot}'),
    ('show {expression}', 'show {snapshot} {address}'),
    ('show --json {expression}', 'show --json {snapshot} {address}'),
    ('retained {expression}', 'retained {snapshot} {address}'),
    ('why {expression}', 'why {snapshot} {address}'),
    ('why --type Session --top 2', 'why {snapshot} --type Session --top 2'),
    ('referrers --top 2 {expression}', 'referrers --top 2 {snapshot} {address}'),
    ('diff {old}', 'diff {old} {snapshot}'),
    ('diff --objects --top 2 {old}', 'diff --objects --top 2 {old} {snapshot}'),
]
QUERY = "SELECT name, 'a  b' AS text FROM types WHERE name LIKE '%Session' ORDER BY name"


class Bench:
    """What all checks share."""

    def __init__(self, options, results, folder):
        self.python, self.results, self.folder = options.python, results, folder
        self.ways = options.way
        self.temporary = os.path.join(folder, 'temporary')
        os.mkdir(self.temporary)
        self.debugger = debugger.Debugger(options.gdb, os.path.abspath(options.heapsect),
                                          self.temporary)

    def path(self, name):
        return os.path.join(self.folder, name)

    def check_tidy(self, name):
        """The session took its temporary files with it."""
        left = os.listdir(self.temporary)
        self.results.check(not left, '%s: no temporary file is left' % name, ', '.join(left))


def compare(bench, name, opening, expression):
    """Every command on one process, and the program on the snapshot that GDB wrote."""
    results, run = bench.results, bench.debugger
    snapshot, copy, old = (bench.path('%s%d.heapsect.db' % (part, len(os.listdir(bench.folder))))
                           for part in ('new', 'copy', 'old'))
    names = {'snapshot': snapshot, 'expression': expression, 'old': old}
    commands = ['printf "%%#lx\\n", %s' % address_of(expression), 'heapsect save ' + old,
                'heapsect analyze -o %s' % snapshot]
    commands += ['heapsect ' + command.format(**names) for command, _ in REPORTS]
    commands += ['heapsect sql --top 3 ' + QUERY, 'heapsect save ' + copy, 'heapsect use ' + copy,
                 'heapsect summary']
    printed = run.run(opening, commands, errors=False)
    names['address'] = printed[0].strip()
    for (command, other), text in zip(REPORTS, printed[3:]):
        expected = run.cli(*other.format(**names).split())
        same(results, '%s: %s' % (name, command.split(' {')[0]), text, expected)
    same(results, '%s: sql' % name, printed[-4], run.cli('sql', snapshot, QUERY, '--top', '3'))
    same(results, '%s: analyze ends with the summary' % name, printed[2], printed[3])
    same(results, '%s: use of what was saved' % name, printed[-1], run.cli('summary', copy))
    results.check(run.rows(copy, 'PRAGMA integrity_check') == [('ok',)] and open(copy, 'rb').read() == open(snapshot, 'rb').read(),
                  '%s: save writes the same snapshot' % name)
    bench.check_tidy(name)


def address_of(expression):
    value = expression if not expression.startswith('*') else '&' + expression
    return '(unsigned long)(%s)' % value


def same(results, name, actual, expected):
    good = bool(expected) and actual == expected
    if not results.check(good, name):
        first = next((i for i, pair in enumerate(zip(actual.split('\n'), expected.split('\n')))
                      if pair[0] != pair[1]), 0)
        for who, text in (('gdb', actual), ('heapsect', expected)):
            results.note('%s: %s' % (who, (text.split('\n') + [''])[first][:200]))


def check_ways(bench):
    for name in bench.ways or ways.ALL:
        try:
            with ways.ALL[name](bench.python, bench.folder) as (opening, expression):
                compare(bench, name, opening, expression)
        except ways.Impossible as reason:
            bench.results.skip(name, str(reason))


CHECKS = {'ways': check_ways, 'sessions': sessions.check, 'mistakes': mistakes.check,
          'unchanged': unchanged.check, 'terminals': terminals.check, 'loading': loading.check}


def why_not(options):
    """Why nothing can be tested; None if something can."""
    if not shutil.which(options.gdb):
        return 'no gdb'
    if not debugger.has_python(options.gdb):
        return '%s was built without Python' % options.gdb
    interpreter = interpreters.look_at(options.python)
    return interpreter.why_not((interpreter.minor,)) if interpreter else 'no python3'


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--heapsect', default=os.path.join(debugger.ROOT, 'build', 'heapsect'))
    parser.add_argument('--gdb', default='gdb')
    parser.add_argument('--python', default='/usr/bin/python3')
    parser.add_argument('--only', action='append', choices=CHECKS)
    parser.add_argument('--way', action='append', choices=ways.ALL)
    return parser.parse_args()


def main():
    options, results = parse(), Results()
    reason = why_not(options)
    if reason:
        print('skip: the GDB plugin is not tested: %s' % reason)
        return 0
    folder = tempfile.mkdtemp(prefix='heapsect-test-gdb-')
    try:
        reason = interpreters.look_at(options.python).build_extension(LEAKY, folder)
        if reason:
            print('skip: the GDB plugin is not tested: %s' % reason)
            return 0
        bench = Bench(options, results, folder)
        for name, check in CHECKS.items():
            if not options.only or name in options.only:
                check(bench)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return results.finish()


if __name__ == '__main__':
    sys.exit(main())
