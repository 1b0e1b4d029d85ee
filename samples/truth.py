"""What a process was like at the moment it was dumped, told by the process itself.

A sample plants something, calls tell(), and the process is forked:

    sibling 1   prints sys._debugmallocstats()
    sibling 2   collects, and writes what has gone
    child       aborts at once: its core is the state before any of the truth was made
    parent      has the same objects at the same addresses, and describes them

With --dump hold it is the other way round: the parent, with all its threads, waits to be dumped,
and a child describes what it has a copy of.

fork() is called through ctypes.PyDLL: it keeps the GIL and runs no hooks, so that nothing is
allocated between the call and the child's end.  For the same reason tell() reads every
reference count before it makes anything of its own.

The description is one JSON file, SAMPLE.truth.json, beside the core, SAMPLE.core:

    types     [name, address, plain]: `plain` are classes of Python code over nothing but object
    objects   [address, type, refcount, size, tracked, referents, value]: what the collector
              tracks and everything reached from it.  `type` is an index.  `refcount` is null
              where the telling itself changed it and for immortal objects.  `size` is
              sys.getsizeof(), null for other types than MEASURED and for dicts that share keys.
              `referents` is null for the frame that told and for what it is deadly to
              ask.  `value` is what objects.value should say, null for other types than str, bytes,
              int and float.
    garbage   addresses of tracked objects that the collector would free: what is `unreachable` by
              all counts and references, and what was `freed` when it ran, less side effects
    frozen    addresses of what is in the permanent generation
    generations   addresses by generation, as gc.get_objects(generation) gives them
    planted   [address, kind, type name]
    inverted  addresses ^ INVERT; `lost`: blocks of malloc, the first of each list lost, the others
              with it; `possible`: lists of one, a block with pointers into its middle only.  Not
              in all samples.
    threads   stacks, see stacks.py; `faulthandler`: its text
    mallocstats, python, executable, pid, sample
"""
import argparse
import array
import ctypes
import gc
import json
import os
import resource
import signal
import struct
import sys
import traceback
import types

import stacks

MEASURED = (str, bytes, int, float, tuple, list, set, frozenset, dict)
if sys.version_info < (3, 15):
    MEASURED += bytearray,  # since then it counts the bytes object that it has
IMMORTAL = 2 ** 31  # such counts say no more than that
INVERT = 2 ** 64 - 1
DICT_VALUES = 40   # offset of ma_values: not NULL when a dict shares its keys
LIST_ALLOCATED = 32
LONGEST_VALUE = 80
LONGEST_INT = 256  # bits
LONGEST_COLLECTION = 60  # seconds
PRINTER, COLLECTOR = range(2)
# Besides those below, what cannot be printed: see analyzer/runtime/cpython/value_text.c.
FORMATS = (0x61c, 0x6dd, 0x70f, 0x8e2, 0x1680, 0x180e, 0x3000, 0xfeff, 0x110bd, 0x110cd)
TYPE_DEALLOC = 48  # offset of tp_dealloc: the same function in all classes of Python code


class Planted:
    """Addresses of what a sample planted, inverted: nothing in memory looks like a reference."""

    def __init__(self):
        self.addresses = array.array('Q')
        self.kinds = []
        self.types = []

    def add(self, thing, kind):
        self.addresses.append(id(thing) ^ INVERT)
        self.kinds.append(kind)
        self.types.append(type_name(type(thing)))

    def rows(self):
        return [[address ^ INVERT, kind, name]
                for address, kind, name in zip(self.addresses, self.kinds, self.types)]


