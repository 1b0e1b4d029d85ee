"""Every report prints something, as text and as JSON, and says nothing on stderr."""
import json

import program

COMMANDS = (('summary',), ('types',), ('types', '--top', '3'), ('leaks',), ('cycles',), ('gc',),
            ('pools',), ('threads',), ('waste',))


def run(results, label, heapsect, snapshot, address):
    queries = COMMANDS + (('show', hex(address)), ('show', str(address)))
    for command, *rest in queries:
        name = '%s: heapsect %s' % (label, ' '.join((command, *rest)))
        text = heapsect.run(command, snapshot, *rest)
        results.check(text.returncode == 0 and text.stdout.strip() and not text.stderr, name,
                      '%d lines' % text.stdout.count('\n') if text.returncode == 0
                      else program.complaint(text))
        as_json(results, name + ' --json', heapsect.run(command, snapshot, *rest, '--json'))
    counted = heapsect.run('sql', snapshot, 'SELECT count(*) AS objects FROM objects')
    results.check(counted.returncode == 0 and any(c.isdigit() for c in counted.stdout),
                  '%s: heapsect sql' % label, ' '.join(counted.stdout.split()))
    write = heapsect.run('sql', snapshot, 'DELETE FROM objects')
    results.check(write.returncode != 0 and write.stderr.count('\n') == 1,
                  '%s: heapsect sql refuses to write' % label, write.stderr.strip())


def as_json(results, name, ran):
    try:
        json.loads(ran.stdout)
        results.check(ran.returncode == 0 and not ran.stderr, name)
    except ValueError as error:
        results.check(False, name, '%s; %s' % (error, program.complaint(ran)))
