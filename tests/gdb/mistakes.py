"""What goes wrong is one sentence, and the session goes on."""
import os
import shutil
import subprocess

import debugger
import ways

GOES_ON = 'python print("goes" + " on")'


def check_each(bench, name, opening, mistakes, run=None):
    """mistakes: (command, part of the sentence)."""
    run = run or bench.debugger
    commands = [word for command, _ in mistakes for word in (command, GOES_ON)]
    printed = run.run(opening, commands)
    for (command, part), text, after in zip(mistakes, printed[::2], printed[1::2]):
        lines = text.strip().split('\n')
        good = len(lines) == 1 and part in lines[0] and 'heapsect: ' in lines[0]
        if not bench.results.check(good and after.strip() == 'goes on',
                                   '%s: %s' % (name, command[:60])):
            bench.results.note(*text.strip().split('\n')[:8])


def no_process(bench):
    text = bench.path('text')
    with open(text, 'w') as file:
        file.write('no snapshot\n')
    check_each(bench, 'no process', [], [
        ('heapsect summary', 'GDB has no process'),
        ('heapsect analyze', 'GDB has no process'),
        ('heapsect show 0x10', 'GDB has no process'),
        ('heapsect save %s' % bench.path('none'), 'GDB has no process'),
        ('heapsect sql', 'a query is missing'),
        ('heapsect show', 'an expression is missing'),
        ('heapsect referrers --top 3', 'an expression is missing'),
        ('heapsect diff', 'give an older snapshot'),
        ('heapsect use', 'give one file'),
        ('heapsect use /nonexistent/x.db', 'no such file'),
        ('heapsect use %s' % text, 'is not a heapsect snapshot'),
        ('heapsect analyze -o', 'needs an argument'),
        ('print $heapsect_type(0x10)', 'GDB has no process')])


def not_python(bench):
    with subprocess.Popen(['sleep', '100']) as process:
        try:
            check_each(bench, 'not a Python process', ['-p', str(process.pid)],
                       [('heapsect summary', 'no CPython was found')])
        finally:
            process.kill()


def with_core(bench):
    with ways.gcore_core(bench.python, bench.folder) as (opening, expression):
        python, core = opening
        check_each(bench, 'wrong executable', ['/bin/true', core], [
            ('heapsect summary', 'is not the executable of the process')])
        unwritable = '/nonexistent/x.db'
        check_each(bench, 'core', [python, core], [
            ('heapsect show )(', "')('"),
            ('heapsect show no_such_variable', 'no_such_variable'),
            ('heapsect why 1.5', 'is no address'),
            ('heapsect show 1', 'in no mapping'),
            ('heapsect show --bad-option 1', "unknown option '--bad-option'"),
            ('heapsect types [', 'is no regular expression'),
            ('heapsect types a b', 'too many operands'),
            ('heapsect sql SELECT nothing', 'nothing'),
            ('heapsect sql DELETE FROM objects', 'read only'),
            ('heapsect save %s' % unwritable, 'cannot be written'),
            ('heapsect analyze -o %s' % unwritable, '/nonexistent'),
            ('heapsect diff /nonexistent/old.db', 'no such file'),
            ('print $heapsect_refcount(1)', 'is in no object'),
            ('print $heapsect_retained(0)', 'is in no object')])
        run = debugger.Debugger(bench.debugger.gdb, '/nonexistent', bench.temporary)
        check_each(bench, 'no program', opening, [('heapsect summary', 'is no program')], run)
        other_process(bench, opening)
        not_installed(bench, opening)


def other_process(bench, opening):
    """Of the same program, the same executable, and not the same process."""
    snapshot = bench.path('other.heapsect.db')
    process, _ = debugger.start(bench.python, bench.folder, 'sleep')
    try:
        bench.debugger.cli('analyze', '--pid', str(process.pid), '-o', snapshot, '--quiet')
        check_each(bench, 'snapshot of another process', opening,
                   [('heapsect use %s' % snapshot, 'is a snapshot of another process')])
    finally:
        debugger.end(process)


def not_installed(bench, opening):
    """The plugin alone: nothing beside it, and nothing in PATH."""
    folder = bench.path('plugin')
    shutil.copytree(os.path.dirname(debugger.PLUGIN), folder)
    run = debugger.Debugger(bench.debugger.gdb, '', bench.temporary, {'PATH': '/nonexistent'})
    run.gdb, run.plugin = shutil.which(run.gdb), os.path.join(folder, 'heapsect.py')
    check_each(bench, 'not installed', opening,
               [('heapsect summary', 'the program heapsect is not installed')], run)


def no_analyzer_left(bench):
    """A child that dies of a signal is an error like others."""
    script = bench.path('dies')
    with open(script, 'w') as file:
        file.write('#!/bin/sh\nkill -KILL $$\n')
    os.chmod(script, 0o755)
    process, _ = debugger.start(bench.python, bench.folder, 'sleep')
    try:
        run = debugger.Debugger(bench.debugger.gdb, script, bench.temporary)
        check_each(bench, 'the analyzer dies', ['-p', str(process.pid)],
                   [('heapsect summary', 'ended by SIGKILL')], run)
    finally:
        debugger.end(process)


def check(bench):
    no_process(bench)
    not_python(bench)
    with_core(bench)
    no_analyzer_left(bench)
    bench.check_tidy('mistakes')