def prepare(description, **choices):
    """Reads the command line, goes to the core's folder, allows cores.

    choices: values of more options, the first the default: variant=('small', 'big'); a
    string is a default that anything may replace.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--core-dir', default='.', help='where core and truth go (default: here)')
    parser.add_argument('--dump', choices=('kernel', 'full', 'hold'), default='kernel',
                        help='kernel: abort, default coredump_filter; full: the same, every page; '
                             'hold: print the pid of a process that waits to be dumped')
    for name, values in choices.items():
        if isinstance(values, str):
            parser.add_argument('--' + name, default=values)
        else:
            parser.add_argument('--' + name, choices=values, default=values[0])
    options = parser.parse_args()
    options.sample = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    os.chdir(options.core_dir)
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    if options.dump == 'full':
        with open('/proc/self/coredump_filter', 'w') as file:
            file.write('0x7f')
    return options


def settle():
    """Frees what start-up left behind, and keeps the collector off from here on."""
    gc.collect()
    gc.disable()


def tell(options, planted, **facts):
    """Forks the process that is dumped, or the one that tells, and writes the truth, and facts."""
    library = ctypes.PyDLL(None)
    fork, teller = library.fork, sys._getframe()
    get_objects, getrefcount, stats = gc.get_objects, sys.getrefcount, sys._debugmallocstats
    end, leave, dup2 = signal.pause if options.dump == 'hold' else os.abort, os._exit, os.dup2
    if options.dump == 'hold':
        library.prctl(0x59616d61, ctypes.c_ulong(-1))  # PR_SET_PTRACER_ANY
    probes = [fork, get_objects, getrefcount, stats, end, leave, dup2, teller, library]
    probe_addresses = set(map(id, probes))
    stats_file, freed_file = (os.open(options.sample + name, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
                                for name in ('.mallocstats', '.freed'))
    sys.stdout.flush()
    own_references = list(map(getrefcount, [object()]))[0]
    # Numbers in an array are no objects: all copies have the same blocks.
    children = array.array('i', [0, 0])
    pid = 0
    if options.dump == 'hold' and fork():
        end()  # the copy tells: it lacks this one's threads, but not their memory
        leave(0)
    children[PRINTER] = fork()
    if not children[PRINTER]:
        dup2(stats_file, 2)
        stats()
        leave(0)
    children[COLLECTOR] = fork()
    if not children[COLLECTOR]:
        write_freed(freed_file)
        leave(0)
    if options.dump != 'hold':
        pid = fork()
        if not pid:
            end()
            leave(0)
    generations = [list(map(id, get_objects(0))), list(map(id, get_objects(1))),
                   list(map(id, get_objects(2)))]
    gc.unfreeze()  # get_objects() leaves the permanent generation out
    objects = get_objects()
    counts = list(map(getrefcount, objects))
    counted = tidied(objects, counts, generations, probe_addresses, own_references)
    objects = counts = None
    tell_the_rest(options, planted, pid or os.getppid(), children, counted, generations,
                  teller, facts)


def tidied(objects, counts, generations, probe_addresses, own_references):
    """[(object, count)]: without what is the teller's own.

    A count is None where telling changed it, and for immortal objects.
    """
    own = {id(generations), *map(id, generations)}
    return [(o, None if id(o) in probe_addresses or n >= IMMORTAL else n - own_references)
            for o, n in zip(objects, counts) if id(o) not in own]


def tell_the_rest(options, planted, pid, siblings, counted, generations, teller, facts):
    try:
        for sibling in siblings:
            os.waitpid(sibling, 0)
        told = describe(counted, generations, teller)
        write(options, dict(
            told, sample=options.sample, python=sys.version, pid=pid,
            executable=os.path.realpath(sys.executable), planted=planted.rows(), **facts))
        finish(options, pid)
    except BaseException:
        if options.dump != 'hold':
            raise
        traceback.print_exc()
        sys.stderr.flush()
        os.kill(pid, signal.SIGKILL)
    if options.dump == 'hold':
        os._exit(0)


def describe(counted, generations, teller):
    rows, kinds = describe_objects(counted, teller)
    known = {id(o) for o, _ in counted}
    generations = [[a for a in members if a in known] for members in generations]
    frozen = known.difference(*generations)
    return {
        'objects': rows, 'types': [[type_name(k), id(k), is_plain(k)] for k in kinds],
        'garbage': unreachable([pair for pair in counted if id(pair[0]) not in frozen]),
        'frozen': list(frozen), 'generations': generations,
        'threads': stacks.all_threads(teller), 'faulthandler': stacks.faulthandler_text(),
    }


def is_deadly(thing):
    """3.12's _asyncio visits dead iterators in a free list: to ask for its referents kills."""
    return (sys.version_info[:2] == (3, 12) and type(thing) is types.ModuleType
            and vars(thing).get('__name__') == '_asyncio')


def referents_of(thing):
    return [] if is_deadly(thing) else gc.get_referents(thing)


