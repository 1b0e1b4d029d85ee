"""Makes about a million objects and dies: the core that `make bench` reads."""
import os
import resource
import sys

RECORDS = 130000  # of eight objects each


class Record:
    def __init__(self, number):
        self.number = number * 1000
        self.name = 'record number %d of the bench, with a name of some length' % number
        self.history = [number, self.name, None, True] * 10
        self.fields = {'name': self.name, 'number': number, 'kind': None, 'owner': self,
                       'history': self.history, 'state': number + 0.5, 'body': b'%d ' % number * 170}


def main():
    records = [Record(i) for i in range(RECORDS)]
    for left, right in zip(records, records[1:]):
        left.following = right
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(sys.argv[1])
    os.abort()


if __name__ == '__main__':
    main()
