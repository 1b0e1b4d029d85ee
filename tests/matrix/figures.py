"""What the columns of the matrix say: each function compares one dump with its truth.

A Figure is whether the threshold is met, a cell for the table, and lines for --verbose.
"""
import collections

import checks
import grouped

MORTAL_SHARE = 99.99  # percent whose count is explained
UNKNOWN_OF_A_TYPE = 5
UNEXPLAINED_SHARE = 1.0  # percent of the heaps' memory
KNOWN_BLOCKS = 99.9  # percent of small blocks in use

Figure = collections.namedtuple('Figure', 'good cell lines')


def names(case):
    return {address: told.type for address, told in case.told.items()}


def set_figure(case, what, told, here):
    """Of two sets of addresses."""
    missing, extra = told - here, here - told
    lines = grouped.addresses(case, what + ' missing', missing) + grouped.addresses(
        case, what + ' too many', extra)
    return Figure(not missing and not extra, difference(len(told), len(missing), len(extra)), lines)


def difference(total, missing, extra):
    text = '%d' % total
    if missing:
        text += ' -%d' % missing
    if extra:
        text += ' +%d' % extra
    return text


def tracked(case):
    """Item 1: the collector's lists, and the permanent generation apart from them."""
    frozen = set(case.truth['frozen'])
    figure = set_figure(case, 'tracked', {t.address for t in case.told.values() if t.tracked} - frozen,
                        {o.address for o in case.objects.values()
                         if o.tracked and o.generation != checks.PERMANENT})
    here = {o.address for o in case.objects.values() if o.generation == checks.PERMANENT}
    other = set_figure(case, 'permanent', frozen, here)
    cell = '%s, %s' % (figure.cell, other.cell) if frozen or here else figure.cell
    return Figure(figure.good and other.good, cell, figure.lines + other.lines + generations(case))


def generations(case):
    """Not a threshold: how old an object is, where versions count that alike."""
    told = {address: number for number, members in enumerate(case.truth['generations'])
            for address in members}
    wrong = {address for address, number in told.items()
             if address in case.objects and case.objects[address].generation != number}
    return grouped.addresses(case, 'another generation', wrong)


def references(case):
    """Item 2: kind-0 references as multisets."""
    differences = list(checks.reference_differences(case))
    wrong = [each for each in differences if each.missing or each.extra]
    cell = '%d/%d' % (len(differences) - len(wrong), len(differences))
    kinds = {each.told.type for each in wrong}
    if kinds:
        cell += ' (%d types)' % len(kinds)
    return Figure(not wrong, cell, grouped.references(case, differences) if wrong else [])


def counts_names_sizes(case):
    """Item 3."""
    here, wrong = case.objects, {'count': [], 'name': [], 'size': []}
    for told in case.told.values():
        seen = here.get(told.address)
        if not seen:
            continue
        if told.refcount is not None and told.refcount != seen.refcount:
            wrong['count'].append((told, told.refcount, seen.refcount))
        if told.type != seen.type:
            wrong['name'].append((told, told.type, seen.type))
        if told.type in checks.MEASURED and told.size not in (None, seen.bytes):
            wrong['size'].append((told, told.size, seen.bytes))
    absent = {told.address for told in case.told.values() if told.address not in here}
    lines = grouped.addresses(case, 'no object', absent)
    for what, rows in wrong.items():
        lines += grouped.values(what, rows)
    cell = ' '.join('%s:%d' % (what[0], len(rows)) for what, rows in wrong.items())
    return Figure(not lines, cell + (' absent:%d' % len(absent) if absent else ''), lines)


def ledger(case):
    """Item 4: of a process in which nothing was leaked."""
    mortal = [o for o in case.objects.values() if o.surplus is not None]
    left = [o for o in mortal if o.surplus]
    share = 100.0 * (len(mortal) - len(left)) / max(len(mortal), 1)
    by_type = collections.Counter(o.type for o in left)
    most = by_type.most_common(1)[0] if left else ('', 0)
    good = share >= MORTAL_SHARE and most[1] <= UNKNOWN_OF_A_TYPE
    cell = '%.3f%% -%d' % (share, len(left))
    if most[1] > UNKNOWN_OF_A_TYPE:
        cell += ' (%d %s)' % (most[1], most[0].rpartition('.')[2])
    return Figure(good, cell, grouped.surpluses(
        case, left, checks.reference_differences(case)))


