#!/usr/bin/env python3
"""Storms of rebalances: a thousand members in one group, and two thousand groups. Expects that they
settle, and that memory stays within bounds.

usage: group_storm.py BROKERSIM

Members come all at once; later a part of them is killed, and started again after its sessions
have expired. BSIM_SHORT makes a tenth of it. Prints the peak of memory of each storm; exit 1 if a
group is not stable in the end, or if the peak lies above MOST_MB.
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

SCALE = 10 if os.environ.get("BSIM_SHORT") else 1
MOST_MB = 2000  # the sanitizers take their share


def scenario(name, consumers, partitions, target):
    config = {"session.timeout.ms": 10_000, "heartbeat.interval.ms": 3000,
              "auto.offset.reset": "earliest"}
    return {
        "version": 1, "name": name, "seed": 1, "duration": "60s",
        "cluster": {"controllers": [101], "brokers": {"1": {}, "2": {}, "3": {}},
                    "defaults": {"config": {"group.initial.rebalance.delay.ms": 3000}}},
        "topics": {"orders": {"partitions": partitions, "replication": 3}},
        "producers": {"shop": {"topic": "orders", "rate": "5/s", "value": "100B",
                               "stop": "40s"}},
        "consumers": {group: {"members": members, "topics": ["orders"], "config": config}
                      for group, members in consumers.items()},
        "faults": [{"fault": "crash", "target": target, "at": "20s", "restart_after": "15s"}],
        "expect": [{"check": "one-owner-per-partition"}, {"check": "generation-monotonic"},
                   {"check": "commit-fencing"}, {"check": "offsets-monotonic"}]}


def storms():
    many = 1000 // SCALE
    yield scenario("members", {"big": many}, 100, f"random(group:big, {many // 5})")
    groups = {f"g{i}": 1 for i in range(2000 // SCALE)}
    yield scenario("groups", groups, 6, f"random(clients, {len(groups) // 5})")


def main():
    program = sys.argv[1]
    memory = pathlib.Path("/dev/shm")
    failed = False
    for text in storms():
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as work:
            path = pathlib.Path(work) / "storm.json"
            path.write_text(json.dumps(text))
            done = subprocess.run([program, "run", str(path), "-o", f"{work}/run", "-q"],
                                  capture_output=True, text=True, check=False)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            if done.returncode != 0:
                print(f"{text['name']}: exit {done.returncode}\n{done.stdout}{done.stderr}")
                return 1
            results = json.loads((pathlib.Path(work) / "run" / "results.json").read_text())
        states = {group["state"] for group in results["groups"]}
        print(f"{text['name']}: {len(results['groups'])} groups {sorted(states)}, "
              f"{results['totals']['rebalances']} rebalances, peak {peak} MB")
        failed = failed or states != {"Stable"} or peak > MOST_MB
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
