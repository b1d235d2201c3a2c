#!/usr/bin/env python3
"""Runs the benchmarks of a release build and prints what they reach, as ratios of what the same
run of this script measured beside them.

Whole runs are `brokersim run` of scenarios that this script writes. All rates of the kernel, the
network and storage are per second of CPU time; those of whole runs per second of a clock.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "reports/docs/performance.md"
BEGIN, END = "<!-- scripts/dev bench --update -->", "<!-- end -->"

KERNEL_SHAPES = [(64, 1), (64, 16), (1024, 16)]
NETWORK_SHAPES = [(64, 1), (64, 16), (1024, 16)]


def scenario(duration, rate, brokers=3, topics=1, partitions=6, **more):
    """A cluster under a steady load, every record acknowledged by all."""
    names = [f"orders-{i + 1}" for i in range(topics)]
    return {
        "version": 1, "name": "bench", "duration": duration,
        "cluster": {"brokers": {str(1 + i): {} for i in range(brokers)},
                    "controllers": [1001, 1002, 1003]},
        "topics": {name: {"partitions": partitions, "replication": 3,
                          "config": {"min.insync.replicas": 2}} for name in names},
        "producers": {f"to-{name}": {"topic": name, "rate": f"{rate // topics}/s", "value": "100B",
                                     "config": {"acks": "all", "linger.ms": 5}} for name in names},
        **more}


WHOLE_RUNS = {
    "100 records a second": scenario("300s", 100),
    "100 records a second, nothing recorded": scenario("300s", 100,
                                                       record={"events": ["RunStarted"]}),
    "10,000 records a second": scenario("20s", 10_000),
    "100 brokers, 10,000 partitions": scenario("20s", 1_000, brokers=100, topics=10,
                                               partitions=1_000),
}


def output(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True).stdout


def phold_rate(program, shape, timers, events):
    """Events a second, and the hash over their order."""
    fields = output(program, "bench", *shape, timers, events).strip().split(",")
    delivered, fired, seconds, order = fields[4:]
    return (int(delivered) + int(fired)) / float(seconds), order


def kernel_rows(bench, rounds, events):
    """PHOLD on the scheduler, and the limit on the same machine at the same time."""
    for timers in (0, 1):
        for shape in KERNEL_SHAPES:
            rates, ratios = [], []
            for _ in range(rounds):
                limit, limit_order = phold_rate(bench / "phold_limit", shape, timers, events)
                rate, order = phold_rate(bench / "phold", shape, timers, events)
                if order != limit_order:
                    sys.exit(f"phold {shape}: the hashes differ, {order} and {limit_order}")
                rates.append(rate)
                ratios.append(rate / limit)
            name = f"kernel, {shape[0]} nodes x {shape[1]} events" + (", timers" if timers else "")
            yield (name, f"{statistics.median(rates) / 1e6:.1f} M events/s",
                   f"{statistics.median(ratios):.2f} of a heap of plain keys")


def network_rows(bench, rounds, messages):
    for shape in NETWORK_SHAPES:
        rates = []
        for _ in range(rounds):
            fields = output(bench / "network", "bench", *shape, messages).strip().split(",")
            rates.append(float(fields[8]))
        yield (f"network, {shape[0]} hosts x {shape[1]} messages",
               f"{statistics.median(rates) / 1e6:.2f} M messages/s",
               f"{int(fields[6]) / int(fields[4]):.2f} allocations a message")


def storage_rows(bench, directory, rounds):
    lines = output(bench / "storage", directory, rounds).splitlines()[1:]
    for line in lines:
        row, rate, ratio, of = line.split(",")
        yield f"storage, {row}", f"{rate} GB/s", f"{ratio} of {of}" if of else ""


def whole_run(brokersim, name, text, directory):
    """Simulated seconds a second, µs of CPU time an event, and the most memory in MB."""
    path = directory / "scenario.json"
    path.write_text(json.dumps(text))
    begin = time.monotonic()
    run = subprocess.Popen([brokersim, "run", path, "-o", directory / "run"],
                           stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(run.pid, 0)
    seconds = time.monotonic() - begin
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode != 0:
        sys.exit(f"{name}: exit code {run.returncode}")
    results = json.loads((directory / "run/results.json").read_text())
    cpu = usage.ru_utime + usage.ru_stime
    return (results["sim_ns"] / 1e9 / seconds, cpu / results["events"] * 1e6,
            usage.ru_maxrss / 1024)


def whole_rows(brokersim, rounds):
    memory = pathlib.Path("/dev/shm")
    small = None
    for name, text in WHOLE_RUNS.items():
        figures = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as out:
                figures.append(whole_run(brokersim, name, text, pathlib.Path(out)))
        speed, cost, megabytes = (statistics.median(column) for column in zip(*figures))
        small = small or cost
        yield (f"run, {name}", f"{speed:.1f} simulated s/s",
               f"{cost:.1f} µs an event ({cost / small:.2f} of the first), {megabytes:.0f} MB")


def machine():
    """What the figures are of: processor, system, compiler of the build's preset, commit."""
    cpu = next((line.split(":", 1)[1].strip()
                for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    release = platform.freedesktop_os_release()
    commit = output("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()
    changed = output("git", "-C", ROOT, "status", "--porcelain", "--", "sim", "tests/bench")
    return (f"{cpu}, {os.cpu_count()} processors, {release.get('PRETTY_NAME', 'Linux')}, "
            f"{output('c++', '--version').splitlines()[0]}, commit {commit}"
            + (" with changes" if changed else ""))


def replaced(page, table):
    """The page with the table between its two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"no place for the table: {BEGIN} and {END} are missing")
    return f"{before}{begin}\n{table}{end}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--dir", type=pathlib.Path, help="where storage is measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=5_000_000, help="of each run of PHOLD")
    parser.add_argument("--only", choices=["kernel", "network", "storage", "run"])
    parser.add_argument("--update", action="store_true",
                        help=f"write the table into {PAGE.relative_to(ROOT)}, too")
    args = parser.parse_args()
    if args.update and args.only:
        parser.error("--update writes the whole table: not with --only")
    bench = args.build / "bench"
    lines = []

    def say(line):
        print(line, flush=True)
        lines.append(line + "\n")

    with tempfile.TemporaryDirectory() as made:
        parts = {
            "kernel": lambda: kernel_rows(bench, args.rounds, args.events),
            "network": lambda: network_rows(bench, args.rounds, args.events // 5),
            "storage": lambda: storage_rows(bench, args.dir or made, args.rounds),
            "run": lambda: whole_rows(args.build / "brokersim", max(1, args.rounds // 2)),
        }
        say(machine())
        say("")
        say("| what | rate | beside it |\n|---|---|---|")
        for name, rows in parts.items():
            if args.only in (None, name):
                for row in rows():
                    say("| " + " | ".join(row) + " |")
    if args.update:
        PAGE.write_text(replaced(PAGE.read_text(), "".join(lines)))


if __name__ == "__main__":
    main()
