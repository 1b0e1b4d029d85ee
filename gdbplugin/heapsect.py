# A GDB without Python takes this for a script of its own, and what it finds first for a command that
# it does not know: the name below is what it says then.
This_GDB_has_no_Python_so_that_the_heapsect_plugin_cannot_be_loaded = None

__doc__ = """heapsect in GDB: the heap of the Python process that is open in the debugger.

Load it with one of

    source .../heapsect.py          at GDB's prompt
    source .../heapsect.gdb         in ~/.gdbinit, where GDB may be one without Python
    (nothing)                       after `make install`, which puts it where GDB looks at its start

and see `help heapsect`.  For scripts of your own:

    import heapsect
    for o in heapsect.snapshot().objects(type="app.Session"):
        print(hex(o.address), o.path(), [r.label for r in o.referrers()])

It defines one command, `heapsect`, one parameter, `heapsect-program`, and the functions
$heapsect_type, $heapsect_refcount, $heapsect_surplus and $heapsect_retained; nothing else.
"""
import os
import sys

if __name__ == 'heapsect':
    import heapsect_gdb.commands
    import heapsect_gdb.functions
    import heapsect_gdb.session
    from heapsect_gdb.errors import Failure as Error  # what everything here raises

    heapsect_gdb.session.watch()
    heapsect_gdb.commands.register()
    heapsect_gdb.functions.register()

    def snapshot():
        """The snapshot of the selected inferior, made if there is none or the process has run."""
        from heapsect_gdb.objects import Snapshot
        return Snapshot(heapsect_gdb.session.need())

    def open_snapshot(path):
        """The snapshot in a file, of whatever process."""
        from heapsect_gdb.objects import Snapshot
        return Snapshot(os.path.expanduser(path))
else:
    # Sourced, so this runs in GDB's __main__, which nobody can import.
    folder = os.path.dirname(os.path.realpath(__file__))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    del folder
    import heapsect
