"""Finds the interpreters to test on, and says why one is left out."""
import copy
import glob
import json
import os
import shutil
import subprocess

import elf

ABOUT = '''
import json, os, re, sys, sysconfig
maps = open('/proc/self/maps').read()
shared = re.search(r'/\\S*/libpython[^\\s/]*', maps)
print(json.dumps({
    'version': '%d.%d.%d' % sys.version_info[:3],
    'minor': list(sys.version_info[:2]),
    'executable': os.path.realpath(sys.executable),
    'binary': shared.group() if shared else os.path.realpath(sys.executable),
    'include': sysconfig.get_path('include'),
    'prefix': sys.base_prefix,
    'library_folder': sysconfig.get_config_var('LIBDIR'),
}))
'''
TESTED = ([3, 11],)


class Interpreter:
    """One that runs, in the root it was found in; its paths are as it sees them itself."""

    def __init__(self, path, about, root=''):
        self.path, self.root = path, root
        self.__dict__.update(about)
        self.label = 'python %s (%s)' % (self.version, root + path)

    def command(self, *arguments):
        return command(self.path, self.root, *arguments)

    def moved(self, path):
        """The same one at another path."""
        other = copy.copy(self)
        other.path = path
        return other

    def inside(self, path):
        """A path of the machine as the interpreter sees it."""
        return path[len(self.root):]

    def why_not(self, tested=TESTED):
        """Why no test can use it; None if one can."""
        if self.minor not in tested:
            return 'version not tested yet'
        binary = self.root + self.binary
        if '.debug_info' in elf.sections(binary):
            return None
        identity = elf.build_id(binary)
        if not identity:
            return '%s has neither debug info nor a build-id' % binary
        debug = '%s/usr/lib/debug/.build-id/%s/%s.debug' % (
            self.root, identity[0][:2], identity[0][2:])
        if not os.path.exists(debug):
            return 'no debug info: %s (package python%d.%d-dbg of the same version)' % (
                debug, *self.minor)
        return None

    def build_extension(self, source, folder, debug='-g'):
        """None when built, else why not."""
        if not os.path.exists(os.path.join(self.include, 'Python.h')):
            return 'no Python.h in %s (package python3-dev)' % self.include
        compiler = shutil.which('gcc') or shutil.which('cc')
        if not compiler:
            return 'no C compiler'
        name = os.path.splitext(os.path.basename(source))[0] + '.so'
        built = subprocess.run([compiler, '-O2', debug, '-shared', '-fPIC', '-I' + self.include, source,
                                '-o', os.path.join(folder, name)], capture_output=True, text=True)
        return built.stderr.strip() or None if built.returncode else None


def command(path, root, *arguments):
    return [*(['chroot', root] if root else []), path, *arguments]


def look_at(path, root=''):
    """An Interpreter, or None if the path does not run."""
    try:
        ran = subprocess.run(command(path, root, '-I', '-c', ABOUT), capture_output=True, text=True,
                             timeout=30)
    except OSError:
        return None
    return Interpreter(path, json.loads(ran.stdout), root) if ran.returncode == 0 else None


def candidates():
    pyenv = os.environ.get('PYENV_ROOT', os.path.expanduser('~/.pyenv'))
    paths = ['/usr/bin/python3']
    paths += sorted(glob.glob(os.path.join(pyenv, 'versions', '3.*', 'bin', 'python3')))
    paths += [shutil.which(name) for name in ('python3.11', 'python3')]
    return [path for path in paths if path]


def find(requested, results, tested=TESTED):
    """Usable interpreters, each once; those that are not usable are skipped with a reason."""
    found = {}
    for path in requested or candidates():
        interpreter = look_at(path)
        if not interpreter:
            results.skip('python (%s)' % path, 'does not run')
            continue
        if interpreter.executable in found:
            continue
        found[interpreter.executable] = interpreter
        reason = interpreter.why_not(tested)
        if reason:
            results.skip(interpreter.label, reason)
            found[interpreter.executable] = None
    usable = [interpreter for interpreter in found.values() if interpreter]
    if not requested and not any(i.binary != i.executable for i in usable):
        results.skip('an interpreter built -g -O3 --enable-shared',
                     'none with debug info among PATH and pyenv\'s versions')
    return usable
