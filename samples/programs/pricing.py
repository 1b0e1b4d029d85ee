"""Prices options.  Volatilities are slow to compute, so the function remembers them."""
import functools
import math
import random
import signal


def memoize(function):
    memo = {}

    @functools.wraps(function)
    def remembered(*arguments):
        if arguments not in memo:
            memo[arguments] = function(*arguments)
        return memo[arguments]
    return remembered


@memoize
def volatility(underlying, strike, moment):
    return [abs(math.sin(strike * i + moment)) for i in range(24)]


class Book:
    def __init__(self):
        self.quotes = {}

    def quote(self, underlying, strike, moment):
        smile = volatility(underlying, strike, moment)
        self.quotes[underlying, strike] = sum(smile) / len(smile)


def main():
    book = Book()
    for tick in range(30000):
        book.quote(random.choice(('DAX', 'OBX', 'SMI')), random.randrange(90, 110), tick * 0.25)
    print('ready', flush=True)
    while True:
        signal.pause()


if __name__ == '__main__':
    main()
