"""A process with everything in it that the matrix compares.

    --variant healthy    nothing is leaked, no cycle is dropped
              planted    with surpluses and garbage
              frozen     as healthy, and all but the last objects in the permanent generation
              threads    as healthy, and threads that wait (for --dump hold)
"""
import gc
import logging
import warnings

import blocked
import callables
import containers
import dropped
import instances
import native
import suspended
import surpluses
import truth
import values

PARTS = (containers, instances, callables, suspended, values, native)


def build():
    return {part.__name__: part.build() for part in PARTS}


def scattered():
    """Every 37th of many blocks: most pools are partly free."""
    return [[i] for i in range(20000)][::37]


def ask(options, planted, kept, depth=3):
    """Tells from within some frames, so that the main thread has a stack of its own."""
    local = {'depth': depth, 'of': [kept['name']]}
    if depth:
        return ask(options, planted, kept, depth - 1)
    return truth.tell(options, planted), local


def main():
    warnings.simplefilter('ignore')
    logging.getLogger('asyncio').disabled = True
    options = truth.prepare(__doc__, variant=('healthy', 'planted', 'frozen', 'threads'))
    planted = truth.Planted()
    kept = {'name': 'matrix', 'objects': build(), 'scattered': scattered()}
    if options.variant == 'threads':
        kept['threads'] = blocked.start()
    truth.settle()
    if options.variant == 'planted':
        kept['weak'] = dropped.drop(planted)
        kept['surpluses'] = surpluses.plant(planted)
    if options.variant == 'frozen':
        gc.freeze()
        kept['later'] = [[i] for i in range(100)]
    ask(options, planted, kept)


if __name__ == '__main__':
    main()
