"""Tests of scripts/failover_time.py: the figures of a small trace by hand, and the traces that must
not give any."""
import argparse
import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import failover_time  # noqa: E402
from failover_time import Figures, NoFigure, SECOND  # noqa: E402

MS = 1_000_000
FAULT = 10 * SECOND
TOPICS = {"orders": 2, "orders2": 1}
LEADERS = {"orders-0": 1, "orders-1": 2, "orders2-0": 1}


def changed(p, leader, isr, epoch):
    return ("controller-101", "PartitionChanged",
            {"p": p, "leader": leader, "leader_epoch": epoch, "isr": isr, "replicas": [1, 2, 3]})


def became(broker, p, leads, epoch):
    return (f"broker-{broker}", "BecameLeader" if leads else "BecameFollower",
            {"p": p, "epoch": epoch})


def appended(controller, p="__cluster_metadata-0"):
    return (controller, "LogAppended", {"p": p})


def acked(p, epoch):
    return ("producer-shop-0", "ProduceAcked", {"p": p, "epoch": epoch})


def story():
    """{name: [(t, event)]}: broker 1 leads two of three partitions and is killed at 10 s."""
    told = {f"created {topic}": [(SECOND, ("controller-101", "TopicCreated",
                                           {"topic": topic, "partitions": count}))]
            for topic, count in TOPICS.items()}
    for p, leader in LEADERS.items():
        told[f"exists {p}"] = [(SECOND, changed(p, leader, [1, 2, 3], 0))]
        told[f"ready {p}"] = [(2 * SECOND, became(broker, p, broker == leader, 0))
                              for broker in (1, 2, 3)]
    told["ack before"] = [(FAULT - 400 * MS, acked("orders-1", 0))]
    told["fault"] = [(FAULT, ("sim", "FaultStarted",
                              {"f": "fault", "fault": "crash", "targets": ["broker-1"]}))]
    told["written"] = [(FAULT + 7000 * MS, appended("controller-101")),
                       (FAULT + 7001 * MS, appended("controller-102")),
                       (FAULT + 7001 * MS, appended("broker-2", "orders-1"))]
    told["gone orders-0"] = [(FAULT + 7002 * MS, changed("orders-0", 2, [2, 3], 1))]
    told["gone orders-1"] = [(FAULT + 7002 * MS, changed("orders-1", 2, [2, 3], 0))]
    told["gone orders2-0"] = [(FAULT + 7003 * MS, changed("orders2-0", 3, [2, 3], 1))]
    told["leads orders-0"] = [(FAULT + 7300 * MS, became(2, "orders-0", True, 1))]
    # Acknowledged before the fault, or by who led on: not a new leader's.
    told["other acks"] = [(FAULT + 7350 * MS, acked("orders-0", 0)),
                          (FAULT + 7350 * MS, acked("orders-1", 0))]
    told["leads orders2-0"] = [(FAULT + 7400 * MS, became(3, "orders2-0", True, 1))]
    told["ack"] = [(FAULT + 7500 * MS, acked("orders2-0", 1)),
                   (FAULT + 7600 * MS, acked("orders-0", 1))]
    return told


def lines(told):
    yield '{"brokersim":1,"scenario":"failover-time","seed":1,"clock":"ns"}\n'
    ordered = sorted((entry for part in told.values() for entry in part), key=lambda e: e[0])
    for i, (t, (node, kind, attributes)) in enumerate(ordered, 1):
        event = {"i": i, "t": t, "n": node, "k": kind, "a": attributes, "c": []}
        yield json.dumps(event, separators=(",", ":")) + "\n"


