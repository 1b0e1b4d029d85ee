"""Inputs that cannot be used and outputs that cannot be written: the right exit status, one
line on stderr, nothing left behind."""
import gzip
import os
import resource
import shutil
import subprocess

import dumps
import elf

USAGE, INPUT, OUTPUT = 2, 3, 4
SAMPLE = 'cycles'


class Setting:
    """A core of a sample, run by a copy of an interpreter so that the copy can go away."""

    def __init__(self, results, heapsect, interpreter, where):
        self.results, self.heapsect, self.where = results, heapsect, where
        self.original = interpreter.executable
        self.executable = self.path('python')
        self.output = self.path('output')
        os.mkdir(self.output)
        shutil.copy(self.original, self.executable)
        environment = {'PYTHONHOME': interpreter.prefix}
        if interpreter.library_folder:
            environment['LD_LIBRARY_PATH'] = interpreter.library_folder
        self.core, self.full_core = [
            dumps.crash(interpreter.moved(self.executable), dumps.path_of(SAMPLE), kind, where,
                        environment=environment, name=kind + '.core')
            for kind in ('kernel', 'full')]

    def path(self, name):
        return os.path.join(self.where, name)

    def file(self, name, content):
        with open(self.path(name), 'wb') as file:
            file.write(content)
        return self.path(name)

    def older_snapshot(self):
        """A sound snapshot of the core, made while everything is still there."""
        snapshot = self.path('older.db')
        if not os.path.exists(snapshot):
            self.heapsect.run('analyze', self.core, '-o', snapshot)
        return snapshot

    def refused(self, status, name, *arguments, prefix=(), kept=()):
        """Runs heapsect, which must end with the status and leave only `kept` in its output."""
        ran = self.heapsect.run(*arguments, prefix=prefix)
        left = sorted(set(os.listdir(self.output)) - set(kept))
        lines = ran.stderr.count('\n')
        good = ran.returncode == status and lines == 1 and not left
        said = 'exit status %d' % ran.returncode
        said += ', left %s' % left if left else ''
        said += ', %s' % (ran.stderr.strip() if lines == 1 else '%d lines on stderr' % lines)
        if not self.results.check(good, 'bad input: %s' % name, said):
            self.results.note(*ran.stderr.split('\n')[-12:])
        for leftover in left:
            os.remove(os.path.join(self.output, leftover))

    def accepted(self, name, *more, core=None):
        """Analyzes the core, which must work; the snapshot is removed."""
        snapshot = os.path.join(self.output, 'x.db')
        ran = self.heapsect.run('analyze', core or self.core, '-o', snapshot, *more)
        written = os.path.exists(snapshot)
        self.results.check(ran.returncode == 0 and written, 'good input: %s' % name,
                           ran.stderr.strip())
        if written:
            os.remove(snapshot)

    def refused_core(self, name, core, *more):
        self.refused(INPUT, name, 'analyze', core, '-o', os.path.join(self.output, 'x.db'), *more)


def not_cores(setting):
    with open(setting.core, 'rb') as file:
        head = file.read(1 << 20)
    setting.refused_core('no such file', setting.path('nothing'))
    setting.refused_core('a folder', setting.where)
    setting.refused_core('empty file', setting.file('empty', b''))
    setting.refused_core('text', setting.file('text', b'not a core\n' * 100))
    setting.refused_core('executable', setting.original)
    setting.refused_core('compressed core', setting.file('core.gz', gzip.compress(head)))
    setting.refused_core('zeros', setting.file('zeros', bytes(1 << 16)))


def other_architectures(setting):
    with open(setting.core, 'rb') as file:
        data = bytearray(file.read())
    for name, offset, value in (('core of aarch64', elf.MACHINE, 183), ('core of i386', elf.MACHINE, 3),
                                ('32-bit core', 4, 1), ('big-endian core', 5, 2)):
        kept, data[offset] = data[offset], value
        setting.refused_core(name, setting.file('other', data))
        data[offset] = kept
    os.remove(setting.path('other'))


def damaged(setting):
    """Offsets and counts of the ELF header that lead outside the file."""
    with open(setting.core, 'rb') as file:
        data = bytearray(file.read(1 << 20))
    for name, start, end in (('program headers outside', 32, 40), ('no program headers', 56, 58)):
        broken = bytearray(data)
        broken[start:end] = bytes(end - start) if end - start == 2 else b'\xf0' * (end - start)
        setting.refused_core(name, setting.file('damaged', broken))


