"""The one exception: GDB prints its sentence, without a traceback, and the session goes on."""
import gdb


class Failure(gdb.GdbError):
    """One sentence: what is wrong, and what to do."""