class Measuring(unittest.TestCase):
    def refused(self, told, complaint, producers=True):
        with self.assertRaisesRegex(NoFigure, complaint):
            failover_time.measure(lines(told), TOPICS, producers)

    def without(self, *names):
        return {name: part for name, part in story().items() if name not in names}

    def test_times_count_from_the_fault(self):
        self.assertEqual(failover_time.measure(lines(story()), TOPICS),
                         Figures(led=2, most=1, written=7000 * MS, committed=7003 * MS,
                                 first=7300 * MS, last=7400 * MS, acked=7500 * MS))

    def test_most_is_what_one_broker_takes_over(self):
        told = story()
        told["gone orders2-0"] = [(FAULT + 7003 * MS, changed("orders2-0", 2, [2, 3], 1))]
        told["leads orders2-0"] = [(FAULT + 7400 * MS, became(2, "orders2-0", True, 1))]
        self.assertEqual(failover_time.measure(lines(told), TOPICS).most, 2)

    def test_without_producers_there_is_no_acknowledgement(self):
        told = self.without("ack before", "other acks", "ack")
        self.assertEqual(failover_time.measure(lines(told), TOPICS, False).acked, -1)

    def test_a_second_change_of_leader_counts_no_more(self):
        told = story()
        told["again"] = [(FAULT + 9000 * MS, changed("orders-0", 3, [2, 3], 2)),
                         (FAULT + 9100 * MS, became(3, "orders-0", True, 2))]
        self.assertEqual(failover_time.measure(lines(told), TOPICS).last, 7400 * MS)

    def test_a_topic_that_was_not_created(self):
        self.refused(self.without("created orders2", "exists orders2-0", "ready orders2-0"),
                     "topic orders2 was not created with 1 partitions before the fault, but not")

    def test_a_topic_of_another_size(self):
        told = story()
        told["created orders"] = [(SECOND, ("controller-101", "TopicCreated",
                                            {"topic": "orders", "partitions": 3}))]
        self.refused(told, "topic orders was not created with 2 partitions before the fault, but 3")

    def test_a_topic_that_was_created_too_late(self):
        told = story()
        for name in ("created orders2", "exists orders2-0", "ready orders2-0"):
            told[name] = [(t + FAULT, event) for t, event in told[name]]
        self.refused(told, "topic orders2 was not created")

    def test_a_replica_that_was_not_in_sync(self):
        told = story()
        told["shrunk"] = [(3 * SECOND, changed("orders-1", 2, [1, 2], 0))]
        self.refused(told, r"orders-1 was not in sync before the fault: .* ISR \[1, 2\]")

    def test_a_replica_that_did_not_act_yet(self):
        told = story()
        told["ready orders-1"].pop()
        self.refused(told, "broker-3 did not act on orders-1 before the fault")

    def test_writes_that_did_not_flow(self):
        complaint = "nothing was acknowledged in the second before the fault"
        self.refused(self.without("ack before"), complaint)
        told = story()
        told["ack before"] = [(FAULT - 1001 * MS, acked("orders-1", 0))]
        self.refused(told, complaint)

    def test_a_broker_that_led_nothing(self):
        told = story()
        told["fault"] = [(FAULT, ("sim", "FaultStarted", {"targets": ["broker-3"]}))]
        self.refused(told, "broker-3 led no partition")

    def test_a_fault_that_did_not_happen(self):
        self.refused(self.without("fault"), "the fault did not happen")
        told = self.without("fault")
        told["skipped"] = [(FAULT, ("sim", "FaultSkipped", {"f": "fault", "why": "no target"}))]
        self.refused(told, "the fault did not happen: no target")

    def test_a_partition_without_a_new_leader(self):
        self.refused(self.without("leads orders2-0", "ack"), "orders2-0 had no new leader at the")
        told = story()
        told["leads orders2-0"] = [(FAULT + 7400 * MS, became(3, "orders2-0", True, 0))]
        self.refused(told, "orders2-0 had no new leader")

    def test_a_partition_that_kept_the_broker(self):
        self.refused(self.without("gone orders-1"), "orders-1 still had broker-1 in its ISR")

    def test_a_change_that_is_in_no_log(self):
        self.refused(self.without("written"), "controller-101 changed orders-0 without writing it")

    def test_no_acknowledgement_by_a_new_leader(self):
        self.refused(self.without("ack"), "no new leader acknowledged a record")


