#!/usr/bin/env python3
"""Recorded changes of partitions of a real Kafka 3.9.1 cluster, and `brokersim compare` on runs of
the same stories: leader, epochs and ISR must be the same, change by change.

usage: transitions.py BROKERSIM [RECORDED.json]
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RECORDED = HERE.parent / "data/timings/transitions.json"
FIRST, GAP = 20, 12  # seconds before the first step, and between steps


def faults_of(story, topic):
    steps = [step["step"].split() for step in story["steps"]]
    faults = []
    for i, (verb, node) in enumerate(steps):
        at = f"{FIRST + i * GAP}s"
        if verb in ("kill", "term"):
            fault = {"fault": "crash", "mode": "kill" if verb == "kill" else "graceful",
                     "target": f"broker:{node}", "at": at}
            back = [j for j in range(i + 1, len(steps)) if steps[j] == ["start", node]]
            if back:
                fault["restart_after"] = f"{(back[0] - i) * GAP}s"
            faults.append(fault)
        elif verb == "prefer":
            faults.append({"fault": "elect-preferred", "topic": topic, "at": at})
    return faults


def scenario_of(story):
    topic = next(iter(story["initial"])).rsplit("-", 1)[0]
    config = {key: int(value) for key, value in re.findall(r"([a-z.]+)=(\d+)", story["label"])}
    config["auto.leader.rebalance.enable"] = False
    return {
        "version": 1, "name": re.sub(r"[^a-z0-9]+", "-", story["scenario"]).strip("-")[:40],
        "duration": f"{FIRST + len(story['steps']) * GAP}s",
        "cluster": {"controllers": [101], "brokers": {"1": {}, "2": {}, "3": {}},
                    "defaults": {"config": config}},
        "topics": {topic: {"partitions": 1, "replication": 3, "assignment": {"0": [1, 2, 3]},
                           "config": {"min.insync.replicas": 1}}},
        "producers": {"writer": {"topic": topic, "rate": "50/s", "value": "100B"}},
        "faults": faults_of(story, topic)}


def call(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)


def expect(code, done, what):
    if done.returncode == code:
        return 0
    print(f"{what}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return 1


def mistakes(program, run, directory):
    """What compare says of recordings that differ, or are none."""
    recorded = json.loads(RECORDED.read_text())
    wrong = directory / "wrong.json"
    last = recorded["kraft"][0]["steps"][-1]
    last["metadata_log"][-1]["after"]["leader"] = 3
    wrong.write_text(json.dumps(recorded))
    failed = expect(1, call(program, "compare", run, wrong), "another leader")
    last["state_after"]["isr"] = "2,3"
    wrong.write_text(json.dumps(recorded))
    failed += expect(3, call(program, "compare", run, wrong), "no list")
    failed += expect(2, call(program, "compare", run, RECORDED, "--story", "nonsense"), "no story")
    failed += expect(6, call(program, "compare", run, directory / "nowhere.json"), "no file")
    return failed + expect(6, call(program, "compare", directory / "nowhere", RECORDED), "no run")


def main(program, file=RECORDED):
    memory = pathlib.Path("/dev/shm")
    failed = 0
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        for story in json.loads(pathlib.Path(file).read_text())["kraft"]:
            directory = pathlib.Path(scratch)
            scenario, run = directory / "scenario.json", directory / "run"
            scenario.write_text(json.dumps(scenario_of(story)))
            failed += expect(0, call(program, "run", scenario, "-o", run), story["scenario"])
            done = call(program, "compare", run, file, "--story", story["scenario"])
            failed += expect(0, done, story["scenario"])
            if story["scenario"].startswith("leader kill"):
                failed += mistakes(program, run, directory)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
