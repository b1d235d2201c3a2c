#!/usr/bin/env python3
"""Runs every scenario that is shipped: all must end as declared, with the golden hash, and give the
same bytes from another directory, time zone and locale.

usage: test_scenarios.py BROKERSIM [unittest arguments]

BSIM_REWRITE=1 writes tests/golden/hashes.json anew; a changed hash needs its reason in the commit.
BSIM_SHORT=1 runs each scenario once.
"""
import csv
import io
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HASHES = ROOT / "tests/golden/hashes.json"
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
SCENARIOS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "scenarios").rglob("*.json"))
PAIRS = sorted(p.parent.relative_to(ROOT).as_posix()
               for p in (ROOT / "scenarios").rglob("off.json"))
FAILOVER = "scenarios/failures/leader-failover.json"


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


def metric_rows(text):
    """metrics.csv: by time, (node, metric, labels) to value."""
    series = {}
    for row in csv.DictReader(io.StringIO(text)):
        key = row["node"], row["metric"], row["labels"]
        series.setdefault(int(row["t_ns"]), {})[key] = row["value"]
    return series


def open_metrics_samples(text):
    """metrics.om: (node, metric, labels) as in metrics.csv, to value and time stamp."""
    samples = {}
    for line in text.splitlines():
        found = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+) (\S+)", line)
        if line.startswith("#") or not found:
            assert line.startswith("# "), line
            continue
        labels = re.findall(r'(\w+)="([^"]*)"', found[2] or "")
        node = "".join(value for name, value in labels if name == "instance")
        rest = ";".join(f"{name}={value}" for name, value in labels if name != "instance")
        samples[node, found[1], rest] = found[3], found[4]
    return samples


def outcome(scenario, directory):
    """The results of a run that ended as declared, and its events by kind."""
    done = run(scenario, directory, ROOT, {})
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    events = {}
    with open(pathlib.Path(directory, "trace.jsonl")) as trace:
        for line in itertools.islice(trace, 1, None):
            event = json.loads(line)
            events.setdefault(event["k"], []).append(event)
    return json.loads(pathlib.Path(directory, "results.json").read_text()), events


