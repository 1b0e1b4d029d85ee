"""One GDB session: when it reads again, its functions, its Python API, help and completion."""
import functools
import os
import re

import debugger
import ways

COUNT = 'heapsect sql SELECT count(*) FROM objects'
AGAIN = 'reading it again'
API = '''python
import heapsect
s = heapsect.snapshot()
one = s.object(int(gdb.parse_and_eval("{address}")))
def tell(*words):
    print("tell", *words)
tell(one.type, one.address, len(list(s.objects(type=one.type))), one.refcount, one.surplus)
tell(sorted({{(r.type, r.label) for r in one.referrers()}}))
tell(sorted({{(r.label, r.kind) for r in one.referents()}}))
tell(one.path())
tell(s.object(one.address + 1) == one, s.object(1), hash(one) == hash(s.object(one.address)))
tell(len(list(s.objects())), len(list(s.objects(state="garbage"))), len(list(s.objects(type="dict"))))
try:
    s.db.execute("DELETE FROM objects")
except Exception as error:
    tell(error)
end
'''


def counting(bench):
    """A debugger whose analyzer counts how often it analyzes."""
    script, log = bench.path('counting'), bench.path('counted')
    with open(script, 'w') as file:
        file.write('#!/bin/sh\n[ "$1" != analyze ] || echo "$*" >> %s\nexec %s "$@"\n'
                   % (log, bench.debugger.heapsect))
    os.chmod(script, 0o755)
    open(log, 'w').close()
    return debugger.Debugger(bench.debugger.gdb, script, bench.temporary), log


def count_lines(path):
    with open(path) as file:
        return len(file.readlines())


def check_live(bench):
    """It is read again once it has run or was written to, and not otherwise."""
    run, log = counting(bench)
    copy = bench.path('kept.heapsect.db')
    with ways.breakpoint(bench.python, bench.folder) as (opening, expression):
        printed = run.run(opening, [
            COUNT, 'heapsect types --top 1', 'next', COUNT, COUNT,
            'set var ((PyObject *)sequence)->ob_refcnt = 5', COUNT, 'print $heapsect_refcount(sequence)',
            'heapsect save ' + copy, 'heapsect use ' + copy, COUNT, 'next', COUNT, COUNT])
    again = [i for i, text in enumerate(printed) if AGAIN in text]
    bench.results.check(again == [3, 6], 'read again after a step and a change, only', str(again))
    bench.results.check('has run since' in printed[3] and re.search(r'\(\d+ s old\)', printed[3]) and
                        'was changed from GDB' in printed[6], 'it says why, and how old it was')
    bench.results.check('$1 = 5\n' in printed[7], 'and what is new is in the snapshot', printed[7].strip())
    bench.results.check(count_lines(log) == 3, 'three reads', str(count_lines(log)))
    told = [i for i, text in enumerate(printed) if "'heapsect analyze' reads it again" in text]
    bench.results.check(told == [12], 'a snapshot of the user\'s is kept, and that is said once',
                        str(told))
    bench.check_tidy('live session')


def check_core(bench):
    run, log = counting(bench)
    with ways.gcore_core(bench.python, bench.folder) as (opening, expression):
        printed = run.run(opening, [COUNT, COUNT, 'heapsect leaks'])
        bench.results.check(count_lines(log) == 1 and not any(AGAIN in text for text in printed),
                            'a core is read once')
        address = expression.rpartition(')')[2]
        check_api(bench, opening, address)
        check_functions(bench, opening, address)


def tellings(text):
    return [line[5:] for line in text.split('\n') if line.startswith('tell ')]


def check_api(bench, opening, address):
    """The Python API against SQL on the same snapshot."""
    snapshot, script = bench.path('api.heapsect.db'), bench.path('api.gdb')
    with open(script, 'w') as file:
        file.write(API.format(address=address))
    printed = bench.debugger.run(opening, ['heapsect analyze -o ' + snapshot, 'source ' + script])
    told = tellings(printed[1])
    rows = functools.partial(bench.debugger.rows, snapshot)
    one, = rows("SELECT id, type, refcount, surplus FROM v_objects WHERE address = '%s'" % address)
    types, = rows("SELECT count(*) FROM v_objects WHERE type = '%s'" % one[1])
    referrers = rows('SELECT DISTINCT referrer_type, label FROM v_referrers WHERE object_id = %d' % one[0])
    referents = rows('SELECT DISTINCT label, kind FROM v_referents WHERE object_id = %d' % one[0])
    counts = [rows('SELECT count(*) FROM v_objects WHERE ' + where)[0][0]
              for where in ('1', "state = 'garbage'", "type = 'builtins.dict'")]
    path = bench.debugger.cli('sql', '--json', snapshot, 'SELECT path(%d) AS p' % one[0])
    expected = ['%s %d %d %s %s' % (one[1], int(address, 0), types[0], one[2], one[3]),
                str(sorted(referrers)), str(sorted(referents)), path.split('"p": "')[1].split('"}')[0],
                'True None True', '%d %d %d' % tuple(counts)]
    bench.results.check(told[-1] in ('attempt to write a readonly database', "heapsect: GDB's Python has no "
                                     'SQLite of 3.37 or later, which this needs; the rest does without'),
                        'API: the database is read only', told[-1])
    bench.results.check('CACHE[7]' in expected[3] and 'Session' in one[1], 'the object is the session',
                        expected[3])
    for number, line in enumerate(expected):
        if not bench.results.check(told[number:number + 1] == [line], 'API, line %d' % (number + 1)):
            bench.results.note(line, *told[number:number + 1], *printed[1].split('\n')[:9])


