"""Debian roots to dump processes in: made once with debootstrap, and kept outside the tree.

    python3 tests/matrix/roots.py [SUITE]...

A root has the suite's python3 (sid: every python3.N it offers) and, unpacked over it, the debug
info of python3.N and of libc.  It lies in $HEAPSECT_ROOTS/SUITE, by default in
$XDG_CACHE_HOME/heapsect-test/roots/SUITE.
"""
import contextlib
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys

SUITES = ('bullseye', 'bookworm', 'trixie', 'sid')
MINORS = range(8, 16)
WITH_ALL_PYTHONS = ('sid',)
ATTEMPTS = 2
# A mirror may stand still for longer than a Release file is valid; debootstrap does not mind.
APT = ('apt-get', '-o', 'Acquire::Check-Valid-Until=false')


class Missing(Exception):
    """There is no such root, and none can be made; the text says why."""


def folder():
    cache = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.environ.get('HEAPSECT_ROOTS') or os.path.join(cache, 'heapsect-test', 'roots')


def run(*command, log=None):
    """What it printed; Missing with its last line if it failed."""
    environment = dict(os.environ, DEBIAN_FRONTEND='noninteractive', LC_ALL='C.UTF-8')
    ran = subprocess.run(command, env=environment, text=True, errors='replace',
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    if log:
        with open(log, 'a') as file:
            file.write('$ %s\n%s' % (' '.join(command), ran.stdout))
    if ran.returncode:
        last = (ran.stdout.strip().split('\n') or [''])[-1]
        raise Missing('%s: exit status %d: %s' % (command[0], ran.returncode, last))
    return ran.stdout


def mirror():
    """Where the machine's own apt takes Debian from."""
    rows = run('apt-get', 'indextargets', '--format', '$(SITE) $(ORIGIN) $(LABEL)',
               'Created-By: Packages')
    sites = [row.split()[0] for row in rows.split('\n') if row.split()[1:] == ['Debian', 'Debian']]
    if not sites:
        raise Missing('apt knows no mirror of Debian; run apt-get update')
    return sites[0]


@contextlib.contextmanager
def proc_mounted(root):
    """With /proc in the root while it lasts; one that is there already stays."""
    where = os.path.join(root, 'proc')
    ours = not os.path.ismount(where)
    if ours:
        subprocess.run(['mount', '-t', 'proc', 'proc', where], check=True)
    try:
        yield
    finally:
        if ours:
            subprocess.run(['umount', where], check=True)


def unmount_all(root):
    """What an interrupted debootstrap leaves behind."""
    with open('/proc/self/mounts') as file:
        points = [line.split()[1] for line in file]
    for point in sorted((p for p in points if p.startswith(root + '/')), reverse=True):
        subprocess.run(['umount', point], check=True)


def pythons(root):
    """Paths within the root, oldest first."""
    found = {}
    for path in glob.glob(os.path.join(root, 'usr/bin/python3.*')):
        name = re.fullmatch(r'python3\.(\d+)', os.path.basename(path))
        if name and int(name[1]) in MINORS:
            found[int(name[1])] = '/usr/bin/' + name[0]
    return [found[minor] for minor in sorted(found)]


def install_pythons(root, suite, log):
    inside = ('chroot', root)
    run(*inside, *APT, 'update', log=log)
    if suite in WITH_ALL_PYTHONS:
        offered = run(*inside, 'apt-cache', 'pkgnames', 'python3.').split()
        names = [name for name in sorted(offered) if re.fullmatch(r'python3\.\d+', name)
                 and int(name.split('.')[1]) in MINORS]
        run(*inside, *APT, 'install', '-y', '--no-install-recommends', *names, log=log)
    debug = [os.path.basename(path) + '-dbg' for path in pythons(root)] + ['libc6-dbg']
    run(*inside, 'sh', '-ec', 'mkdir -p /tmp/debug && cd /tmp/debug && apt-get download "$@" && '
        'for package in *.deb; do dpkg -x "$package" /tmp/debug/files; done && '
        'mkdir -p /usr/lib/debug && cp -a /tmp/debug/files/usr/lib/debug/.build-id '
        '/usr/lib/debug/ && cd / && rm -rf /tmp/debug && apt-get clean', 'sh', *debug, log=log)


def why_not_make():
    if os.geteuid() != 0:
        return 'only root can make one'
    for program in ('debootstrap', 'chroot', 'mount'):
        if not shutil.which(program):
            return 'no %s' % program
    return None


def make(suite, root):
    reason = why_not_make()
    if reason:
        raise Missing(reason)
    new, log = root + '.new', root + '.log'
    for attempt in range(ATTEMPTS):
        unmount_all(new)
        shutil.rmtree(new, ignore_errors=True)
        try:
            run('debootstrap', '--variant=minbase', '--include=python3', suite, new, mirror(), log=log)
            with proc_mounted(new):
                install_pythons(new, suite, log)
            break
        except Missing as missing:
            unmount_all(new)
            if attempt == ATTEMPTS - 1:
                raise Missing('%s (see %s)' % (missing, log))
    os.rename(new, root)


def install(root, packages):
    """More packages of the root's suite; raises Missing."""
    reason = why_not_make()
    if reason:
        raise Missing(reason)
    with locked(root), proc_mounted(root):
        run('chroot', root, *APT, 'install', '-y', '--no-install-recommends', *packages,
            log=root + '.log')


@contextlib.contextmanager
def locked(root):
    """One process at a time makes or changes the root."""
    os.makedirs(os.path.dirname(root), exist_ok=True)
    with open(root + '.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def get(suite):
    """The folder of the suite's root, made if it is not there; raises Missing."""
    root = os.path.join(folder(), suite)
    with locked(root):
        if not os.path.isdir(root):
            make(suite, root)
    return root


def main():
    for suite in sys.argv[1:] or SUITES:
        try:
            root = get(suite)
            print('%s: %s: %s' % (suite, root, ' '.join(pythons(root))), flush=True)
        except Missing as missing:
            print('skip %s: %s' % (suite, missing), flush=True)


if __name__ == '__main__':
    main()
