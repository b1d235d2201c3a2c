"""Reads a run directory and keeps of it what the plots show.

Times are integers, nanoseconds of simulated time. trace.jsonl and results.json must be there;
without history.jsonl the outcomes of the produce requests come from the trace, without
manifest.json the figures have no title of the scenario, without metrics.csv those of links and
disks are empty. Whatever cannot be read is a RunError that names the file and, where there is one,
the line.
"""
import csv
import dataclasses
import json
import re
from collections import defaultdict

from plots import groups

METADATA_LOG = "__cluster_metadata-0"
METRICS = ("brokersim_disk_", "brokersim_link_")
LINK_METRICS = {"brokersim_link_messages_total": "messages",
                "brokersim_link_dropped_total": "dropped",
                "brokersim_link_in_flight": "in_flight"}


class RunError(Exception):
    """The run cannot be read; the text says which file, and why."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault from `start` to `end`; `end` is None when it lasts until the run ends.

    `how` says how the process of a crash ended, as its NodeStopped does, else it is empty.
    """
    id: str
    kind: str
    targets: tuple
    start: int
    end: int | None
    how: str = ""


@dataclasses.dataclass(frozen=True)
class PartitionState:
    """What the controller committed about a partition at `t`; leader is -1 when there is none."""
    t: int
    leader: int
    epoch: int
    isr: tuple
    replicas: tuple


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one produce operation (a batch of `records`) ended: ok, fail or unknown."""
    t: int
    outcome: str
    records: int


class Labels(dict):
    """The labels of a series, `node` among them if it has one."""

    def __hash__(self):
        return hash(tuple(sorted(self.items())))


@dataclasses.dataclass(frozen=True)
class LinkSample:
    """What had gone from one host to another by `t`, and what was under way then."""
    t: int
    messages: int
    dropped: int
    in_flight: int


@dataclasses.dataclass
class Run:
    scenario: str
    title: str
    seed: int
    verdict: str
    end: int
    faults: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)     # (fault id, t, why)
    acks: list = dataclasses.field(default_factory=list)        # (t, latency), in order of t
    outcomes: list = dataclasses.field(default_factory=list)    # Outcome
    partitions: dict = dataclasses.field(default_factory=dict)  # name -> [PartitionState]
    leo: dict = dataclasses.field(default_factory=dict)         # (name, node) -> [(t, offset)]
    hw: dict = dataclasses.field(default_factory=dict)          # (name, node) -> [(t, offset)]
    stops: dict = dataclasses.field(default_factory=dict)       # node -> [t]
    away: dict = dataclasses.field(default_factory=dict)        # node -> [(from, to, down|paused)]
    raft: dict = dataclasses.field(default_factory=dict)        # node -> [(t, (role, epoch))]
    votes: dict = dataclasses.field(default_factory=dict)       # voter -> [(t, granted)]
    groups: dict = dataclasses.field(default_factory=dict)      # group -> groups.Group
    availability: list = dataclasses.field(default_factory=list)  # results.json's, by partition
    metrics: dict = dataclasses.field(default_factory=dict)     # name -> {Labels: [(t, value)]}

    def metric(self, name):
        return self.metrics.get(name, {})
    links: dict = dataclasses.field(default_factory=dict)       # (from, to) -> [LinkSample]

    def brokers(self):
        """The ids of all brokers that ever held a replica, in order."""
        return sorted({broker for states in self.partitions.values() for state in states
                       for broker in (*state.replicas, state.leader)} - {-1})

    def voters(self):
        """The nodes that ever took the role of a voter, in the order of their names."""
        others = {"observer", "unattached"}
        return sorted((node for node, changes in self.raft.items()
                       if any(role not in others for _, (role, _) in changes)), key=natural)


def natural(name):
    """Sort key under which orders-2 stands before orders-10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part)
            for part in re.split(r"(\d+)", name) if part]


def partition_order(name):
    """Sort key: the topics of users first, then Kafka's own."""
    return (name.startswith("__"), natural(name))


NUMBERS = {"leader", "leader_epoch", "epoch", "last", "to", "leo", "hw", "count", "latency_ns"}
BROKERS = {"isr", "replicas"}
TEXTS = {"p", "f", "fault", "how", "why", "role"}


