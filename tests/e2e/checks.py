"""Holds a snapshot against what the process wrote about itself: sets, address by address."""
import collections
import json
import os
import re
import sqlite3

import elf

HERE = os.path.dirname(os.path.abspath(__file__))

# Of these every reference of kind 0 must be what gc.get_referents() gave; besides, of all
# instances of classes of plain Python code.  Of all others the table shows how many are.
EXACT = {'builtins.' + name for name in (
    'dict list tuple set frozenset function cell code type module frame generator').split()}
VALUED = {'builtins.' + name for name in (
    'str bytes int float bool NoneType list tuple dict set frozenset function code').split()}
MEASURED = {'builtins.' + name for name in
            'str bytes bytearray int float tuple list set frozenset dict'.split()}
INVERT = 2 ** 64 - 1  # as samples/truth.py hides addresses
PERMANENT = 3  # the generation that gc.get_objects() leaves out

Object = collections.namedtuple(
    'Object', 'id address type refcount surplus state tracked generation bytes value')
Told = collections.namedtuple('Told', 'address type plain refcount size tracked referents value')


class Case:
    """One dump: its truth, its snapshot, where its results go."""

    def __init__(self, results, label, truth, db, core=None):
        self.results, self.label, self.truth, self.core = results, label, truth, core
        self.db = db
        self.objects = {row.address: row for row in map(Object._make, self.db.execute(
            'SELECT o.id, o.address, t.name, o.refcount, o.surplus, o.state, o.gc_tracked,'
            ' o.gc_generation,'
            ' o.size + coalesce(o.owned_size, 0), o.value'
            ' FROM objects o LEFT JOIN types t ON t.id = o.type_id'))}
        self.told = {}
        for address, kind, refcount, size, tracked, referents, value in truth['objects']:
            name, _, plain = truth['types'][kind]
            self.told[address] = Told(address, name, plain, refcount, size, tracked, referents,
                                      value)

    def name(self, what):
        return '%s: %s' % (self.label, what)

    def one(self, query):
        return self.db.execute(query).fetchone()[0]

    def check(self, good, what, figures=''):
        return self.results.check(good, self.name(what), figures)

    def equal(self, actual, expected, what):
        self.results.equal(actual, expected, self.name(what))

    def planted(self, kind):
        return {(address, name) for address, planted, name in self.truth['planted']
                if planted == kind}


def addresses(pairs):
    return {pair[0] for pair in pairs}


def tracked_objects(case):
    told = {t.address for t in case.told.values() if t.tracked} - set(case.truth['frozen'])
    case.equal({o.address for o in case.objects.values()
                if o.tracked and o.generation != PERMANENT}, told, 'objects the collector tracks')


def types_and_counts(case):
    told = case.told.values()
    here = case.objects
    case.equal({(o.address, o.type) for o in here.values() if o.address in case.told},
               {(t.address, t.type) for t in told}, 'type names of objects')
    counted = [t for t in told if t.refcount is not None]
    case.equal({(t.address, t.type, here[t.address].refcount) for t in counted
                if t.address in here},
               {(t.address, t.type, t.refcount) for t in counted}, 'reference counts')


def sizes(case):
    told = [t for t in case.told.values() if t.size is not None and t.type in MEASURED]
    here = case.objects
    case.equal({(t.address, t.type, here[t.address].bytes) for t in told if t.address in here},
               {(t.address, t.type, t.size) for t in told}, 'sizes as sys.getsizeof says')


def values(case):
    told = [t for t in case.told.values() if t.value is not None]
    here = case.objects
    case.equal({(t.address, t.type, here[t.address].value) for t in told if t.address in here},
               {(t.address, t.type, t.value) for t in told}, 'values as the process says')
    bare = [o for o in here.values() if o.type in VALUED and o.value is None]
    case.check(not bare, 'every str, number, container and function has a value',
               '%d have none' % len(bare))


Difference = collections.namedtuple('Difference', 'told missing extra')


def reference_differences(case):
    """For each object whose referents were told: what the snapshot lacks, what it has too many."""
    address_of = {o.id: o.address for o in case.objects.values()}
    found = collections.defaultdict(collections.Counter)
    for source, target in case.db.execute('SELECT source_id, target_id FROM refs WHERE kind = 0'):
        found[address_of.get(source)][address_of.get(target)] += 1
    for told in case.told.values():
        if told.referents is None:
            continue
        expected = collections.Counter(told.referents)
        yield Difference(told, expected - found[told.address], found[told.address] - expected)


