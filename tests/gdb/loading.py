"""The ways to load the plugin, as `make install` leaves them; a GDB without Python."""
import os
import re
import shutil
import subprocess
import tempfile

import debugger

HELP = 'help heapsect types'
EXPECTED = 'Histogram of types'


def gdb(program, *arguments, home='/nonexistent'):
    environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home)
    environment.pop('HEAPSECT', None)
    ran = subprocess.run([program, '-q', '-batch', *arguments], stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    return ran.stdout


def data_directory(program):
    return re.search(r'"(.*)"', gdb(program, '-nx', '-ex', 'show data-directory'))[1]


def install(bench, prefix, data, *goals):
    """Where `make install` puts it all, and what GDB has for a data directory there."""
    built = os.path.dirname(os.path.abspath(bench.debugger.heapsect))
    return subprocess.run(['make', '-C', debugger.ROOT, '--no-print-directory', 'BUILD=' + built,
                           'PREFIX=' + prefix, 'GDB_DATA_DIR=' + data, *(goals or ['install'])],
                          capture_output=True, text=True)


def check_installed(bench, prefix, data):
    results, program = bench.results, bench.debugger.gdb
    plugin = os.path.join(prefix, 'share', 'heapsect', 'gdb')
    text = gdb(program, '-nx', '--data-directory', data, '-ex', HELP)
    results.check(EXPECTED in text, "loaded by GDB at its start", text.strip()[:80])
    text = gdb(program, '-nx', '-ex', 'source %s/heapsect.py' % plugin, '-ex', HELP,
               '-ex', 'python print(__import__("heapsect_gdb.analyzer").analyzer.program())')
    results.check(EXPECTED in text, 'loaded by source', text.strip()[:80])
    results.check(os.path.join(prefix, 'bin', 'heapsect') in text, 'the program installed with it runs')
    with open(os.path.join(bench.folder, '.gdbinit'), 'w') as file:
        file.write('source %s/heapsect.gdb\n' % plugin)
    text = gdb(program, '-ex', HELP, home=bench.folder)
    results.check(EXPECTED in text, 'loaded by .gdbinit', text.strip()[:80])


def check_without_python(bench, plugin):
    """Debian's gdb-minimal has none."""
    program = os.environ.get('GDB_MINIMAL')
    if not program:
        bench.results.skip('a GDB without Python', '$GDB_MINIMAL names none')
        return
    text = gdb(program, '-nx', '-ex', 'source %s/heapsect.gdb' % plugin, '-ex', 'print 1 + 1')
    lines = text.strip().split('\n')
    good = len(lines) == 2 and 'built without Python' in lines[0] and lines[1] == '$1 = 2'
    bench.results.check(good, 'a GDB without Python says so in one line', text.strip()[:200])
    text = gdb(program, '-nx', '-ex', 'source ' + debugger.PLUGIN, '-ex', 'print 1 + 1')
    bench.results.check('This_GDB_has_no_Python' in text and '$1 = 2' in text,
                        'and of the plugin itself', text.strip()[:200])


def check(bench):
    folder = tempfile.mkdtemp(dir=bench.folder)
    prefix, data = os.path.join(folder, 'usr'), os.path.join(folder, 'gdb')
    shutil.copytree(data_directory(bench.debugger.gdb), data)
    ran = install(bench, prefix, data)
    if not bench.results.check(ran.returncode == 0, 'make install', ran.stderr[-200:]):
        return
    check_installed(bench, prefix, data)
    check_without_python(bench, os.path.join(prefix, 'share', 'heapsect', 'gdb'))
    install(bench, prefix, data, 'uninstall')
    left = [name for name in ('share/heapsect', 'bin/heapsect') if os.path.exists(os.path.join(prefix, name))]
    left += [name for name in os.listdir(os.path.join(data, 'python', 'gdb', 'command')) if 'heapsect' in name]
    bench.results.check(not left, 'make uninstall', ' '.join(left))