def _check(t, attributes):
    """Raises TypeError unless the time and the attributes used here have the types of the trace."""
    def whole(value):
        return isinstance(value, int) and not isinstance(value, bool)
    if not whole(t) or t < 0:
        raise TypeError(f"time {t!r}")
    for name, value in attributes.items():
        right = (whole(value) if name in NUMBERS else
                 isinstance(value, str) if name in TEXTS else
                 isinstance(value, list) and all(map(whole, value)) if name in BROKERS else True)
        if not right:
            raise TypeError(f"{name} {value!r}")


class _Reader:
    """Folds the events of a trace, line by line, into a Run."""

    def __init__(self, run):
        self.run = run
        self.open_faults = []
        self.open_away = {}
        self.from_trace = []
        self.leo = defaultdict(list)
        self.hw = defaultdict(list)
        self.groups = groups.Reader()

    def event(self, event):
        if not isinstance(event["k"], str):
            raise TypeError(f"kind {event['k']!r}")
        self.groups.event(event)
        handler = getattr(self, "on_" + event["k"], None)
        if handler:
            _check(event["t"], event["a"])
            handler(event["t"], str(event["n"]), event["a"])

    def on_FaultStarted(self, t, _, a):
        self.open_faults.append(Fault(a["f"], a["fault"], tuple(map(str, a["targets"])), t, None))

    def on_FaultEnded(self, t, _, a):
        same = [f for f in self.open_faults if f.id == a["f"]]
        exact = [f for f in same if f.targets == tuple(map(str, a["targets"]))]
        for fault in (exact or same)[:1]:
            self.open_faults.remove(fault)
            self.run.faults.append(dataclasses.replace(fault, end=t))

    def on_FaultSkipped(self, t, _, a):
        self.run.skipped.append((a["f"], t, a["why"]))

    def on_NodeStopped(self, t, n, a):
        self.open_faults = [dataclasses.replace(f, how=a["how"])
                            if f.kind == "crash" and n in f.targets else f
                            for f in self.open_faults]
        self.run.stops.setdefault(n, []).append(t)
        self._back(t, n)
        self.open_away[n] = (t, "down")

    def on_NodePaused(self, t, n, _):
        self.open_away[n] = (t, "paused")

    def on_NodeStarted(self, t, n, _):
        self._back(t, n)

    def on_NodeResumed(self, t, n, _):
        self._back(t, n)

    def _back(self, t, node):
        since = self.open_away.pop(node, None)
        if since:
            self.run.away.setdefault(node, []).append((since[0], t, since[1]))

    def on_PartitionChanged(self, t, _, a):
        self.run.partitions.setdefault(a["p"], []).append(PartitionState(
            t, a["leader"], a["leader_epoch"], tuple(a["isr"]), tuple(a["replicas"])))

    def on_LogAppended(self, t, n, a):
        self.leo[a["p"], n].append((t, a["last"] + 1))

    def on_LogTruncated(self, t, n, a):
        self.leo[a["p"], n].append((t, a["to"]))

    def on_LogRecovered(self, t, n, a):
        self.leo[a["p"], n].append((t, a["leo"]))

    on_BecameLeader = on_BecameFollower = on_LogRecovered

    def on_HwAdvanced(self, t, n, a):
        self.hw[a["p"], n].append((t, a["hw"]))

    def on_RaftRole(self, t, n, a):
        self.run.raft.setdefault(n, []).append((t, (a["role"], a["epoch"])))

    def on_RaftVote(self, t, n, a):
        self.run.votes.setdefault(n, []).append((t, a["granted"] is True))

    def on_ProduceAcked(self, t, _, a):
        self.run.acks.append((t, a["latency_ns"]))
        self.from_trace.append(Outcome(t, "ok", a["count"]))

    def on_ProduceFailed(self, t, _, a):
        self.from_trace.append(Outcome(t, "fail", a["count"]))

    def finish(self):
        run = self.run
        for node in list(self.open_away):
            self._back(run.end, node)
        run.faults = sorted(run.faults + self.open_faults, key=lambda f: (f.start, f.id))
        run.leo = {key: points for key, points in self.leo.items() if key[0] != METADATA_LOG}
        run.hw = {key: points for key, points in self.hw.items() if key[0] != METADATA_LOG}
        run.partitions = {p: run.partitions[p] for p in sorted(run.partitions, key=partition_order)}
        run.outcomes = self.from_trace
        run.groups = self.groups.groups


