"""Writes the table of opcodes of the Python that runs it, for analyzer/runtime/cpython/opcodes.c.

    python3.11 tests/runtime/cpython/make_opcodes.py > analyzer/runtime/cpython/opcodes_3_11.def

What an instruction does to the evaluation stack is what dis.stack_effect() says, except where
that is the compiler's bookkeeping and not what the interpreter does: those are below.
"""
import dis
import sys

MINOR = sys.version_info[1]

# What differs from dis.stack_effect(): (shape, base, each).
REAL = {
    # The compiler books the arguments with PRECALL; they stay until CALL is done.
    (11, 'PRECALL'): ('PLAIN', 0, 0),
    (11, 'CALL'): ('PLAIN', -1, -1),
}
for minor in range(11, 14):  # the first send() brings a value, which POP_TOP removes
    REAL[minor, 'RETURN_GENERATOR'] = ('PLAIN', 1, 0)
# 3.8: what END_FINALLY finds is one slot or six, see stack_depth.c.
for name, shape, base in (('BEGIN_FINALLY', 'BEGIN_FINALLY', 1), ('CALL_FINALLY', 'CALL_FINALLY', 0),
                          ('END_FINALLY', 'END_FINALLY', -1), ('POP_FINALLY', 'POP_FINALLY', -1),
                          ('POP_EXCEPT', 'POP_HANDLER', -3), ('END_ASYNC_FOR', 'POP_HANDLER', -7),
                          ('WITH_CLEANUP_START', 'CLEANUP_START', 1),
                          ('WITH_CLEANUP_FINISH', 'CLEANUP_FINISH', -2)):
    REAL[8, name] = (shape, base, 0)

SHAPES = {
    'PLAIN': lambda arg: arg,
    'BIT_0': lambda arg: arg & 1,
    'BIT_2': lambda arg: arg >> 2 & 1,
    'BITS': lambda arg: bin(arg & 15).count('1'),
    'THREE': lambda arg: arg == 3,
    'UNPACK': lambda arg: (arg & 255) + (arg >> 8),
}

STOPS = {'RETURN_VALUE', 'RETURN_CONST', 'RAISE_VARARGS', 'RERAISE', 'INTERPRETER_EXIT'}
GOES = {'JUMP_FORWARD', 'JUMP_ABSOLUTE', 'JUMP_BACKWARD', 'JUMP_BACKWARD_NO_INTERRUPT'}

# Operands that are handed over or released before anything else can run.
RELEASED = {'STORE_FAST': 1, 'STORE_DEREF': 1, 'POP_TOP': 1, 'STORE_FAST_LOAD_FAST': 1,
            'STORE_FAST_STORE_FAST': 2, 'END_SEND': 2, 'END_FINALLY': 1,
            'POP_EXCEPT': 3 if MINOR < 11 else 1, 'RERAISE': 3 if MINOR < 11 else 1,
            'END_ASYNC_FOR': 7 if MINOR < 11 else 2, 'END_FOR': 2 if MINOR == 12 else 1}
if MINOR >= 12:  # the manager is released before its __enter__ runs
    RELEASED.update(BEFORE_WITH=1, BEFORE_ASYNC_WITH=1)
# Which operand from the top specialised forms hand over, before they release what stood there.
RELEASED_SPECIALISED = {'STORE_FAST': 2, 'STORE_ATTR': 2, 'STORE_SUBSCR': 3}

ROLES = {'CALL_FUNCTION': 'CALL', 'CALL_METHOD': 'CALL', 'CALL_FUNCTION_KW': 'CALL', 'CALL': 'CALL',
         'CALL_KW': 'CALL', 'CALL_FUNCTION_EX': 'CALL_EX', 'PRECALL': 'PRECALL',
         'UNPACK_SEQUENCE': 'FILLS', 'UNPACK_EX': 'FILLS',
         'BUILD_SET': 'HANDS_OVER',
         'EXTENDED_ARG': 'PREFIX', 'GEN_START': 'BEGINS'}


def effect(name, arg, jump):
    opcode = dis.opmap[name]
    has_arg = opcode in dis.hasarg if MINOR >= 12 else opcode >= dis.HAVE_ARGUMENT
    return dis.stack_effect(opcode, arg if has_arg else None, jump=jump)


def fitted(name):
    """(shape, base, each) that agrees for all arguments tried."""
    tried = list(range(32)) + [256, 257, 511, 513]
    for shape, function in SHAPES.items():
        base = effect(name, 0, False)
        if shape == 'UNPACK':
            base, each = 0, 1
        else:
            one = next(arg for arg in tried if function(arg))
            each = (effect(name, one, False) - base) // int(function(one))
        if all(effect(name, arg, False) == base + each * int(function(arg)) for arg in tried):
            return shape, base, each
    raise SystemExit('3.%d: %s has an effect of another shape' % (MINOR, name))


def jump_of(name):
    opcode = dis.opmap[name]
    if opcode in dis.hasjabs:
        kind = 'ABSOLUTE'
    elif opcode in dis.hasjrel:
        kind = 'BACKWARD' if 'BACKWARD' in name else 'FORWARD'
    else:
        return 'STOP' if name in STOPS else 'NEXT'
    return 'GO_' + kind if name in GOES else kind


def row(name):
    shape, base, each = REAL.get((MINOR, name)) or fitted(name)
    jump = jump_of(name)
    # One beyond the fall-through effect of the same argument: it is a constant.
    jumping = effect(name, 0, True) if jump not in ('NEXT', 'STOP') else 0
    if MINOR == 8 and name.startswith('SETUP_'):
        shape = 'SETUP'
    return 'OPCODE(%d, %s, %s, %d, %d, %s, %d, %s, %d, %d)' % (
        dis.opmap[name], name, shape, base, each, jump, jumping, ROLES.get(name, 'PLAIN'),
        RELEASED.get(name, 0), RELEASED_SPECIALISED.get(name, 0) if MINOR >= 11 else 0)


def is_real(name):
    return (dis.opmap[name] < 256 and not name.startswith(('INSTRUMENTED_', '<', 'ENTER_EXECUTOR'))
            and name not in ('CACHE', 'RESERVED'))


def main():
    print('/*\n * Opcodes of CPython 3.%d: see opcodes.h.  Written by make_opcodes.py from the\n'
          ' * modules `dis` and `opcode` of %s.\n */' % (MINOR, sys.version.split()[0]))
    for name in sorted(filter(is_real, dis.opmap), key=dis.opmap.get):
        print(row(name))


main()
