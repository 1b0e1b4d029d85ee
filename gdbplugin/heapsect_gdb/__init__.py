"""The parts of the GDB plugin; `import heapsect` is the way in.

errors      the one exception
analyzer    the heapsect program as a child: where it is, running it, its progress and its errors
target      what GDB has open: core, process or remote target, and how the analyzer gets at it
session     which snapshot answers, and when it has to be made again
commands    the prefix `heapsect`
functions   $heapsect_...
objects     the Python API
"""