def check_functions(bench, opening, address):
    snapshot = bench.path('functions.heapsect.db')
    printed = bench.debugger.run(opening, [
        'heapsect analyze -o ' + snapshot, 'output $heapsect_type(%s + 1)' % address,
        'output $heapsect_refcount((PyObject *)%s)' % address,
        'output $heapsect_surplus(*(PyObject *)%s)' % address,
        'output $heapsect_retained(%s)' % address, 'output $heapsect_type(8)',
        'output $heapsect_surplus(&_Py_NoneStruct) + 1'])
    one, = bench.debugger.rows(snapshot, 'SELECT type, refcount, surplus, retained_size FROM v_objects '
                               "WHERE address = '%s'" % address)
    for text, value in zip(printed[1:], ['"%s"' % one[0], *[str(value) for value in one[1:]], '""']):
        bench.results.check(text.strip() == value, '$heapsect_...: %s' % value, text.strip())


def check_condition(bench):
    """Of its three calls, the program's second is the one with two sessions."""
    with ways.breakpoint(bench.python, bench.folder) as (opening, expression):
        condition = '$_streq($heapsect_type(sequence), "builtins.list") && $heapsect_refcount(' \
            'sequence) < 100 && ((PyVarObject *)sequence)->ob_size == 2'
        opening = ['-ex', 'maintenance set target-non-stop off'] + opening
        printed = bench.debugger.run(opening, ['condition 1 ' + condition, 'continue',
                                               'output ((PyVarObject *)sequence)->ob_size',
                                               'condition 1 $heapsect_refcount(sequence) > 100',
                                               'tbreak exit', 'continue', 'bt 1'])
    good = 'hit Breakpoint 1' in printed[1] and printed[2].strip() == '2'
    if not bench.results.check(good, 'a condition holds'):
        bench.results.note(*printed[1].split('\n')[-8:])
    good = 'Error' not in printed[5] and 'Breakpoint 1,' not in printed[5]
    if not bench.results.check(good, 'a condition that does not hold'):
        bench.results.note(*printed[5].split('\n')[-8:])


def commands_of(text):
    return {line.split()[0] for line in text.split('\n') if line.strip()}


def check_help(bench):
    names = ('analyze cycles diff gc heap leaks pools referrers retained save show sql summary threads '
             'types use waste why').split()
    with ways.gcore_core(bench.python, bench.folder) as (opening, _):
        printed = bench.debugger.run(opening, [
            'help heapsect', 'complete heapsect ', 'complete heapsect types --', 'complete heapsect types __main__.',
            COUNT, 'complete heapsect types __main__.S', 'complete heapsect show _Py_NoneStr',
            'source %s' % debugger.PLUGIN, 'heapsect nonsense', 'heapsect types --help', 'complete '])
        plain = bench.debugger.run(opening, ['complete '], plugin=False)
    listed = re.findall(r'^heapsect (\w+) -- ', printed[0], re.M)
    bench.results.equal(set(listed), set(names), 'help lists the commands')
    bench.results.equal(set(printed[1].split('\n')) - {''}, {'heapsect ' + name for name in names},
                        'commands are completed')
    for number, text in ((2, 'heapsect types --top'), (5, 'heapsect types __main__.Session'),
                         (6, 'heapsect show _Py_NoneStruct')):
        bench.results.check(text in printed[number].split('\n'), 'completed: %s' % text,
                            printed[number].strip()[:80])
    bench.results.check(not printed[3].strip(), 'completion makes no snapshot')
    bench.results.check(not printed[7].strip(), 'loading it twice does no harm')
    bench.results.check('Undefined heapsect command: "nonsense"' in printed[8], 'an unknown command')
    bench.results.check('Usage: heapsect types' in printed[9], '--help of a command')
    bench.results.equal(commands_of(printed[10]) - commands_of(plain[0]), {'heapsect'},
                        'one new command, and none less')
    bench.results.equal(commands_of(plain[0]) - commands_of(printed[10]), set(), 'none is gone')


def check(bench):
    check_live(bench)
    check_core(bench)
    check_condition(bench)
    check_help(bench)
    bench.check_tidy('sessions')
