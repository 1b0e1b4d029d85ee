"""Runs what heapsect was not written against, and is dumped in the middle of it.

    --run test.test_dict    a test suite of the standard library, again and again, until the
                            process gets the signal; it says `ready` before it begins
          django_site       a program of this folder, which says itself when its middle is
"""
import ctypes
import gc
import importlib
import io
import os
import signal
import sys
import traceback
import unittest

import truth

SIGNAL = signal.SIGRTMIN + 3  # of no test's interest
MORE_FRAMES = 10000


class Teller:
    """Tells from a copy of the process: its other threads would go on here meanwhile."""

    def __init__(self, options):
        self.options = options
        self.folder = os.getcwd()
        self.fork = ctypes.PyDLL(None).fork

    def __call__(self, *_):
        pid = self.fork()
        if pid:
            status = os.waitpid(pid, 0)[1]
            if os.WIFSIGNALED(status):
                os.write(1, b'the teller got signal %d\n' % os.WTERMSIG(status))
            os._exit(1 if status else 0)
        try:
            sys.setrecursionlimit(sys.getrecursionlimit() + MORE_FRAMES)
            os.chdir(self.folder)
            gc.disable()
            truth.tell(self.options, truth.Planted())
            os._exit(0)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
            os._exit(1)


def run_suite(name, tell):
    support = importlib.import_module('test.support')
    support.use_resources = []  # no network, no screen, nothing that takes long
    signal.signal(SIGNAL, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [SIGNAL])
    os.write(1, b'ready\n')
    while True:
        tests = unittest.defaultTestLoader.loadTestsFromName(name)
        unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(tests)


def main():
    options = truth.prepare(__doc__, run='')
    tell = Teller(options)
    if options.run.startswith('test.'):
        run_suite(options.run, tell)
    importlib.import_module(options.run).main(tell)
    sys.exit('%s ended and told nothing' % options.run)


if __name__ == '__main__':
    main()
