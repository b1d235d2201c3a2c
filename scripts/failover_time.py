#!/usr/bin/python3
"""Measures how long partitions are without a leader when the broker that leads a third of them
goes, against the number of partitions, and draws it.

    failover_time.py [--partitions 1,10,100,1000,10000] [--seeds 5] [--faults kill,shutdown]
                     [--fsync 100us] [--program BROKERSIM] [--scratch DIR] [--out DIR]
    failover_time.py --from FIGURES.csv [--from …] [--out DIR]

Each run is one of SCENARIO with its topic spread over topics of at most 1,000 partitions each, as
a controller refuses to create more than 10,000 records at once. Seed k of n has its fault k/n of a
heartbeat's interval later than seed 0. --out gets failover-time.csv, .png and .svg, the same bytes
for the same runs; what each run cost is told on stderr. --from draws figures measured before, of
several files together.
reports/docs/failover-time.md tells what is seen.

Exit status: 0 done, 1 a run gives no figure (a topic was not created, a replica was not in sync
before the fault, a partition got no leader …), 2 wrong usage, 6 a file cannot be read or written.
"""
import argparse
import copy
import csv
import dataclasses
import importlib.util
import io
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios/scale/failover-time.json"
MODES = {"kill": "kill", "shutdown": "graceful"}
PARTITIONS_PER_TOPIC = 1000
SECOND = 1_000_000_000
HEARTBEAT = 2 * SECOND  # broker.heartbeat.interval.ms
# How long a run goes on after its fault: past the session's 9 s, or past a controlled shutdown.
AFTERWARDS = {"kill": 12 * SECOND, "shutdown": 4 * SECOND}
# Writes must flow when the fault comes: the disks are done with the topics' creation.
ACKED_WITHIN = SECOND
METADATA_LOG = "__cluster_metadata-0"
KINDS = ("TopicCreated", "PartitionChanged", "BecameLeader", "BecameFollower", "LogAppended",
         "ProduceAcked", "FaultStarted", "FaultSkipped")
UNITS_NS = {"ns": 1, "us": 1000, "ms": 1_000_000, "s": SECOND}


class NoFigure(Exception):
    """The run does not answer the question; the text says why."""


@dataclasses.dataclass(frozen=True)
class Figures:
    """Of one run: nanoseconds from the fault, and how many partitions it was about."""
    led: int        # partitions that the broker led
    most: int       # partitions that one broker leads in its stead
    written: int    # the active controller has the first change in its log
    committed: int  # the last change is committed
    first: int      # the first new leader acts as one
    last: int       # the last
    acked: int      # a record is acknowledged by a new leader; -1 without producers


COLUMNS = ("fault", "partitions", "seed", "fsync_ns",
           *(field.name + ("" if field.name in ("led", "most") else "_ns")
             for field in dataclasses.fields(Figures)))


def nanoseconds(text):
    found = re.fullmatch(r"(\d+)(ns|us|ms|s)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"\"{text}\" is no duration such as 100us")
    return int(found[1]) * UNITS_NS[found[2]]


