"""Sends invoices; the mock that took the mail server's place in staging went into production."""
import signal
from unittest import mock


class Mailer:
    def send(self, recipient, subject, body):
        raise NotImplementedError


mailer = mock.Mock(spec=Mailer)


def remind(customer):
    mailer.send('customer-%d@example.org' % customer, 'Invoice %d is due' % customer,
                body='Dear customer %d, please pay. ' % customer + 'Thank you. ' * 30)


def main():
    for customer in range(12000):
        remind(customer)
    print('ready', flush=True)
    signal.pause()


main()
