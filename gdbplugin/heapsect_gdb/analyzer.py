"""The heapsect program as a child: neither a crash nor an OOM of it takes the session down."""
import os
import re
import select
import shutil
import signal
import subprocess

import gdb

from heapsect_gdb.errors import Failure

HERE = os.path.dirname(os.path.realpath(__file__))
BESIDE = ('../../build/heapsect',        # in the source tree
          '../../../../bin/heapsect')    # of PREFIX/share/heapsect/gdb
PROGRESS = re.compile(r'progress: (\d+) (.*)')
MOST_TEXT = 1 << 16
GRACE = 5  # seconds
LOOK = 200  # milliseconds


class Program(gdb.Parameter):
    """The heapsect program that the heapsect commands run.
Unset, it is $HEAPSECT, else the one installed with the plugin, else the first in PATH."""
    set_doc = 'Set the heapsect program that the heapsect commands run.'
    show_doc = 'Show the heapsect program that the heapsect commands run.'

    def __init__(self):
        super().__init__('heapsect-program', gdb.COMMAND_DATA, gdb.PARAM_OPTIONAL_FILENAME)

    def get_set_string(self):
        return ''

    def get_show_string(self, value):
        return 'The heapsect program is %s.' % (value or 'looked for')


def is_program(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def chosen():
    """What the user says it is: (path, how it was said), or (None, None)."""
    told = gdb.parameter('heapsect-program')
    if told:
        return os.path.expanduser(told), 'set heapsect-program'
    return os.environ.get('HEAPSECT') or None, '$HEAPSECT'


def program():
    path, how = chosen()
    if path:
        path = shutil.which(path) or path
        if is_program(path):
            return path
        raise Failure("heapsect: '%s' (%s) is no program that can be run" % (path, how))
    for path in [os.path.join(HERE, name) for name in BESIDE] + [shutil.which('heapsect')]:
        if path and is_program(path):
            return os.path.normpath(path)
    raise Failure("heapsect: the program heapsect is not installed; install it, or say where it is "
                  "with 'set heapsect-program FILE'")


def environment():
    """The child's: getopt finds options behind operands, as the commands here have them."""
    return {name: value for name, value in os.environ.items() if name != 'POSIXLY_CORRECT'}


def start(arguments, keep=()):
    path = program()
    try:
        return subprocess.Popen([path, *arguments], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                pass_fds=keep, env=environment())
    except OSError as error:
        raise Failure("heapsect: '%s' cannot be run: %s" % (path, error.strerror))


def lines(stream):
    """As text, as they come.  GDB's handler of SIGINT lets a read go on as if nothing was, so that
    Python would see a Ctrl-C only after it; waiting is what is interrupted, and it ends now and then
    for the Ctrl-C that comes just before it begins."""
    ready, rest = select.poll(), b''
    ready.register(stream, select.POLLIN)
    while True:
        while not ready.poll(LOOK):
            pass
        part = os.read(stream.fileno(), MOST_TEXT)
        *whole, rest = (rest + part).split(b'\n')
        for line in whole:
            yield line.decode('utf-8', 'replace') + '\n'
        if not part:
            break
    if rest:
        yield rest.decode('utf-8', 'replace')


def end(child):
    """Lets it tidy up, as at its own Ctrl-C; it is gone afterwards."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()
    child.stderr.close()


def why(child, message):
    """The sentence for a child that failed."""
    lines = [line for line in message.splitlines() if line.strip()]
    if child.returncode == -signal.SIGINT:
        return 'heapsect: interrupted'
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        hint = ', probably for want of memory' if name == 'SIGKILL' else ''
        return 'heapsect: the analyzer was ended by %s%s' % (name, hint)
    return lines[-1] if lines else 'heapsect: exit status %d, without a word' % child.returncode


def styled():
    """As GDB's own output is: escape sequences only at a terminal."""
    try:
        return bool(gdb.parameter('style enabled')) and os.isatty(1)
    except RuntimeError:
        return False


def write(text, stream=gdb.STDOUT):
    """Through GDB's pager.  A character that its charset lacks must not be an error."""
    try:
        gdb.write(text, stream)
    except UnicodeEncodeError:
        gdb.write(text.encode('ascii', 'backslashreplace').decode('ascii'), stream)


def notice(text):
    """A sentence beside the output, so that the output is the report alone."""
    write('heapsect: %s\n' % text, gdb.STDERR)


def report(arguments):
    """Runs a report and writes it out; what it found (--fail-on) is no error here."""
    child = start([*arguments, '--color', 'always' if styled() else 'never'])
    try:
        for line in lines(child.stdout):
            write(line)
        message = ''.join(lines(child.stderr))
        child.wait()
    finally:
        end(child)
    if child.returncode not in (0, 1):
        raise Failure(why(child, message))


def ask(arguments):
    """What a run wrote, as text."""
    child = start(arguments)
    try:
        output, message = child.communicate()
    finally:
        end(child)
    if child.returncode:
        raise Failure(why(child, message.decode('utf-8', 'replace')))
    return output.decode('utf-8', 'replace')


class Progress:
    """One line that is written over, at a terminal; else nothing."""

    def __init__(self):
        self.shown = os.isatty(2) and 'TERM' in os.environ

    def show(self, text):
        if self.shown:
            gdb.write('\r\x1b[K' + text, gdb.STDERR)
            gdb.flush(gdb.STDERR)

    def done(self):
        self.show('')


def analyze(arguments, keep=()):
    """Makes a snapshot.  Ctrl-C ends it, and nothing is left behind."""
    child = start(['analyze', *arguments, '--quiet', '--progress-lines'], keep)
    progress, message = Progress(), ''
    try:
        for line in lines(child.stderr):
            step = PROGRESS.match(line)
            if step:
                progress.show('heapsect: %s %s %%' % (step[2], step[1]))
            else:
                message = (message + line)[-MOST_TEXT:]
        child.wait()
    except KeyboardInterrupt:
        raise Failure('heapsect: interrupted; no snapshot was made')
    finally:
        progress.done()
        end(child)
    if child.returncode == -signal.SIGINT:
        raise Failure('heapsect: interrupted; no snapshot was made')
    if child.returncode:
        raise Failure(why(child, message))
