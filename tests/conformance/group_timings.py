#!/usr/bin/env python3
"""Compares rebalances of simulated groups with those of a real one: who is assigned what in which
generation, and how long it takes.

usage: group_timings.py BROKERSIM [--seeds N] [--only SUBSTRING] [--jobs N]

Three members join one after another a group that reads six partitions; the third closes, starts
again, and is killed. With each seed these moments fall at other phases of the heartbeats. In every
run the states, generations and owned partitions must be those that Kafka goes through; the times of
graceful_leave and kill9_member must agree with the real ones as in timings.py. The joins are shown
for comparison alone: the real ones hold the start of a JVM. Exit 1 if anything does not hold, 77 if
BSIM_SHORT is set.

tests/data/timings/real.json: milliseconds measured on Kafka 3.9.1, one broker, by group and
measure.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from timings import REAL, arguments, judge, quantile

LONG = {"session.timeout.ms": 45_000, "heartbeat.interval.ms": 3000}
SHORT = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 1000}
ASSIGNORS = {"range": "RangeAssignor", "coop": "CooperativeStickyAssignor",
             "static": "RangeAssignor"}
STORIES = {"groups-range-default": LONG, "groups-coop-default": LONG, "groups-range-short": SHORT,
           "groups-coop-short": SHORT, "groups-static-short": SHORT}
JUDGED = ("graceful_leave_ms", "kill9_member_ms")
EACH_MS = 20_000  # from one step to the next
PARTITIONS = [f"gt-{p}" for p in range(6)]
MEMBERS = [f"consumer-g-{i}" for i in range(3)]


def steps(story, seed):
    """When each step comes, in ms."""
    beat = STORIES[story]["heartbeat.interval.ms"]
    phase = lambda k: seed * (733 + 10 * k) % beat
    return {name: 5000 + EACH_MS * i + phase(i)
            for i, name in enumerate(("first", "second", "third", "leave", "rejoin", "kill"))}


def scenario(story, seed):
    at = steps(story, seed)
    kind = story.split("-")[1]
    config = dict(STORIES[story], **{
        "partition.assignment.strategy":
            f"org.apache.kafka.clients.consumer.{ASSIGNORS[kind]}"})
    instances = {str(i): {"start": f"{at[name]}ms"}
                 for i, name in enumerate(("first", "second", "third"))}
    if kind == "static":
        for i, instance in instances.items():
            instance["config"] = {"group.instance.id": f"m{int(i) + 1}"}
    end = at["kill"] + STORIES[story]["session.timeout.ms"] + 10_000
    return {
        "version": 1, "name": "group", "seed": seed, "duration": f"{end}ms",
        "cluster": {"controllers": [101], "brokers": {"1": {}},
                    "defaults": {"config": {"offsets.topic.replication.factor": 1}}},
        "network": {"default": {"latency": {"dist": "lognormal", "median": "100us", "p99": "1ms"}}},
        "topics": {"gt": {"partitions": 6, "replication": 1}},
        "consumers": {"g": {"members": 3, "topics": ["gt"], "config": config,
                            "instances": instances}},
        "faults": [
            {"id": "leave", "fault": "crash", "mode": "graceful", "target": "consumer:g-2",
             "at": f"{at['leave']}ms", "restart_after": f"{at['rejoin'] - at['leave']}ms"},
            {"id": "kill", "fault": "crash", "target": "consumer:g-2", "at": f"{at['kill']}ms"}]}


class Run:
    """What the members owned, by step."""

    def __init__(self, story, seed, trace):
        self.cooperative = "coop" in story
        self.static = "static" in story
        self.at = steps(story, seed)
        self.changes, self.states, self.completed = [], [], []
        for line in trace.open():
            if '"k":"AssignmentChanged"' in line:
                event = json.loads(line)
                self.changes.append((event["t"] / 1e6, event["n"], event["a"]))
            elif '"k":"GroupState"' in line:
                event = json.loads(line)
                self.states.append((event["t"] / 1e6, event["a"]["from"], event["a"]["to"]))
            elif '"k":"RebalanceCompleted"' in line:
                event = json.loads(line)
                self.completed.append((event["t"] / 1e6, event["a"]["generation"],
                                       event["a"]["assignment"]))

    def window(self, step):
        names = list(self.at)
        after = names[names.index(step) + 1:]
        return self.at[step], self.at[after[0]] if after else float("inf")

    def settled(self, step):
        """How long after the step began the last change of an assignment came."""
        begin, end = self.window(step)
        # What the one who goes does itself is not its group's answer.
        gone = MEMBERS[2] if step in ("leave", "kill") else None
        times = [t for t, node, _ in self.changes if begin <= t < end and node != gone]
        return max(times) - begin if times else None

    def owned_at_end(self, step):
        _, end = self.window(step)
        owned = {}
        for t, node, change in self.changes:
            if t < end:
                owned[node] = change["owned"]
        return owned

    def complaints(self):
        """What Kafka would not do."""
        members = {"first": 1, "second": 2, "third": 3, "leave": 2, "rejoin": 3, "kill": 2}
        for step, count in members.items():
            owned = self.owned_at_end(step)
            if step == "kill":
                owned.pop(MEMBERS[2], None)
            sizes = sorted(len(partitions) for partitions in owned.values() if partitions)
            everything = sorted(p for partitions in owned.values() for p in partitions)
            if everything != PARTITIONS or sizes != [6 // count] * count:
                yield f"after {step}: {owned}"
            begin, end = self.window(step)
            rounds = sum(begin <= t < end for t, _, _ in self.completed)
            if rounds not in self.rounds(step):
                yield f"{step}: {rounds} generations, not {self.rounds(step)}"
        generations = [generation for _, generation, _ in self.completed]
        if generations != list(range(1, len(generations) + 1)):
            yield f"generations {generations}"
        legal = {("Empty", "PreparingRebalance"), ("PreparingRebalance", "CompletingRebalance"),
                 ("CompletingRebalance", "Stable"), ("Stable", "PreparingRebalance")}
        for t, source, to in self.states:
            if (source, to) not in legal:
                yield f"at {t}: from {source} to {to}"

    def rounds(self, step):
        """A cooperative group needs a second round to hand over what somebody has to give up, and a
        third if a member hears of the first so late that the leader has joined again by then."""
        moves = step in ("second", "third", "rejoin")
        return (2, 3) if self.cooperative and moves else (1,)

    def measures(self):
        names = {"first": "first_member_join_ms", "second": "second_member_join_ms",
                 "third": "third_member_join_ms", "leave": "graceful_leave_ms",
                 "rejoin": "rejoin_third_ms", "kill": "kill9_member_ms"}
        return {measure: self.settled(step) for step, measure in names.items()}


def play(program, story, seed):
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as work:
        path = pathlib.Path(work) / "scenario.json"
        path.write_text(json.dumps(scenario(story, seed)))
        done = subprocess.run([program, "run", str(path), "-o", f"{work}/run", "-q"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{story}, seed {seed}: exit {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
        run = Run(story, seed, pathlib.Path(work) / "run" / "trace.jsonl")
        return run.measures(), list(run.complaints())


def main():
    options = arguments(__doc__)
    if os.environ.get("BSIM_SHORT"):
        return 77
    everything = json.loads(REAL.read_text())
    failed = 0
    print(f"{'group and measure':<50} {'real: min median max':>22} {'simulated: 1% 50% 99%':>24}")
    for story in (s for s in STORIES if options.only in s):
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            runs = list(pool.map(lambda seed: play(options.program, story, seed),
                                 range(1, options.seeds + 1)))
        complaints = collections.Counter(text for _, found in runs for text in found)
        for text, count in complaints.most_common(10):
            print(f"{story}: {text} ({count} runs)")
        failed += bool(complaints)
        for measure in runs[0][0]:
            real = everything[f"{story} | {measure}"]
            simulated = [values[measure] for values, _ in runs if values[measure] is not None]
            holds = len(simulated) == len(runs) and judge(real, simulated, 0)
            verdict = "ok" if holds else "OUTSIDE" if measure in JUDGED else "(not judged)"
            failed += measure in JUDGED and not holds
            shown = "".join(f"{quantile(simulated, q):8.0f}" for q in (0.01, 0.5, 0.99)
                            ) if simulated else "       -"
            print(f"{story + ' | ' + measure:<50} {min(real):7} {quantile(real, 0.5):7}"
                  f"{max(real):7} {shown} {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
