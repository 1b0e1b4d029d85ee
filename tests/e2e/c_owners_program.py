"""Objects that only C code holds: running functions of the interpreter, and SQLite.

    python3 c_owners_program.py FOLDER [leak]

writes FOLDER/c_owners.json, {what it is: address}, and aborts.  With `leak` each of them has a
reference more, that nobody owns.
"""
import ctypes
import json
import os
import sqlite3
import sys

increment = ctypes.pythonapi.Py_IncRef
increment.argtypes, increment.restype = [ctypes.py_object], None


def twice(value):
    return value * 2


class Gather:
    def step(self, value):
        pass

    def finalize(self):
        return 0


class Aborting:
    """Made by a call in C, which has a tuple for the arguments."""

    def __init__(self, *arguments):
        os.abort()


def tell(folder, objects):
    with open(os.path.join(folder, 'c_owners.json'), 'w') as file:
        json.dump({name: id(each) for name, each in objects.items()}, file)
    if len(sys.argv) > 2:
        for each in objects.values():
            increment(each)


connection = sqlite3.connect(':memory:')
connection.create_function('twice', 1, twice)
connection.create_function('replaced', 1, len)
connection.create_function('replaced', 1, max)
connection.create_aggregate('gather', 1, Gather)
tell(sys.argv[1], {
    'module that is run': sys.modules['__main__'],
    'code that is run': sys._getframe().f_code,
    'name of the file': sys._getframe().f_code.co_filename,
    'empty tuple': (),
    'SQL function': twice,
    'SQL aggregate': Gather,
    'function called by C': Aborting.__init__,
})
Aborting([1], [2])
