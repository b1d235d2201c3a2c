"""Tests of scripts/bench.py: what it runs is legal, what it prints is what programs measured."""
import contextlib
import io
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import jsonschema

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import bench  # noqa: E402

SCHEMA = ROOT / "tests/data/scenarios/published.schema.json"

# Called as bench.py calls the simulator: run SCENARIO -o DIRECTORY.
BROKERSIM = """#!/bin/sh
mkdir -p "$4"
echo '{"sim_ns": 20000000000, "events": 1000}' >"$4/results.json"
"""


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


class WholeRuns(unittest.TestCase):
    def test_scenarios_are_legal(self):
        judge = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
        for name, text in bench.WHOLE_RUNS.items():
            with self.subTest(name):
                self.assertIsNone(jsonschema.exceptions.best_match(judge.iter_errors(text)))
                self.assertRegex(text["name"], "^[a-z][a-z0-9-]*$")

    def test_the_large_cluster_has_its_partitions_and_its_rate(self):
        large = bench.WHOLE_RUNS["100 brokers, 10,000 partitions"]
        self.assertEqual(len(large["cluster"]["brokers"]), 100)
        self.assertEqual(sum(t["partitions"] for t in large["topics"].values()), 10_000)
        self.assertLess(max(t["partitions"] for t in large["topics"].values()), 10_000)
        self.assertEqual(sum(int(p["rate"].removesuffix("/s"))
                             for p in large["producers"].values()), 1_000)

    def test_rates_are_of_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            speed, cost, megabytes = bench.whole_run(
                program(path / "brokersim", BROKERSIM), "x", {}, path)
        self.assertGreater(speed, 1)
        self.assertGreater(cost, 0)
        self.assertGreater(megabytes, 0)

    def test_a_run_that_fails_is_no_figure(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            failing = program(path / "brokersim", "#!/bin/sh\nexit 1\n")
            with self.assertRaisesRegex(SystemExit, "large: "):
                bench.whole_run(failing, "large", {}, path)


class Kernel(unittest.TestCase):
    def rows(self, order_of_limit):
        with tempfile.TemporaryDirectory() as folder:
            for name, rate, order in (("phold", 2, "cafe"), ("phold_limit", 4, order_of_limit)):
                program(Path(folder) / name,
                        f"#!/bin/sh\necho x,$2,$3,$4,{rate * 900000},{rate * 100000},1.0,{order}\n")
            return list(bench.kernel_rows(Path(folder), 1, 1000))

    def test_deliveries_and_timers_beside_the_limit(self):
        rows = self.rows("cafe")
        self.assertEqual(len(rows), 6)
        self.assertEqual(rows[0], ("kernel, 64 nodes x 1 events", "2.0 M events/s",
                                   "0.50 of a heap of plain keys"))

    def test_another_order_is_no_figure(self):
        with self.assertRaisesRegex(SystemExit, "hashes differ"):
            self.rows("beef")


class Page(unittest.TestCase):
    def test_the_table_takes_the_place_of_the_old_one(self):
        page = f"a\n{bench.BEGIN}\nold\n{bench.END}\nb\n"
        self.assertEqual(bench.replaced(page, "new\n"), f"a\n{bench.BEGIN}\nnew\n{bench.END}\nb\n")

    def test_a_page_without_marks_is_left(self):
        with self.assertRaisesRegex(SystemExit, "no place"):
            bench.replaced("a\n", "new\n")

    def test_the_page_in_the_docs_has_a_table_and_its_commit(self):
        table = bench.PAGE.read_text().partition(bench.BEGIN)[2].partition(bench.END)[0]
        self.assertRegex(table, r"commit [0-9a-f]{7,}")
        for name in bench.WHOLE_RUNS:
            self.assertIn(f"| run, {name} |", table)
        self.assertEqual(len(re.findall(r"^\| kernel,", table, re.M)), 6)

    def test_a_part_is_no_table_for_the_page(self):
        with mock.patch.object(sys, "argv", ["bench.py", "--update", "--only", "run"]), \
                contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as stop:
            bench.main()
        self.assertEqual(stop.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
