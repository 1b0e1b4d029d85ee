"""Holds the depths that analyzer/runtime/cpython/bytecode.c computes against co_stacksize, for
every code object of the standard library of the Python that runs this.

    cc -shared -fPIC -Ianalyzer -o depths.so \\
        analyzer/runtime/cpython/{bytecode,opcodes}.c analyzer/base/vector.c
    python3.11 tests/runtime/cpython/check_depths.py depths.so

Each must be interpreted without contradictions, and must nowhere be deeper than the compiler
says.  The compiler's figure may be larger: it counts ways that no instruction takes.
"""
import collections
import ctypes
import os
import sys
import sysconfig
import types
import warnings

MINOR = sys.version_info[1]
BYTES = ctypes.POINTER(ctypes.c_uint8)


class Bytecode(ctypes.Structure):
    _fields_ = [('minor', ctypes.c_uint), ('bytes', ctypes.c_char_p), ('size', ctypes.c_uint32),
                ('handlers', ctypes.c_char_p), ('handlers_size', ctypes.c_uint32),
                ('unspecialise', ctypes.c_char_p), ('caches', ctypes.c_char_p)]


class Instruction(ctypes.Structure):
    _fields_ = [('opcode', ctypes.c_void_p), ('argument', ctypes.c_uint32),
                ('is_specialised', ctypes.c_bool), ('low', ctypes.c_uint32),
                ('high', ctypes.c_uint32), ('deepest', ctypes.c_uint32)]


def caches():
    """As _PyOpcode_Caches; NULL before 3.11."""
    if MINOR < 11:
        return None
    import opcode
    told = opcode._inline_cache_entries
    if isinstance(told, dict):
        told = [told.get(opcode.opname[number], 0) for number in range(256)]
    return bytes(list(told)[:256])


def codes(code):
    todo = [code]
    while todo:
        each = todo.pop()
        yield each
        todo += [const for const in each.co_consts if isinstance(const, types.CodeType)]


def sources():
    for folder, _, names in os.walk(sysconfig.get_path('stdlib')):
        for name in sorted(names):
            if name.endswith('.py'):
                yield os.path.join(folder, name)


def compiled(path):
    try:
        with open(path, 'rb') as file:
            return compile(file.read(), path, 'exec')
    except (SyntaxError, ValueError, RecursionError):
        return None  # samples of what does not compile


def check(library, code, table):
    """'' or what is wrong, and whether the compiler's figure is met."""
    handlers = getattr(code, 'co_exceptiontable', b'')
    given = Bytecode(MINOR, code.co_code, len(code.co_code), handlers, len(handlers), None, table)
    found = Instruction()
    if not library.bytecode_instruction(ctypes.byref(given), ctypes.c_uint64(0),
                                        ctypes.byref(found)):
        return 'no depth', False
    if found.deepest > code.co_stacksize:
        return 'too deep', False
    return '', found.deepest == code.co_stacksize


def main():
    warnings.simplefilter('ignore')
    library = ctypes.CDLL(os.path.abspath(sys.argv[1]))
    library.bytecode_instruction.restype = ctypes.c_bool
    table, count, wrong = caches(), collections.Counter(), []
    for path in sources():
        for code in codes(compiled(path)) if compiled(path) else ():
            reason, is_same = check(library, code, table)
            count[reason] += 1
            count['same'] += is_same
            if reason:
                wrong.append('%s: %s:%d %s' % (reason, path, code.co_firstlineno, code.co_name))
    print('3.%d: %d code objects, %d as deep as co_stacksize, %d wrong' %
          (MINOR, sum(count.values()) - count['same'], count['same'], len(wrong)))
    print('\n'.join(wrong[:20]))
    return bool(wrong)


sys.exit(main())