def _lines(path):
    """The JSON object of each line, with the line's number."""
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                yield number, _object(line, f"{path}:{number}")
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None


def _document(path):
    try:
        return _object(path.read_bytes(), path)
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None


def _object(data, where):
    try:
        value = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise RunError(f"{where}: not UTF-8") from None
    except json.JSONDecodeError as error:
        raise RunError(f"{where}: not JSON: {error.msg} (byte {error.pos})") from None
    except RecursionError:
        raise RunError(f"{where}: nested too deeply") from None
    if not isinstance(value, dict):
        raise RunError(f"{where}: not a JSON object")
    return value


def _history(path):
    """The outcomes of the send operations; `info` is Jepsen's word for an unknown outcome."""
    words = {"ok": "ok", "fail": "fail", "info": "unknown"}
    found = []
    for number, line in _lines(path):
        try:
            _check(line["time"], {})
            if line["f"] == "send" and line["type"] in words:
                found.append(Outcome(line["time"], words[line["type"]], len(line["value"])))
        except (KeyError, TypeError) as error:
            raise RunError(f"{path}:{number}: not an operation: {error!r}") from None
    return found


def _metrics(path):
    """The times of metrics.csv, and of its series those that the plots show."""
    times, found = set(), defaultdict(dict)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                times.add(int(row["t_ns"]))
                if not row["metric"].startswith(METRICS):
                    continue
                pairs = [part.partition("=") for part in row["labels"].split(";") if part]
                labels = Labels({name: value for name, _, value in pairs})
                if row["node"]:
                    labels["node"] = row["node"]
                found[row["metric"]].setdefault(labels, []).append(
                    (int(row["t_ns"]), float(row["value"])))
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None
    except (AttributeError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path}: not the metrics of a run: {error!r}") from None
    return sorted(times), found


def _links(times, metrics):
    """{(from, to): [LinkSample]}, from the first sample of the file on."""
    found = defaultdict(dict)
    for metric, field in LINK_METRICS.items():
        for labels, points in metrics[metric].items():
            for t, value in points:
                found[labels["from"], labels["to"]].setdefault(t, {})[field] = int(value)
    none = {"messages": 0, "dropped": 0, "in_flight": 0}
    return {link: [LinkSample(t, **{**none, **by_time.get(t, {})}) for t in times]
            for link, by_time in sorted(found.items())}


def read_run(directory):
    """The Run in `directory`; raises RunError."""
    if not directory.is_dir():
        raise RunError(f"{directory} is not a run directory"
                       if directory.exists() else f"cannot read {directory}: no such directory")
    trace = directory / "trace.jsonl"
    if not trace.exists():
        raise RunError(f"{directory} is not a run directory: it has no trace.jsonl")
    results = _document(directory / "results.json")
    manifest_path = directory / "manifest.json"
    manifest = _document(manifest_path) if manifest_path.exists() else {}
    try:
        run = Run(str(results["scenario"]), str(manifest.get("title") or ""), results["seed"],
                  str(results["verdict"]), int(results["sim_ns"]))
        run.availability = results.get("availability", {}).get("partitions", [])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{directory / 'results.json'}: not the results of a run: {error!r}") from None
    reader = _Reader(run)
    for number, line in _lines(trace):
        if "k" not in line and number == 1:
            continue
        try:
            reader.event(line)
        except (AttributeError, KeyError, TypeError) as error:
            raise RunError(f"{trace}:{number}: not an event of a trace: {error!r}") from None
    reader.finish()
    history = directory / "history.jsonl"
    if history.exists():
        run.outcomes = _history(history)
    metrics = directory / "metrics.csv"
    if metrics.exists():
        times, run.metrics = _metrics(metrics)
        run.links = _links(times, run.metrics)
    return run
