"""Runs the program under test."""
import os
import subprocess

TIMEOUT = 300  # seconds


class Heapsect:
    def __init__(self, program, cache):
        self.program = os.path.abspath(program)
        self.environment = dict(os.environ, XDG_CACHE_HOME=cache, NO_COLOR='1')

    def command(self, *arguments):
        return [self.program, *map(str, arguments)]

    def run(self, *arguments, prefix=(), **more):
        """A CompletedProcess with text; `prefix` is put before the command."""
        return subprocess.run([*prefix, *self.command(*arguments)], env=self.environment,
                              text=True, errors='replace', capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT, **more)


def complaint(ran):
    """What a run that should have succeeded said instead."""
    lines = ran.stderr.strip().split('\n')
    return 'exit status %d: %s' % (ran.returncode, lines[-1])
