"""Savings by kind and holder, against what the process won when it did what wins them."""
import os

import crashes
import dumps
import waste_program as made

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'waste_program.py')


def savings(results, label, told, db):
    found = {(kind, holder): savings for kind, holder, savings in db.execute(
        'SELECT kind, holder, savings FROM waste')}
    expected = {(kind, holder): savings for kind, holders in told.items()
                for holder, savings in holders.items()}
    results.equal({(*key, found.get(key, 0)) for key in expected},
                  {(*key, savings) for key, savings in expected.items()},
                  label + ': bytes to win')


def counts(results, label, db):
    row = db.execute(
        'SELECT w.objects, w.distinct_values, w.example_copies, o.value FROM waste w'
        ' JOIN objects o ON o.id = w.example_id'
        " WHERE w.holder = '__main__.Row.country'").fetchone()
    results.check(row == (made.ROWS, 2, 2 * made.ROWS // 3, 'country DE'), label + ': an example',
                  '%s' % (row,))


def namespaces(results, label, db):
    rows = db.execute("SELECT kind, holder FROM waste WHERE holder IN ('__main__.__dict__',"
                      " '__main__.Kept.__dict__', 'modules', 'sys.__dict__')")
    results.equal(set(rows.fetchall()), set(), label + ': namespaces stay as they are')


def order(results, label, db):
    ids = [i for i, in db.execute('SELECT id FROM waste WHERE holder IS NOT NULL'
                                  ' ORDER BY savings DESC, id')]
    results.check(ids == sorted(ids) and ids, label + ': the most to win first')
    wrong = db.execute('SELECT count(*) FROM waste w JOIN objects o ON o.id = w.example_id'
                       " WHERE w.savings > w.bytes OR w.savings <= 0 OR o.state <> 'live'")
    results.equal(set(wrong.fetchall()), {(0,)}, label + ': no more to win than there is')


def report(results, label, heapsect, snapshot):
    ran = heapsect.run('waste', snapshot)
    wanted = ("2000 of 'country DE'", '__main__.Row.country', '.rows[', 'sys.intern()')
    results.check(ran.returncode == 0 and all(text in ran.stdout for text in wanted),
                  label + ': heapsect waste', ran.stderr)


def run(results, heapsect, label, interpreter, sources=(), parent=None):
    label += ': waste'
    reason = dumps.why_no_kernel_cores()
    if reason:
        results.skip(label, reason)
        return
    with crashes.snapshot_of(results, heapsect, label, interpreter, PROGRAM, sources=sources,
                             parent=parent) as found:
        if not found:
            return
        told, db, snapshot = found
        savings(results, label, told, db)
        counts(results, label, db)
        namespaces(results, label, db)
        order(results, label, db)
        report(results, label, heapsect, snapshot)
