#!/usr/bin/env python3
"""`heapsect sql` at a terminal.

Usage: test_prompt.py [HEAPSECT].  Beside HEAPSECT, HEAPSECT-plain is the same without libedit.
"""
import json
import os
import pathlib
import stat
import tempfile
import unittest

import test_cli
from terminal import Terminal

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;\r"
PROMPT = "heapsect> "
MORE = "...> "
CTRL_A, CTRL_C, CTRL_D, CTRL_E, TAB = "\x01", "\x03", "\x04", "\x05", "\t"
UP, RIGHT = "\x1b[A", "\x1b[C"


class Case(unittest.TestCase):
    program = test_cli.HEAPSECT
    edited = True

    def setUp(self):
        if not os.path.exists(self.program):
            self.skipTest(f"no {self.program}")
        self.folder = tempfile.TemporaryDirectory()
        self.snapshot = os.path.join(self.folder.name, "a.heapsect.db")
        self.history = pathlib.Path(self.folder.name, "state/heapsect/sql_history")
        test_cli.make_snapshot(self.snapshot)

    def tearDown(self):
        self.folder.cleanup()

    def prompt(self, *arguments, **environment):
        state = os.path.join(self.folder.name, "state")
        terminal = Terminal([self.program, "sql", *arguments, self.snapshot],
                            **{"XDG_STATE_HOME": state, "NO_COLOR": "1", **environment})
        self.started = self.expect(terminal)
        return terminal

    def expect(self, terminal, prompt=PROMPT):
        return terminal.expect_prompt(prompt, self.edited)

    def answer(self, terminal, keys):
        """The lines shown between the keys and the next prompt."""
        terminal.send(keys + "\r")
        terminal.expect("\r\n")
        return self.expect(terminal)[:-len(PROMPT)].replace("\r\n", "\n")


class Plain(Case):
    """What holds with libedit and without."""

    program = os.path.join(os.path.dirname(test_cli.HEAPSECT), "heapsect-plain")
    edited = False

    def test_a_statement_may_take_more_than_a_line(self):
        with self.prompt() as terminal:
            terminal.send("SELECT 1 AS a,\r")
            self.expect(terminal, MORE)
            self.assertEqual(self.answer(terminal, "';' AS b;"), "a  b\n1  ;\n")

    def test_a_mistake_costs_the_statement_and_nothing_else(self):
        with self.prompt() as terminal:
            self.assertIn("no such column: nope", self.answer(terminal, "SELECT nope;"))
            self.assertIn("read only", self.answer(terminal, "DELETE FROM objects;"))
            self.assertEqual(self.answer(terminal, "SELECT 1 AS a;"), "a\n1\n")

    def test_control_d_leaves(self):
        with self.prompt() as terminal:
            terminal.send(CTRL_D)
            self.assertEqual(terminal.end(), 0)

    def test_control_c_cancels_the_line_and_what_came_before_it(self):
        with self.prompt() as terminal:
            terminal.send("SELECT 1,\r")
            self.expect(terminal, MORE)
            terminal.send("2" + CTRL_C)
            self.expect(terminal)
            self.assertEqual(self.answer(terminal, "SELECT 3 AS a;"), "a\n3\n")

    def test_control_c_cancels_the_query(self):
        with self.prompt("--json") as terminal:
            terminal.send(FOREVER)
            terminal.expect('{"i": 1000}')  # it runs
            terminal.send(CTRL_C)
            terminal.expect("the query was cancelled")
            self.expect(terminal)
            self.assertEqual(json.loads(self.answer(terminal, "SELECT 1 AS a;")), [{"a": 1}])

    def test_dot_commands(self):
        with self.prompt() as terminal:
            for command in (".help", ".tables", ".schema", ".mode", ".quit"):
                self.assertIn(command, self.answer(terminal, ".help"))
            tables = self.answer(terminal, ".tables")
            self.assertRegex(tables, r"\nobjects +table +an allocated object\n")
            self.assertRegex(tables, r"\nv_objects +view +objects with hex addresses")
            schema = self.answer(terminal, ".schema Objects")
            self.assertTrue(schema.startswith("CREATE TABLE objects (" + " -- an allocated object\n"))
            self.assertRegex(schema, r"\n    address +INTEGER NOT NULL, +-- what a reference to it holds\n")
            self.assertEqual(schema.count("CREATE"), 1)
            self.assertIn("CREATE VIEW v_refs", self.answer(terminal, ".schema"))
            self.assertIn("no table or view", self.answer(terminal, ".schema nope"))
            self.assertIn("there is no .nope", self.answer(terminal, ".nope"))
            self.assertIn("takes no operand", self.answer(terminal, ".quit now"))
            terminal.send(".quit\r")
            self.assertEqual(terminal.end(), 0)

    def test_mode_is_table_or_json(self):
        with self.prompt() as terminal:
            self.assertEqual(self.answer(terminal, ".mode"), "table\n")
            self.assertEqual(self.answer(terminal, ".mode json"), "")
            self.assertEqual(json.loads(self.answer(terminal, "SELECT 1 AS a;")), [{"a": 1}])
            self.assertIn("not 'xml'", self.answer(terminal, ".mode xml"))
            self.assertEqual(self.answer(terminal, ".mode table"), "")
            self.assertEqual(self.answer(terminal, "SELECT 1 AS a;"), "a\n1\n")
        with self.prompt("--json") as terminal:
            self.assertEqual(self.answer(terminal, ".mode"), "json\n")

    def test_it_says_what_it_lacks(self):
        with self.prompt():
            self.assertIn("without libedit", self.started)


