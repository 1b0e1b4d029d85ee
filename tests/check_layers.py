"""Holds #include directives against the order of modules, and calls against the rule that
the library neither prints nor exits.

    python3 tests/check_layers.py [ROOT]       checks ROOT/analyzer (default: this project)
    python3 tests/check_layers.py --self-test  shows that every rule can fail
"""
import glob
import os
import re
import sys
import tempfile

# What a module may include beside itself: a module, or one header of it.
MODULES = {
    'base': (),
    'core': ('base',),
    'debuginfo': ('base', 'core/binary.h'),
    'target': ('base', 'core', 'debuginfo'),
    'heap': ('base', 'core', 'debuginfo', 'target'),
    'typing': ('base', 'core', 'debuginfo', 'target'),
    'runtime': ('base', 'core', 'debuginfo', 'target', 'heap', 'graph/graph.h'),
    'graph': ('base',),
    'analysis': ('base', 'graph'),
    'store': ('base', 'graph', 'analysis', 'core/image.h', 'runtime/runtime.h'),
    'report': ('base', 'store'),
    'pipeline': ('base', 'core', 'debuginfo', 'target', 'typing', 'heap', 'runtime', 'graph',
                 'analysis', 'store', 'report', 'include'),
    'cli': ('base', 'store', 'report', 'pipeline', 'include'),
    'include': (),
}
# Who alone may include a library's headers.
LIBRARIES = {
    'libelf.h': 'core', 'gelf.h': 'core',
    'libdwarf.h': 'debuginfo', 'dwarf.h': 'debuginfo',
    'sqlite3.h': 'store', 'sqlite3ext.h': 'store',
    'histedit.h': 'cli',
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                               re.S)
PRINTS_OR_EXITS = re.compile(r'(?<![\w.>])(v?f?printf|f?puts|putchar|perror|_?exit|_Exit|quick_exit)'
                             r'\s*\(')
MAY_PRINT = ('report', 'cli')


def violations_in(path, text):
    """path: below analyzer/."""
    module = path.split('/')[0]
    if module not in MODULES:
        yield 'module %s has no place in the order' % module
        return
    for bracket, name in INCLUDE.findall(text):
        if bracket == '<':
            owner = LIBRARIES.get(os.path.basename(name), module)
            if owner != module:
                yield 'only %s/ may include <%s>' % (owner, name)
        elif not may_include(module, path, name):
            yield '%s/ may not include "%s"' % (module, name)
    if path.endswith('.c') and module not in MAY_PRINT:
        for call in PRINTS_OR_EXITS.findall(COMMENT_OR_STRING.sub(' ', text)):
            yield '%s() outside report/ and cli/' % call


def may_include(module, path, name):
    if '/' not in name:  # beside the file, or the public header
        return name == 'heapsect.h' and 'include' in MODULES[module]
    other = name.split('/')[0]
    return other == module or other in MODULES[module] or name in MODULES[module]


def check(root):
    """All violations below root/analyzer, as lines; and how many files were read."""
    base = os.path.join(root, 'analyzer')
    paths = sorted(glob.glob(os.path.join(base, '**', '*.[ch]'), recursive=True))
    lines = []
    for path in paths:
        with open(path) as file:
            text = file.read()
        lines += ['%s: %s' % (os.path.relpath(path, root), violation)
                  for violation in violations_in(os.path.relpath(path, base), text)]
    return lines, len(paths)


ALLOWED = (
    ('target/a.c', '#include "core/image.h"\n#include <stdio.h>\n/* printf("x") */'),
    ('runtime/cpython/a.c', '#include "graph/graph.h"\n#include "runtime/cpython/b.h"'),
    ('store/a.c', '#include <sqlite3.h>\n#include "core/image.h"\nint x = a->exit(1);'),
    ('cli/a.c', '#include "pipeline/pipeline.h"\nprintf("x"); exit(1);'),
    ('base/error.h', '__attribute__((format(printf, 3, 4))); snprintf(a, b, "printf(1)");'),
)
FORBIDDEN = (
    ('base/a.h', '#include "core/image.h"'),
    ('core/a.c', '#include "debuginfo/debug_info.h"'),
    ('debuginfo/a.c', '#include "core/image.h"'),
    ('heap/a.c', '#include "graph/graph.h"'),
    ('runtime/cpython/a.c', '#include "graph/builder.h"'),
    ('runtime/a.c', '#include "store/store.h"'),
    ('graph/a.c', '#include "core/binary.h"'),
    ('analysis/a.c', ' # include "runtime/runtime.h"'),
    ('store/a.c', '#include "core/binary.h"'),
    ('report/a.c', '#include "pipeline/pipeline.h"'),
    ('pipeline/a.c', '#include "cli/cli.h"'),
    ('cli/a.c', '#include "graph/graph.h"'),
    ('target/a.c', '#include <gelf.h>'),
    ('core/a.c', '#include <libdwarf/libdwarf.h>'),
    ('report/a.c', '#include <sqlite3.h>'),
    ('report/a.c', '#include <sqlite3ext.h>'),
    ('report/a.c', '#include <histedit.h>'),
    ('graph/a.c', 'printf("x");'),
    ('core/a.c', 'if (x)\n\texit (1);'),
    ('pipeline/a.c', '/* no */ fprintf(stderr, "x");'),
    ('utils/a.c', ''),
)


def self_test():
    def found(path, text):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, 'analyzer', os.path.dirname(path)))
            with open(os.path.join(root, 'analyzer', path), 'w') as file:
                file.write(text)
            return len(check(root)[0])
    wrong = ['%s with %r: should be allowed' % case for case in ALLOWED if found(*case)]
    wrong += ['%s with %r: should be refused' % case for case in FORBIDDEN if found(*case) != 1]
    print('check-layers itself: %d of %d cases right'
          % (len(ALLOWED + FORBIDDEN) - len(wrong), len(ALLOWED + FORBIDDEN)))
    return wrong


def main():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
    if sys.argv[1:] == ['--self-test']:
        lines = self_test()
    else:
        lines, count = check(sys.argv[1] if sys.argv[1:] else here)
        print('check-layers: %d files, %d violations' % (count, len(lines)))
        lines += [] if count else ['no files found']
    print(''.join(line + '\n' for line in lines), end='')
    sys.exit(bool(lines))


if __name__ == '__main__':
    main()
