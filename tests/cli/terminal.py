"""A program at a terminal, as a person sits before it: what is typed, and what is shown."""
import contextlib
import os
import pty
import select
import subprocess
import termios
import time

SANITIZERS = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")
              if name in os.environ}
TIMEOUT = 60  # seconds; a test that fails takes as long, none that passes


class Terminal:
    """Runs a command with a terminal as its standard input, output and error."""

    def __init__(self, command, **environment):
        self.parent, child = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, start_new_session=True,
            preexec_fn=take_terminal,
            env={"TERM": "xterm", "LC_ALL": "C.UTF-8", **SANITIZERS, **environment})
        os.close(child)
        self.text = ""  # shown since what was last waited for

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.parent)

    def send(self, keys):
        os.write(self.parent, keys.encode())

    def expect(self, wanted):
        """What was shown up to and with the wanted text."""
        deadline = time.monotonic() + TIMEOUT
        while wanted not in self.text:
            left = deadline - time.monotonic()
            chunk = read_some(self.parent, left)
            if not chunk:
                raise AssertionError(f"{wanted!r} was not shown, but {self.text!r}")
            self.text += chunk
        shown, self.text = self.text.split(wanted, 1)
        return shown + wanted

    def expect_prompt(self, prompt, edited):
        """The same for a prompt, until the program waits for what is typed: Ctrl-C before that
        would cancel nothing.  A line editor makes the terminal raw first."""
        shown = self.expect(prompt)
        deadline = time.monotonic() + TIMEOUT
        while edited and self.is_cooked() or not self.sleeps():
            if time.monotonic() > deadline:
                raise AssertionError("the program does not wait for a line")
            time.sleep(0.001)
        return shown

    def is_cooked(self):
        return termios.tcgetattr(self.parent)[3] & termios.ICANON

    def sleeps(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "S"

    def end(self):
        """The exit status; `text` has what was left to be shown."""
        self.text += read_all(self.parent)
        return self.process.wait(timeout=TIMEOUT)


def take_terminal():
    """Ctrl-C reaches only who has the terminal for its own."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))


def read_some(descriptor, seconds):
    """"" at the end: Linux says EIO of a terminal that nobody has open any more."""
    if seconds <= 0 or not select.select([descriptor], [], [], seconds)[0]:
        return ""
    with contextlib.suppress(OSError):
        return os.read(descriptor, 65536).decode(errors="replace")
    return ""


def read_all(descriptor):
    text = ""
    while True:
        chunk = read_some(descriptor, TIMEOUT)
        if not chunk:
            return text
        text += chunk
