"""Customers of a company, through a session as object-relational mappers have it."""
import random
import signal


class Record:
    def __init__(self, table, key, values):
        self.table, self.key, self.values = table, key, values


class Table:
    """The rows as they are stored."""

    def __init__(self, name, columns):
        self.name, self.columns = name, columns

    def fetch(self, key):
        return {column: '%s %d of %s' % (column, key, self.name) for column in self.columns}


class Session:
    def __init__(self):
        self.identity_map = {}
        self.snapshots = {}  # as loaded, to see what has changed
        self.dirty = set()

    def get(self, table, key):
        record = self.identity_map.get((table.name, key))
        if record is None:
            record = Record(table, key, table.fetch(key))
            self.identity_map[table.name, key] = record
            self.snapshots[record] = dict(record.values)
        return record

    def flush(self):
        changed = [record for record in self.dirty if record.values != self.snapshots[record]]
        self.dirty.clear()
        return len(changed)


TABLES = [Table('customer', ('name', 'street', 'city', 'phone')),
          Table('contract', ('number', 'start', 'end'))]
session = Session()


def handle_request(number):
    record = session.get(random.choice(TABLES), number)
    if number % 5 == 0:
        record.values['phone'] = '+47 %08d' % number
        session.dirty.add(record)
    return record.key


def main():
    for number in range(15000):
        handle_request(number)
        if number % 100 == 0:
            session.flush()
    session.flush()
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
