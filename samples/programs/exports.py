"""Exports of a database as CSV, sent piece by piece; a client that is slow may come back later."""
import csv
import io
import signal
import sqlite3


def database():
    connection = sqlite3.connect(':memory:')
    connection.execute('CREATE TABLE sales (id INTEGER, customer TEXT, amount REAL)')
    connection.executemany('INSERT INTO sales VALUES (?, ?, ?)',
                           ((i, 'customer %d' % (i % 800), i * 1.5) for i in range(6000)))
    return connection


def rows_as_csv(connection, where):
    """Yields the pieces of one file; pieces stay, so that a client can ask for one again."""
    pieces = []
    cursor = connection.execute('SELECT * FROM sales WHERE id %% 7 = %d' % where)
    while True:
        rows = cursor.fetchmany(100)
        if not rows:
            return
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        pieces.append(text.getvalue().encode() * 40)
        yield pieces[-1]


class Download:
    def __init__(self, client, pieces):
        self.client = client
        self.pieces = pieces
        self.sent = 0

    def send_next(self):
        piece = next(self.pieces, None)
        self.sent += len(piece or b'')
        return piece is not None


class Exports:
    def __init__(self, connection):
        self.connection = connection
        self.open_downloads = {}

    def start(self, client, where):
        self.open_downloads[client] = Download(client, rows_as_csv(self.connection, where))

    def serve(self, client, most):
        download = self.open_downloads[client]
        for _ in range(most):
            if not download.send_next():
                del self.open_downloads[client]
                return


def main():
    exports = Exports(database())
    for i in range(60):
        client = 'client-%d' % i
        exports.start(client, i % 7)
        exports.serve(client, 9 if i % 2 else 5)  # half of the clients go away
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