def truncated(setting):
    size = os.path.getsize(setting.core)
    for length in (1, 63, 64, 100, 500, 4096, 20000, size // 3, size * 9 // 10, size - 1):
        shutil.copy(setting.core, setting.path('short'))
        os.truncate(setting.path('short'), length)
        setting.refused_core('core cut at %d of %d bytes' % (length, size), setting.path('short'))
    snapshot = os.path.join(setting.output, 'x.db')
    shutil.copy(setting.older_snapshot(), snapshot)
    with open(snapshot, 'rb') as file:
        older = file.read()
    setting.refused(INPUT, 'core cut, an older snapshot stays', 'analyze', setting.path('short'),
                    '-o', snapshot, kept=['x.db'])
    with open(snapshot, 'rb') as file:
        setting.results.check(file.read() == older, 'bad input: the older one is whole')
    os.remove(snapshot)
    os.remove(setting.path('short'))


def not_python(setting):
    def allow_cores():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    folder = setting.path('sleep')
    os.mkdir(folder)
    process = subprocess.Popen(['sh', '-c', 'kill -ABRT $$'], cwd=folder, preexec_fn=allow_cores)
    process.wait()
    cores = os.listdir(folder)
    if not cores:
        setting.results.skip('bad input: core without an interpreter', 'the shell left no core')
        return
    setting.refused_core('core without an interpreter', os.path.join(folder, cores[0]))


def executables(setting):
    """The program that crashed: here (must work), gone, replaced by another build."""
    setting.accepted('the same core whole')
    os.rename(setting.executable, setting.path('away'))
    setting.refused_core('executable gone', setting.core)
    setting.accepted('executable gone, --exe names it', '--exe', setting.original)
    setting.accepted('executable gone, all pages dumped', '--partial', core=setting.full_core)
    if '.debug_info' not in elf.sections(setting.original):
        setting.refused_core('executable gone, its debug file is here', setting.core, '--partial')
    setting.refused_core('--exe names nothing', setting.core, '--exe', setting.path('nothing'))
    identity = elf.build_id(setting.original)
    if not identity:
        setting.results.skip('bad input: executable rebuilt', 'the interpreter has no build-id')
        return
    with open(setting.original, 'rb') as file:
        rebuilt = bytearray(file.read())
    rebuilt[identity[1]] ^= 0xff
    setting.file('python', rebuilt)
    setting.refused_core('executable rebuilt', setting.core)
    setting.refused_core('--exe names another build', setting.core, '--exe', setting.executable)
    shutil.copy(setting.original, setting.executable)


def outputs(setting):
    def refused(name, output):
        setting.refused(OUTPUT, name, 'analyze', setting.core, '-o', output)
    refused('output folder missing', setting.path('missing/x.db'))
    refused('output is a folder', setting.where)
    refused('output folder is a file', setting.file('plain', b'') + '/x.db')
    refused('output folder that takes no files', '/proc/x.db')
    for name, options in (('read-only mount', 'ro'), ('full disk', 'size=64k')):
        with_tmpfs(setting, name, options)


def with_tmpfs(setting, name, options):
    """Writes to a small file system of its own, in a mount namespace of its own."""
    mount = setting.path('mount')
    os.makedirs(mount, exist_ok=True)
    script = 'mount -t tmpfs -o %s tmpfs "$0" || exit 99' % options
    unshare = ['unshare', '--user', '--map-root-user', '--mount']
    if os.geteuid() == 0:
        unshare = ['unshare', '--mount']
    tried = subprocess.run([*unshare, 'sh', '-c', script, mount], capture_output=True, text=True)
    if tried.returncode:
        setting.results.skip('bad input: ' + name, 'no mount: %s' % tried.stderr.strip())
        return
    # What is left is moved to where refused() looks.
    script += '; "$@"; status=$?; cp -r "$0"/. %s; exit $status' % setting.output
    setting.refused(OUTPUT, name, 'analyze', setting.core, '-o', os.path.join(mount, 'x.db'),
                    prefix=[*unshare, 'sh', '-c', script, mount])


def usage(setting):
    x = os.path.join(setting.output, 'x.db')
    for arguments in ([], ['no-such-command'], ['analyze'], ['analyze', setting.core, '--no-such'],
                      ['analyze', setting.core, '--pid', '1', '-o', x],
                      ['analyze', '--pid', 'one', '-o', x], ['types'], ['show', x, 'nowhere']):
        name = ' '.join(['heapsect', *(os.path.basename(a) for a in arguments)])
        setting.refused(USAGE, name, *arguments)
    setting.refused(INPUT, 'report on nothing', 'summary', setting.path('nothing'))
    setting.refused(INPUT, 'report on a core', 'types', setting.core)
    setting.refused(INPUT, 'process that does not exist', 'analyze', '--pid', '4194304', '-o', x)


def run(results, heapsect, interpreters):
    reason = dumps.why_no_kernel_cores() if interpreters else 'no interpreter'
    if reason:
        results.skip('bad inputs', reason)
        return
    with dumps.folder() as where:
        try:
            setting = Setting(results, heapsect, interpreters[0], where)
        except dumps.Failed as failure:
            results.check(False, 'bad inputs: the sample', failure)
            return
        for part in (not_cores, other_architectures, damaged, truncated, not_python, executables,
                     outputs, usage):
            part(setting)
