"""The commands of the prefix `heapsect`: the CLI's, on the session's snapshot."""
import json
import os
import re

import gdb

from heapsect_gdb import analyzer, functions, session
from heapsect_gdb.errors import Failure

REPORT_OPTIONS = ('--top', '--json', '--help')
WITH_VALUE = ('--top', '--depth', '--type', '--grade', '--fail-on', '--baseline', '--write-baseline',
              '--format', '--color')
MOST_TYPES = 200
TYPES = ("SELECT name FROM types WHERE substr(name, 1, {1}) = '{0}' ORDER BY name LIMIT {2}")


class Heapsect(gdb.Command):
    """Dissect the heap of the Python process that is open in GDB.

The process (a core, a live process that GDB has stopped, or one on a remote target) is read on
first need into a snapshot, which answers until the process has run.  The reports are those of the
heapsect program, with its options: heapsect leaks --top 5; heapsect SUBCOMMAND --help lists them.

EXPR is any expression of GDB's that gives an address: self, $rdi, *(PyObject **)0x7f..., args[0].
An address inside of an object finds the object.

In expressions: $heapsect_type(EXPR), $heapsect_refcount(EXPR), $heapsect_surplus(EXPR),
$heapsect_retained(EXPR).  In Python: import heapsect; heapsect.snapshot()."""

    def __init__(self):
        super().__init__('heapsect', gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


def completions(text, word, words):
    """Those of the words that go on from the blank before the cursor, cut as GDB wants them: GDB
    breaks words at dashes and dots, too."""
    token = re.search(r'\S*$', text)[0]
    skip = len(token) - len(word or '')
    return [option[skip:] for option in words if option.startswith(token)]


def types_like(token):
    """Names of types in the snapshot, if there is one; completion makes none."""
    path = session.present()
    if not path:
        return []
    query = TYPES.format(token.replace("'", "''"), len(token), MOST_TYPES)
    try:
        return [row['name'] for row in json.loads(analyzer.ask(['sql', path, query, '--json']))]
    except Failure:
        return []


class Command(gdb.Command):
    """A subcommand; its class says what is done with the text behind it."""
    options = REPORT_OPTIONS

    def __init__(self, name, text, options=()):
        self.name = name
        self.__doc__ = text
        self.options = tuple(options) + type(self).options
        super().__init__('heapsect ' + name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        self.run(argument)

    def complete(self, text, word):
        if re.search(r'(^|\s)-\S*$', text):
            return completions(text, word, self.options)
        return self.complete_operand(text, word)

    def complete_operand(self, text, word):
        return gdb.COMPLETE_NONE

    def helps(self, words):
        """--help needs no process."""
        if '--help' not in words and '-h' not in words:
            return False
        analyzer.report([self.name, '--help'])
        return True


class Report(Command):
    """Options, and operands that go behind the snapshot."""

    def run(self, argument):
        words = gdb.string_to_argv(argument)
        if not self.helps(words):
            analyzer.report([self.name, session.need(), *words])


class Types(Report):
    def complete_operand(self, text, word):
        return completions(text, word, types_like(re.search(r'\S*$', text)[0]))


def split_options(text):
    """(the options that the text begins with, the rest), where the rest is not words but one text."""
    options, rest = [], text.strip()
    while rest.startswith('--'):
        option, _, rest = rest.partition(' ')
        rest = rest.strip()
        if option == '--':
            break
        options.append(option)
        if option in WITH_VALUE:
            value, _, rest = rest.partition(' ')
            options.append(value)
            rest = rest.strip()
    return options, rest


class Expression(Command):
    """Options, then an expression that gives an address."""

    def run(self, argument):
        options, expression = split_options(argument)
        if self.helps(options):
            return
        address = functions.evaluate(expression)
        analyzer.report([self.name, session.need(), '0x%x' % address, *options])

    def complete_operand(self, text, word):
        return gdb.COMPLETE_EXPRESSION


class MaybeExpression(Expression):
    """One that does something else without an expression."""

    def run(self, argument):
        options, expression = split_options(argument)
        if expression:
            super().run(argument)
        elif not self.helps(options):
            analyzer.report([self.name, session.need(), *options])


class Sql(Command):
    """Options, then a query."""

    def run(self, argument):
        options, query = split_options(argument)
        if self.helps(options):
            return
        if not query:
            raise Failure('heapsect: a query is missing: heapsect sql SELECT ...')
        analyzer.report([self.name, session.need(), query, *options])


class File(Command):
    def file(self, argument):
        words = gdb.string_to_argv(argument)
        if len(words) != 1:
            raise Failure('heapsect: give one file: heapsect %s FILE' % self.name)
        return words[0]

    def complete_operand(self, text, word):
        return gdb.COMPLETE_FILENAME


class Diff(File):
    """The older snapshot is the file's."""

    def run(self, argument):
        words = gdb.string_to_argv(argument)
        if self.helps(words):
            return
        names = [i for i, word in enumerate(words)
                 if not word.startswith('-') and (i == 0 or words[i - 1] not in WITH_VALUE)]
        if not names:
            raise Failure('heapsect: give an older snapshot of this process: heapsect diff FILE')
        words[names[0]] = os.path.expanduser(words[names[0]])
        words.insert(names[-1] + 1, session.need())
        analyzer.report([self.name, *words])


class Save(File):
    options = ()

    def run(self, argument):
        session.save(self.file(argument))


class Use(File):
    options = ()

    def run(self, argument):
        session.use(self.file(argument))


class Analyze(Command):
    options = ('--output', '--exe', '--sysroot', '--debug-dir', '--library-dir', '--partial',
               '--no-cache', '--jobs', '--help')

    def run(self, argument):
        words = gdb.string_to_argv(argument)
        if self.helps(words):
            return
        output, options = self.split(words)
        analyzer.report(['summary', session.make(output, options)])

    @staticmethod
    def split(words):
        """(FILE of -o or None, the other options)"""
        output, options, words = None, [], list(words)
        while words:
            word = words.pop(0)
            if word in ('-o', '--output'):
                if not words:
                    raise Failure("heapsect: option '%s' needs an argument" % word)
                output = words.pop(0)
            elif word.startswith('--output='):
                output = word.partition('=')[2]
            else:
                options.append(word)
        return output and os.path.abspath(os.path.expanduser(output)), options

    def complete_operand(self, text, word):
        return gdb.COMPLETE_FILENAME


def register():
    analyzer.Program()
    Heapsect()
    Analyze('analyze', """Read the process now, and print the summary.
Usage: heapsect analyze [-o FILE] [--exe FILE] [--sysroot DIR] [--debug-dir DIR] [--partial]

The snapshot goes to FILE, or to a temporary file that goes with the session.  GDB's executable,
sysroot, debug-file-directory and solib-search-path are handed on.  A live process stays stopped,
and is left as it was.  Ctrl-C ends it, and then nothing is left behind.""")
    Report('summary', """What process, what its memory is, where every byte is, the findings.
Usage: heapsect summary [--top N] [--json]""")
    Types('types', """Histogram of types: count, own and retained bytes.
Usage: heapsect types [--top N] [--json] [REGEX]

With REGEX, a POSIX extended one, only types with a name that matches somewhere.""")
    Report('leaks', """What leaked: ledger surpluses, garbage, native leaks, each graded.
Usage: heapsect leaks [--all] [--baseline FILE] [--top N] [--json]""",
           ['--all', '--baseline', '--write-baseline', '--grade', '--fail-on'])
    Report('cycles', """Reference cycles by pattern, garbage first.
Usage: heapsect cycles [--top N] [--json]""")
    Report('gc', """The collector: generations, and what it would visit and find now.
Usage: heapsect gc [--top N] [--json]""")
    Report('waste', """Equal strings, unused room, empty containers, boxed numbers.
Usage: heapsect waste [--top N] [--json]""")
    Report('pools', """Size classes and arenas of the small-object allocator, and what pins them.
Usage: heapsect pools [--top N] [--json]""")
    Report('heap', """The C library's arenas and chunks, and blocks that are no objects.
Usage: heapsect heap [--top N] [--json]""")
    MaybeExpression('retained', """The objects that keep the most memory alive, or what one does.
Usage: heapsect retained [--depth N] [--top N] [--json] [EXPR]""", ['--depth'])
    Report('threads', """The Python stacks of all threads, with their locals.
Usage: heapsect threads [--top N] [--json]""")
    Expression('show', """What is at an address: object, block, variable, stack; its references.
Usage: heapsect show [--top N] [--json] EXPR""")
    MaybeExpression('why', """Why an object is alive: the paths from roots to it.
Usage: heapsect why [--top N] [--json] EXPR
       heapsect why --type NAME [--top N] [--json]""", ['--type'])
    Expression('referrers', """Who refers to an object, and why these are alive.
Usage: heapsect referrers [--top N] [--json] EXPR""")
    Diff('diff', """What grew since an older snapshot of the process.
Usage: heapsect diff [--objects] [--top N] [--json] FILE

With --objects, which objects were born and died.""", ['--objects'])
    Sql('sql', """Run SQL on the snapshot, read only.
Usage: heapsect sql [--top N] [--json] QUERY

The tables are those of heapsect-snapshot(5).  All that follows the options is the query.""")
    Save('save', """Write the session's snapshot to a file, for the heapsect program or later.
Usage: heapsect save FILE""")
    Use('use', """Answer from a snapshot that is there already.
Usage: heapsect use FILE

It has to be one of the process that GDB has open, if there is one.""")
