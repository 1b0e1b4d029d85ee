"""Shows that the checks can fail: each is run on a snapshot with one thing wrong in it."""
import checks
from results import Results

SOME = ("(SELECT max(o.id) FROM objects o JOIN types t ON t.id = o.type_id JOIN refs r"
        " ON r.source_id = o.id WHERE t.name = 'builtins.dict' AND gc_tracked AND refcount = 1)")
PLANTED = "(SELECT max(object_id) FROM leaks WHERE kind = 'refcount' AND grade = 'proven')"
LEAK = ("INSERT INTO leaks (kind, grade, object_id, objects, bytes, fingerprint, explanation)"
        " VALUES ('%s', 'proven', 1, 1, 1, 1, '')")

WRONG = {
    'cycles': (
        (checks.tracked_objects, 'UPDATE objects SET gc_tracked = 0 WHERE id = ' + SOME),
        (checks.tracked_objects, 'UPDATE objects SET gc_tracked = 1'),
        (checks.types_and_counts, 'UPDATE objects SET refcount = 2 WHERE id = ' + SOME),
        (checks.types_and_counts, "UPDATE types SET name = 'Node' WHERE name = '__main__.Node'"),
        (checks.sizes, 'UPDATE objects SET owned_size = owned_size + 8 WHERE type_id ='
                       " (SELECT id FROM types WHERE name = 'builtins.list')"),
        (checks.values, "UPDATE objects SET value = value || ' ' WHERE id = (SELECT max(o.id)"
                        " FROM objects o JOIN types t ON t.id = o.type_id"
                        " WHERE t.name = 'builtins.float')"),
        (checks.values, 'UPDATE objects SET value = NULL WHERE id = ' + SOME),
        (checks.references, 'UPDATE refs SET kind = 1 WHERE kind = 0 AND source_id = ' + SOME),
        (checks.references, 'UPDATE refs SET kind = 0 WHERE kind = 1'),
        (checks.garbage, "UPDATE objects SET state = 'garbage' WHERE id = 9"),
        (checks.garbage, "UPDATE objects SET state = 'live' WHERE id ="
                         " (SELECT max(id) FROM objects WHERE state = 'garbage')"),
        (checks.garbage, LEAK % 'garbage'),
        (checks.proven_leaks, LEAK % 'refcount'),
        (checks.blocks_in_use, 'UPDATE pools SET used = used + 1 WHERE id ='
                               ' (SELECT max(id) FROM pools WHERE block_size > 0)'),
        (checks.integrity, 'UPDATE refs SET target_id = 99999999 WHERE source_id = ' + SOME),
        (checks.integrity, 'DELETE FROM objects WHERE id = 9'),
        (checks.accounting, "INSERT INTO accounting VALUES ('lost', NULL, 1, 1)"),
        (checks.views, 'DROP VIEW v_types'),
    ),
    'nativeleak': (
        (checks.native_leaks, "UPDATE leaks SET grade = 'probable' WHERE kind = 'native'"),
        (checks.native_leaks, "UPDATE leaks SET block_id = block_id + 1 WHERE id ="
                              " (SELECT max(id) FROM leaks WHERE grade = 'proven')"),
        (checks.native_leaks, LEAK % 'native'),
    ),
    'retained': (
        (checks.retained, 'UPDATE objects SET retained_size = retained_size + 1'),
        (checks.paths, 'UPDATE paths SET ordinal = ordinal + 1 WHERE parent_id IS NOT NULL'),
        (checks.paths, 'DELETE FROM paths WHERE object_id = 77'),
    ),
    'refleak': (
        (checks.surplus, 'UPDATE objects SET surplus = 2 WHERE id = ' + PLANTED),
        (checks.proven_leaks, 'DELETE FROM leaks WHERE object_id = ' + PLANTED),
    ),
}


def run(results, label, sample, truth, db):
    noticed = 0
    for check, mistake in WRONG.get(sample, ()):
        db.execute('PRAGMA foreign_keys = OFF')
        db.execute('BEGIN')
        changed = db.execute(mistake)
        told = Results(quiet=True)
        check(checks.Case(told, label, truth, db))
        db.rollback()
        noticed += bool(told.failed)
        if not told.failed:
            results.note('not noticed: %s (%d rows)' % (mistake, changed.rowcount))
    if sample in WRONG:
        total = len(WRONG[sample])
        results.check(noticed == total, '%s: the checks notice mistakes' % label,
                      '%d of %d' % (noticed, total))
