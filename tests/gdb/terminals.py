"""GDB at a terminal: Ctrl-C, the pager, styling, progress."""
import contextlib
import os
import pty
import re
import select
import signal
import time

import debugger

PROMPT = '(gdb) '


class Terminal:
    """An interactive GDB."""

    def __init__(self, run, opening, settings=()):
        words = [run.gdb, '-nx', '-q', '-iex', 'set confirm off', '-iex',
                 'set auto-load safe-path /nonexistent', *opening, '-ex', 'source ' + run.plugin]
        for setting in settings:
            words += ['-ex', setting]
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a background job of a shell has it ignored
            os.execvpe(words[0], words, run.environment)
        self.until(PROMPT)

    def until(self, *ends, seconds=60):
        """What it wrote up to one of the ends."""
        text, limit = '', time.monotonic() + seconds
        while not any(end in text for end in ends):
            ready = select.select([self.file], [], [], max(0, limit - time.monotonic()))[0]
            if not ready:
                raise AssertionError('gdb does not write %s but %r' % (ends, text[-500:]))
            text += os.read(self.file, 65536).decode('utf-8', 'replace')
        return text

    def write(self, text):
        os.write(self.file, text.encode())

    def run(self, command, *ends):
        self.write(command + '\n')
        return self.until(*(ends or (PROMPT,)))

    def wait(self):
        """Until it has ended by itself."""
        with contextlib.suppress(OSError):  # the terminal's end, on Linux
            while os.read(self.file, 65536):
                pass
        os.waitpid(self.pid, 0)
        self.pid = None

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.file)


def slow(bench):
    """An analyzer that has written a line of progress, and then heeds no SIGINT."""
    script = bench.path('slow')
    with open(script, 'w') as file:
        file.write('#!/bin/sh\nif [ "$1" = analyze ]; then\n\ttrap "" INT\n\techo "progress: 42 waiting" >&2\n'
                   '\texec sleep 100\nfi\nexec %s "$@"\n' % bench.debugger.heapsect)
    os.chmod(script, 0o755)
    return script


def check_interrupt(bench, opening):
    """Of a slow analyzer and, once it works, of the real one: the session goes on."""
    results = bench.results
    terminal = Terminal(bench.debugger, opening, ['set heapsect-program ' + slow(bench)])
    try:
        terminal.run('heapsect summary', 'waiting 42 %')
        terminal.write('\x03')
        text = terminal.until(PROMPT)
        results.check('interrupted; no snapshot was made' in text and 'Traceback' not in text,
                      'Ctrl-C ends the analyzer', text.strip()[-80:])
        terminal.run('set heapsect-program ' + bench.debugger.heapsect)
        text = terminal.run('heapsect types --top 3 Session')
        results.check('Session' in text, 'and the session goes on', repr(text[-60:]))
        left = [name for folder in os.listdir(bench.temporary)
                for name in os.listdir(os.path.join(bench.temporary, folder))]
        results.check(left == ['inferior-1.heapsect.db'], 'nothing else is left', ' '.join(left))
        terminal.write('quit\n')
        terminal.wait()
        bench.check_tidy('quit')
    finally:
        terminal.close()


def check_pager(bench, opening):
    """The report goes through GDB's pager, and may be left there."""
    terminal = Terminal(bench.debugger, opening, ['set height 8', 'set width 200'])
    try:
        text = terminal.run('heapsect threads --top 0', '<RET>')
        bench.results.check(text.count('\n') <= 10, 'GDB\'s pager', '%d lines' % text.count('\n'))
        terminal.write('q\n')
        text = terminal.until(PROMPT)
        bench.results.check('Traceback' not in text, 'left with q', repr(text[-60:]))
        text = terminal.run('print 123450 + 6')
        bench.results.check('123456' in text, 'and the session goes on', repr(text[-60:]))
    finally:
        terminal.close()


def check_style(bench, opening):
    for setting, expected in (('on', True), ('off', False)):
        terminal = Terminal(bench.debugger, opening, ['set height 0', 'set style enabled ' + setting])
        try:
            text = terminal.run('heapsect types --top 2')
            line = next((line for line in text.split('\n') if re.search('Count +%', line)), '')
            bench.results.check(('\x1b[1m' in line) == expected, 'styling is %s' % setting, repr(line[:20]))
        finally:
            terminal.close()


def check(bench):
    process, _ = debugger.start(bench.python, bench.folder, 'sleep')
    try:
        for part in (check_interrupt, check_pager, check_style):
            part(bench, ['-p', str(process.pid)])
    finally:
        debugger.end(process)