def references(case):
    rows = collections.defaultdict(collections.Counter)
    wrong = set()
    for told, missing, extra in reference_differences(case):
        asserted = told.plain or told.type in EXACT
        row = rows['classes of plain Python' if told.plain else told.type, bool(asserted)]
        row.update(objects=1, exact=not missing and not extra, edges=len(told.referents),
                   missing=sum(missing.values()), extra=sum(extra.values()))
        if asserted and (missing or extra):
            wrong.add((told.address, told.type, 'missing %s, too many %s' % (
                [hex(a) for a in missing], [hex(a or 0) for a in extra])))
    total = sum(row['objects'] for (_, asserted), row in rows.items() if asserted)
    if not case.check(not wrong, 'references as gc.get_referents says',
                      '%d of %d objects' % (total - len(wrong), total)):
        case.results.note(*('%s %s: %s' % (hex(a), name, text) for a, name, text in sorted(wrong)[:10]))
    print_table(case, rows)


def print_table(case, rows):
    edges, missing, extra = (sum(row[key] for row in rows.values())
                             for key in ('edges', 'missing', 'extra'))
    inexact = {key: row for key, row in rows.items() if row['exact'] != row['objects']}
    case.results.note('references of all %d types: %d told, %d missing, %d too many; %d types are '
                      'not exact%s' % (len(rows), edges, missing, extra, len(inexact),
                                       ':' if inexact else ''))
    if inexact:
        case.results.note('%-40s %8s %8s %8s %8s %8s' % (
            'type', 'objects', 'exact', 'told', 'missing', 'extra'))
    for (name, _), row in sorted(inexact.items(), key=lambda item: -item[1]['missing']):
        case.results.note('%-40s %8d %8d %8d %8d %8d' % (name, *(
            row[key] for key in ('objects', 'exact', 'edges', 'missing', 'extra'))))


def garbage(case):
    told = set(case.truth['garbage'])
    here = [o for o in case.objects.values() if o.state == 'garbage']
    case.equal({o.address for o in here if o.tracked}, told, 'garbage as the collector finds it')
    planted = case.planted('garbage')
    case.equal({(o.address, o.type) for o in here}, planted, 'garbage is what was planted')
    leaked = case.one("SELECT coalesce(sum(objects), 0) FROM leaks WHERE kind = 'garbage'")
    case.check(leaked == len(planted), 'objects of garbage leaks',
               '%d of %d' % (leaked, len(planted)))


def surplus(case):
    planted = case.planted('refcount')
    here = case.objects
    case.equal({(a, here[a].type, here[a].surplus) for a, _ in planted if a in here},
               {(a, name, 1) for a, name in planted}, 'surplus 1 where planted')
    mortal = [o for o in here.values() if o.surplus is not None]
    odd = collections.Counter((o.surplus > 0) - (o.surplus < 0) for o in mortal)
    case.results.note('ledger: %d of %d objects explained (%.2f%%), %d positive, %d negative' % (
        odd[0], len(mortal), 100.0 * odd[0] / max(len(mortal), 1), odd[1], odd[-1]))


# The objects handled last may have left their address on the C stack: those are only probable.
STALE_AT_MOST = 5
ON_A_STACK = ("SELECT o.address FROM leaks l JOIN objects o ON o.id = l.object_id"
              " JOIN roots r ON r.object_id = o.id WHERE l.kind = 'refcount'"
              " AND l.grade = 'probable' AND r.kind IN ('stack', 'register')")


WHY_DOUBTED = ("SELECT o.address, l.explanation FROM leaks l JOIN objects o ON o.id = l.object_id"
               " WHERE l.kind = 'refcount' AND l.grade = 'probable'")


def proven_leaks(case):
    planted = addresses(case.planted('refcount'))
    leaks = set(case.db.execute(
        'SELECT o.address, t.name, o.value, o.surplus FROM leaks l'
        ' LEFT JOIN objects o ON o.id = l.object_id LEFT JOIN types t ON t.id = o.type_id'
        " WHERE l.kind = 'refcount' AND l.grade = 'proven'"))
    others = [leak for leak in leaks if leak[0] not in planted]
    unknown = without_known(others, case.truth['python'])
    found = len(planted & addresses(leaks))
    doubted = len(planted & addresses(case.db.execute(ON_A_STACK)))
    good = found + doubted == len(planted) and doubted <= STALE_AT_MOST and not unknown
    if not case.check(good, 'proven refcount leaks',
                      '%d of %d planted, %d more on a stack, %d known of the interpreter,'
                      ' %d others' % (found, len(planted), doubted, len(others) - len(unknown),
                                      len(unknown))):
        case.results.note(*('%#x %s surplus %s value %s' % (a or 0, name, n, value)
                            for a, name, value, n in sorted(unknown, key=str)[:10]))
        case.results.note(*('%#x: %s' % row for row in case.db.execute(WHY_DOUBTED)
                            if row[0] in planted))


