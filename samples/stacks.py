"""Python stacks of all threads, as the process itself sees them.

A stack is [kernel's thread id or null, frames], a frame [qualified name or null, name, file, line,
locals], innermost first.  `locals` are {name: address of the value} of the function's own
variables; null where they were not told.  The qualified name is null before 3.11.
"""
import faulthandler
import sys
import tempfile
import threading

CO_OPTIMIZED = 1


def all_threads(teller):
    """Of the running thread the frames from `teller` on, without the line and locals of that one."""
    here = threading.get_ident()
    native = {thread.ident: thread.native_id for thread in threading.enumerate()}
    current = sys._current_frames()
    current[here] = teller
    return [[native.get(ident), frames_from(frame, teller)] for ident, frame in current.items()]


def frames_from(frame, teller):
    rows = []
    while frame is not None:
        code, told = frame.f_code, frame is not teller
        rows.append([getattr(code, 'co_qualname', None), code.co_name, code.co_filename,
                     frame.f_lineno if told else None, local_addresses(frame) if told else None])
        frame = frame.f_back
    return rows


def local_addresses(frame):
    code = frame.f_code
    if not code.co_flags & CO_OPTIMIZED:
        return None
    values = frame.f_locals
    return {name: id(values[name])
            for name in code.co_varnames + code.co_cellvars + code.co_freevars if name in values}


def faulthandler_text():
    """What faulthandler prints of all threads."""
    with tempfile.TemporaryFile('w+', errors='replace') as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()
