"""Item 7: Python stacks and locals, as sys._current_frames() and faulthandler said."""
import collections
import re

import grouped
from figures import Figure

CELL = 'builtins.cell'


class Stacks:
    """The snapshot's threads: {tid: [(function, file, line, {local: addresses})]}."""

    def __init__(self, case):
        self.case = case
        self.by_id = {o.id: o for o in case.objects.values()}
        self.content = self.cell_contents()
        local = self.locals_by_frame()
        self.threads = {tid: [] for tid, in case.db.execute('SELECT tid FROM threads')}
        for tid, frame, function, file, line in case.db.execute(
                'SELECT t.tid, f.id, f.function, f.file, f.line FROM frames f'
                ' JOIN threads t ON t.id = f.thread_id ORDER BY t.id, f.depth'):
            self.threads[tid].append((function, file, line, local[frame]))

    def cell_contents(self):
        rows = self.case.db.execute(
            'SELECT r.source_id, r.target_id FROM refs r JOIN objects o ON o.id = r.source_id'
            ' JOIN types t ON t.id = o.type_id WHERE r.kind = 0 AND t.name = ?', (CELL,))
        return {source: self.by_id[target].address for source, target in rows}

    def locals_by_frame(self):
        """Of roots, and of the object that the frame is or is a part of: a frame, a generator."""
        found = collections.defaultdict(lambda: collections.defaultdict(set))
        rows = list(self.case.db.execute(
            "SELECT frame_id, substr(label, 7), object_id FROM roots WHERE label LIKE 'local %'"
            ' AND frame_id IS NOT NULL'))
        rows += self.case.db.execute(
            'SELECT f.id, substr(l.name, 7), r.target_id FROM frames f'
            ' JOIN objects o ON o.id = (SELECT id FROM objects WHERE address <= f.address'
            '  ORDER BY address DESC LIMIT 1) AND f.address < o.address + o.size'
            ' JOIN refs r ON r.source_id = o.id'
            " JOIN labels l ON l.id = r.label_id WHERE l.name LIKE 'local %'")
        for frame, name, target in rows:
            found[frame][name].add(self.by_id[target].address)
            if target in self.content:
                found[frame][name].add(self.content[target])
        return found


def parse_faulthandler(text):
    """Stacks of (file, line, name), innermost first."""
    parts = re.split(r'^(?:Current thread|Thread) 0x.*$', text, flags=re.M)[1:]
    row = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.M)
    return [tuple((file, int(line), name) for file, line, name in row.findall(part))
            for part in parts]


def compare(case):
    stacks = Stacks(case)
    total, wrong, lines = collections.Counter(), collections.Counter(), []
    for tid, frames in case.truth['threads']:
        here = stacks.threads.get(tid) if tid else best_match(frames, stacks)
        total['threads'] += 1
        if here is None:
            wrong['threads'] += 1
            lines.append('thread %s is not here' % tid)
            continue
        compare_frames(tid, frames, here, total, wrong, lines)
    compare_words(case, total, wrong, lines)
    said = parse_faulthandler(case.truth['faulthandler'])[:-1]  # the last one is the main thread
    shown = collections.Counter(
        tuple((f[1], f[2], plain_name(f[0])) for f in frames) for frames in stacks.threads.values())
    missing = collections.Counter(said) - shown
    total['faulthandler'] += len(said)
    wrong['faulthandler'] += sum(missing.values())
    for stack in list(missing)[:3]:
        lines.append('faulthandler: no thread with the stack %s' % (stack[:4],))
    cell = ' '.join('%s:%d/%d' % (what, n - wrong[what], n) for what, n in total.items())
    return Figure(not any(wrong.values()), cell, grouped.bounded(
        ['%dx %s' % (n, line) for line, n in collections.Counter(lines).most_common()], 60))


def compare_words(case, total, wrong, lines):
    """No word is on the stacks of two threads."""
    for address, threads in case.db.execute(
            "SELECT address, count(DISTINCT thread_id) FROM roots WHERE kind = 'stack'"
            ' GROUP BY address'):
        total['words'] += 1
        if threads > 1:
            wrong['words'] += 1
            lines.append('a word on the stacks of %d threads' % threads)


def compare_or_missing(case):
    """gdb writes zeros for the rest of a mapping from its first unreadable page on.

    Since glibc 2.42 that is the guard of a thread's stack, which is a mapping of its own no more.
    What is missing then has to be told: a stack of frames is whole, or an anomaly says that it is not.
    """
    figure = compare(case)
    missing = sum(count for count, in case.db.execute(
        "SELECT count FROM anomalies WHERE message LIKE 'a stack of Python frames ends early%'"))
    if figure.good or not missing:
        return figure
    stacks = Stacks(case)
    short = sum(len(frames) != len(stacks.threads.get(tid, ()))
                for tid, frames in case.truth['threads'] if tid)
    return Figure(missing >= short, 'missing in the core:%d, told:%d' % (short, missing), figure.lines)


def plain_name(qualified):
    return qualified.rpartition('.')[2]


def best_match(frames, stacks):
    """For a thread whose number was not told: the one whose outermost frames are alike."""
    wanted = [(f[0] or f[1], f[2]) for f in frames]
    return next((here for here in stacks.threads.values()
                 if [(f[0], f[1]) for f in here] == wanted), None)


def compare_frames(tid, told, here, total, wrong, lines):
    """Aligned at the outermost frame: the one that told may be deeper here."""
    here = here[max(len(here) - len(told), 0):] if told[0][3] is None else here
    total['frames'] += len(told)
    if len(here) != len(told):
        wrong['frames'] += len(told)
        lines.append('thread %s: %d frames told, %d here: %s | %s' % (
            tid, len(told), len(here), [f[1] for f in told][:8], [f[0] for f in here][:8]))
        return
    for expected, seen in zip(told, here):
        name = expected[0] or expected[1]
        if (name, expected[2]) != (seen[0], seen[1]):
            wrong['frames'] += 1
            lines.append('thread %s: told %s in %s, here %s in %s' % (
                tid, name, expected[2], seen[0], seen[1]))
        if expected[3] is not None:
            total['lines'] += 1
            if expected[3] != seen[2]:
                wrong['lines'] += 1
                lines.append('a line: told %s' % ('and none here' if seen[2] is None else
                                                  '%d of %s, here %d' % (expected[3], name, seen[2])))
        compare_locals(name, expected[4] or {}, seen[3], total, wrong, lines)


def compare_locals(function, told, here, total, wrong, lines):
    for name, address in told.items():
        total['locals'] += 1
        if address not in here.get(name, ()):
            wrong['locals'] += 1
            lines.append('local %s of %s: told %#x, here %s' % (
                name, function, address, [hex(a) for a in here.get(name, ())]))