def native_leaks(case):
    """Nothing is lost but what was; a stale word may raise doubts about a few."""
    told = {key: [[a ^ INVERT for a in addresses] for addresses in lists]
            for key, lists in case.truth.get('inverted', {}).items()}
    heads = {first: 1 + len(rest) for first, *rest in told.get('lost', ())}
    behind = {address for _, *rest in told.get('lost', ()) for address in rest}
    possible = {address for address, in told.get('possible', ())}
    rows = case.db.execute('SELECT l.grade, b.address, l.objects FROM leaks l LEFT JOIN blocks b'
                           " ON b.id = l.block_id WHERE l.kind = 'native'").fetchall()
    proven = {address: objects for grade, address, objects in rows if grade == 'proven'}
    doubted = {address for grade, address, _ in rows if grade == 'probable'}
    exact = sum(heads.get(address) == objects for address, objects in proven.items())
    good = (set(proven) <= set(heads) and exact >= len(heads) - STALE_AT_MOST
            and possible <= doubted <= possible | behind | set(heads))
    if not case.check(good, 'native leaks', '%d of %d, %d others; %d of %d possible, %d others' % (
            exact, len(heads), len(set(proven) - set(heads)), len(possible & doubted),
            len(possible), len(doubted - possible))):
        case.results.note(*('%s %#x, %d blocks' % (grade, address or 0, objects)
                            for grade, address, objects in rows[:100]
                            if address not in heads and address not in possible))


def without_known(leaks, version):
    """Those leaks that interpreter_leaks.json does not explain."""
    with open(os.path.join(HERE, 'interpreter_leaks.json')) as file:
        known = [dict(entry) for entry in json.load(file)['leaks']
                 if version.startswith(entry['version'])]
    unknown = []
    for leak in leaks:
        for entry in known:
            if (entry['count'] > 0 and entry['type'] == leak[1]
                    and entry['value'] in (None, leak[2])):
                entry['count'] -= 1
                break
        else:
            unknown.append(leak)
    return unknown


def blocks_in_use(case):
    row = re.compile(r'\s*\d+\s+(\d+)\s+\d+\s+(\d+)\s+\d+\s*$')
    lines = [row.match(line) for line in case.truth['mallocstats'].split('\n')]
    told = {(int(line[1]), int(line[2])) for line in lines if line}
    here = set(case.db.execute('SELECT block_size, sum(used) FROM pools'
                               ' WHERE block_size > 0 GROUP BY block_size'))
    case.equal({pair for pair in here if pair[1]}, {pair for pair in told if pair[1]},
               'blocks in use by size class')


def integrity(case):
    result = case.one('PRAGMA integrity_check')
    case.check(result == 'ok', 'PRAGMA integrity_check', result)
    broken = len(case.db.execute('PRAGMA foreign_key_check').fetchall())
    case.check(broken == 0, 'PRAGMA foreign_key_check', '%d violations' % broken)
    loose = case.one('SELECT count(*) FROM refs r LEFT JOIN objects s ON s.id = r.source_id'
                     ' LEFT JOIN objects t ON t.id = r.target_id'
                     ' WHERE s.address IS NULL OR t.address IS NULL')
    total = case.one('SELECT count(*) FROM refs')
    case.check(total and not loose, 'references resolve', '%d of %d' % (total - loose, total))
    unordered = case.one('SELECT count(*) FROM objects a JOIN objects b ON b.id = a.id + 1'
                         ' WHERE b.address <= a.address')
    highest = case.one('SELECT max(id) FROM objects')
    case.check(not unordered and highest == len(case.objects), 'ids are 1 to N by address',
               '%d objects' % len(case.objects))


def accounting(case):
    leaves = case.one('SELECT coalesce(sum(bytes), 0) FROM accounting WHERE bucket NOT IN'
                      ' (SELECT parent FROM accounting WHERE parent IS NOT NULL)')
    dumped = case.one('SELECT sum(dumped) FROM mappings')
    if case.core:
        dumped = elf.loaded_bytes(case.core)
    case.check(leaves == dumped, 'every byte of the dump is in one bucket',
               '%d of %d' % (leaves, dumped))


