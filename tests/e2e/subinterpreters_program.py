"""Has objects in three interpreters beside the main one, and dies.

    subinterpreters_program.py FOLDER
"""
import gc
import os
import resource
import sys

try:
    import _interpreters as interpreters
    run = interpreters.exec
except ImportError:
    import _xxsubinterpreters as interpreters
    run = interpreters.run_string

SOURCE = '''
import gc
gc.disable()
class Node:
    def __init__(self, number):
        self.number = [number + 1000]
        self.itself = self
kept = [Node(i) for i in range(1000)]
gc.collect()
'''


def main():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.chdir(sys.argv[1])
    others = [interpreters.create() for _ in range(3)]
    for other in others:
        run(other, SOURCE)
    gc.collect()
    os.abort()


if __name__ == '__main__':
    main()
