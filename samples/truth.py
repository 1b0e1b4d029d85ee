"""What a process was like at the moment it was dumped, told by the process itself.

A sample plants something, calls tell(), and the process is forked:

    sibling 1   prints sys._debugmallocstats()
    sibling 2   collects with gc.DEBUG_SAVEALL and writes what was garbage
    child       aborts at once (or waits to be dumped): its core is the state before any of
                the truth was made
    parent      has the same objects at the same addresses, and describes them

fork() is called through ctypes.PyDLL: it keeps the GIL and runs no hooks, so that nothing is
allocated between the call and the child's end.  For the same reason tell() reads every
reference count before it makes anything of its own.

The description is one JSON file, SAMPLE.truth.json, beside the core, SAMPLE.core:

    types     [name, address, plain]: `plain` are classes of Python code over nothing but object
    objects   [address, type, refcount, size, tracked, referents, value]: what the collector
              tracks and everything reached from it.  `type` is an index.  `refcount` is null
              where the telling itself changed it.  `size` is sys.getsizeof(), null for other
              types than str, bytes, int, float, tuple, list and dicts that share no keys.
              `value` is what objects.value should say, null for other types than str, bytes,
              int and float.
    garbage   addresses of what the collector would have freed
    planted   [address, kind, type name]
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
import sys

MEASURED = (str, bytes, int, float, tuple, list, dict)
INVERT = 2 ** 64 - 1
DICT_VALUES = 40   # offset of ma_values: not NULL when a dict shares its keys
LONGEST_VALUE = 80
LONGEST_INT = 256  # bits
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


def prepare(description):
    """Reads the command line, goes to the core's folder, allows cores."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--core-dir', default='.', help='where core and truth go (default: here)')
    parser.add_argument('--dump', choices=('kernel', 'full', 'hold'), default='kernel',
                        help='kernel: abort, default coredump_filter; full: the same, every page; '
                             'hold: print the pid of a process that waits to be dumped')
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


def tell(options, planted):
    """Forks the process that is dumped and writes the truth about it."""
    libc = ctypes.PyDLL(None)  # kept: dropped, it would be a cycle of its own
    fork = libc.fork
    get_objects, getrefcount, stats = gc.get_objects, sys.getrefcount, sys._debugmallocstats
    end, leave, dup2 = signal.pause if options.dump == 'hold' else os.abort, os._exit, os.dup2
    if options.dump == 'hold':
        libc.prctl(0x59616d61, ctypes.c_ulong(-1))  # PR_SET_PTRACER_ANY
    probes = [fork, get_objects, getrefcount, stats, end, leave, dup2]
    probe_addresses = set(map(id, probes))
    with open(options.sample + '.mallocstats', 'w') as stats_file, \
            open(options.sample + '.garbage', 'w') as garbage_file:
        stats_descriptor = stats_file.fileno()
        sys.stdout.flush()
        own_references = list(map(getrefcount, [object()]))[0]
        if not fork():
            dup2(stats_descriptor, 2)
            stats()
            leave(0)
        if not fork():
            write_garbage(garbage_file)
            leave(0)
        pid = fork()
        if not pid:
            end()
            leave(0)
        objects = get_objects()
        counts = list(map(getrefcount, objects))
        counts = [None if id(o) in probe_addresses else n - own_references
                  for o, n in zip(objects, counts)]
        rows, kinds = describe(objects, counts)  # before closing changes the files
    status = reap_siblings(pid)
    write(options, planted, pid, rows, kinds)
    finish(options, pid, status)


def write_garbage(file):
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    json.dump([id(o) for o in gc.garbage], file)
    file.flush()


def type_name(kind):
    return '%s.%s' % (kind.__module__, kind.__qualname__)


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


def leaves_of(objects):
    """Everything that is reached from objects and is none of them."""
    found = {id(o): o for o in objects}
    frontier = objects
    while frontier:
        referents = [r for o in frontier for r in gc.get_referents(o)]
        frontier = list({id(r): r for r in referents if id(r) not in found}.values())
        found.update((id(r), r) for r in frontier)
    return list(found.values())[len(objects):]


def leaf_counts(leaves):
    """Reference counts of leaves; None for those that any running code touches."""
    own_references = list(map(sys.getrefcount, [object()]))[0]
    counts = list(map(sys.getrefcount, leaves))
    here = {id(f.__code__) for f in globals().values() if hasattr(f, '__code__')}
    return [None if id(leaf) in here or not is_private(leaf) else count - own_references
            for leaf, count in zip(leaves, counts)]


def is_private(leaf):
    """No shared value, and no name: the interpreter's method cache keeps those it looks up."""
    kind = type(leaf)
    if kind is int:
        return not -5 <= leaf <= 256
    if kind in (str, bytes):
        return len(leaf) > 1 and not (kind is str and leaf.isidentifier())
    return kind is float or kind is tuple and len(leaf) > 0


def describe(objects, counts):
    leaves = leaves_of(objects)
    counts += leaf_counts(leaves)
    kinds = {}
    rows = []
    for thing, count in zip(objects + leaves, counts):
        kind = kinds.setdefault(type(thing), len(kinds))
        referents = [id(r) for r in gc.get_referents(thing)]
        tracked = int(len(rows) < len(objects))
        rows.append([id(thing), kind, count, measured_size(thing), tracked, referents,
                     value_of(thing)])
    return rows, kinds


def write(options, planted, pid, rows, kinds):
    with open(options.sample + '.garbage') as file:
        garbage = json.load(file)
    with open(options.sample + '.mallocstats') as file:
        mallocstats = file.read()
    os.remove(options.sample + '.garbage')
    os.remove(options.sample + '.mallocstats')
    truth = {
        'sample': options.sample, 'python': sys.version, 'pid': pid,
        'executable': os.path.realpath(sys.executable),
        'types': [[type_name(k), id(k), is_plain(k)] for k in kinds],
        'planted': planted.rows(), 'garbage': garbage, 'mallocstats': mallocstats,
        'objects': rows,
    }
    with open(truth_file(options), 'w') as file:
        file.write(json.dumps(truth))


def truth_file(options):
    return options.sample + '.truth.json'


def reap_siblings(pid):
    """Waits for the two that told something; the status of the dumped one if it ended too."""
    statuses = {}
    while len(statuses.keys() - {pid}) < 2:
        child, status = os.waitpid(-1, 0)
        statuses[child] = status
    return statuses.get(pid)


def finish(options, pid, status):
    print('%s: the truth is in %s' % (options.sample, os.path.abspath(truth_file(options))))
    if options.dump == 'hold':
        print('%s: process %d waits' % (options.sample, pid), flush=True)
        os.waitpid(pid, 0)
        return
    if status is None:
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