class Edited(Plain):
    """With libedit, besides."""

    program = test_cli.HEAPSECT
    edited = True

    def test_it_says_what_it_lacks(self):
        with self.prompt():
            self.assertNotIn("libedit", self.started)
            self.assertNotIn("No history", self.started)

    def completed(self, terminal, keys):
        """The line as it is once the keys were typed; it is not run."""
        terminal.send(keys + CTRL_A + "VALUES (' " + CTRL_E + " ');\r")
        terminal.expect("\r\n")
        shown = self.expect(terminal)
        return shown.replace("\r", "").split("\n")[1].strip()

    def test_tab_completes_names_keywords_and_functions(self):
        with self.prompt() as terminal:
            for keys, line in (("sel" + TAB, "select"), ("SEL" + TAB, "SELECT"),
                               ("v_obj" + TAB, "v_objects"), ("hum" + TAB, "human("),
                               ("retained_s" + TAB, "retained_size"),
                               ("FROM pool" + TAB, "FROM pools"),
                               ("FROM retained" + TAB, "FROM retained"),
                               ("v_types.na" + TAB, "v_types.name"),
                               ("FROM types AS t WHERE t.item" + TAB, "FROM types AS t WHERE t.item_size"),
                               ("FROM types t, objects o WHERE o.na" + TAB,
                                "FROM types t, objects o WHERE o.na"),
                               ("nonsense" + TAB, "nonsense")):
                self.assertEqual(self.completed(terminal, keys), line)

    def test_tab_knows_aliases_that_come_later(self):
        with self.prompt() as terminal:
            self.assertEqual(self.completed(terminal, "t.item FROM types t" + CTRL_A + RIGHT * 6 + TAB),
                             "t.item_size  FROM types t")

    def test_tab_shows_a_choice_and_keeps_the_line(self):
        with self.prompt() as terminal:
            terminal.send("SELECT 7 AS gc_" + TAB)
            shown = terminal.expect("gc_tracked")
            self.assertIn("gc_generation", shown)
            terminal.expect("SELECT 7 AS gc_")
            self.assertEqual(self.answer(terminal, "t" + TAB + ";"), "gc_tracked\n         7\n")

    def test_tab_completes_dot_commands(self):
        with self.prompt() as terminal:
            self.assertEqual(self.answer(terminal, ".mo" + TAB), "table\n")
            self.assertIn("CREATE VIEW v_garbage", self.answer(terminal, ".schema v_gar" + TAB))

    def test_history_outlives_the_session(self):
        with self.prompt() as terminal:
            self.answer(terminal, "SELECT 'é' AS a;")
            self.answer(terminal, ".mode table")
        self.assertEqual(self.history.read_text(), "SELECT 'é' AS a;\n.mode table\n")
        self.assertEqual(stat.S_IMODE(self.history.stat().st_mode), 0o600)
        with self.prompt() as terminal:
            self.assertEqual(self.answer(terminal, UP + UP), "a\né\n")

    def test_history_that_cannot_be_kept_is_told_once(self):
        self.history.mkdir(parents=True)
        with self.prompt() as terminal:
            self.assertIn("No history: ", self.started)
            self.assertEqual(self.answer(terminal, "SELECT 1 AS a;"), "a\n1\n")
            self.assertEqual(self.answer(terminal, UP), "a\n1\n")

    def test_history_without_a_state_home_is_below_home(self):
        with self.prompt(XDG_STATE_HOME="relative", HOME=self.folder.name) as terminal:
            self.answer(terminal, "SELECT 1;")
        self.assertTrue(os.path.exists(os.path.join(self.folder.name,
                                                    ".local/state/heapsect/sql_history")))


if __name__ == "__main__":
    unittest.main()
