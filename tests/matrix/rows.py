"""The rows of the matrix: interpreters in Debian roots, and those of the machine."""
import argparse
import contextlib
import os
import shutil

import interpreters
import roots

TESTED = [[3, minor] for minor in roots.MINORS]


class Row:
    def __init__(self, interpreter, label):
        self.interpreter, self.label = interpreter, '%s %s' % (interpreter.version, label)
        self.version, self.root = interpreter.version, interpreter.root

    def sources(self, core, written_by_kernel):
        """Arguments of `heapsect analyze`.  gcore, which runs outside, names files from outside."""
        sysroot = ['--sysroot', self.root] if self.root and written_by_kernel else []
        return [core, *sysroot, *self.debug()]

    def debug(self):
        return ['--debug-dir', os.path.join(self.root, 'usr/lib/debug')] if self.root else []

    def temporary(self):
        """Where its files go: a folder that the interpreter can see."""
        return os.path.join(self.root, 'tmp') if self.root else None

    @contextlib.contextmanager
    def entered(self):
        with roots.proc_mounted(self.root) if self.root else contextlib.nullcontext():
            yield


def is_wanted(version, wanted):
    return not wanted or any((version + '.').startswith(each.rstrip('.') + '.') for each in wanted)


def in_suite(suite, results, wanted):
    try:
        root = roots.get(suite)
    except roots.Missing as missing:
        results.skip(suite, missing)
        return
    for path in roots.pythons(root):
        with roots.proc_mounted(root):
            interpreter = interpreters.look_at(path, root)
        reason = interpreter.why_not(TESTED) if interpreter else 'does not run'
        if reason:
            results.skip('%s %s' % (suite, path), reason)
        elif is_wanted(interpreter.version, wanted):
            yield Row(interpreter, suite)


def on_path():
    """Without pyenv's stand-ins: its versions are found where they are."""
    paths = [shutil.which('python3.%d' % minor) for minor in roots.MINORS]
    return [path for path in paths if path and '/shims/' not in path]


def of_machine(results, wanted, paths):
    for interpreter in interpreters.find(paths, results, TESTED):
        if is_wanted(interpreter.version, wanted):
            yield Row(interpreter, interpreter.path)


def find(results, suites, wanted, pythons=()):
    """suites, wanted, pythons: what was asked for on the command line; none: everything."""
    if not suites and not pythons:
        suites, pythons = roots.SUITES, interpreters.candidates() + on_path()
    rows = [row for suite in suites for row in in_suite(suite, results, wanted)]
    if pythons:
        rows += of_machine(results, wanted, pythons)
    return sorted(rows, key=lambda row: [int(part) for part in row.version.split('.')])


def parser(description):
    """With the options by which rows are chosen: see chosen()."""
    made = argparse.ArgumentParser(description=description,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument('--version', action='append', default=[])
    made.add_argument('--suite', action='append', default=[])
    made.add_argument('--python', action='append', default=[])
    made.add_argument('--keep', action='store_true', help='leave cores and snapshots')
    return made


def chosen(results, options):
    return find(results, options.suite, options.version, options.python)


def print_aligned(cells):
    """Rows of texts, the first of them the longest."""
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(len(cells[0]))]
    for row in cells:
        print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