def unreachable(counted):
    """Addresses of what the collector would free: all references to them come from among them.

    Unlike gc.garbage under DEBUG_SAVEALL this has what goes before the collector gets to it, when
    a finalizer runs: the locals of a suspended generator, for one.  It lacks what only hidden
    references of the garbage hold; write_freed() tells of that.
    """
    objects = [o for o, _ in counted]
    outer = {id(o): IMMORTAL if n is None else n for o, n in counted}
    for thing in objects:
        for referent in referents_of(thing):
            if id(referent) in outer:
                outer[id(referent)] -= 1
    frontier = [o for o in objects if outer[id(o)] > 0]
    alive = set(map(id, frontier))
    while frontier:
        reached = {id(r): r for o in frontier for r in referents_of(o) if id(r) in outer}
        frontier = [r for address, r in reached.items() if address not in alive]
        alive.update(map(id, frontier))
    return [address for address in outer if address not in alive]


def write_freed(descriptor):
    """What goes when the collector runs: also what only C code of the garbage refers to.

    Nothing, if a finalizer takes too long: it may wait for a thread that this copy lacks.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LONGEST_COLLECTION)
    gone = set(map(id, gc.get_objects()))
    gc.collect()
    gone.difference_update(map(id, gc.get_objects()))
    memory = os.open('/proc/self/mem', os.O_RDONLY)
    freed = [address for address in gone if not is_untracked(memory, address)]
    os.write(descriptor, json.dumps(freed).encode())


def is_untracked(memory, address):
    """Still there: the collector untracks tuples and dicts that can be in no cycle."""
    try:
        count, kind = struct.unpack('<QQ', os.pread(memory, 16, address))
    except (OSError, struct.error):
        return False
    # A freed block begins with an address or 0; bits 32 to 47 of a count are always 0.
    return kind in (id(tuple), id(dict)) and count & 0xffffffff and not count >> 32 & 0xffff


def all_garbage(told, freed):
    """The unreachable, and what went with it, unless something that stayed told of it.

    The latter goes by a side effect: a class takes itself off the list of its base's subclasses.
    """
    gone = {*told['garbage'], *freed}
    for address, _, _, _, _, referents, _ in told['objects']:
        if address not in gone:
            gone.difference_update(referents or ())
    return sorted(gone.union(told['garbage']))


def type_name(kind):
    module = kind.__module__
    if type(module) is not str:  # a class that has an attribute of that name for its instances
        return repr(kind)[len("<class '"):-len("'>")]
    return '%s.%s' % (module, kind.__qualname__)


def word_at(address):
    return ctypes.c_size_t.from_address(address).value


def is_plain(kind):
    dealloc = word_at(id(Planted) + TYPE_DEALLOC)
    return all(word_at(id(base) + TYPE_DEALLOC) == dealloc for base in kind.__mro__[:-1])


def measured_size(thing):
    if type(thing) not in MEASURED:
        return None
    if type(thing) is dict and word_at(id(thing) + DICT_VALUES):
        return None
    if type(thing) is list and word_at(id(thing) + LIST_ALLOCATED) == INVERT:
        return None  # -1 while it is being sorted
    return sys.getsizeof(thing)


def is_printable(code):
    return not (code < 0x20 or 0x7f <= code <= 0xa0 or code == 0xad or 0x600 <= code <= 0x605
                or 0x890 <= code <= 0x891 or 0x2000 <= code <= 0x200f or 0x2028 <= code <= 0x202f
                or 0x205f <= code <= 0x206f or 0xd800 <= code <= 0xf8ff or 0xfff9 <= code <= 0xfffb
                or 0xfffe <= code <= 0xffff or 0x13430 <= code <= 0x1343f
                or 0x1bca0 <= code <= 0x1bca3 or 0x1d173 <= code <= 0x1d17a
                or 0xe0000 <= code <= 0xe007f or code >= 0xf0000 or code in FORMATS)


def escaped(code):
    """One character as it stands in a value."""
    if is_printable(code):
        return '\\\\' if code == ord('\\') else chr(code)
    if code < 256:
        return repr(bytes([code]))[2:-1]
    return '\\u%04x' % code if code < 0x10000 else '\\U%08x' % code


def shortened(elements):
    """The elements in a row; if those are too long, as many as leave room for an ellipsis."""
    text = ''.join(elements)
    if len(text) <= LONGEST_VALUE:
        return text
    short = ''
    for element in elements:
        if len(short) + len(element) >= LONGEST_VALUE:
            break
        short += element
    return short + '\u2026'


def value_of(thing):
    """The text of objects.value, by the rule in schema/tables.sql."""
    if type(thing) is str:
        return shortened([escaped(ord(c)) for c in thing[:LONGEST_VALUE + 1]])
    if type(thing) is bytes:
        inside = ["\\'" if byte == ord("'") else repr(bytes([byte]))[2:-1]
                  for byte in thing[:LONGEST_VALUE + 1]]
        return shortened(["b", "'"] + inside + ["'"])
    if type(thing) is int:
        bits = thing.bit_length()
        return repr(thing) if bits <= LONGEST_INT else 'int of %d bits' % bits
    return repr(thing) if type(thing) is float else None


def leaves_of(objects, teller):
    """Everything that is reached from objects, but not through the teller, and is none of them."""
    found = {id(o): o for o in objects}
    frontier = [o for o in objects if o is not teller]
    while frontier:
        referents = [r for o in frontier for r in referents_of(o)]
        new = {id(r): r for r in referents if id(r) not in found}
        found.update(new)
        new.pop(id(teller), None)
        frontier = list(new.values())
    return list(found.values())[len(objects):]


def leaf_counts(leaves):
    """Reference counts of leaves; None for those that any running code touches."""
    own_references = list(map(sys.getrefcount, [object()]))[0]
    counts = list(map(sys.getrefcount, leaves))
    here = {id(f.__code__) for f in globals().values() if hasattr(f, '__code__')}
    return [None if id(leaf) in here or count >= IMMORTAL or not is_private(leaf)
            else count - own_references for leaf, count in zip(leaves, counts)]


def is_private(leaf):
    """No shared value, and no name: the interpreter's method cache keeps those it looks up."""
    kind = type(leaf)
    if kind is int:
        return not -5 <= leaf <= 256
    if kind in (str, bytes):
        return len(leaf) > 1 and not (kind is str and leaf.isidentifier())
    return kind in (float, complex, bytearray) or kind is tuple and len(leaf) > 0