def leaves(value, place=""):
    """Where each simple value of a JSON document stands, and what it is."""
    if isinstance(value, (dict, list)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {found: leaf for key, inner in pairs
                for found, leaf in leaves(inner, f"{place}/{key}").items()}
    return {place: value}


class Pairs(unittest.TestCase):
    """Catalogue cases: one seed, the same events, and a safeguard off and on."""

    def test_the_halves_differ_in_the_safeguard_and_in_what_is_expected(self):
        for pair in PAIRS:
            with self.subTest(pair):
                off, on = (json.loads((ROOT / pair / f"{half}.json").read_text())
                           for half in ("off", "on"))
                trips = [e for e in off["expect"] if e.get("outcome") == "violated"]
                self.assertTrue(trips)
                for trip in trips:
                    self.assertTrue(trip.pop("because"))
                    del trip["outcome"]
                self.assertEqual(off["expect"], on["expect"])
                off, on = leaves(off), leaves(on)
                places = {place for place in off.keys() | on.keys()
                          if off.get(place) != on.get(place)} - {"/name", "/title"}
                self.assertTrue(places)
                for place in places:
                    self.assertRegex(place, "^/switches/[^/]*$|^/[^/]*/[^/]*/config/[^/]*$")

    def test_off_trips_the_named_check_alone_and_on_trips_none(self):
        for pair in PAIRS:
            expected = json.loads((ROOT / pair / "off.json").read_text())["expect"]
            named = {e["check"] for e in expected if "check" in e and "outcome" in e}
            for half, trips in (("off", named), ("on", set())):
                with self.subTest(pair, half=half), tempfile.TemporaryDirectory() as work:
                    results, _ = outcome(f"{pair}/{half}.json", work + "/r")
                    # Checks of liveness count where they are expected to hold.
                    asked = {e["check"] for e in expected if "check" in e}
                    hit = {check["name"] for check in results["checks"]
                           if check["violations"] and (check["name"] in asked or check["name"]
                                                       not in ("liveness", "churn-budget"))}
                    self.assertEqual(hit | {c["name"] for c in results["checks"]
                                            if c["permitted"]} & named, trips)

    def test_groups_measure_what_the_catalogue_says(self):
        measured = {}
        for pair, measure in (("17", most_members), ("18", partitions_paused),
                              ("19", records_again), ("19b", records_again)):
            for half in ("off", "on"):
                with tempfile.TemporaryDirectory() as work:
                    _, events = outcome(f"scenarios/failures/{pair}/{half}.json", work + "/r")
                    measured[pair, half] = measure(events)
        self.assertGreater(measured["17", "off"], 8)
        self.assertEqual(measured["17", "on"], 8, "as many members as consumers")
        self.assertEqual((measured["18", "off"], measured["18", "on"]), (12, 3))
        self.assertGreater(measured["19", "off"], 100)
        self.assertEqual(measured["19", "on"], 0)
        self.assertGreater(measured["19b", "off"], 0)


def most_members(events):
    changes = [(e["i"], 1) for e in events["MemberJoined"]]
    changes += [(e["i"], -1) for e in events.get("MemberLeft", [])]
    return max(itertools.accumulate(change for _, change in sorted(changes)))


def partitions_paused(events):
    """Those that some consumer let go of once all were shared for the first time."""
    owned, known, paused = {}, set(), set()
    for event in events["AssignmentChanged"]:
        owned[event["n"]] = set(event["a"]["owned"])
        now = set().union(*owned.values())
        known |= now
        paused |= known - now
    return len(paused)


def records_again(events):
    """Records that were handed out again."""
    seen, again = set(), 0
    for event in events["RecordsConsumed"]:
        for offset in range(event["a"]["from"], event["a"]["to"]):
            again += (event["a"]["p"], offset) in seen
            seen.add((event["a"]["p"], offset))
    return again


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
                if os.environ.get("BSIM_SHORT"):  # sanitizers take their time
                    continue
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

    def test_a_run_directory_holds_the_files_that_are_promised(self):
        with tempfile.TemporaryDirectory() as work:
            done = run(FAILOVER, work + "/r", ROOT, {})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(
                {path.name for path in pathlib.Path(work, "r").iterdir()},
                {"manifest.json", "scenario.json", "results.json", "trace.jsonl", "verdicts.jsonl",
                 "history.jsonl", "metrics.om", "metrics.csv", "data"})

    def test_metrics_end_where_the_results_do(self):
        with tempfile.TemporaryDirectory() as work:
            done = run(FAILOVER, work + "/r", ROOT, {})
            self.assertEqual(done.returncode, 0, done.stderr)
            directory = pathlib.Path(work, "r")
            results = json.loads((directory / "results.json").read_text())
            text = (directory / "metrics.om").read_text()
            series = metric_rows((directory / "metrics.csv").read_text())
        self.assertTrue(text.endswith("\n# EOF\n"))
        end = results["sim_ns"]
        self.assertEqual(sorted(series), list(range(0, end + 1, 10**9)))
        samples = open_metrics_samples(text)
        self.assertEqual({at for _, at in samples.values()}, {f"{1704067200 + end // 10**9}"})
        now = {key: value for key, (value, _) in samples.items() if "_created" not in key[1]}
        self.assertEqual(now, series[end], "the last rows are the state at the end")

        def total(metric):
            return sum(int(value) for key, value in now.items() if key[1] == metric)

        totals = results["totals"]
        self.assertEqual(total("brokersim_records_acked_total"), totals["records_acked"])
        self.assertEqual(total("brokersim_leader_elections_total"), totals["leader_elections"])
        self.assertEqual(total("brokersim_isr_shrinks_total"), totals["isr_shrinks"])
        self.assertEqual(total("brokersim_isr_expands_total"), totals["isr_expands"])
        self.assertEqual(total("brokersim_link_messages_total"), totals["messages"])
        self.assertEqual(total("brokersim_link_dropped_total"), totals["messages_dropped"])
        for partition in results["partitions"]:
            topic, number = partition["p"].rsplit("-", 1)
            labels = f"topic={topic};partition={number}"
            leader = f"broker-{partition['leader']}"
            for node, metric, value in [
                    ("", "kafka_topic_partition_leader", partition["leader"]),
                    ("", "kafka_topic_partition_in_sync_replica", len(partition["isr"])),
                    ("", "kafka_topic_partition_current_offset", partition["hw"]),
                    (leader, "kafka_cluster_partition_insyncreplicascount", len(partition["isr"]))]:
                self.assertEqual(now[node, metric, labels], str(value))

    def test_another_seed_gives_another_run(self):
        scenario = SCENARIOS[0]
        with tempfile.TemporaryDirectory() as work:
            done = subprocess.run(
                [PROGRAM, "run", ROOT / scenario, "-o", work + "/r", "--seed", "7"],
                capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            results = json.loads(pathlib.Path(work, "r/results.json").read_text())
            self.assertNotEqual(results["hash"], json.loads(HASHES.read_text())[scenario])


SHORT = """{
  "version": 1, "name": "short", "duration": "%s",
  "cluster": {"brokers": {"1": {}, "2": {}}},
  "topics": {"orders": {"partitions": 1, "replication": %d}},
  "producers": {"shop": {"topic": "orders", "rate": "10/s", "config": {"max.block.ms": 2000}}},
  "expect": [{"id": "safe", "check": "acked-records-durable"}]
}"""


class CommandLine(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.work = pathlib.Path(place.name)

    def call(self, *arguments, **options):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=self.work,
                              timeout=120, **options)

    def refused(self, exit_code, complaint, *arguments, **options):
        done = self.call(*arguments, **options)
        self.assertEqual(done.returncode, exit_code, done.stderr)
        self.assertIn(complaint, done.stderr)
        self.assertEqual(done.stdout, "")

    def scenario(self, duration="3s", replication=1):
        (self.work / "short.json").write_text(SHORT % (duration, replication))
        return "short.json"

    def test_wrong_usage_is_2_and_says_which_word(self):
        some = str(ROOT / SCENARIOS[0])
        self.refused(2, "no command; expected one of: run, check,")
        self.refused(2, 'unknown command "frobnicate"; expected one of: run, check,', "frobnicate")
        self.refused(2, 'unknown command "rnu"; did you mean "run"?', "rnu", "x.json")
        self.refused(2, 'unknown option "--sede"; did you mean "--seed"?',
                     "run", some, "--sede", "3")
        self.refused(2, "SCENARIO is required\ntry: brokersim run --help\n", "run")
        self.refused(2, 'seed "blue" is no number', "run", some, "--seed", "blue")
        self.refused(2, '"5" is no duration; did you mean "5s"?', "run", some, "--until", "5")
        self.refused(2, "--until needs a value", "run", some, "--until")
        self.refused(2, "the name is empty", "run", "")
        self.refused(2, "the name is empty", "run", some, "-o", "")
        self.refused(2, "not of several", "run", some, some, "-o", "r")
        self.assertEqual(list(self.work.iterdir()), [])

    def test_groups_wants_a_command_of_its_own(self):
        self.refused(2, "no command; expected one of: describe, list\ntry: brokersim groups --help",
                     "groups")
        self.refused(2, 'unknown command "descibe"; did you mean "describe"?', "groups", "descibe")
        self.refused(2, "--members excludes --state\ntry: brokersim groups describe --help",
                     "groups", "describe", "--members", "--state")
        self.refused(2, '"5" is no duration; did you mean "5s"?', "groups", "describe",
                     "--at", "5")
        self.refused(6, "cannot read runs/latest: No such file", "groups", "list")
        self.refused(6, "is not a run directory: it has no trace.jsonl",
                     "groups", "describe", "--run", ".")
        (self.work / "trace.jsonl").write_text(
            '{"brokersim":1,"scenario":"s","seed":1,"clock":"ns"}\n')
        self.refused(2, 'there is no group "g" at that time; there is none at all',
                     "groups", "describe", "--run", "trace.jsonl", "--group", "g")

    def test_what_cannot_be_read_is_6(self):
        self.refused(6, "missing.json: error: cannot read the scenario: No such file",
                     "run", "missing.json")
        self.refused(6, "cannot read the scenario: Is a directory", "run", ".")
        self.refused(6, "is not a run directory: it has no trace.jsonl", "trace", ".")
        self.refused(6, "cannot read missing: No such file", "trace", "missing")

    def test_a_wrong_scenario_is_3(self):
        (self.work / "empty.json").touch()
        (self.work / "bad.json").write_text('{"version": 1, "nmae": "x"}')
        self.refused(3, "empty.json:1:1: error: the text is empty", "run", "empty.json")
        self.refused(3, "<stdin>:1:1: error: the text is empty", "run", "-", input="")
        self.refused(3, 'did you mean "name"?', "check", "bad.json")

    def test_a_scenario_may_come_from_standard_input(self):
        text = (self.work / self.scenario()).read_text()
        done = self.call("run", "-", "-o", "run", input=text)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_unwritable_run_directory_is_6(self):
        self.refused(6, "/proc/none", "run", str(ROOT / SCENARIOS[0]), "-o", "/proc/none/run")
        (self.work / "file").touch()
        self.refused(6, "file: Not a directory", "run", str(ROOT / SCENARIOS[0]), "-o", "file")

    def test_directories_of_others_are_refused_and_nothing_in_them_is_lost(self):
        mine = self.work / "mine"
        (mine / "data/broker-1").mkdir(parents=True)
        for name in ("manifest.json", "thesis.tex", "data/broker-1/log"):
            (mine / name).write_text("dear")
        before = files(mine)
        self.refused(6, "mine is not empty and holds no run; choose another directory",
                     "run", self.scenario(), "-o", "mine")
        self.refused(6, "mine/data is not empty and holds no data of a run",
                     "run", self.scenario(), "-o", "run", "--data", "mine/data")
        self.assertEqual(files(mine), before)

    def test_data_of_an_earlier_run_do_not_reach_the_next(self):
        hashes = []
        for _ in range(2):
            done = self.call("run", self.scenario(), "-o", "run", "--data", "files")
            self.assertEqual(done.returncode, 0, done.stderr)
            hashes.append(json.loads((self.work / "run/results.json").read_text())["hash"])
        self.assertEqual(*hashes)

    def test_a_finished_run_says_what_came_of_it_and_a_next_command_that_works(self):
        done = self.call("run", self.scenario())
        results = json.loads((self.work / "runs/latest/results.json").read_text())
        first, *rest = done.stderr.splitlines()
        self.assertEqual(first, f"short pass  seed 1  hash {results['hash']}")
        told = dict(line.strip().split(": ", 1) for line in rest)
        self.assertTrue((self.work / told["run directory"] / "trace.jsonl").exists())
        shown = subprocess.run(told["next"], shell=True, cwd=self.work, capture_output=True,
                               text=True)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("PartitionChanged", shown.stdout)

    def test_a_failed_run_leads_to_what_explains_the_complaint(self):
        done = self.call("run", self.scenario(), "--set", "/expect/0/outcome=violated")
        self.assertEqual(done.returncode, 1, done.stderr)
        command = done.stderr.rsplit("next: ", 1)[1].strip()
        shown = subprocess.run(command, shell=True, cwd=self.work, capture_output=True, text=True)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("expectation safe failed: acked-records-durable was declared to be violated",
                      shown.stdout)

    def test_an_expectation_never_put_to_the_test_is_inconclusive(self):
        done = self.call("run", self.scenario("12s", 5))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("not_reached safe: acked-records-durable was never put to the test",
                      done.stderr)
        run = self.work / "runs/latest"
        results = json.loads((run / "results.json").read_text())
        self.assertEqual((results["verdict"], results["exit_code"]), ("inconclusive", 4))
        self.assertEqual(results["expectations"][0]["outcome"], "not_reached")

    def test_version_is_json_on_request(self):
        done = self.call("version", "--json")
        self.assertEqual(json.loads(done.stdout)["kafka"], "3.9")


if __name__ == "__main__":
    unittest.main()
