#!/usr/bin/env python3
"""What other programs have of heapsect's SQL: the loadable functions, and the manual page.

Usage: test_sql.py [BUILD], the folder of the build.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else "build").resolve()

import test_cli  # noqa: E402  which takes an argument, too

EXTENSION = BUILD / "heapsect_sqlite"
PAGE = BUILD / "heapsect-snapshot.5"
QUERY = ("SELECT addr(address), addr(addr(address)) = address, human(size), path(id) FROM objects"
         " WHERE id < 3")
ANSWER = [("0x7f0000000030", 1, "64 B", "modules"),
          ("0x7f0000000070", 1, "64 B", "modules['it\\'s']")]
WHY = "SELECT path FROM why(2)"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.snapshot = os.path.join(self.folder.name, "a.heapsect.db")
        test_cli.make_snapshot(self.snapshot)

    def tearDown(self):
        self.folder.cleanup()

    def own(self, *arguments):
        return subprocess.run([BUILD / "heapsect", "sql", self.snapshot, *arguments], text=True,
                              capture_output=True, check=True, timeout=60).stdout


class Extension(Case):
    def test_heapsect_itself_has_the_functions(self):
        rows = json.loads(self.own("--json", QUERY))
        self.assertEqual([tuple(row.values()) for row in rows], ANSWER)

    def test_python_loads_the_functions(self):
        with contextlib.closing(sqlite3.connect(self.snapshot)) as connection:
            if not hasattr(connection, "enable_load_extension"):
                self.skipTest("this Python's sqlite3 loads no extensions")
            connection.enable_load_extension(True)
            connection.load_extension(str(EXTENSION))
            self.assertEqual(connection.execute(QUERY).fetchall(), ANSWER)
            self.assertEqual(connection.execute(WHY).fetchone()[0], ANSWER[1][-1])
            with self.assertRaisesRegex(sqlite3.OperationalError, "is not an address"):
                connection.execute("SELECT addr('nowhere')").fetchone()

    def test_the_sqlite3_shell_loads_the_functions_and_closes(self):
        if not shutil.which("sqlite3"):
            self.skipTest("no sqlite3 (package sqlite3)")
        done = subprocess.run(["sqlite3", self.snapshot, f".load {EXTENSION}", QUERY], text=True,
                              capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), ["|".join(map(str, row)) for row in ANSWER])

    def test_path_needs_a_snapshot(self):
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            if not hasattr(connection, "enable_load_extension"):
                self.skipTest("this Python's sqlite3 loads no extensions")
            connection.enable_load_extension(True)
            connection.load_extension(str(EXTENSION))
            with self.assertRaisesRegex(sqlite3.OperationalError, "no snapshot"):
                connection.execute("SELECT path(1)").fetchone()
            with self.assertRaisesRegex(sqlite3.OperationalError, r"why\(\): no such table"):
                connection.execute("SELECT * FROM why(1)").fetchone()
            self.assertEqual(connection.execute("SELECT human(1024)").fetchone(), ("1.0 KiB",))


class Page(Case):
    """The manual page has all there is: it is made of the schema's comments."""

    def setUp(self):
        super().setUp()
        self.text = PAGE.read_text()

    def test_it_has_every_table_and_view_with_every_column(self):
        sections = dict(re.findall(r"^\.SS (\w+)\n(.*?)(?=^\.S[SH] )", self.text, re.M | re.S))
        with contextlib.closing(sqlite3.connect(self.snapshot)) as connection:
            names = [name for name, in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
                " AND name NOT LIKE 'sqlite%'")]
            self.assertGreater(len(names), 25)
            for name in names:
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
                self.assertEqual(re.findall(r"^\.TP\n\\fB(\w+)\\fP(?: [A-Z].*)?$",
                                            sections[name].split("\n.PP")[0], re.M), columns, name)

    def test_it_has_every_function(self):
        with contextlib.closing(sqlite3.connect(self.snapshot)) as connection:
            known = {row[0] for row in connection.execute("SELECT name FROM pragma_function_list")}
        rows = json.loads(self.own("--json", "SELECT DISTINCT name FROM pragma_function_list"
                                    " WHERE NOT builtin"))
        added = {row["name"] for row in rows} - known
        self.assertLessEqual({"addr", "human", "path"}, added)
        for name in added:
            self.assertIn(f".BI {name}( ", self.text)
        files = sorted((test_cli.ROOT / "schema/functions").glob("*.sql"))
        self.assertGreaterEqual(len(files), 1)
        for file in files:
            self.assertIn(f"FROM \\fB{file.stem}(\\fP", self.text)
            columns = re.findall(r"^\t(\w+) +[A-Z]+,", file.read_text(), re.M)
            self.assertGreater(len(columns), 2)
            for column in columns:
                self.assertIn(f"\\fB{column}\\fP", self.text)

    def test_it_has_every_question_in_full(self):
        files = sorted((test_cli.ROOT / "schema/questions").glob("*.sql"))
        self.assertGreaterEqual(len(files), 12)
        for file in files:
            title = file.read_text().splitlines()[0][3:].replace("-", "\\-")
            self.assertIn(f"\n.SS {title}\n", self.text)

    def test_man_formats_it_without_a_warning(self):
        if not shutil.which("man"):
            self.skipTest("no man (package man-db)")
        done = subprocess.run(["man", "--warnings", "-l", PAGE], text=True, capture_output=True,
                              timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_has_no_comment_is_an_error(self):
        for table, missing in (("CREATE TABLE t ( -- a thing\n\ta INTEGER\n) STRICT;", "a"),
                               ("CREATE TABLE t (\n\ta INTEGER -- it\n) STRICT;", "t"),
                               ("CREATE VIEW v ( -- a thing\n\ta\n) AS\nSELECT 1;", "a"),
                               ("CREATE VIEW v AS -- a thing\nSELECT 1 AS a;", "v")):
            file = pathlib.Path(self.folder.name, "tables.sql")
            file.write_text(table + "\n")
            man = test_cli.ROOT / "man"
            done = subprocess.run(["awk", "-f", man / "snapshot.awk", man / "heapsect-snapshot.5.in",
                                   file], text=True, capture_output=True, timeout=60)
            self.assertNotEqual(done.returncode, 0, table)
            self.assertIn(f"{missing} has no comment", done.stderr)


if __name__ == "__main__":
    unittest.main()