def spread(partitions, most=PARTITIONS_PER_TOPIC):
    """{topic: partitions}: as few topics as can be, as equal as can be; the first is "orders"."""
    topics = -(-partitions // most)
    size, more = divmod(partitions, topics)
    return {f"orders{i + 1}" if i else "orders": size + (i < more) for i in range(topics)}


def varied(base, fault, partitions, part, fsync):
    """The scenario with so many partitions; `part` in [0, 1) is how much of a heartbeat's interval
    the fault comes later."""
    scenario = copy.deepcopy(base)
    topic = scenario["topics"]["orders"]
    scenario["topics"] = {name: {**topic, "partitions": count}
                          for name, count in spread(partitions).items()}
    scenario["cluster"]["defaults"]["disk"]["fsync"] = f"{fsync}ns"
    event, = scenario["faults"]
    at = nanoseconds(event["at"]) + int(part * HEARTBEAT)
    event.update(mode=MODES[fault], at=f"{at}ns")
    scenario["duration"] = f"{at + AFTERWARDS[fault]}ns"
    return scenario


def events(lines):
    """Those of the kinds that are looked at. The first line is the header."""
    wanted = tuple(f'"k":"{kind}"' for kind in KINDS)
    for line in lines:
        if any(kind in line for kind in wanted):
            yield json.loads(line)


class Reading:
    """Folds over a trace up to the fault (`before`), and after it."""

    def __init__(self, topics, producers):
        self.topics, self.producers = topics, producers
        self.created = {}
        self.state = {}     # partition -> attributes of its last change
        self.acting = {}    # partition -> {node: leader epoch that it acts on}
        self.acked = None   # when last before the fault
        self.appended = {}  # controller -> when last
        self.fault = self.victim = None
        self.gone = {}      # partition -> when the broker was taken from it, committed
        self.epoch = {}     # partition that the broker led -> its new leader's epoch
        self.leads = {}     # the same -> (when its new leader acts, node)
        self.written = self.first_ack = None

    def take(self, event):
        kind, a = event["k"], event["a"]
        if kind == "FaultSkipped":
            raise NoFigure(f"the fault did not happen: {a['why']}")
        if kind == "FaultStarted":
            self.begin(event)
        elif kind == "TopicCreated":
            self.created[a["topic"]] = a["partitions"]
        elif kind == "LogAppended":
            if a["p"] == METADATA_LOG:
                self.appended[event["n"]] = event["t"]
        elif self.fault is None:
            self.before(kind, event)
        else:
            self.after(kind, event)

    def before(self, kind, event):
        a = event["a"]
        if kind == "PartitionChanged":
            self.state[a["p"]] = a
        elif kind == "ProduceAcked":
            self.acked = event["t"]
        else:
            self.acting.setdefault(a["p"], {})[event["n"]] = a["epoch"]

    def begin(self, event):
        """Refuses what was not ready for the fault."""
        if self.fault is not None:
            raise NoFigure("there is more than one fault")
        self.fault, targets = event["t"], event["a"]["targets"]
        self.victim = int(targets[0].removeprefix("broker-"))
        for topic, count in self.topics.items():
            if self.created.get(topic) != count:
                raise NoFigure(f"topic {topic} was not created with {count} partitions before the "
                               f"fault, but {self.created.get(topic, 'not at all')}")
            for i in range(count):
                self.check_ready(f"{topic}-{i}")
        if self.producers and (self.acked is None or self.fault - self.acked > ACKED_WITHIN):
            raise NoFigure("nothing was acknowledged in the second before the fault: the cluster "
                           "was not ready")
        self.gone = {p: None for p, a in self.state.items() if self.victim in a["isr"]}
        self.led = {p for p, a in self.state.items() if a["leader"] == self.victim}
        if not self.led:
            raise NoFigure(f"{targets[0]} led no partition")

    def check_ready(self, p):
        a = self.state.get(p)
        if a is None:
            raise NoFigure(f"{p} did not exist before the fault")
        if a["leader"] not in a["isr"] or sorted(a["isr"]) != sorted(a["replicas"]):
            raise NoFigure(f"{p} was not in sync before the fault: leader {a['leader']}, "
                           f"ISR {a['isr']}, replicas {a['replicas']}")
        for replica in a["replicas"]:
            if self.acting.get(p, {}).get(f"broker-{replica}") != a["leader_epoch"]:
                raise NoFigure(f"broker-{replica} did not act on {p} before the fault")

    def after(self, kind, event):
        t, a = event["t"], event["a"]
        p = a["p"]
        if kind == "PartitionChanged":
            if self.gone.get(p, 0) is None and self.victim not in a["isr"]:
                self.gone[p] = t
                if self.written is None:
                    self.written = self.appended.get(event["n"])
                    if self.written is None:
                        raise NoFigure(f"{event['n']} changed {p} without writing it")
            if p in self.led and a["leader"] not in (-1, self.victim):
                self.epoch.setdefault(p, a["leader_epoch"])
        elif p in self.epoch and a["epoch"] >= self.epoch[p]:
            if kind == "BecameLeader":
                self.leads.setdefault(p, (t, event["n"]))
            elif kind == "ProduceAcked" and self.first_ack is None:
                self.first_ack = t

    def figures(self):
        if self.fault is None:
            raise NoFigure("the fault did not happen")
        left = sorted(p for p, t in self.gone.items() if t is None)
        if left:
            raise NoFigure(f"{left[0]} still had broker-{self.victim} in its ISR at the end"
                           f" ({len(left)} such partitions)")
        left = sorted(self.led - self.leads.keys())
        if left:
            raise NoFigure(f"{left[0]} had no new leader at the end ({len(left)} such partitions)")
        if self.producers and self.first_ack is None:
            raise NoFigure("no new leader acknowledged a record")
        times = [t for t, _ in self.leads.values()]
        nodes = [node for _, node in self.leads.values()]
        since = [t - self.fault for t in (self.written, max(self.gone.values()), min(times),
                                          max(times))]
        acked = self.first_ack - self.fault if self.producers else -1
        return Figures(len(self.led), max(map(nodes.count, set(nodes))), *since, acked)


def measure(lines, topics, producers=True):
    """The Figures of a trace. `topics` is what must have been there: {topic: partitions}."""
    reading = Reading(topics, producers)
    for event in events(lines):
        reading.take(event)
    return reading.figures()


def run(program, scenario, seed, folder):
    """Runs it; tells its figures, and in words the time and memory that it took."""
    path = folder / "scenario.json"
    path.write_text(json.dumps(scenario, indent=1))
    begin = time.monotonic()
    with open(folder / "said", "w+", encoding="utf-8") as said:
        process = subprocess.Popen([program, "run", path, "--seed", str(seed), "-o",
                                    folder / "run"], stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            raise NoFigure(f"exit status {process.returncode}\n{said.read()}")
    seconds = time.monotonic() - begin
    topics = {name: topic["partitions"] for name, topic in scenario["topics"].items()}
    with open(folder / "run/trace.jsonl", encoding="utf-8") as lines:
        figures = measure(lines, topics, bool(scenario.get("producers")))
    return figures, (f"{seconds:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of CPU time, "
                     f"{usage.ru_maxrss / 1024:.0f} MB")


def rows_of_runs(args):
    """One seed after the other, so that what there is after some time is of all kinds."""
    base = json.loads(SCENARIO.read_text())
    for k, fault, partitions in itertools.product(range(args.seeds), args.faults, args.partitions):
        name = f"{fault}, {partitions} partitions, seed {k + 1}"
        scenario = varied(base, fault, partitions, k / args.seeds, args.fsync)
        with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
            try:
                figures, took = run(args.program, scenario, k + 1, Path(folder))
            except NoFigure as why:
                sys.exit(f"failover_time.py: {name}: {why}")
        print(f"{name}: last new leader {figures.last / SECOND:.3f} s after the fault "
              f"(run: {took})", file=sys.stderr, flush=True)
        yield dict(zip(COLUMNS, (fault, partitions, k + 1, args.fsync,
                                 *dataclasses.astuple(figures))))


def as_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_csv(lines):
    """Numbers are integers, but for the fault's name."""
    rows = csv.DictReader(lines)
    if rows.fieldnames != list(COLUMNS):
        raise NoFigure(f"the columns are not {','.join(COLUMNS)}")
    return [{name: value if name == "fault" else int(value) for name, value in row.items()}
            for row in rows]


def in_order(rows):
    """Each fault, count and seed once, whatever order and file they come from."""
    order = list(MODES)
    found = {(order.index(row["fault"]), row["fsync_ns"], row["partitions"], row["seed"]): row
             for row in rows}
    return [found[key] for key in sorted(found)]


def counts(text):
    found = [int(word) if word.isdecimal() else 0 for word in text.split(",")]
    if min(found) < 1:
        raise argparse.ArgumentTypeError(f"\"{text}\" is no list of counts such as 1,10,100")
    return found


def faults(text):
    found = text.split(",")
    if set(found) - MODES.keys():
        raise argparse.ArgumentTypeError(f"\"{text}\" is no list of {', '.join(MODES)}")
    return found


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--partitions", type=counts, default=[1, 10, 100, 1000, 10_000])
    parser.add_argument("--seeds", type=int, default=5, help="how many runs of each")
    parser.add_argument("--faults", type=faults, default=list(MODES))
    parser.add_argument("--fsync", type=nanoseconds, default=100_000, metavar="TIME",
                        help="of each broker's disk (default: 100us)")
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/brokersim")
    parser.add_argument("--scratch", type=Path, help="where runs lie, some 200 MB the largest")
    parser.add_argument("--from", type=Path, action="append", dest="figures", metavar="CSV",
                        help="draw what was measured before")
    parser.add_argument("--out", type=Path, default=Path("."))
    args = parser.parse_args(argv)
    if args.seeds < 1:
        parser.error("--seeds must be 1 or more")
    return args


def main(argv=None):
    args = arguments(argv)
    # Known before the runs, which take long; loaded after them, as a run's memory counts from what
    # the script has when it starts it.
    if importlib.util.find_spec("matplotlib") is None:
        print(f"failover_time.py: {sys.executable} has no module matplotlib; on Debian: apt-get "
              "install python3-matplotlib, and run this script by /usr/bin/python3",
              file=sys.stderr)
        return 6
    try:
        rows = []
        for path in args.figures or []:
            with open(path, encoding="utf-8") as lines:
                rows += read_csv(lines)
        args.out.mkdir(parents=True, exist_ok=True)
        stem = args.out / "failover-time"
        # Written after each run: the largest take minutes.
        for row in [] if args.figures else rows_of_runs(args):
            rows.append(row)
            stem.with_suffix(".csv").write_text(as_csv(in_order(rows)))
        rows = in_order(rows)
        stem.with_suffix(".csv").write_text(as_csv(rows))
        from plots import failover_time, style
        for path in style.save(failover_time.draw(rows), stem, ("png", "svg")):
            print(path)
    except NoFigure as why:
        print(f"failover_time.py: {why}", file=sys.stderr)
        return 6
    except OSError as error:
        print(f"failover_time.py: {error.filename}: {error.strerror}", file=sys.stderr)
        return 6
    return 0


if __name__ == "__main__":
    sys.exit(main())
