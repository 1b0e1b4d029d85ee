"""A scripted GDB: runs commands, and tells what each of them printed."""
import json
import os
import re
import signal
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLUGIN = os.path.join(ROOT, 'gdbplugin', 'heapsect.py')
MARK = '@@heapsect-test '
SECONDS = 300


class Debugger:
    def __init__(self, gdb, heapsect, temporary, environment=None):
        self.gdb, self.heapsect, self.temporary = gdb, heapsect, temporary
        self.plugin = PLUGIN
        self.environment = dict(os.environ, HEAPSECT=heapsect, TMPDIR=temporary, LC_ALL='C.UTF-8',
                                DEBUGINFOD_URLS='', TERM='xterm', **(environment or {}))

    def command(self, opening, commands, plugin=True):
        """The command line: what opens the process, then each command after a mark of its own."""
        words = [self.gdb, '-nx', '-q', '-batch', '-iex', 'set confirm off',
                 '-iex', 'set auto-load safe-path /nonexistent', *opening]
        if plugin:
            words += ['-ex', 'source %s' % self.plugin]
        for number, command in enumerate(commands):
            words += ['-ex', r'echo \n%s%d\n' % (MARK, number), '-ex', command]
        return words + ['-ex', r'echo \n%send\n' % MARK]

    def run(self, opening, commands, plugin=True, errors=True, **options):
        """What each command printed, as a list.  With `errors`, what it printed to stderr, too."""
        ran = subprocess.run(self.command(opening, commands, plugin), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, env=self.environment, timeout=SECONDS,
                             stderr=subprocess.STDOUT if errors else subprocess.PIPE, **options)
        self.text = ran.stdout.decode('utf-8', 'replace')
        self.errors = (ran.stderr or b'').decode('utf-8', 'replace')
        parts = re.split(r'\n?%s(?:\d+|end)\n' % re.escape(MARK), self.text)
        self.before = parts[0]
        if len(parts) != len(commands) + 2:
            raise AssertionError('gdb ended early: %s' % self.text[-2000:])
        return parts[1:-1]

    def cli(self, *arguments):
        """What the program itself prints."""
        ran = subprocess.run([self.heapsect, *arguments], capture_output=True, env=self.environment,
                             timeout=SECONDS)
        return ran.stdout.decode('utf-8', 'replace')


    def rows(self, snapshot, query):
        """By the program: the test's own SQLite may be too old for STRICT tables."""
        return [tuple(row.values()) for row in json.loads(self.cli('sql', '--json', snapshot, query))]


def start(python, folder, mode, *arguments, before=()):
    """(process, address of a session) of program.py once it is ready; stopped for the caller to end."""
    command = [*before, *program(python, mode, *arguments)]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True,
                               env=dict(os.environ, PYTHONPATH=folder, PYTHONDONTWRITEBYTECODE='1'))
    line = process.stdout.readline()
    if not line.startswith('ready '):
        process.kill()
        raise AssertionError('program.py is not ready: %r' % line)
    return process, line.split()[1]


def program(python, mode, *arguments):
    return [python, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'program.py'), mode,
            *[str(a) for a in arguments]]


def end(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def has_python(gdb):
    ran = subprocess.run([gdb, '-nx', '-batch', '-ex', 'python print(1 + 1)'], capture_output=True,
                         text=True, stdin=subprocess.DEVNULL)
    return ran.stdout.strip() == '2'
