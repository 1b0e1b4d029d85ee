#!/usr/bin/env python3
"""The program as a user meets it: exit statuses, messages, text and JSON.

Usage: test_cli.py [HEAPSECT].  The snapshot is made with schema/*.sql by Python's own sqlite3,
so what is tested is also that any client can read and write the schema.
"""
import contextlib
import json
import os
import pathlib
import pty
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAPSECT = str(pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build/heapsect").resolve())
BASE = 0x7F0000000030


def insert(connection, name, *rows):
    text = (ROOT / "schema/inserts" / f"{name}.sql").read_text()
    connection.executemany(text, rows)


def make_snapshot(path):
    connection = sqlite3.connect(path, isolation_level=None)
    for name in ("settings", "tables"):
        connection.executescript((ROOT / f"schema/{name}.sql").read_text())
    insert(connection, "meta", ("source", "core.1"), ("pid", "1"), ("objects", "4"), ("refs", "4"))
    insert(connection, "mappings",
           (1, 0x7F0000000000, 0x100000, "rw-", None, 0, None, "data", 0x100000),
           (2, -0xA00000, 0x1000, "--x", "[vsyscall]", 0, None, "code", 0))
    insert(connection, "accounting", ("dump", None, 0x100000, 1))
    insert(connection, "types", *[(i, None, name, None, "builtin", 16, 0) for i, name in
                                  enumerate(("dict", "str", "list", "app.O'Node"), 1)])
    for i, (kind, surplus, state, value) in enumerate(
            ((1, 0, "live", None), (2, 0, "live", "it's"), (3, 0, "live", None),
             (4, 2000, "leaked", "\x1b[31m\udcff".encode("utf-8", "surrogateescape").decode("latin-1"))), 1):
        insert(connection, "objects",
               (i, BASE + 64 * (i - 1), kind, 64, 0, None, 1, 1, surplus, state, 1, 2, 0, 0,
                i, None, None, value))
    insert(connection, "labels", (1, "key"), (2, "value"), (3, "[]"))
    insert(connection, "refs", (1, 0, 2, 1, 0), (1, 1, 3, 2, 0), (3, 7, 4, 3, 0), (3, 8, 4, 3, 0))
    insert(connection, "leaks", *[(i, "refcount", "proven" if i % 2 else "probable", 4, None, 1, 64,
                                   7, "a reference nobody owns") for i in range(1, 2001)])
    for name in ("indexes", "views"):
        connection.executescript((ROOT / f"schema/{name}.sql").read_text())
    connection.close()


class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.snapshot = os.path.join(cls.folder.name, "core.1.heapsect.db")
        make_snapshot(cls.snapshot)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_it(self, *arguments, status=0, **options):
        done = subprocess.run([HEAPSECT, *arguments], capture_output=True, text=True,
                              errors="surrogateescape", timeout=60, **options)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    def fails(self, status, message, *arguments):
        done = self.run_it(*arguments, status=status)
        self.assertTrue(done.stderr.startswith("heapsect: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_every_level_has_help_and_version(self):
        self.assertIn("analyze", self.run_it("--help").stdout)
        for command in "analyze summary types leaks cycles pools show threads sql".split():
            self.assertIn(f"heapsect {command}", self.run_it(command, "--help").stdout)
            self.assertRegex(self.run_it(command, "--version").stdout, r"^heapsect \d")

    def test_wrong_usage_is_one_line_and_status_2(self):
        self.fails(2, "command is missing")
        self.fails(2, "unknown command 'nonsense'", "nonsense")
        self.fails(2, "unknown option '--nonsense'", "--nonsense")
        self.fails(2, "unknown option '--nonsense'", "types", "--nonsense", self.snapshot)
        self.fails(2, "unknown option '-z'", "types", "-z", self.snapshot)
        self.fails(2, "operand is missing", "types")
        self.fails(2, "operand is missing", "show", self.snapshot)
        self.fails(2, "too many operands", "types", "a", "b")
        self.fails(2, "--top takes a number", "types", "--top", "-1", self.snapshot)
        self.fails(2, "needs an argument", "types", self.snapshot, "--top")
        self.fails(2, "not an address", "show", self.snapshot, "0xno")
        self.fails(2, "--fail-on takes", "leaks", "--fail-on", "x", self.snapshot)
        self.fails(2, "a core, or --pid", "analyze")
        self.fails(2, "exclude each other", "analyze", "core", "--pid", "1")

    def test_what_is_no_snapshot_is_status_3(self):
        self.fails(3, "no such file", "types", "/nonexistent/a.db")
        self.fails(3, "is not a heapsect snapshot", "types", __file__)
        self.fails(3, "is a directory", "types", "/")
        other = os.path.join(self.folder.name, "other.db")
        with sqlite3.connect(other) as connection:
            connection.execute("CREATE TABLE t (a)")
        self.fails(3, "is not a heapsect snapshot", "types", other)

    def test_output_that_cannot_be_written_is_status_4(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([HEAPSECT, "types", self.snapshot], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 4)
        self.assertIn("No space left", done.stderr)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([HEAPSECT, "types", self.snapshot], stdout=writer,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        os.close(writer)
        self.assertEqual(done.returncode, 4)
        self.fails(4, "/nonexistent", "analyze", __file__, "-o", "/nonexistent/a.db")
        self.fails(4, "not a heapsect snapshot", "analyze", __file__, "-o", __file__)

    def test_all_reports_are_valid_json(self):
        for report in ("summary", "types", "leaks", "cycles", "pools", "threads"):
            self.assertEqual(json.loads(self.run_it(report, "--json", self.snapshot).stdout)["report"],
                             report)

    def test_two_thousand_leaks_are_two_rows(self):
        leaks = json.loads(self.run_it("leaks", "--json", self.snapshot).stdout)
        self.assertEqual([leak["leaks"] for leak in leaks["leaks"]], [1000, 1000])
        self.assertEqual(leaks["total"]["bytes"], 128000)
        every = json.loads(self.run_it("leaks", "--all", "--json", self.snapshot).stdout)
        self.assertEqual(len(every["leaks"]), 2000)
        self.assertEqual(self.run_it("leaks", "--all", self.snapshot).stdout.count("\n"), 2001)
        self.assertEqual(self.run_it("leaks", "--all", "--top=3", self.snapshot).stdout.count("\n"), 5)

    def test_fail_on_is_status_1_when_the_kind_is_found(self):
        for kind, status in (("refcount", 1), ("any", 1), ("garbage", 0), ("native", 0)):
            self.run_it("leaks", "--fail-on", kind, self.snapshot, status=status)
        self.run_it("leaks", "--fail-on=garbage", "--fail-on=refcount", self.snapshot, status=1)
        self.run_it("leaks", "--fail-on=refcount", "--grade=probable", self.snapshot, status=1)

    def test_native_leaks_are_grouped_by_fingerprint(self):
        path = os.path.join(self.folder.name, "native.db")
        shutil.copy(self.snapshot, path)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for i, size in enumerate((24, 24, 40, 40), 1):
                insert(connection, "blocks", (i, BASE + 4096 + i * 64, size, "glibc", "used", None, None))
                insert(connection, "leaks", (3000 + i, "native", "proven", None, i, 2, 64, size,
                                             "definitely lost"))
        leaks = json.loads(self.run_it("leaks", "--json", path).stdout)["leaks"]
        native = sorted((leak["type"], leak["leaks"], leak["objects"]) for leak in leaks
                        if leak["kind"] == "native")
        self.assertEqual(native, [("glibc block of 24 bytes", 2, 4), ("glibc block of 40 bytes", 2, 4)])
        self.run_it("leaks", "--fail-on", "native", path, status=1)

    def test_show_takes_an_address_inside_an_object(self):
        for address in (hex(BASE + 64), hex(BASE + 100), str(BASE + 64)):
            shown = json.loads(self.run_it("show", "--json", self.snapshot, address).stdout)
            self.assertEqual(shown["object"]["id"], 2)
            self.assertEqual(shown["referrers"][0]["label"], "key")
        shown = json.loads(self.run_it("show", "--json", self.snapshot, hex(BASE)).stdout)
        self.assertEqual([row["label"] for row in shown["referents"]], ["key", "['it\\'s']"])

    def test_show_says_where_an_unknown_address_lies(self):
        done = self.run_it("show", self.snapshot, "0x7f0000090000")
        self.assertIn("no object or block", done.stdout)
        self.assertIn("0x7f0000000000-0x7f0000100000", done.stdout)
        done = self.run_it("show", self.snapshot, "0xffffffffff600010")
        self.assertIn("[vsyscall]", done.stdout)
        self.fails(3, "in no mapping", "show", self.snapshot, "0x10")

    def test_text_from_the_process_is_not_sent_to_the_terminal_raw(self):
        done = self.run_it("show", self.snapshot, hex(BASE + 192))
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("\\x1b[31m", done.stdout)

    def test_top_limits_rows(self):
        done = self.run_it("types", "--top", "1", self.snapshot)
        self.assertIn("... and more", done.stdout)
        self.assertEqual(len(json.loads(self.run_it("types", "--json", "--top=1", self.snapshot)
                                        .stdout)["types"]), 1)

    def test_sql_reads_and_only_reads(self):
        done = self.run_it("sql", self.snapshot, "SELECT id, address FROM v_objects LIMIT 1")
        self.assertEqual(done.stdout, "id  address\n 1  0x7f0000000030\n")
        done = self.run_it("sql", "--json", self.snapshot, "SELECT NULL AS a, 1.5 AS b")
        self.assertEqual(json.loads(done.stdout), [{"a": None, "b": 1.5}])
        self.assertIn('... and more', self.run_it('sql', '--top', '2', self.snapshot,
                                                  'SELECT id FROM leaks').stdout)
        self.assertEqual(self.run_it('sql', self.snapshot, 'SELECT id FROM leaks').stdout.count('\n'), 2001)
        self.fails(2, "no such column: nope", "sql", self.snapshot, "SELECT nope")
        self.fails(2, "read only", "sql", self.snapshot, "DELETE FROM objects")
        self.fails(2, "read only", "sql", self.snapshot, "ATTACH 'x.db' AS x")
        self.fails(2, "one SQL statement", "sql", self.snapshot, "SELECT 1; SELECT 2")

    def test_sql_reads_statements_from_standard_input(self):
        done = self.run_it("sql", self.snapshot, input="SELECT\n 1 AS a;\n\nSELECT 2 AS b")
        self.assertEqual(done.stdout, "a\n1\nb\n2\n")
        self.run_it("sql", self.snapshot, input="SELECT nope;\nSELECT 1;\n", status=2)

    def run_on_terminal(self, **environment):
        parent, child = pty.openpty()
        subprocess.run([HEAPSECT, "types", self.snapshot], stdout=child, timeout=60,
                       env={"TERM": "xterm", **environment})
        os.close(child)
        text = os.read(parent, 65536).decode()
        os.close(parent)
        return text

    def test_colour_is_for_terminals_that_want_it(self):
        self.assertIn("\x1b[1m", self.run_on_terminal())
        self.assertNotIn("\x1b", self.run_on_terminal(NO_COLOR="1"))
        self.assertIn("\x1b[1m", self.run_on_terminal(NO_COLOR=""))
        self.assertNotIn("\x1b", self.run_on_terminal(TERM="dumb"))
        self.assertNotIn("\x1b", self.run_it("types", self.snapshot).stdout)

    def test_the_schema_is_clean(self):
        with sqlite3.connect(self.snapshot) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(connection.execute("PRAGMA foreign_key_check").fetchall(), [])
            self.assertEqual(connection.execute("PRAGMA user_version").fetchone(), (1,))

    def test_every_table_and_column_is_explained(self):
        with sqlite3.connect(self.snapshot) as connection:
            tables = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
                                        " AND name NOT LIKE 'sqlite%'").fetchall()
            for name, text in tables:
                lines = text.splitlines()
                self.assertIn(" -- ", lines[0], name)
                columns = connection.execute("SELECT name FROM pragma_table_info(?)", (name,))
                for (column,) in columns:
                    self.assertTrue(any(line.split()[0] == column and " -- " in line
                                        for line in lines[1:]), f"{name}.{column}")

    def test_every_view_can_be_read(self):
        with sqlite3.connect(self.snapshot) as connection:
            for (view,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'view'"):
                connection.execute(f"SELECT * FROM {view}").fetchall()


if __name__ == "__main__":
    unittest.main()
