"""EXPR to an address, and $heapsect_...: what a snapshot knows of it, in any expression of GDB's."""
import gdb

from heapsect_gdb import session
from heapsect_gdb.errors import Failure

WORD = (1 << 64) - 1
POINTERS = (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_INT, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_CHAR,
            gdb.TYPE_CODE_BOOL)


def address_of(value):
    """What a pointer or a number says, else where the value lies."""
    kind = value.type.strip_typedefs()
    if kind.code in (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF):
        value = value.referenced_value()
        kind = value.type.strip_typedefs()
    if kind.code in POINTERS:
        return int(value) & WORD
    if value.address is None:
        raise Failure("heapsect: a value of type '%s' that is not in memory is no address"
                      % value.type)
    return int(value.address) & WORD


def evaluate(text):
    """The address that an expression gives."""
    if not text.strip():
        raise Failure('heapsect: an expression is missing, for an address: self, $rdi, 0x7f...')
    try:
        return address_of(gdb.parse_and_eval(text))
    except (gdb.error, gdb.MemoryError) as error:
        raise Failure("heapsect: '%s': %s" % (text.strip(), str(error).strip().rstrip('.')))


def find(value):
    """The Object in the snapshot, or None."""
    from heapsect_gdb.objects import Snapshot
    return Snapshot(session.need()).object(address_of(value))


class Type(gdb.Function):
    """$heapsect_type (EXPR): the type of the Python object at an address, or inside of which it
lies: "app.Session".  "" where there is no object.

As all heapsect functions it reads the process again when that has run, at a breakpoint's
condition each time.  Compare with $_streq: break f if $_streq($heapsect_type(self), "app.Session")"""

    def __init__(self):
        super().__init__('heapsect_type')

    def invoke(self, value):
        found = find(value)
        return found.type if found else gdb.parse_and_eval('""')


class Figure(gdb.Function):
    """A number of an object; an error where there is no object, or the number is not known."""

    def __init__(self, column, text):
        self.column = column
        self.__doc__ = text
        super().__init__('heapsect_' + column.split('_')[0])

    def invoke(self, value):
        found = find(value)
        if not found:
            raise Failure('heapsect: 0x%x is in no object' % address_of(value))
        figure = getattr(found, self.column)
        if figure is None:
            raise Failure('heapsect: the %s of the %s object at 0x%x is not known'
                          % (self.column.replace('_', ' '), found.type, found.address))
        return figure


def register():
    Type()
    Figure('refcount', '$heapsect_refcount (EXPR): the reference count of a Python object.')
    Figure('surplus', '$heapsect_surplus (EXPR): how many references of an object nobody owns.')
    Figure('retained_size', '$heapsect_retained (EXPR): how many bytes would go with an object.')