class Scenarios(unittest.TestCase):
    def test_partitions_are_spread_over_few_equal_topics(self):
        for partitions, expected in ((1, [1]), (1000, [1000]), (1001, [501, 500]),
                                     (10_000, [1000] * 10), (2500, [834, 833, 833])):
            topics = failover_time.spread(partitions)
            self.assertEqual(list(topics.values()), expected)
            self.assertEqual(len(topics), len(expected))
            self.assertEqual(next(iter(topics)), "orders")

    def test_the_shipped_scenario_is_varied_and_stays_as_it_is(self):
        base = json.loads(failover_time.SCENARIO.read_text())
        before = json.dumps(base)
        scenario = failover_time.varied(base, "shutdown", 2000, 0.5, 2 * MS)
        self.assertEqual(json.dumps(base), before)
        self.assertEqual({name: topic["partitions"] for name, topic in scenario["topics"].items()},
                         {"orders": 1000, "orders2": 1000})
        self.assertEqual({topic["replication"] for topic in scenario["topics"].values()}, {3})
        fault, = scenario["faults"]
        self.assertEqual((fault["mode"], fault["at"]), ("graceful", "11000000000ns"))
        self.assertEqual(scenario["duration"], "15000000000ns")
        self.assertEqual(scenario["cluster"]["defaults"]["disk"]["fsync"], "2000000ns")

    def test_durations_need_a_unit(self):
        self.assertEqual(failover_time.nanoseconds("100us"), 100_000)
        for text in ("5", "-1s", "1 s", "1.5s", ""):
            with self.assertRaises(argparse.ArgumentTypeError):
                failover_time.nanoseconds(text)


class Tables(unittest.TestCase):
    def row(self, fault, partitions, seed, last=5):
        return dict(zip(failover_time.COLUMNS, (fault, partitions, seed, 100, 1, 1, 2, 3, 4, last,
                                                6)))

    def test_what_is_written_is_read(self):
        rows = [self.row("kill", 10, 1), self.row("shutdown", 1, 2)]
        text = failover_time.as_csv(rows)
        self.assertEqual(failover_time.read_csv(io.StringIO(text)), rows)
        self.assertIn("\nkill,10,1,100,1,1,2,3,4,5,6\n", text)

    def test_other_columns_are_refused(self):
        with self.assertRaisesRegex(NoFigure, "the columns are not fault,partitions,seed"):
            failover_time.read_csv(["a,b\n", "1,2\n"])

    def test_rows_of_several_files_come_in_one_order_the_last_of_a_kind_counts(self):
        rows = [self.row("shutdown", 1, 1), self.row("kill", 100, 1), self.row("kill", 10, 2),
                self.row("kill", 10, 1), self.row("kill", 10, 2, last=9)]
        self.assertEqual(failover_time.in_order(rows),
                         [self.row("kill", 10, 1), self.row("kill", 10, 2, last=9),
                          self.row("kill", 100, 1), self.row("shutdown", 1, 1)])


class Command(unittest.TestCase):
    def wrong(self, *arguments):
        said = io.StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as stopped:
            failover_time.arguments(arguments)
        self.assertEqual(stopped.exception.code, 2)
        return said.getvalue()

    def test_wrong_usage_is_said(self):
        self.assertIn('"0" is no list of counts', self.wrong("--partitions", "0"))
        self.assertIn('"fire" is no list of kill, shutdown', self.wrong("--faults", "fire"))
        self.assertIn('"5" is no duration', self.wrong("--fsync", "5"))
        self.assertIn("--seeds must be 1 or more", self.wrong("--seeds", "0"))

    def test_a_run_that_fails_gives_no_figure_and_says_why(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "brokersim")
            program.write_text("#!/bin/sh\necho 'POLICY_VIOLATION'\nexit 4\n")
            program.chmod(0o755)
            scenario = json.loads(failover_time.SCENARIO.read_text())
            with self.assertRaisesRegex(NoFigure, "exit status 4\nPOLICY_VIOLATION"):
                failover_time.run(program, scenario, 1, Path(folder))


if __name__ == "__main__":
    unittest.main()
