#!/usr/bin/env python3
"""Runs every scenario that is shipped: all must end as declared, with the golden hash, and give the
same bytes from another directory, time zone and locale.

usage: test_scenarios.py BROKERSIM [unittest arguments]

BSIM_REWRITE=1 writes tests/golden/hashes.json anew; a changed hash needs its reason in the commit.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HASHES = ROOT / "tests/golden/hashes.json"
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
SCENARIOS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "scenarios").rglob("*.json"))


def run(scenario, directory, cwd, environment):
    return subprocess.run([PROGRAM, "run", ROOT / scenario, "-o", directory], cwd=cwd,
                          env={**os.environ, **environment}, capture_output=True, text=True)


def files(directory):
    """Every file of a run by its name, but for the wall-clock field of results.json."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.name == "results.json":
                results = json.loads(data)
                results.pop("wall_ns")
                data = json.dumps(results).encode()
            found[path.relative_to(directory).as_posix()] = data
    return found


class Scenarios(unittest.TestCase):
    maxDiff = None

    def test_every_scenario_ends_as_declared_and_repeats_its_bytes(self):
        hashes = {}
        for scenario in SCENARIOS:
            with self.subTest(scenario), tempfile.TemporaryDirectory() as work:
                first, second = pathlib.Path(work, "a"), pathlib.Path(work, "other/place/b")
                second.parent.mkdir(parents=True)
                done = run(scenario, first, ROOT, {"TZ": "UTC", "LC_ALL": "C"})
                self.assertEqual(done.returncode, 0, done.stderr)
                hashes[scenario] = json.loads((first / "results.json").read_text())["hash"]
                again = run(scenario, second, second.parent,
                            {"TZ": "Pacific/Auckland", "LC_ALL": "de_DE.UTF-8"})
                self.assertEqual(again.returncode, 0, again.stderr)
                one, two = files(first), files(second)
                self.assertEqual(one.keys(), two.keys())
                for name, data in one.items():
                    self.assertTrue(data == two[name], f"{name} differs")
        if os.environ.get("BSIM_REWRITE"):
            HASHES.write_text(json.dumps(hashes, indent=1) + "\n")
        self.assertEqual(hashes, json.loads(HASHES.read_text()))

    def test_another_seed_gives_another_run(self):
        scenario = SCENARIOS[0]
        with tempfile.TemporaryDirectory() as work:
            done = subprocess.run(
                [PROGRAM, "run", ROOT / scenario, "-o", work + "/r", "--seed", "7"],
                capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            results = json.loads(pathlib.Path(work, "r/results.json").read_text())
            self.assertNotEqual(results["hash"], json.loads(HASHES.read_text())[scenario])


class CommandLine(unittest.TestCase):
    def call(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)

    def test_wrong_usage_is_2_with_a_hint(self):
        done = self.call("rnu", "x.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn('did you mean "run"?', done.stderr)
        self.assertEqual(self.call("run").returncode, 2)
        self.assertEqual(self.call("run", "x.json", "--seed", "blue").returncode, 2)

    def test_a_missing_file_is_6_and_a_wrong_scenario_is_3(self):
        self.assertEqual(self.call("run", "/nonexistent.json").returncode, 6)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as bad:
            bad.write('{"version": 1, "nmae": "x"}')
            bad.flush()
            done = self.call("check", bad.name)
            self.assertEqual(done.returncode, 3)
            self.assertIn('did you mean "name"?', done.stderr)

    def test_an_unwritable_run_directory_is_6(self):
        done = self.call("run", str(ROOT / SCENARIOS[0]), "-o", "/proc/none/run")
        self.assertEqual(done.returncode, 6, done.stderr)

    def test_version_is_json_on_request(self):
        done = self.call("version", "--json")
        self.assertEqual(json.loads(done.stdout)["kafka"], "3.9")


if __name__ == "__main__":
    unittest.main()