def accounts(case):
    """Every byte in one bucket, and what nobody explains, as a share of the heaps' memory."""
    buckets = dict(case.db.execute('SELECT bucket, bytes FROM accounting'))
    parents = {parent for parent, in case.db.execute('SELECT DISTINCT parent FROM accounting')}
    dumped = case.one('SELECT sum(dumped) FROM mappings')
    leaves = sum(size for name, size in buckets.items() if name not in parents)
    share = 100.0 * buckets['unexplained'] / max(buckets['pymalloc'] + buckets['native'], 1)
    sums = '%+d' % (leaves - dumped) if leaves != dumped else 'exact'
    used, unknown, native = raw_memory(case)
    known = 100.0 - 100.0 * unknown / max(used, 1)
    return Figure(leaves == dumped and share < UNEXPLAINED_SHARE and known > KNOWN_BLOCKS,
                  '%s, %.2f%%, %.3f%%' % (sums, share, known),
                  ['%s: %d bytes' % row for row in sorted(buckets.items())
                   if row[0].startswith('unexplained at')] +
                  ['native blocks of unknown use: %d of %d bytes' % native])


def raw_memory(case):
    """Small blocks in use, those that are neither an object nor of a known kind, and
    (count, bytes) of such native blocks."""
    used = case.one('SELECT coalesce(sum(used), 0) FROM pools WHERE block_size > 0')
    unknown = case.one("SELECT count(*) FROM blocks WHERE allocator = 'pymalloc'"
                       " AND kind IS NULL")
    return used, unknown, case.db.execute(
        "SELECT count(*), coalesce(sum(size), 0) FROM blocks WHERE allocator <> 'pymalloc'"
        " AND state = 'used' AND kind IS NULL").fetchone()


def surpluses(case, in_chunks=False):
    """Item 5: all that were planted, and no other is proven.

    Few may be no more than probable: those whose address stands on the C stack of running code;
    in_chunks: or in a block of C code, which gets what an object had, and need not clear it.
    """
    here, wrong = case.objects, []
    planted = {address: int(kind.split()[-1]) if kind != 'control' else 0
               for address, kind, _ in case.truth['planted'] if kind != 'garbage'}
    for address, amount in planted.items():
        seen = here[address].surplus if address in here else None
        if seen != amount:
            wrong.append((case.told.get(address) or unknown(case, address), amount, seen))
    leaked = {address for address, amount in planted.items() if amount}
    grades, others = leaks(case, leaked)
    found = {address for address in leaked if grades.get(address) == 'proven'}
    doubted = (leaked - found) & checks.addresses(case.db.execute(checks.ON_A_STACK))
    if in_chunks:
        doubted = {address for address in leaked - found if grades.get(address) == 'probable'}
    exact = len(planted) - len(wrong)
    lines = grouped.values('surplus planted', wrong) + grouped.addresses(
        case, 'proven, not planted', others)
    for grade in 'probable', 'unknown', None:
        lines += grouped.addresses(case, 'planted, of grade %s' % grade, {
            address for address in leaked - found if grades.get(address) == grade})
    good = exact == len(planted) and found | doubted == leaked and not others
    return Figure(good and len(doubted) <= checks.STALE_AT_MOST,
                  '%d/%d, proven %d/%d +%d' % (exact, len(planted), len(found), len(leaked),
                                               len(others)), lines)


def surpluses_in_chunks(case):
    return surpluses(case, in_chunks=True)


def leaks(case, leaked):
    """{address: grade} of suspects of the kind, and the proven ones that no one planted."""
    rows = list(case.db.execute(
        'SELECT o.address, t.name, o.value, o.surplus, l.grade FROM leaks l'
        ' JOIN objects o ON o.id = l.object_id JOIN types t ON t.id = o.type_id'
        " WHERE l.kind = 'refcount'"))
    others = checks.without_known([row[:4] for row in rows
                                   if row[4] == 'proven' and row[0] not in leaked],
                                  case.truth['python'])
    return {row[0]: row[4] for row in rows}, checks.addresses(others)


def unknown(case, address):
    """For what the collector does not reach: a planted object that was dropped."""
    name = next(name for each, _, name in case.truth['planted'] if each == address)
    return checks.Told(address, name, False, None, None, 0, None, None)


def garbage(case):
    """Item 6: what the collector would free."""
    return set_figure(case, 'garbage', set(case.truth['garbage']),
                      {o.address for o in case.objects.values() if o.state == 'garbage'
                       and o.tracked})


HEAP_STAGES = ('glibc', 'pymalloc', 'pads')


def damage(case):
    """Of heaps in order nothing else must be said."""
    rows = [row for row in case.db.execute('SELECT stage, address, message, count FROM anomalies')
            if row[0] in HEAP_STAGES]
    return Figure(not rows, str(sum(row[3] for row in rows)),
                  ['%s %#x: %s (%d)' % (stage, address or 0, message, count)
                   for stage, address, message, count in rows])
