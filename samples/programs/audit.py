"""Keeps an audit log in a database in memory, until the nightly job writes it away."""
import random
import signal
import sqlite3
import time


class AuditLog:
    def __init__(self):
        self.database = sqlite3.connect(':memory:')
        self.database.execute('CREATE TABLE log (moment REAL, who TEXT, what TEXT)')
        self.database.execute('CREATE INDEX by_who ON log (who)')

    def record(self, who, what):
        self.database.execute('INSERT INTO log VALUES (?, ?, ?)', (time.time(), who, what))


class Permissions:
    def __init__(self):
        self.granted = {'user%d' % i: frozenset(random.sample(ACTIONS, 3)) for i in range(2000)}

    def allows(self, user, action):
        return action in self.granted[user]


ACTIONS = ['read', 'write', 'delete', 'share', 'approve', 'export']


def main():
    log, permissions = AuditLog(), Permissions()
    for i in range(120000):
        user, action = 'user%d' % random.randrange(2000), random.choice(ACTIONS)
        allowed = permissions.allows(user, action)
        log.record(user, '%s document %d: %s' % (action, i, 'allowed' if allowed else 'denied') * 3)
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
