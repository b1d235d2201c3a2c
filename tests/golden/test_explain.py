#!/usr/bin/env python3
"""Explanations of shipped scenarios: each violation ends at its true cause, and each event of these
kinds somewhere that explains it.

    test_explain.py BROKERSIM              checks against explain/*.txt
    test_explain.py BROKERSIM --rewrite    writes those anew

BSIM_SHORT=1 has the events of every third scenario explained.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDEN = HERE / "explain"
MEMORY = pathlib.Path("/dev/shm")

KINDS = ["PartitionChanged", "LeaderElected", "IsrShrunk", "BrokerFenced", "MemberLeft"]
# Where a chain may end so that it has explained something.
GOOD = {"fault", "setting", "start", "action", "network"}
SHARE = 0.97

# What is asked of which scenario, and words that the causes must hold.
ASKED = {
    "failures/01/off": ([], ["truncation = high_watermark", '"second"']),
    "failures/05/off": ([], ["unclean.leader.election.enable = true", '"cut"', '"kill"']),
    "failures/06/off": ([], ["unclean.leader.election.enable = true", '"alone"', '"kill"']),
    "failures/07/off": ([], ["acks = 1", '"kill"']),
    "failures/16/off": ([], ["commit_fencing = none", '"stall"']),
    "failures/17/off": ([], ["require_member_id = off", '"slow"']),
    "failures/19/off": ([], ["offsets_load = partial", '"kill"']),
    "failures/19b/off": ([], ["commit_ack = leader", '"kill"']),
    "failures/22/off": ([], ["pre_vote = off", '"cut"']),
    "failures/23a/off": ([], ["leader_resign_on_no_fetch = off", '"cut"']),
    "failures/24b/off": ([], ["persist_vote = off", '"forget"']),
    "failures/acks-one-loses": ([], ["acks = 1", '"kill"']),
    "failures/unclean-election-loses/off": ([], ["unclean.leader.election.enable = true"]),
    "failures/leader-failover": (["--why", "leader(orders-0) == 2"], ['"kill"']),
    "failures/slow-follower-isr": (["--why", "isr(orders-0) < 3"], ['"freeze"']),
    "failures/min-isr-blocks": (["--why", "urp() > 0"], ['"first"']),
    "kraft/controller-failover": (["--why", "controller() != controller-101"], ['"kill"']),
}


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)


def story(program, name, directory, asked):
    """The explanation without its first line, which has numbers of events."""
    path = directory / name.replace("/", "-")
    if not path.exists():
        run(program, "run", ROOT / "scenarios" / f"{name}.json", "-o", path)
    told = run(program, "explain", path, "--level", "story", *asked)
    return told, told.stdout.split("\n", 1)[-1]


def causes(text):
    return text.split("\nThe cause", 1)[-1]


class Explain(unittest.TestCase):
    program = ""

    @classmethod
    def setUpClass(cls):
        memory = MEMORY if MEMORY.is_dir() else None
        cls.scratch = tempfile.TemporaryDirectory(dir=memory)
        cls.directory = pathlib.Path(cls.scratch.name)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_shipped_stories_end_at_their_causes(self):
        for name, (asked, words) in ASKED.items():
            with self.subTest(name):
                told, text = story(self.program, name, self.directory, asked)
                self.assertEqual(told.returncode, 0, told.stderr)
                for word in words:
                    self.assertIn(word, causes(text))
                golden = GOLDEN / f"{name.replace('/', '-')}.txt"
                if golden.exists():
                    self.assertEqual(text, golden.read_text())

    def test_every_event_of_these_kinds_is_explained(self):
        ends = collections.Counter()
        odd = []
        step = 3 if os.environ.get("BSIM_SHORT") else 1  # sanitizers take their time
        for scenario in sorted((ROOT / "scenarios").rglob("*.json"))[::step]:
            with tempfile.TemporaryDirectory(dir=self.directory) as out:
                run(self.program, "run", scenario, "-o", f"{out}/run")
                told = run(self.program, "explain", f"{out}/run", "--json",
                           *(word for kind in KINDS for word in ("--every", kind)))
            self.assertEqual(told.returncode, 0, f"{scenario}: {told.stderr}")
            for line in told.stdout.splitlines():
                event = json.loads(line)
                ends[event["origin"]] += 1
                if event["origin"] not in GOOD:
                    odd.append(f"{scenario.relative_to(ROOT)} {line}")
        self.assertGreater(sum(ends.values()), 500 / step)
        share = sum(ends[good] for good in GOOD) / sum(ends.values())
        print(f"{share:.4f} of {sum(ends.values())} events are explained: {dict(ends)}")
        self.assertGreaterEqual(share, SHARE, "\n".join(odd[:20]))

    def test_what_is_not_there_is_refused(self):
        path = self.directory / "refused"
        run(self.program, "run", ROOT / "scenarios/failures/leader-failover.json", "-o", path)
        for words, code, said in [
                (["--event", "99999999"], 2, "the trace ends with event"),
                (["--event", "x"], 2, "number of an event"),
                (["--violation", "durabel"], 2, 'did you mean "durable"?'),
                (["--why", "leadr(orders-0) == 2"], 2, 'did you mean "leader"?'),
                (["--why", "leader(ordres-0) == 2"], 2, "orders"),
                (["--every", "PartitionChange"], 2, 'did you mean "PartitionChanged"?'),
                ([], 2, "everything was as declared")]:
            with self.subTest(words):
                told = run(self.program, "explain", path, *words)
                self.assertEqual(told.returncode, code, told.stderr)
                self.assertIn(said, told.stderr)
        self.assertEqual(run(self.program, "explain", self.directory / "nowhere").returncode, 6)
        self.assertEqual(run(self.program, "explain", self.directory).returncode, 6)
        self.assertEqual(run(self.program, "explain", "E0107").returncode, 0)
        self.assertEqual(run(self.program, "explain", "E9999").returncode, 2)

    def test_a_met_expectation_and_json(self):
        path = self.directory / "met"
        run(self.program, "run", ROOT / "scenarios/failures/leader-failover.json", "-o", path)
        told = run(self.program, "explain", path, "--violation", "durable")
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        self.assertIn("nothing to explain", told.stdout)
        told = run(self.program, "explain", path, "--json", "--why", "urp() > 0")
        self.assertEqual(json.loads(told.stdout)["causes"][0]["origin"], "fault")


def rewrite(program):
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as scratch:
        for name, (asked, _) in ASKED.items():
            told, text = story(program, name, pathlib.Path(scratch), asked)
            if told.returncode != 0:
                sys.exit(f"{name}: {told.stderr}")
            (GOLDEN / f"{name.replace('/', '-')}.txt").write_text(text)


if __name__ == "__main__":
    Explain.program = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2:] == ["--rewrite"]:
        rewrite(Explain.program)
    else:
        unittest.main(argv=sys.argv[:1])
