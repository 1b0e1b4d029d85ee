#!/usr/bin/env python3
"""The program as a user meets it: exit statuses, messages, text and JSON.

Usage: test_cli.py [HEAPSECT].  The snapshot is made with schema/*.sql by Python's own sqlite3,
so what is tested is also that any client can read and write the schema.
"""
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from terminal import Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAPSECT = str(pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build/heapsect").resolve())
BASE = 0x7F0000000030


def insert(connection, name, *rows):
    """Columns that a row is too short for have their defaults."""
    text = (ROOT / "schema/inserts" / f"{name}.sql").read_text()
    columns = text[text.index("(") + 1:text.index(")")].split(",")[:len(rows[0])]
    connection.executemany(f"INSERT INTO {name} ({','.join(columns)}) "
                           f"VALUES ({','.join('?' * len(columns))})", rows)


def make_snapshot(path):
    connection = sqlite3.connect(path, isolation_level=None)
    for name in ("settings", "tables"):
        connection.executescript((ROOT / f"schema/{name}.sql").read_text())
    insert(connection, "meta", ("source", "core.1"), ("pid", "1"), ("objects", "4"), ("refs", "4"))
    insert(connection, "mappings",
           (1, 0x7F0000000000, 0x100000, "rw-", None, 0, None, "data", 0x100000),
           (2, -0xA00000, 0x1000, "--x", "[vsyscall]", 0, None, "code", 0),
           (3, 0x7E0000000000, 0x10000, "rw-", None, 0, None, "stack", 0x10000),
           (4, 0x555500000000, 0x1000, "rw-", "/bin/app", 0x2000, None, "data", 0x1000))
    insert(connection, "threads", (1, 77, "worker", 0x1234, 0x7E0000008000))
    insert(connection, "frames", (1, 1, 0, "app.work", "app.py", 12, 0x7E0000009000))
    insert(connection, "symbols", (0x555500000100, 0x80, "table", "variable"))
    insert(connection, "structs", (1, "node", "struct", 24), (2, "PyDictObject", "struct", 48))
    insert(connection, "members", (1, 0, 8, 1, "next", "struct node *"),
           (1, 8, 4, 4, "numbers", "int"), (2, 16, 8, 1, "ma_used", "long int"))
    insert(connection, "accounting", ("dump", None, 0x100000, 1))
    insert(connection, "types", *[(i, None, name, struct, "builtin", 16, 0) for i, (name, struct) in
                                  enumerate((("dict", "PyDictObject"), ("str", None),
                                             ("list", None), ("app.O'Node", None)), 1)])
    insert(connection, "type_totals", *[(i, 1, 64, 64) for i in range(1, 5)])
    insert(connection, "block_totals",
           ("glibc", "used", "struct node", 0, 1, 24, "certain", None, None, None, 1),
           ("glibc", "used", "struct node[]", 0, 1, 72, "likely", None, None, None, 2),
           ("glibc", "used", None, 0, 2, 80, None, 40, 6, 5, 3),
           ("glibc", "cached", None, 0, 1, 40, None, 40, None, None, 5),
           ("glibc", "free", "top", 0, 1, 0xC00, None, None, None, None, 6),
           ("glibc", "used", None, 0, 1, 0x21000, None, 0x21000, None, None, 7),
           ("pymalloc", "used", "dict-keys", 1, 1, 64, None, None, None, None, 8))
    for i, (kind, refcount, found, surplus, state, value, dominator) in enumerate(
            ((1, 1, 1, 0, "live", None, None), (2, 1, 1, 0, "live", "it's", 1),
             (3, 2, 2, 0, "leaked", None, None),
             (4, 7, 2, 5, "leaked", "\x1b[31m\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), 3)), 1):
        insert(connection, "objects",
               (i, BASE + 64 * (i - 1), kind, 64, 0, 64 if dominator else 128, refcount, found, surplus,
                state, 1, 2, 0, 0, i, dominator, None, value, 0, None, None))
    insert(connection, "labels", (1, "key"), (2, "value"), (3, "[]"), (4, "table.first->next"),
           (5, "cache (libx.so.1)"), (6, "Shape vtable (libx.so.1)"))
    heap = 0x7F0000080000
    insert(connection, "arenas", (1, "glibc", heap, 0x1000, 0x300, 0xD00, 0, 0, 0x40, 0xC00),
           (2, "pymalloc", 0x7F0000040000, 0x10000, 64, 0x1000, 2, 1, 0, 0))
    insert(connection, "pools", (1, 2, 0x7F0000040000, 0x4000, 48, 64, 255, 1),
           (2, 2, 0x7F0000044000, 0x4000, 48, 0, 0, 0))
    insert(connection, "blocks",
           (1, heap + 16, 24, "glibc", "used", None, "struct node", "certain", 4, None, None),
           (2, heap + 48, 72, "glibc", "used", None, "struct node[]", "likely", 4, None, None),
           (3, heap + 128, 40, "glibc", "used", None, None, None, None, 6, 5),
           (4, heap + 176, 40, "glibc", "used", None, None, None, None, 6, 5),
           (5, heap + 224, 40, "glibc", "cached", None, None, None, None, None, None),
           (6, heap + 0x400, 0xC00, "glibc", "free", None, "top", None, None, None, None),
           (7, 0x7F00000C0010, 0x21000, "glibc", "used", None, None, None, None, None, None),
           (8, 0x7F0000040030, 64, "pymalloc", "used", 1, "dict-keys", None, None, None, None))
    insert(connection, "refs", (1, 0, 2, 1, 0), (1, 1, 3, 2, 0), (3, 7, 4, 3, 0), (3, 8, 4, 3, 0))
    insert(connection, "leak_groups",
           *[(i, "refcount", grade, 7, "app.O'Node", "libx.so.1", "it is", 1000, 1000, 64000, i)
             for i, grade in enumerate(("proven", "probable"), 1)])
    insert(connection, "roots", (1, 1, "interpreter", "interpreter.modules", None, None, None, 1, "modules"))
    insert(connection, "paths", (1, None, None, None, None, 1, 0, 1), (2, 1, 1, 2, 2, None, 1, 1),
           (3, None, None, None, None, None, 0, 3), (4, 3, 7, 3, None, None, 1, 3))
    insert(connection, "places", (1, None, 1, "modules", 1, 64, 4, 256, 1, 11, 21),
           (2, 1, 4, "modules[*]", 1, 64, 1, 64, 4, 12, 22))
    insert(connection, "leaks", *[(i, "refcount", "proven" if i % 2 else "probable", 4, None, 1, 64,
                                   7, "a reference nobody owns", 3, 2 - i % 2)
                                  for i in range(1, 2001)])
    insert(connection, "roots",
           (2, 3, "frame", "local 'things'", 0x7E0000009010, 1, 1, 1),
           (3, 4, "stack", "stack", 0x7E0000008010, 1, None, 0),
           (4, 4, "native", "word", 0x555500000120, None, None, 0))
    insert(connection, "c_frames", (1, 1, 0, 0x7E0000008000, 64, "measure", "libx.so.1"))
    insert(connection, "releases",
           (1, "holder", 1, None, "str", 3, "modules['app'].SEEN", 3, 192, 2, 0x20000, 5, 400, 1, 0x10000,
            0x10000),
           (2, "pins", 3, None, "str", 2, None, 2, 128, 2, 0x20000, 2, 128, 0, 0, 0x20000),
           (3, "holder", 4, None, "str", 1, "modules['app'].x", 1, 64, 1, 0x400, 1, 64, 0, 0, 0x20000),
           (4, "garbage", None, None, None, 0, None, 0, 0, 0, 0, 9, 900, 0, 0x1000, None),
           (5, "leak", None, 7, None, 0, None, 0, 0, 0, 0, 9, 900, 0, 0, None))
    insert(connection, "pins", (2, 1, 2, None, 64, "modules['app'].SEEN[0]", 1),
           (2, 1, None, 8, 64, "modules['app'].SEEN", 1), (1, None, 4, None, 64, None, 2))
    insert(connection, "collectors", (1, 1, 1, 4, 4000, 30))
    insert(connection, "generations", (1, 0, 5, 700, 6, 9, 8, 0, 1, 2, 5, 50, 3, 300),
           (1, 1, 6, 10, 2, None, None, None, 1, 2, None, None, None, None),
           (1, 2, 7, 10, 1, 1, 0, 0, 2, 3, 18, 90, 4, 400),
           (1, 3, 8, None, None, None, None, None, 0, 0, None, None, None, None))
    insert(connection, "tracked_types", (1, 20, 5, 10), (4, 6, 0, 6))
    insert(connection, "waste",
           (1, "duplicate-text", "app.Row.country", 40000, 2, 2080000, 2079900, 2, 30000, "intern"),
           (2, "empty-dict", "app.Row.tags", 10, None, 640, 640, 1, None, "None until then"),
           (3, "empty-dict", None, 3, None, 192, 192, 1, None, "None until then"))
    for name in ("indexes_of_refs", "indexes", "views"):
        connection.executescript((ROOT / f"schema/{name}.sql").read_text())
    connection.close()


def grow(path, nodes, **meta):
    """Makes of a snapshot one of the same process later, with so many nodes in place of one."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE type_totals SET objects = ?, bytes = 64 * ?, retained_bytes = 64 * ?"
                           " WHERE type_id = 4", (nodes, nodes, nodes))
        connection.execute("UPDATE places SET objects = ?, bytes = 64 * ?, total_objects = ?,"
                           " total_bytes = 64 * ? WHERE id = 2", (nodes, nodes, nodes, nodes))
        connection.execute("UPDATE places SET checksum = checksum + ?", (nodes - 1,))
        connection.execute("UPDATE accounting SET bytes = bytes + 64 * ?", (nodes,))
        for i in range(5, 4 + nodes):
            insert(connection, "objects", (i, BASE + 64 * (i - 1), 4, 64, 0, 64, 1, 1, 0, "live", 1, 0, 0,
                                           0, i, None, None, None, 0, None, 2))
        for key, value in meta.items():
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


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
        for command in ("analyze summary types leaks cycles gc pools heap retained show why "
                        "referrers threads diff waste sql").split():
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
        self.fails(2, "too many operands", "cycles", "a", "b")
        self.fails(2, "too many operands", "types", "a", "b", "c")
        self.fails(2, "operand is missing", "diff", self.snapshot)
        self.fails(2, "unknown option '--nonsense'", "diff", "--nonsense", self.snapshot, self.snapshot)
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

    def grown(self, name, nodes, **meta):
        path = os.path.join(self.folder.name, name)
        shutil.copy(self.snapshot, path)
        grow(path, nodes, **meta)
        return path

    def diff(self, *arguments):
        return json.loads(self.run_it("diff", "--json", *arguments).stdout)

    def test_diff_says_what_grew_and_where(self):
        new = self.grown("new.db", 41)
        report = self.diff(self.snapshot, new)
        self.assertEqual(report["findings"][0]["sentence"], "40 more app.O'Node at modules[*]")
        self.assertEqual([(row["type"], row["objects"], row["bytes"], row["retained_bytes"])
                          for row in report["types"]], [("app.O'Node", 40, 2560, 2560)])
        self.assertEqual([(row["path"], row["objects"], row["bytes"]) for row in report["places"]],
                         [("modules[*]", 40, 2560)])
        self.assertEqual([(row["bucket"], row["bytes"]) for row in report["accounting"]],
                         [("dump", 2624)])
        self.assertEqual(report["lineage"]["same_process"], 1)
        self.assertEqual([report[section] for section in ("leaks", "cycles", "blocks", "heaps")],
                         [[], [], [], []])
        text = self.run_it("diff", self.snapshot, new).stdout
        self.assertTrue(text.startswith("What grew most\n1. +2.5 KiB: 40 more app.O'Node at modules[*]\n"),
                        text)
        self.assertLess(text.count("\n"), 25)

    def test_diff_of_equal_snapshots_says_that_nothing_grew(self):
        text = self.run_it("diff", self.snapshot, self.snapshot).stdout
        self.assertTrue(text.startswith("Nothing grew.\n"), text)
        back = self.diff(self.grown("new.db", 41), self.snapshot)
        self.assertEqual((back["findings"], back["types"][0]["bytes"]), ([], -2560))

    def test_diff_of_three_has_what_grew_every_time(self):
        second, third = self.grown("second.db", 5), self.grown("third.db", 9)
        report = self.diff(self.snapshot, second, third)
        self.assertEqual([(row["type"], row["objects_series"], row["bytes_series"])
                          for row in report["types"]], [("app.O'Node", "1 → 5 → 9", "64 → 320 → 576")])
        self.assertEqual(report["places"][0]["objects_series"], "1 → 5 → 9")
        report = self.diff(self.snapshot, third, second)
        self.assertEqual((report["findings"], report["types"], report["places"], report["accounting"]),
                         ([], [], [], []))

    def test_diff_tells_objects_of_one_process_alone(self):
        new = self.grown("new.db", 4)
        report = self.diff("--objects", self.snapshot, new)
        self.assertEqual((report["total"]["born"], report["total"]["died"], report["total"]["survived"]),
                         (3, 0, 4))
        self.assertEqual({row["address"] for row in report["born"]},
                         {hex(BASE + 64 * i) for i in range(4, 7)})
        self.assertEqual([(row["path"], row["born"]) for row in report["objects_places"]],
                         [("modules[*]", 3)])
        other = self.grown("process.db", 4, pid="2")
        report = self.diff("--objects", self.snapshot, other)
        self.assertEqual((report["lineage"]["why_not"], report["total"], report["born"]),
                         ("the process ids differ", None, []))
        self.assertIn("Not one process", self.run_it("diff", self.snapshot, other).stdout)

    def test_diff_names_the_file_that_cannot_be_used(self):
        self.fails(3, "nonexistent/a.db: no such file", "diff", self.snapshot, "/nonexistent/a.db")
        self.fails(3, "nonexistent/a.db: no such file", "diff", "/nonexistent/a.db", self.snapshot)
        self.fails(3, "is not a heapsect snapshot", "diff", self.snapshot, __file__, self.snapshot)
        old = self.grown("old.db", 1)
        with contextlib.closing(sqlite3.connect(old)) as connection:
            connection.execute("PRAGMA user_version = 1")
        self.fails(3, "old.db: is of schema version 1", "diff", old, self.snapshot)

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
        for report in ("summary", "types", "leaks", "cycles", "pools", "heap", "threads", "retained", "gc",
                       "waste"):
            self.assertEqual(json.loads(self.run_it(report, "--json", self.snapshot).stdout)["report"],
                             report)

    def test_why_writes_paths_from_roots(self):
        why = json.loads(self.run_it("why", "--json", self.snapshot, hex(BASE + 64)).stdout)
        self.assertEqual([path["path"] for path in why["paths"]], ["modules['it\\'s']", "modules.keys()[0]"])
        self.assertIn("1. modules['it\\'s']\n",
                      self.run_it("why", self.snapshot, str(BASE + 64 + 5)).stdout)
        self.assertIn("alive as\n1. modules\n",
                      self.run_it("why", self.snapshot, hex(0x7F0000040030 + 60)).stdout.lower())
        self.fails(3, "is in no object", "why", self.snapshot, "0x7f0000080018")
        self.fails(2, "not an address", "why", self.snapshot, "nowhere")
        self.fails(2, "either an address or --type", "why", self.snapshot)
        self.fails(2, "either an address or --type", "why", "--type=str", self.snapshot, "0x1")

    def test_why_merges_the_paths_of_a_type(self):
        why = json.loads(self.run_it("why", "--type=O'Node", "--json", self.snapshot).stdout)
        self.assertEqual(why["total"]["type"], "app.O'Node")
        self.assertEqual([(path["expression"], path["objects"]) for path in why["paths"]],
                         [("modules[*]", 1)])
        self.fails(3, "no object is of a type 'nothing'", "why", "--type", "nothing", self.snapshot)

    def test_retained_is_a_tree_of_dominators(self):
        tree = json.loads(self.run_it("retained", "--json", "--depth=2", self.snapshot).stdout)
        self.assertEqual(tree["total"]["bytes"], 256)
        self.assertEqual([(row["depth"], row["type"], row["retained_size"]) for row in tree["tree"]],
                         [(0, "(leaked)", 128), (1, "list", 128), (0, "dict", 128), (1, "str", 64)])
        below = json.loads(self.run_it("retained", "--json", self.snapshot, hex(BASE + 130)).stdout)
        self.assertEqual([(row["depth"], row["type"]) for row in below["tree"]],
                         [(0, "list"), (1, "app.O'Node")])
        self.fails(2, "--depth takes a number", "retained", "--depth=0", self.snapshot)

    def test_reports_of_an_empty_snapshot_have_nothing_to_say(self):
        path = os.path.join(self.folder.name, "empty.db")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for name in ("settings", "tables", "indexes_of_refs", "indexes", "views"):
                connection.executescript((ROOT / f"schema/{name}.sql").read_text())
        for report in ("summary types leaks cycles gc pools heap retained waste threads").split():
            self.run_it(report, path)
            json.loads(self.run_it(report, "--json", path).stdout)
        json.loads(self.run_it("diff", "--json", path, path).stdout)
        self.fails(3, "is in no object", "why", path, "0x10")

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
                insert(connection, "blocks", (100 + i, BASE + 4096 + i * 64, size, "glibc", "used", None, None,
                                              None, None, None, None))
                insert(connection, "leaks", (3000 + i, "native", "proven", None, 100 + i, 2, 64, size,
                                             "definitely lost", None, 8 if size == 24 else 9))
            insert(connection, "leak_groups",
                   *[(i, "native", "proven", size, f"glibc block of {size} bytes", None, None, 2, 4, 128,
                      3001 if size == 24 else 3003) for i, size in ((8, 24), (9, 40))])
        leaks = json.loads(self.run_it("leaks", "--json", path).stdout)["leaks"]
        native = sorted((leak["type"], leak["leaks"], leak["objects"]) for leak in leaks
                        if leak["kind"] == "native")
        self.assertEqual(native, [("glibc block of 24 bytes", 2, 4), ("glibc block of 40 bytes", 2, 4)])
        self.run_it("leaks", "--fail-on", "native", path, status=1)

    def known(self, text):
        path = os.path.join(self.folder.name, "known.txt")
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_leaks_are_known_or_new_by_a_list_that_people_can_edit(self):
        for text, known in (("", False), ("# nothing\n\n  \n", False),
                            ("0000000000000007  refcount app.O'Node # why: ticket 9\n", True),
                            ("0000000000000007", True), ("0000000000000008\n", False),
                            ("ignore refcount app.*\n", True), ("ignore any app.O?Node", True),
                            ("ignore garbage app.*\n", False), ("ignore any app.O'Nod\n", False),
                            ("ignore refcount * by libx*\n", True),
                            ("ignore refcount * by liby*  # not ours\n", False),
                            ("ignore any app.[A-Z]'Node\n", False)):
            path = self.known(text)
            done = self.run_it("leaks", self.snapshot, "--json", "--baseline", path, "--fail-on", "new",
                               status=0 if known else 1)
            self.assertEqual({leak["known"] for leak in json.loads(done.stdout)["leaks"]},
                             {"KNOWN" if known else "NEW"}, text)
            self.assertIn("KNOWN" if known else "NEW",
                          self.run_it("leaks", self.snapshot, "--all", "--baseline", path).stdout)
        self.assertNotIn("NEW", self.run_it("leaks", self.snapshot).stdout)
        self.assertIsNone(json.loads(self.run_it("leaks", "--json", self.snapshot).stdout)
                          ["leaks"][0]["known"])

    def test_new_leaks_count_from_a_grade_on(self):
        path = os.path.join(self.folder.name, "graded.db")
        shutil.copy(self.snapshot, path)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE leak_groups SET grade = 'probable'")
        new = ("leaks", path, "--baseline", self.known(""), "--fail-on", "new")
        self.run_it(*new)
        self.run_it(*new, "--grade", "probable", status=1)

    def test_a_list_of_known_leaks_can_be_written_and_keeps_what_is_in_it(self):
        path = os.path.join(self.folder.name, "written.txt")
        self.assertIn("1 line added", self.run_it("leaks", self.snapshot, "--write-baseline", path).stderr)
        with open(path) as file:
            text = file.read()
        self.assertTrue(text.startswith("# "))
        self.assertTrue(text.endswith("\n0000000000000007  refcount app.O'Node by libx.so.1\n"))
        self.run_it("leaks", self.snapshot, "--baseline", path, "--fail-on", "new")
        self.assertIn("0 lines added", self.run_it("leaks", self.snapshot, "--write-baseline", path).stderr)
        graded = os.path.join(self.folder.name, "doubtful.db")
        shutil.copy(self.snapshot, graded)
        with contextlib.closing(sqlite3.connect(graded, isolation_level=None)) as connection:
            connection.execute("UPDATE leak_groups SET grade = 'probable'")
        for grade, lines in (("proven", "0 lines"), ("probable", "1 line added")):
            self.assertIn(lines, self.run_it("leaks", graded, "--grade", grade, "--write-baseline",
                                             self.known("")).stderr)
        path = self.known("# mine\nignore garbage a.B # keep")
        self.run_it("leaks", self.snapshot, "--write-baseline", path)
        with open(path) as file:
            self.assertEqual(file.read(), "# mine\nignore garbage a.B # keep\n"
                                          "0000000000000007  refcount app.O'Node by libx.so.1\n")

    def test_a_bad_list_of_known_leaks_is_one_sentence(self):
        for text in ("7\n", "00000000000000070  x\n", "000000000000000g\n", "ignore\n",
                     "ignore refcount\n", "ignore leaks app.*\n", "what is this\n"):
            self.fails(3, "known.txt:2: neither", "leaks", self.snapshot, "--baseline",
                       self.known("# fine\n" + text))
        self.fails(3, "cannot be read: No such file", "leaks", self.snapshot, "--baseline", "/nonexistent")
        self.fails(2, "needs --baseline", "leaks", self.snapshot, "--fail-on", "new")
        done = self.run_it("leaks", self.snapshot, "--write-baseline", "/nonexistent/x", status=4)
        self.assertIn("/nonexistent/x: cannot be written", done.stderr)

    def test_leaks_fit_a_screen_and_all_shows_all(self):
        path = os.path.join(self.folder.name, "wide.db")
        shutil.copy(self.snapshot, path)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE leak_groups SET type = ?, holder = ?", ("t\u00e9" * 90, "h" * 200))
            connection.execute("UPDATE types SET name = ? WHERE id = 4", ("t" * 180,))
        text = self.run_it("leaks", path).stdout
        self.assertLess(max(map(len, text.splitlines())), 140)
        self.assertIn("t\u00e9" * 14 + "t\u2026", text)
        self.assertIn("t" * 180, self.run_it("leaks", "--all", path).stdout)
        self.assertEqual(json.loads(self.run_it("leaks", "--json", path).stdout)["leaks"][0]["type"],
                         "t\u00e9" * 90)

    def test_a_column_without_values_is_left_out(self):
        path = os.path.join(self.folder.name, "bare.db")
        shutil.copy(self.snapshot, path)
        self.assertIn("Could be held by", self.run_it("leaks", path).stdout)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE leak_groups SET holder = NULL, evidence = NULL")
        self.assertNotIn("Could be held by", self.run_it("leaks", path).stdout)

    def account(self, address, *arguments):
        shown = json.loads(self.run_it("show", "--json", self.snapshot, hex(address), *arguments).stdout)
        return [(row["units"], row["kind"], row["holder"]) for row in shown["account"]]

    def test_show_accounts_for_each_reference_of_a_count(self):
        self.assertEqual(self.account(BASE + 128), [
            (1, "object", "dict['it\\'s']"),
            (1, "frame", "local 'things' of app.work(), line 12, thread 77"), (2, "count", "its count")])
        self.assertEqual(self.account(BASE + 192), [
            (2, "object", "list[]"), (2, "unknown", "nobody: no word that could hold them is in the dump"),
            (2, "native", "perhaps, by 2 words of native memory"),
            (1, "stack", "perhaps, by 1 word of the stack, measure(), thread 77"),
            (7, "count", "its count")])

    def test_an_account_is_a_sum_however_few_rows_it_may_have(self):
        for top in range(2, 7):
            rows = self.account(BASE + 192, "--top", str(top))
            self.assertLessEqual(len(rows), top)
            self.assertEqual(rows[-1], (7, "count", "its count"))
            self.assertEqual(sum(units for units, _, _ in rows[:-1]), 7)
        self.assertIn("4 other holders", self.run_it("show", self.snapshot, hex(BASE + 192), "--top=2").stdout)

    def test_show_says_that_the_count_of_an_immortal_object_means_nothing(self):
        path = os.path.join(self.folder.name, "immortal.db")
        shutil.copy(self.snapshot, path)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE objects SET immortal = 1, surplus = NULL, refcount = 4294967295")
        text = self.run_it("show", path, hex(BASE)).stdout
        self.assertIn("It is immortal: its count, 4294967295, means nothing.", text)
        self.assertNotIn("Account", text)

    def test_show_says_why_memory_was_not_looked_through(self):
        shown = self.run_it("show", self.snapshot, hex(BASE)).stdout
        self.assertIn("Not looked for in all memory: the snapshot was made of a live process", shown)
        self.assertNotIn("in all memory", self.run_it("show", "--no-scan", self.snapshot, hex(BASE)).stdout)
        path = os.path.join(self.folder.name, "core.db")
        shutil.copy(self.snapshot, path)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            insert(connection, "meta", ("core", "/nonexistent/core"), ("core_bytes", str(2 ** 31)),
                   ("executable", ""), ("dumped_bytes", "1"))
        self.assertIn("the core is large; --scan does it", self.run_it("show", path, hex(BASE)).stdout)
        self.assertIn("the core is gone (/nonexistent/core)",
                      self.run_it("show", "--scan", path, hex(BASE)).stdout)
        self.assertEqual(json.loads(self.run_it("show", "--json", path, hex(BASE)).stdout)["scan"],
                         {"words": None, "bytes": None, "problem": "the core is large; --scan does it all the same"})

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

    def test_types_takes_a_regular_expression_for_their_names(self):
        every = json.loads(self.run_it("types", "--json", self.snapshot).stdout)["types"]
        for pattern, names in ((".*", ["app.O'Node", "dict", "list", "str"]), ("^(dict|str)$", ["dict", "str"]),
                               ("O'N", ["app.O'Node"]), ("x", [])):
            rows = json.loads(self.run_it("types", "--json", self.snapshot, pattern).stdout)["types"]
            self.assertEqual(sorted(row["type"] for row in rows), names)
            self.assertEqual(rows, [row for row in every if row["type"] in names])
        self.assertIn("No type has a name like that.", self.run_it("types", self.snapshot, "x").stdout)
        self.fails(2, "'(' is no regular expression", "types", self.snapshot, "(")
        query = "SELECT 'abc' REGEXP 'b+c$' AS a, 'abc' REGEXP '^b' AS b, NULL REGEXP 'x' AS c"
        self.assertEqual(json.loads(self.run_it("sql", "--json", self.snapshot, query).stdout),
                         [{"a": 1, "b": 0, "c": None}])
        self.fails(2, "Unmatched", "sql", self.snapshot, "SELECT 'a' REGEXP '('")

    def test_referrers_are_listed_with_what_they_call_it(self):
        told = json.loads(self.run_it("referrers", "--json", self.snapshot, hex(BASE + 192 + 8)).stdout)
        self.assertEqual(told["total"], {"references": 2})
        self.assertEqual([row["label"] for row in told["referrers"]], ["[7]", "[8]"])
        told = json.loads(self.run_it("referrers", "--json", "--top=1", self.snapshot, hex(BASE + 192)).stdout)
        self.assertEqual(len(told["referrers"]), 1)
        self.fails(3, "no object", "referrers", self.snapshot, "0x7f0000090000")

    def test_colour_can_be_forced(self):
        for when, colours in (("always", 1), ("never", 0), ("auto", 0)):
            text = self.run_it("types", "--color", when, self.snapshot).stdout
            self.assertEqual("\x1b[1m" in text, bool(colours))
        self.fails(2, "--color takes auto, always or never", "types", "--color", "red", self.snapshot)

    def test_registers_go_with_a_process(self):
        self.fails(2, "--registers goes with --pid", "analyze", __file__, "--registers", __file__)
        self.fails(2, "--memory-fd takes a number", "analyze", "--pid", "1", "--memory-fd", "x")

    def show(self, address):
        return json.loads(self.run_it("show", "--json", self.snapshot, hex(address)).stdout)

    def test_show_names_the_field_of_an_object(self):
        self.assertEqual(self.show(BASE + 20)["object"]["field"], "ma_used")
        self.assertIsNone(self.show(BASE)["object"]["field"])

    def test_show_says_of_a_block_what_it_is_and_how_that_is_known(self):
        block = self.show(0x7F0000080010 + 12)["block"]
        self.assertEqual([block[key] for key in ("kind", "confidence", "evidence", "field")],
                         ["struct node", "certain", "table.first->next", "numbers[1]"])
        self.assertEqual(self.show(0x7F0000080030 + 24)["block"]["field"], "[1].next")
        text = self.run_it("show", self.snapshot, hex(0x7F0000080080 + 8)).stdout
        self.assertIn("held by cache (libx.so.1)", text)
        self.assertIn("begins with Shape vtable", text)
        self.assertIn("in the glibc arena", text)
        self.assertEqual(self.show(0x7F00000800E0)["block"]["state"], "cached")
        self.assertEqual(self.show(0x7F0000080500)["block"]["kind"], "top")

    def test_show_knows_free_blocks_and_headers_of_pools(self):
        for offset, place in ((0x70, "in the free block of 64 B at 0x7f0000040070"),
                              (0x8, "in the header of a pool"), (0x3FF8, "unusable rest"),
                              (0x4100, "in a free pool")):
            self.assertIn(place, self.run_it("show", self.snapshot,
                                             hex(0x7F0000040000 + offset)).stdout)

    def test_show_says_which_variable_an_address_is_in(self):
        symbol = self.show(0x555500000110)["symbol"]
        self.assertEqual((symbol["name"], symbol["offset"]), ("table", 16))
        done = self.run_it("show", self.snapshot, "0x555500000180")
        self.assertNotIn("table", done.stdout)
        self.assertIn("of /bin/app at its offset 0x2180", done.stdout)

    def test_show_says_whose_stack_an_address_is_on(self):
        self.assertIn("thread 77 \"worker\", not in use: 256 B below",
                      self.run_it("show", self.snapshot, hex(0x7E0000007F00)).stdout)
        text = self.run_it("show", self.snapshot, hex(0x7E0000009010)).stdout
        self.assertIn("in use: 4.0 KiB above", text)
        self.assertIn("16 bytes behind the start of the frame at 0x7e0000009000", text)
        self.assertIn('File "app.py", line 12, in app.work', text)
        self.assertNotIn("no object", text)

    def test_heap_groups_blocks_by_kind_and_unknown_ones_by_what_speaks_for_them(self):
        heap = json.loads(self.run_it("heap", "--json", self.snapshot).stdout)
        self.assertEqual((heap["total"]["known"], heap["total"]["unknown"]), (3, 3))
        self.assertEqual([row["top"] for row in heap["arenas"]], [0xC00, None])
        self.assertIn("1 mapping of its own", heap["arenas"][1]["address"])
        self.assertEqual([(row["kind"], row["evidence"]) for row in heap["kinds"]],
                         [("struct node[]", "table.first->next"), ("dict-keys", None),
                          ("struct node", "table.first->next")])
        self.assertEqual([(row["size"], row["blocks"], row["first_word"], row["holder"])
                          for row in heap["unknown"]],
                         [(0x21000, 1, None, None),
                          (40, 2, "Shape vtable (libx.so.1)", "cache (libx.so.1)")])
        self.assertEqual([(row["state"], row["size"]) for row in heap["unused"]],
                         [("cached", 40)])
        self.assertIn("... and more", self.run_it("heap", "--top=1", self.snapshot).stdout)

    def test_pools_names_who_pins_arenas_and_what_would_go_back(self):
        pools = json.loads(self.run_it("pools", "--json", self.snapshot).stdout)
        self.assertEqual([(row["path"], row["pins"], row["returned"], row["added"], row["example"])
                          for row in pools["pins"]],
                         [("modules['app'].SEEN", 3, 0x10000, 0x10000, hex(BASE + 64)),
                          ("list at " + hex(BASE + 128), 2, 0, 0x10000, hex(BASE + 192))])
        self.assertEqual([(row["address"], row["pins"], row["used_pools"], row["holder"])
                          for row in pools["sparse_arenas"]],
                         [("0x7f0000040000", 2, 1, "modules['app'].SEEN"),
                          ("0x7f0000080000", 1, None, None)])
        self.assertEqual([(row["what"], row["returned"]) for row in pools["releases"]],
                         [("a collection of the garbage", 0x1000)])
        self.assertEqual([(row["waste"], row["waste_percent"]) for row in pools["classes"]],
                         [(0x4000 - 64, 100 * (0x4000 - 64) / 0x4000)])
        text = self.run_it("pools", self.snapshot).stdout
        self.assertIn("modules['app'].SEEN", text)
        self.assertIn("64.0 KiB", text)

    def test_gc_says_how_the_collector_stands_and_what_it_would_find(self):
        report = json.loads(self.run_it("gc", "--json", self.snapshot).stdout)
        self.assertEqual((report["tracked"]["tracked"], report["tracked"]["leaves"]), (26, 16))
        self.assertEqual([row["would_find"] for row in report["passes"]], [3, None, 4])
        self.assertEqual([row["threshold"] for row in report["generations"]], [700, 10, 10, None])
        self.assertEqual([row["type"] for row in report["types"]], ["dict", "app.O'Node"])
        text = self.run_it("gc", self.snapshot).stdout
        self.assertIn("The collector is on; a collection was running; debug flags 4.", text)
        self.assertIn("waits for more than 1,000", text)
        self.assertIn("16, 61.5 %, can be in none", text)
        self.assertIn("permanent", text)

    def test_waste_names_holders_with_the_most_to_win_first(self):
        report = json.loads(self.run_it("waste", "--json", self.snapshot).stdout)
        self.assertEqual([(row["kind"], row["savings"], row["holders"]) for row in report["kinds"]],
                         [("duplicate-text", 2079900, 1), ("empty-dict", 832, 1)])
        self.assertEqual([row["holder"] for row in report["holders"]],
                         ["app.Row.country", "app.Row.tags", "(others)"])
        self.assertEqual(report["holders"][0]["seen"], "30000 of 'it\\'s'")
        self.assertEqual(len(json.loads(self.run_it("waste", "--json", "--top=1", self.snapshot)
                                        .stdout)["holders"]), 1)
        self.assertIn("intern", self.run_it("waste", self.snapshot).stdout)

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
        with Terminal([HEAPSECT, "types", self.snapshot], **environment) as terminal:
            self.assertEqual(terminal.end(), 0)
            return terminal.text

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
            self.assertEqual(connection.execute("PRAGMA user_version").fetchone(), (2,))

    def test_every_table_view_and_column_is_explained(self):
        with sqlite3.connect(self.snapshot) as connection:
            made = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN"
                                      " ('table', 'view') AND name NOT LIKE 'sqlite%'").fetchall()
            for name, text in made:
                lines = text.splitlines()
                self.assertIn(" -- ", lines[0], name)
                columns = connection.execute("SELECT name FROM pragma_table_info(?)", (name,))
                for (column,) in columns:
                    self.assertTrue(any(line.split()[:1] in ([column], [column + ","])
                                        and " -- " in line for line in lines[1:]),
                                    f"{name}.{column}: a line '{column}, -- what it is' is missing")

    def test_every_view_can_be_read(self):
        with sqlite3.connect(self.snapshot) as connection:
            for (view,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'view'"):
                connection.execute(f"SELECT * FROM {view}").fetchall()


if __name__ == "__main__":
    unittest.main()
