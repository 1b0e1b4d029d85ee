"""One line for each check, and one at the end."""


class Results:
    def __init__(self, quiet=False):
        self.quiet = quiet
        self.passed = self.failed = self.skipped = 0

    def say(self, line):
        if not self.quiet:
            print(line, flush=True)

    def count(self, good):
        self.passed += bool(good)
        self.failed += not good

    def check(self, good, name, figures=''):
        self.count(good)
        line = '%s %s' % ('ok    ' if good else 'not ok', name)
        self.say(line + (': %s' % figures if figures else ''))
        return good

    def equal(self, actual, expected, name):
        """Compares two sets; shows up to five members that only one of them has."""
        missing, extra = expected - actual, actual - expected
        figures = '%d of %d' % (len(expected) - len(missing), len(expected))
        if extra:
            figures += ', and %d more' % len(extra)
        if not self.check(not missing and not extra, name, figures):
            for what, members in (('missing', missing), ('too many', extra)):
                self.note(*('%s: %s' % (what, text_of(m)) for m in sorted(members, key=str)[:5]))

    def note(self, *lines):
        for line in lines:
            self.say('#      %s' % line)

    def skip(self, name, reason):
        self.skipped += 1
        self.say('skip   %s: %s' % (name, reason))

    def finish(self):
        """Prints the totals; the exit status to end with."""
        self.say('%d passed, %d failed, %d skipped' % (self.passed, self.failed, self.skipped))
        return 1 if self.failed or not self.passed else 0


def text_of(member):
    parts = member if isinstance(member, tuple) else (member,)
    return ' '.join(hex(p) if isinstance(p, int) and p > 0xffff else str(p) for p in parts)
