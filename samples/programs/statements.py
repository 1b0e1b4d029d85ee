"""Makes account statements.  Balances are asked for again and again, so they are cached."""
import datetime
import decimal
import functools
import random
import signal

CURRENCIES = {'EUR': 2, 'JPY': 0, 'KWD': 3}
HOLIDAYS = {datetime.date(year, month, day) for year in range(2000, 2030)
            for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))}


class Booking:
    __slots__ = ('date', 'amount', 'text')

    def __init__(self, date, amount, text):
        self.date, self.amount, self.text = date, amount, text


class Statement:
    def __init__(self, account, bookings):
        self.account = account
        self.bookings = bookings

    @functools.lru_cache(maxsize=None)
    def balance(self, until):
        return sum((b.amount for b in self.bookings if b.date <= until), decimal.Decimal(0))

    def lines(self):
        last = self.bookings[-1].date
        yield 'account %s, balance %s' % (self.account, self.balance(last))
        for booking in self.bookings:
            yield '%s %s %s' % (booking.date, booking.amount, booking.text)


def load(account):
    start = datetime.date(2024, 1, 1)
    return [Booking(start + datetime.timedelta(days=i), decimal.Decimal(random.randrange(10 ** 6)) / 100,
                    'transfer %d of account %s' % (i, account)) for i in range(30)]


def nightly_run(accounts):
    pages = 0
    for number in accounts:
        account = 'DE%018d' % number
        statement = Statement(account, load(account))
        pages += len(list(statement.lines())) // 30 + 1
    return pages


def main():
    printed = nightly_run(range(4000))
    print('%d pages' % printed)
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
