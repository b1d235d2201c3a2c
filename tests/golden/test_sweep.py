#!/usr/bin/env python3
"""`brokersim sweep` and `brokersim replay` as a user calls them.

usage: test_sweep.py BROKERSIM [unittest arguments]
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
MEMORY = pathlib.Path("/dev/shm")
QUIET = ROOT / "scenarios/baseline/three-brokers.json"

# Fails where the dice take the leader of orders-0.
SOMETIMES = {
    "version": 1, "name": "sometimes", "duration": "6s",
    "cluster": {"controllers": [101], "brokers": {"1": {}, "2": {}, "3": {}}},
    "topics": {"orders": {"partitions": 1, "replication": 3}},
    "producers": {"shop": {"topic": "orders", "rate": "20/s", "value": "10B"}},
    "faults": [{"id": "dice", "fault": "crash", "target": "random(brokers, 1)", "at": "4s",
                "mode": "graceful"}],
    "expect": [{"id": "stays", "never": "event(LeaderElected, p=orders-0)", "from": "3s"}]}


def call(*arguments, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          check=False, **options)


def scratch_directories():
    return {p.name for p in MEMORY.glob("brokersim-*")} if MEMORY.is_dir() else set()


class Sweep(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.addCleanup(self.work.cleanup)
        self.dir = pathlib.Path(self.work.name)
        self.scenario = self.dir / "sometimes.json"
        self.scenario.write_text(json.dumps(SOMETIMES))

    def sweep(self, *arguments, out="out", **options):
        return call("sweep", self.scenario, *arguments, "-o", self.dir / out, **options)

    def test_bytes_do_not_depend_on_workers(self):
        texts = []
        for workers in (1, 4):
            done = self.sweep("--seeds", "1..12", "-j", workers, "--junit", self.dir / "x.xml")
            self.assertEqual(done.returncode, 1, done.stderr)
            texts.append((done.stdout, (self.dir / "x.xml").read_text(),
                          (self.dir / "out/sweep.json").read_text(),
                          sorted(p.name for p in (self.dir / "out").iterdir())))
        self.assertEqual(*texts)
        suite = xml.etree.ElementTree.fromstring(texts[0][1])
        self.assertEqual(suite.get("tests"), "12")
        self.assertEqual(len(suite.findall("testcase/failure")), int(suite.get("failures")))

    def test_a_failing_seed_is_kept_and_replays(self):
        before = scratch_directories()
        done = self.sweep("--seeds", "1..30", "--stop-after", 2, "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        found = json.loads(done.stdout)
        failed = [run for run in found["runs"] if run["verdict"] == "fail"]
        self.assertEqual(len(failed), 2)
        self.assertEqual(found["end"], "stopped-after")
        self.assertEqual(found["runs"][-1]["seed"], failed[-1]["seed"])
        for run in failed:
            kept = self.dir / "out" / run["directory"]
            results = json.loads((kept / "results.json").read_text())
            self.assertEqual(results["hash"], run["hash"])
            self.assertTrue((kept / "data/broker-1/meta.properties").exists())
            self.assertEqual(call("replay", kept, "--check").returncode, 0)
            again = call("run", kept / "scenario.json", "-o", self.dir / "again", "--json")
            self.assertEqual(json.loads(again.stdout)["hash"], run["hash"])
        self.assertEqual(scratch_directories(), before)

    def test_a_variant_is_what_set_makes_of_it(self):
        done = self.sweep("--seeds", "3", "--vary", "/duration=2s,3s", "--vary",
                          "/producers/shop/rate=10/s,20/s", "--json")
        self.assertEqual(done.returncode, 4, "what must not happen from 3 s on is not reached")
        runs = json.loads(done.stdout)["runs"]
        self.assertEqual([run["vary"] for run in runs],
                         [["/duration=2s", "/producers/shop/rate=10/s"],
                          ["/duration=2s", "/producers/shop/rate=20/s"],
                          ["/duration=3s", "/producers/shop/rate=10/s"],
                          ["/duration=3s", "/producers/shop/rate=20/s"]])
        one = call("run", self.scenario, "--set", runs[1]["vary"][0], "--set", runs[1]["vary"][1],
                   "--seed", 3, "-o", self.dir / "one", "--json")
        self.assertEqual(json.loads(one.stdout)["hash"], runs[1]["hash"])

    def test_a_wrong_variant_or_seed_is_refused(self):
        self.assertEqual(self.sweep("--vary", "/duration=1s,soon").returncode, 3)
        for wrong in (["--seeds", "5..1"], ["--seeds", "x"], ["--vary", "duration=1s"],
                      ["--vary", "/duration=1s,1s"], ["-j", "0"], ["--budget", "ten"]):
            done = self.sweep(*wrong)
            self.assertEqual(done.returncode, 2, wrong)
            self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)
        self.assertFalse((self.dir / "out").exists())
        self.assertEqual(self.sweep("--junit", self.dir / "none/x.xml").returncode, 6)

    def test_a_foreign_directory_is_left_alone(self):
        (self.dir / "mine").mkdir()
        (self.dir / "mine/thesis.txt").write_text("x")
        self.assertEqual(self.sweep("--seeds", "1", out="mine").returncode, 6)

    def test_the_swarm_prints_what_it_draws(self):
        done = call("sweep", QUIET, "--swarm", "--seeds", "1..2", "-o", self.dir / "out")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = [line for line in done.stdout.splitlines() if line.startswith("seed ")]
        self.assertEqual(len(rows), 2)
        for row in rows:
            self.assertRegex(row, r"knobs: .*faults: [a-z-]+ at=\d+ms")

    def test_an_interrupt_keeps_what_is_there(self):
        before = scratch_directories()
        command = [PROGRAM, "sweep", str(QUIET), "--seeds", "1..100000", "-o",
                   str(self.dir / "out")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            process.stdout.readline()
            os.kill(process.pid, signal.SIGINT)
            out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(out, r"not run: \d+ runs, seeds .*\(interrupted\)")
        kept = json.loads((self.dir / "out/sweep.json").read_text())
        self.assertEqual(kept["end"], "interrupted")
        self.assertGreaterEqual(kept["runs_total"], 1)
        self.assertEqual(scratch_directories(), before)

    def test_a_budget_that_ends_says_so(self):
        begun = time.monotonic()
        done = call("sweep", QUIET, "--seeds", "1..100000", "--budget", "1s", "-o",
                    self.dir / "out", "-q")
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(done.returncode, 4)
        self.assertIn("(the budget is used up)", done.stdout)


class Replay(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.addCleanup(self.work.cleanup)
        self.run_directory = pathlib.Path(self.work.name) / "run"
        done = call("run", QUIET, "--until", "4s", "--seed", 9, "--set", "/title=\"x\"",
                    "-o", self.run_directory)
        self.assertIn(done.returncode, (0, 4), done.stderr)
        self.results = json.loads((self.run_directory / "results.json").read_text())

    def check(self):
        return call("replay", self.run_directory, "--check", "--json")

    def test_the_same_run_comes_out(self):
        self.assertEqual(self.check().returncode, 0)
        again = pathlib.Path(self.work.name) / "again"
        call("replay", self.run_directory, "-o", again)
        for name in ("trace.jsonl", "history.jsonl", "manifest.json", "scenario.json"):
            self.assertEqual((again / name).read_bytes(), (self.run_directory / name).read_bytes())

    def test_the_first_event_that_differs_is_named(self):
        trace = self.run_directory / "trace.jsonl"
        lines = trace.read_text().splitlines(keepends=True)
        for number in (200, 100):
            lines[number - 1] = lines[number - 1].replace('"t":', '"t":1', 1)
        trace.write_text("".join(lines))
        done = self.check()
        self.assertEqual(done.returncode, 5)
        found = json.loads(done.stdout)
        self.assertEqual(found["line"], 100)
        self.assertEqual(found["stored"], lines[99].rstrip("\n"))

    def test_another_hash_alone_is_a_difference(self):
        results = dict(self.results, hash="0" * 32)
        (self.run_directory / "results.json").write_text(json.dumps(results))
        self.assertEqual(self.check().returncode, 5)

    def test_a_run_that_was_cut_short_is_compared_as_far_as_it_goes(self):
        trace = self.run_directory / "trace.jsonl"
        trace.write_bytes(trace.read_bytes()[:5000])
        self.assertEqual(self.check().returncode, 5)
        (self.run_directory / "results.json").unlink()
        self.assertEqual(self.check().returncode, 0)

    def test_what_is_no_run_is_refused(self):
        (self.run_directory / "scenario.json").unlink()
        done = self.check()
        self.assertEqual(done.returncode, 6)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(call("replay", self.work.name).returncode, 6)


if __name__ == "__main__":
    unittest.main()