def views(case):
    names = [name for name, in case.db.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
    for name in names:
        case.db.execute('SELECT * FROM %s LIMIT 1' % name).fetchall()
    wanted = {'v_' + name for name in
              'objects types referrers referents size_classes garbage'.split()}
    case.check(wanted <= set(names), 'views', '%d of %d' % (len(wanted & set(names)), len(wanted)))


def garbage_unseen(case):
    told = set(case.truth['garbage'])
    here = {o.address for o in case.objects.values() if o.state == 'garbage' and o.tracked}
    case.equal(here, told, 'garbage as the collector finds it')
    planted = addresses(case.planted('cycle'))
    case.check(planted <= here, 'planted garbage', '%d of %d' % (len(planted & here), len(planted)))


UNSEEN = {'opaque.Pair', 'opaque.Row', 'opaque.Tree', '__main__.Named', '__main__.Free',
          '__main__.Leafy'}
LABELS = {('__main__.Free', 'ob_type', 0), ('__main__.Named', '.name', 0),
          ('builtins.module', 'md_state.+0x10', 0), ('builtins.module', 'md_state.+0x8', 0),
          ('opaque.Counter', '+0x18', 4), ('opaque.Pair', '+0x20', 4), ('opaque.Pair', '.left', 0),
          ('opaque.Pair', '.right', 0), ('opaque.Pair', '__dict__', 0),
          ('opaque.Pair', '__weakref__', 3), ('opaque.Row', '+0x20[]', 0),
          ('opaque.Row', '+0x20[]', 1), ('opaque.Tree', '+0x18.+0x0', 0),
          ('opaque.Tree', '+0x18[]', 0), ('opaque.Tree', 'ob_type', 0)}


def followed(case):
    """What has no debug info: known from its own functions, and named as far as that goes."""
    layouts = dict(case.db.execute("SELECT name, layout FROM types WHERE name LIKE 'opaque.%'"
                                   " OR name LIKE '__main__.%'"))
    case.equal({name for name, layout in layouts.items() if layout == 'traverse'}, UNSEEN,
               'types whose tp_traverse was followed')
    labels = set(case.db.execute(
        'SELECT DISTINCT t.name, l.name, r.kind FROM refs r JOIN objects o ON o.id = r.source_id'
        ' JOIN types t ON t.id = o.type_id JOIN labels l ON l.id = r.label_id'))
    case.equal(labels & LABELS, LABELS, 'labels of what was followed')
    wrong = [d for d in reference_differences(case)
             if d.told.type in UNSEEN and (d.missing or d.extra)]
    case.check(not wrong, 'references of what was followed', ', '.join(
        '%s %#x' % (d.told.type, d.told.address) for d in wrong[:5]))
    told = case.one("SELECT count(*) FROM anomalies WHERE message LIKE 'opaque.Counter: %'"
                    " AND message LIKE '%: it writes to memory'")
    case.check(told == 1, 'one anomaly says what could not be followed', '%d' % told)


def retained(case):
    """Bytes that went when the process let go of a thing."""
    here = dict(case.db.execute('SELECT address, retained_size FROM objects'))
    told = {tuple(pair) for pair in case.truth['retained']}
    case.equal({(address, here.get(address)) for address, _ in told}, told, 'retained sizes')


def paths(case):
    """Every object that is alive hangs on a tree of counted references, below a root."""
    wrong = case.one(
        'SELECT count(*) FROM paths p JOIN refs r ON r.source_id = p.parent_id AND'
        ' r.ordinal = p.ordinal JOIN paths q ON q.object_id = p.parent_id'
        ' WHERE r.target_id != p.object_id OR r.kind > 1 OR p.depth != q.depth + 1')
    loose = case.one("SELECT count(*) FROM objects o LEFT JOIN paths p ON p.object_id = o.id"
                     " LEFT JOIN roots r ON r.id = p.root_id AND r.object_id = o.id"
                     " WHERE p.object_id IS NULL OR (p.parent_id IS NULL AND r.id IS NULL"
                     " AND o.state = 'live' AND NOT o.immortal)")
    steps = case.one('SELECT count(*) FROM paths WHERE parent_id IS NOT NULL')
    case.check(steps and not wrong and not loose, 'paths', '%d steps, %d wrong, %d loose'
               % (steps, wrong, loose))


ALL = (tracked_objects, types_and_counts, sizes, values, references, garbage, surplus, proven_leaks,
       native_leaks, blocks_in_use, integrity, accounting, views, paths)


# Of what an extension keeps out of sight the rows of leaks and the ledger say nothing certain.
OF_SAMPLE = {'unseen': (followed, garbage_unseen, tracked_objects, types_and_counts, references,
                        integrity, accounting),
             'retained': (retained, tracked_objects, types_and_counts, sizes, references, integrity,
                          paths)}


def run(case, sample):
    for check in OF_SAMPLE.get(sample, ALL):
        try:
            check(case)
        except (sqlite3.Error, LookupError, TypeError) as error:
            case.check(False, check.__name__.replace('_', ' '), repr(error))
