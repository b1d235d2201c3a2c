#!/usr/bin/env python3
"""Compares how long things take in simulated clusters with what was measured on a real one.

usage: timings.py BROKERSIM [--seeds N] [--only SUBSTRING] [--jobs N]

Each story runs with N seeds, the fault falling at another phase of the heartbeats each time. For
every measure the table shows the real values' range and the simulated quantiles. A row holds when
every real value lies between the simulated 1st and 99th percentile, widened by 10 % and 100 ms; the
files that were recorded on a loaded machine are given 300 ms more. Exit 1 if a row does not hold,
77 if BSIM_SHORT is set: few seeds have no percentiles.

tests/data/timings/real.json: milliseconds measured on Kafka 3.9.1 clusters with default settings
but for those named in STORIES, by story and measure. Topic tt has the assignment 1,2,3 / 2,3,1 /
3,1,2; the broker that fails leads one partition and follows in two; one acks=all producer.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

FAULT_AT_MS = 20_000
REAL = pathlib.Path(__file__).resolve().parent.parent / "data" / "timings" / "real.json"

SHORT = {"broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500,
         "replica.lag.time.max.ms": 3000}
LAG = {"broker.session.timeout.ms": 90_000}
THREE = [101, 102, 103]

# name: (prefix in real.json, controllers, broker settings, fault, seconds after the fault, slack);
# the fault falls anywhere within the phases of what it interrupts: heartbeats, or the check of ISRs
STORIES = {
    "quiet kill": ("kraft-default-quiet | kill9_broker", THREE, {},
                   {"fault": "crash", "mode": "kill", "restart_after": "15s"}, 30, 0),
    "quiet stop": ("kraft-default-quiet | controlled_shutdown", THREE, {},
                   {"fault": "crash", "mode": "graceful", "restart_after": "5s"}, 20, 0),
    "quiet controller kill": ("kraft-default-quiet | kill_active_controller", THREE, {},
                              {"fault": "crash", "mode": "kill"}, 10, 0),
    "quiet controller stop": ("kraft-default-quiet | graceful_stop_active_controller", THREE, {},
                              {"fault": "crash", "mode": "graceful"}, 10, 0),
    "short kill": ("kraft-short | kill9_broker", [101], SHORT,
                   {"fault": "crash", "mode": "kill", "restart_after": "8s"}, 20, 300),
    "short stop": ("kraft-short | controlled_shutdown", [101], SHORT,
                   {"fault": "crash", "mode": "graceful", "restart_after": "8s"}, 20, 300),
    "short pause": ("kraft-short | sigstop_follower", [101], SHORT,
                    {"fault": "pause", "for": "10s"}, 20, 300),
    "lag pause": ("kraft-lag-default | sigstop_follower", [101], LAG,
                  {"fault": "pause", "for": "50s"}, 70, 300),
}


def scenario(story, seed):
    _, controllers, settings, fault, after, _ = STORIES[story]
    phases = settings.get("replica.lag.time.max.ms", 30_000) // 2 if "lag" in story else 2000
    at = FAULT_AT_MS + seed * 1237 % phases
    broker = 1 + seed % 3
    target = "controller" if "controller" in story else f"broker:{broker}"
    faults = [dict(fault, id="fault", target=target, at=f"{at}ms")]
    end = at + 1000 * after
    if story.endswith((" kill", " stop")) and "controller" not in story:
        faults.append({"id": "prefer", "fault": "elect-preferred", "topic": "tt",
                       "at": f"{end - 5000}ms"})
    return broker, {
        "version": 1, "name": "timing", "seed": seed, "duration": f"{end}ms",
        "cluster": {"controllers": controllers, "brokers": {"1": {}, "2": {}, "3": {}},
                    "defaults": {"config": settings}},
        "network": {"default": {"latency": {"dist": "lognormal", "median": "100us", "p99": "1ms"}}},
        "topics": {"tt": {"partitions": 3, "replication": 3,
                          "assignment": {"0": [1, 2, 3], "1": [2, 3, 1], "2": [3, 1, 2]},
                          "config": {"min.insync.replicas": 1}}},
        "producers": {"writer": {"topic": "tt", "rate": "200/s", "value": "100B",
                                 # These three keys belong to the three partitions.
                                 "key": {"dist": "sequential", "keys": 3},
                                 "config": {"acks": "all"}}},
        "faults": faults}


def gaps(times, begin, end):
    """(length, end) of each silence that ended in [begin, end]."""
    return [(b - a, b) for a, b in zip(times, times[1:]) if begin <= b <= end]


class Run:
    """The events of one run that the measures need, times in ms."""

    def __init__(self, trace, broker):
        self.broker, self.events = broker, collections.defaultdict(list)
        self.led = f"tt-{broker - 1}"
        self.others = [f"tt-{p}" for p in range(3) if p != broker - 1]
        wanted = ("FaultStarted", "FaultEnded", "BecameLeader", "BecameFollower", "IsrShrunk",
                  "IsrExpanded", "ProduceAcked", "PartitionChanged", "ControllerElected")
        for line in trace.open():
            if any(f'"k":"{kind}"' in line for kind in wanted):
                event = json.loads(line)
                event["t"] /= 1e6
                self.events[event["k"]].append(event)
        fault = [e for e in self.events["FaultStarted"] if e["a"]["f"] == "fault"]
        self.begin = fault[0]["t"]
        self.ended = next((e["t"] for e in self.events["FaultEnded"] if e["a"]["f"] == "fault"),
                          None)
        self.until = self.ended or float("inf")

    def after(self, kind, begin=None, until=None):
        begin = self.begin if begin is None else begin
        until = self.until if until is None else until
        return [e for e in self.events[kind] if begin <= e["t"] <= until]

    def seen_by_brokers(self):
        """When each living broker acted on the new leader of the led partition."""
        epoch = next((e["a"]["leader_epoch"] for e in self.after("PartitionChanged")
                      if e["a"]["p"] == self.led and e["a"]["leader"] not in (-1, self.broker)),
                     None)
        return sorted(e["t"] for kind in ("BecameLeader", "BecameFollower")
                      for e in self.after(kind)
                      if e["a"]["p"] == self.led and e["a"]["epoch"] == epoch
                      and e["n"] != f"broker-{self.broker}")

    def acks(self, partition):
        return [e["t"] for e in self.events["ProduceAcked"] if e["a"]["p"] == partition]

    def shrunk(self):
        times = [e["t"] for e in self.after("IsrShrunk")
                 if e["a"]["p"] in self.others and self.broker not in e["a"]["isr"]]
        if not times:  # the controller took it out, not the leader
            times = [e["t"] for e in self.after("PartitionChanged")
                     if e["a"]["p"] in self.others and self.broker not in e["a"]["isr"]]
        return max(times, default=None)

    def gap_end(self, partitions):
        """When the longest silence of any of the partitions was over."""
        found = [gap for p in partitions for gap in gaps(self.acks(p), self.begin, self.until)]
        return max(found)[1] if found else None

    def preferred(self):
        asked = [e["t"] for e in self.events["FaultStarted"] if e["a"]["f"] == "prefer"]
        if not asked:
            return None
        became = [e["t"] for e in self.events["BecameLeader"]
                  if e["t"] >= asked[0] and e["a"]["p"] == self.led
                  and e["n"] == f"broker-{self.broker}"]
        return self.begin + became[0] - asked[0] if became else None

    def resumed(self):
        if self.ended is None:
            return None
        back = [e["t"] for e in self.events["IsrExpanded"]
                if e["t"] >= self.ended and self.broker in e["a"]["isr"]]
        return self.begin + max(back) - self.ended if back else None

    def measure(self, name):
        seen = self.seen_by_brokers() if "leader_visible" in name else []
        value = {
            "follower_isr_shrink_visible_ms": self.shrunk,
            "new_leader_visible_first_ms": lambda: seen[0] if seen else None,
            "led_partition_new_leader_visible_ms": lambda: seen[0] if seen else None,
            "new_leader_visible_all_alive_ms": lambda: seen[-1] if seen else None,
            "preferred_election_visible_ms": self.preferred,
            "producer_acks_all_led_partition_first_ack_ms": lambda: self.gap_end([self.led]),
            "producer_acks_all_other_partitions_largest_gap_end_ms":
                lambda: self.gap_end(self.others),
            "acks_all_first_ack_after_gap_ms": lambda: self.gap_end(self.others),
            "resume_to_isr_expanded_ms": self.resumed,
            "new_controller_ms": lambda: next(
                (e["t"] for e in self.after("ControllerElected", until=float("inf"))), None),
        }[name]()
        return None if value is None else value - self.begin


def play(program, story, seed, measures):
    broker, text = scenario(story, seed)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None
                                     ) as work:
        path = pathlib.Path(work) / "scenario.json"
        path.write_text(json.dumps(text))
        done = subprocess.run([program, "run", str(path), "-o", f"{work}/run", "-q"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{story}, seed {seed}: exit {done.returncode}\n{done.stderr}")
        run = Run(pathlib.Path(work) / "run" / "trace.jsonl", broker)
        return {measure: run.measure(measure) for measure in measures}


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def judge(real, simulated, slack):
    low, high = quantile(simulated, 0.01), quantile(simulated, 0.99)
    return all(0.9 * low - 100 - slack <= value <= 1.1 * high + 100 + slack for value in real)


def arguments(usage):
    parser = argparse.ArgumentParser(description=usage.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def main():
    options = arguments(__doc__)
    if os.environ.get("BSIM_SHORT"):
        return 77
    everything = json.loads(REAL.read_text())
    failed = 0
    print(f"{'story and measure':<76} {'real: min median max':>22} {'simulated: 1% 50% 99%':>24}")
    for story in (s for s in STORIES if options.only in s):
        prefix, slack = STORIES[story][0], STORIES[story][-1]
        real = {key.split(" | ")[-1]: values for key, values in everything.items()
                if key.startswith(prefix + " | ")}
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(lambda seed: play(options.program, story, seed, real),
                                    range(1, options.seeds + 1)))
        for measure, values in real.items():
            simulated = [r[measure] for r in results if r[measure] is not None]
            missing = len(results) - len(simulated)
            holds = bool(simulated) and judge(values, simulated, slack)
            failed += not holds
            shown = "".join(f"{quantile(simulated, q):8.0f}" for q in (0.01, 0.5, 0.99)
                            ) if simulated else "       -"
            print(f"{prefix + ' | ' + measure:<76} {min(values):7} {quantile(values, 0.5):7}"
                  f"{max(values):7} {shown} {'ok' if holds else 'OUTSIDE'}"
                  f"{f' ({missing} runs without)' if missing else ''}", flush=True)
        if story == "quiet controller kill":
            split = sum(r["new_controller_ms"] > 2600 for r in results)
            print(f"{'  of them with a split vote (real: 18 of 20)':<76} {split} of {len(results)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