def describe_objects(counted, teller):
    leaves = leaves_of([o for o, _ in counted], teller)
    rows, kinds = [], {}
    for thing, count in counted + list(zip(leaves, leaf_counts(leaves))):
        kind = kinds.setdefault(type(thing), len(kinds))
        referents = None if thing is teller or is_deadly(thing) else [
            id(r) for r in gc.get_referents(thing)]
        tracked = int(len(rows) < len(counted))
        rows.append([id(thing), kind, count, measured_size(thing), tracked, referents,
                     value_of(thing)])
    return rows, kinds


def write(options, truth):
    with open(options.sample + '.mallocstats') as file:
        truth['mallocstats'] = file.read()
    with open(options.sample + '.freed') as file:
        truth['freed'] = json.loads(file.read() or '[]')
    truth['unreachable'] = truth['garbage']
    truth['garbage'] = all_garbage(truth, truth['freed'])
    for suffix in '.mallocstats', '.freed':
        os.remove(options.sample + suffix)
    with open(truth_file(options), 'w') as file:
        file.write(json.dumps(truth))


def truth_file(options):
    return options.sample + '.truth.json'


def finish(options, pid):
    print('%s: the truth is in %s' % (options.sample, os.path.abspath(truth_file(options))))
    if options.dump == 'hold':
        print('%s: process %d waits' % (options.sample, pid), flush=True)
        return
    status = os.waitpid(pid, 0)[1]
    core = find_core(pid) if os.WCOREDUMP(status) else None
    if not core:
        with open('/proc/sys/kernel/core_pattern') as file:
            pattern = file.read().strip()
        sys.exit('%s: no core here; see ulimit -Hc, and /proc/sys/kernel/core_pattern, which is: %s'
                 % (options.sample, pattern))
    os.replace(core, options.sample + '.core')
    print('%s: the core is in %s' % (options.sample, os.path.abspath(options.sample + '.core')))


def find_core(pid):
    """Where a kernel with core_pattern `core` or `core.PID` put it."""
    names = [name for name in ('core', 'core.%d' % pid) if os.path.exists(name)]
    return max(names, key=os.path.getmtime, default=None)
