"""Differences for a developer: grouped by type, the most frequent first, a bounded number."""
import collections

GROUPS = 30
DETAILS = 6


def example(address, case):
    seen = case.objects.get(address)
    if not seen:
        return '%#x' % address
    value = ' = %s' % seen.value[:50].encode('unicode_escape').decode() if seen.value else ''
    return '%#x%s' % (address, value)


def bounded(lines, limit=GROUPS):
    if len(lines) > limit:
        return lines[:limit] + ['... and %d more' % (len(lines) - limit)]
    return lines


def type_of(case, address):
    told = case.told.get(address)
    if told:
        return told.type
    seen = case.objects.get(address)
    return '%s (not told)' % seen.type if seen else 'nothing known'


def addresses(case, what, members):
    groups = collections.defaultdict(list)
    for address in sorted(members):
        groups[type_of(case, address)].append(address)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return bounded(['%s: %d %s, e.g. %s' % (what, len(members), name, ' '.join(
        example(address, case) for address in members[:3])) for name, members in ordered])


def values(what, rows):
    """rows: (told, expected, seen)."""
    groups = collections.defaultdict(list)
    for told, expected, seen in rows:
        groups[told.type].append((told.address, expected, seen))
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return bounded(['%s: %d %s, e.g. %s' % (what, len(members), name, ', '.join(
        '%#x told %s, here %s' % member for member in members[:3])) for name, members in ordered])


class Edges:
    """References of the snapshot by source: what is there under another kind, what is too many."""

    def __init__(self, case, sources):
        self.case = case
        address_of = {o.id: o.address for o in case.objects.values()}
        self.by_source = collections.defaultdict(list)
        for source, target, kind, label in case.db.execute(
                'SELECT r.source_id, r.target_id, k.name, l.name FROM refs r'
                ' JOIN labels l ON l.id = r.label_id JOIN ref_kinds k ON k.kind = r.kind'):
            if address_of.get(source) in sources:
                self.by_source[address_of[source]].append((address_of.get(target), kind, label))

    def missing(self, source, target):
        """What a missing reference looks like."""
        found = [(kind, label) for each, kind, label in self.by_source[source] if each == target]
        how = ', here %s %s' % found[0] if found else ''
        return 'to %s%s' % (type_of(self.case, target), how)

    def extra(self, source, target):
        labels = [label for each, kind, label in self.by_source[source]
                  if each == target and kind == 'traversed']
        return '%s to %s' % (labels[-1] if labels else '?', type_of(self.case, target))


def references(case, differences):
    wrong = [each for each in differences if each.missing or each.extra]
    edges = Edges(case, {each.told.address for each in wrong})
    objects = collections.Counter(each.told.type for each in differences)
    groups = collections.defaultdict(list)
    for each in wrong:
        groups[each.told.type].append(each)
    lines = []
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    for name, members in ordered[:GROUPS]:
        lines.append('references: %d of %d %s differ' % (len(members), objects[name], name))
        for what in 'missing', 'extra':
            lines += reference_details(case, edges, members, what)
    return lines + (['... and %d more types' % (len(ordered) - GROUPS)]
                    if len(ordered) > GROUPS else [])


def reference_details(case, edges, members, what):
    details, examples = collections.Counter(), {}
    for each in members:
        source = each.told.address
        for target, times in getattr(each, what).items():
            text = getattr(edges, what)(source, target)
            details[text] += times
            examples.setdefault(text, (source, target))
    lines = ['    %s %dx %s, e.g. %s to %s' % (
        what, times, text, example(examples[text][0], case),
        example(examples[text][1], case) if examples[text][1] else '?')
        for text, times in details.most_common()]
    return bounded(lines, DETAILS)


def causes(differences):
    """{address: whose reference to it is missing or too many}."""
    found = collections.defaultdict(collections.Counter)
    for each in differences:
        for target in each.missing:
            found[target]['missing from ' + each.told.type] += each.missing[target]
        for target in each.extra:
            found[target]['too many from ' + each.told.type] += each.extra[target]
    return found


def surpluses(case, left, differences):
    """By type and by what the told references say of the cause."""
    found, groups = causes(differences), collections.defaultdict(list)
    for each in left:
        if each.address not in case.told:
            cause = 'nothing told refers to it'
        elif found[each.address]:
            cause = found[each.address].most_common(1)[0][0]
        else:
            cause = 'all told references found'
        groups[each.type, each.surplus > 0, cause].append(each)
    lines = []
    for (name, _, cause), members in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines.append('ledger: %d %s, %s, e.g. %s' % (len(members), name, cause, ', '.join(
            '%s surplus %+d of %d' % (example(o.address, case), o.surplus, o.refcount)
            for o in sorted(members, key=lambda o: o.address)[:3])))
    return bounded(lines, 2 * GROUPS)
