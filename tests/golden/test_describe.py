#!/usr/bin/env python3
"""What the commands on a stored run say of it: `topics`, `brokers`, `quorum`, `log-dirs`.

usage: test_describe.py BROKERSIM [unittest arguments]
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None

# Several directories a broker, segments that roll and go, topics that change, snapshots of the
# metadata log, a loss of power, a new controller.
STORY = {
    "version": 1, "name": "story", "duration": "40s",
    "cluster": {
        "controllers": [101, 102, 103],
        "brokers": {"1": {"rack": "a"}, "2": {"rack": "b"}, "3": {"rack": "c"}},
        "defaults": {
            "disk": {"log_dirs": 2},
            "config": {"log.segment.delete.delay.ms": 1000,
                       "log.retention.check.interval.ms": 3000,
                       "metadata.log.max.snapshot.interval.ms": 5000}}},
    "topics": {
        "orders": {"partitions": 4, "replication": 3,
                   "config": {"min.insync.replicas": 2, "segment.bytes": 20000,
                              "retention.bytes": 40000}},
        "short": {"partitions": 2, "replication": 2}},
    "producers": {"shop": {"topic": "orders", "rate": "200/s", "value": "100B"}},
    "faults": [
        {"id": "set", "fault": "config-change", "topic": "orders", "at": "6s",
         "config": {"index.interval.bytes": 512}},
        {"id": "drop", "fault": "topic-delete", "topic": "short", "at": "9s"},
        {"id": "again", "fault": "topic-create", "topic": "short", "at": "12s",
         "partitions": 3, "replication": 3},
        {"id": "kill", "fault": "crash", "mode": "power", "target": "broker:2", "at": "13s",
         "restart_after": "18s"},
        {"id": "depose", "fault": "crash", "target": "controller", "at": "25s",
         "restart_after": "9s"}],
}
MOMENTS = ["0s", "1s", "5s", "7s", "10s", "13s", "16s", "24s", "26s", "30s", "35s", "40s", "50s"]


class StoredRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.work = pathlib.Path(cls.holder.name)
        (cls.work / "story.json").write_text(json.dumps(STORY))
        done = cls.call("run", "story.json", "-o", "run")
        if done.returncode:
            raise AssertionError(done.stderr)
        (cls.work / "alone").mkdir()
        shutil.copy(cls.work / "run/trace.jsonl", cls.work / "alone/trace.jsonl")

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def call(cls, *words):
        return subprocess.run([PROGRAM, *words], cwd=cls.work, capture_output=True, text=True)

    def test_a_run_that_has_some_events_alone_is_refused(self):
        kinds = ["PartitionChanged", "FaultStarted"]
        (self.work / "some.json").write_text(json.dumps({**STORY, "record": {"events": kinds}}))
        done = self.call("--json", "run", "some.json", "-o", "some")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = (self.work / "some/trace.jsonl").read_text().splitlines()[1:]
        whole = (self.work / "run/trace.jsonl").read_text().splitlines()[1:]
        self.assertEqual(lines, [line for line in whole if json.loads(line)["k"] in kinds])
        hashes = [json.loads((self.work / run / "results.json").read_text())["hash"]
                  for run in ("run", "some")]
        self.assertEqual(hashes[0], hashes[1])
        self.assertIn("PartitionChanged", self.call("trace", "some").stdout)
        self.assertEqual(self.call("replay", "some", "--check").returncode, 0)
        for words in (("topics", "describe"), ("explain",)):
            done = self.call(*words, *(["some"] if words == ("explain",) else ["--run", "some"]))
            self.assertEqual(done.returncode, 6)
            self.assertIn("record.events", done.stderr)

    def shown(self, *words, run="run"):
        done = self.call(*words, "--run", run)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def json(self, *words, run="run"):
        return json.loads(self.shown(*words, "--json", run=run))

    def refused(self, code, what, *words):
        done = self.call(*words)
        self.assertIn(what, done.stderr)
        self.assertEqual((done.returncode, done.stdout), (code, ""))

    def test_the_metadata_log_tells_the_same_of_topics_as_the_events(self):
        for moment in MOMENTS:
            with self.subTest(moment):
                done = self.call("topics", "describe", "--run", "run", "--at", moment)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                whole, alone = (self.json("topics", "describe", "--at", moment, run=run)["topics"]
                                for run in ("run", "alone"))
                for topic in whole + alone:
                    topic.pop("configs")
                self.assertEqual(whole, alone)
                whole, alone = (self.json("brokers", "describe", "--at", moment, run=run)["brokers"]
                                for run in ("run", "alone"))
                for broker in whole + alone:
                    for name in ("rack", "log_dirs"):
                        broker.pop(name)
                    if broker["state"] == "ControlledShutdown":
                        broker["state"] = "Unfenced"
                self.assertEqual(whole, alone)

    def test_without_the_nodes_files_it_says_what_is_missing(self):
        done = self.call("topics", "describe", "--run", "alone")
        self.assertEqual(done.returncode, 0)
        self.assertIn("no node's files hold the metadata log", done.stderr)
        self.assertEqual(self.call("-q", "topics", "describe", "--run", "alone").stderr, "")
        lying_elsewhere = self.call("topics", "describe", "--run", "alone", "--data", "run/data")
        self.assertEqual(lying_elsewhere.stderr, "")
        self.assertIn("index.interval.bytes=512", lying_elsewhere.stdout)

    def test_settings_are_those_of_the_moment(self):
        def settings(moment):
            topics = self.json("topics", "describe", "--at", moment)["topics"]
            return {topic["topic"]: topic["configs"] for topic in topics}
        of_all = {"file.delete.delay.ms": "1000"}
        of_orders = {**of_all, "min.insync.replicas": "2", "segment.bytes": "20000",
                     "retention.bytes": "40000"}
        self.assertEqual(settings("5s"), {"orders": of_orders, "short": of_all})
        self.assertEqual(settings("10s"), {"orders": {**of_orders, "index.interval.bytes": "512"}})
        self.assertEqual(settings("13s")["short"], of_all)

    def test_sizes_at_the_end_are_those_of_the_files(self):
        seen = set()
        for broker in self.json("log-dirs", "describe")["brokers"]:
            for log_dir in broker["logDirs"]:
                self.assertIsNone(log_dir["error"])
                place = self.work / "run" / log_dir["logDir"]
                for log in log_dir["partitions"]:
                    files = (place / log["partition"]).glob("*.log")
                    self.assertEqual(log["size"], sum(f.stat().st_size for f in files), log)
                    seen.add((broker["broker"], log["partition"]))
        replicas = {(broker, f"{topic['topic']}-{p['partition']}")
                    for topic in self.json("topics", "describe")["topics"]
                    for p in topic["partitions"] for broker in p["replicas"]}
        self.assertEqual(seen, replicas)
        self.assertEqual(len(replicas), 7 * 3)

    def test_a_dead_broker_is_out_of_all_isrs(self):
        def lines(moment, *words):
            return self.shown("topics", "describe", "--at", moment, *words).splitlines()
        under = ["--under-replicated-partitions"]
        self.assertEqual(lines("12900ms", *under), [])
        self.assertEqual(len(lines("24s", *under)), 7)
        self.assertTrue(all(line.startswith("\tTopic: ") for line in lines("24s", *under)))
        self.assertEqual(len(lines("24s", "--at-min-isr-partitions")), 4)
        self.assertEqual(lines("24s", "--under-min-isr-partitions"), [])
        self.assertEqual(lines("24s", "--unavailable-partitions"), [])
        two = self.json("brokers", "describe", "--at", "24s")["brokers"][1]
        self.assertEqual([two[name] for name in ("broker", "state", "process", "rack", "leaders",
                                                 "replicas", "out_of_sync")],
                         [2, "Fenced", "down", "b", 0, 7, 7])
        self.assertEqual(two["log_dirs"], ["data/broker-2/d0", "data/broker-2/d1"])

    def test_the_quorum_changes_hands(self):
        def status(moment):
            lines = self.shown("quorum", "describe", "--at", moment).splitlines()
            return dict(line.split(None, 1) for line in lines)
        before, after = status("24s"), status("30s")
        self.assertNotEqual(before["LeaderId:"], after["LeaderId:"])
        self.assertLess(int(before["LeaderEpoch:"]), int(after["LeaderEpoch:"]))
        self.assertLess(int(before["HighWatermark:"]), int(after["HighWatermark:"]))
        self.assertEqual(before["MaxFollowerLag:"], "0")
        rows = [row.split() for row in
                self.shown("quorum", "describe", "--at", "30s", "--replication").splitlines()]
        dead = next(row for row in rows if row[0] == before["LeaderId:"])
        self.assertEqual(dead[-1], "Follower")
        self.assertGreater(int(dead[3]), 0)
        self.assertEqual([row[-1] for row in rows[1:]], ["Leader"] + ["Follower"] * 2 +
                         ["Observer"] * 2)
        self.assertRegex(self.shown("quorum", "describe", "--replication", "--human-readable"),
                         r"\t0 ms ago +\t0 ms ago +\tLeader  \t\n")
        undecided = self.call("quorum", "describe", "--at", "100ms", "--run", "run")
        self.assertEqual(undecided.returncode, 0)
        self.assertIn("nobody leads the metadata quorum at that time", undecided.stderr)
        self.assertIn("LeaderId:               -1\n", undecided.stdout)

    def test_the_list_changes_with_time(self):
        self.assertEqual(self.shown("topics", "list", "--at", "10s"), "orders\n")
        self.assertEqual(self.shown("topics", "list"), "orders\nshort\n")
        self.assertEqual(self.json("topics", "list"), {"topics": ["orders", "short"]})

    def test_what_is_not_there_is_named_as_by_the_real_tools(self):
        said = "Error while executing topic command : "
        self.refused(2, said + "Topic 'Optional[x]' does not exist as expected",
                     "topics", "describe", "--run", "run", "--topic", "x")
        self.refused(2, "( is an invalid regex.", "topics", "list", "--run", "run", "--topic", "(")
        self.refused(2, "ERROR: The given brokers do not exist from --broker-list: 7. Current "
                     "existent brokers: 1,2,3", "log-dirs", "describe", "--run", "run",
                     "--broker-list", "7,1")
        self.refused(2, "The option --human-readable is only supported along with --replication",
                     "quorum", "describe", "--run", "run", "--human-readable")

    def test_wrong_words_are_refused(self):
        for name in ("topics", "brokers", "quorum", "log-dirs"):
            self.refused(2, '"5" is no duration; did you mean "5s"?', name, "describe", "--at", "5")
            self.refused(2, f"try: brokersim {name} --help", name)
            self.refused(6, "cannot read nowhere: No such file", name, "describe", "--run",
                         "nowhere")
            self.refused(6, "is not a run directory: it has no trace.jsonl", name, "describe",
                         "--run", ".")
            self.refused(6, "story.json: line 1: ", name, "describe", "--run", "story.json")
        self.refused(2, '"x" is no broker\'s id; expected a list such as 1,2,3', "log-dirs",
                     "describe", "--broker-list", "1,x")
        self.refused(2, "--status excludes --replication", "quorum", "describe", "--status",
                     "--replication")
        self.refused(2, "--topics-with-overrides excludes --unavailable-partitions", "topics",
                     "describe", "--unavailable-partitions", "--topics-with-overrides")


if __name__ == "__main__":
    unittest.main()
