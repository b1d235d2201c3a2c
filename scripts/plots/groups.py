"""Consumer groups, folded from a trace: states, rebalances, owners, committed offsets, pauses.

Times are integers, nanoseconds of simulated time. An owner is what a consumer believes: of several
that hold a partition the one in the highest generation counts, and a process that ends lets go.
"""
import dataclasses

from plots import series

TYPES = {"group": str, "p": str, "to": str, "why": str, "generation": int, "offset": int}


@dataclasses.dataclass
class Rebalance:
    """From its start to the completed generation; `end` is None while it lasts."""
    start: int
    why: str
    end: int | None = None


@dataclasses.dataclass
class Group:
    states: list = dataclasses.field(default_factory=list)      # (t, (state, generation))
    rebalances: list = dataclasses.field(default_factory=list)  # Rebalance
    owners: dict = dataclasses.field(default_factory=dict)      # partition -> [(t, node or None)]
    commits: dict = dataclasses.field(default_factory=dict)     # partition -> [(t, offset)]

    def done(self):
        """The rebalances that came to an end."""
        return [rebalance for rebalance in self.rebalances if rebalance.end is not None]


class Reader:
    """Takes the events of groups; other kinds are passed over."""

    def __init__(self):
        self.groups = {}
        self.claims = {}  # group -> {node: (generation, {partitions})}

    def event(self, event):
        handler = getattr(self, "on_" + event["k"], None)
        if handler:
            attributes = event["a"]
            for name, kind in TYPES.items():
                if name in attributes and not isinstance(attributes[name], kind):
                    raise TypeError(f"{name} {attributes[name]!r}")
            handler(event["t"], str(event["n"]), attributes)

    def _group(self, a):
        return self.groups.setdefault(a["group"], Group())

    def on_GroupState(self, t, _, a):
        group = self._group(a)
        group.states.append((t, (a["to"], a["generation"])))
        if a["to"] in ("Empty", "Dead"):
            self._completed(group, t)

    def on_GroupMoved(self, t, _, a):
        if a["loaded"]:
            self._group(a).states.append((t, (a["state"], a["generation"])))

    def on_RebalanceStarted(self, t, _, a):
        group = self._group(a)
        if not group.rebalances or group.rebalances[-1].end is not None:
            group.rebalances.append(Rebalance(t, a["why"]))

    def on_RebalanceCompleted(self, t, _, a):
        self._completed(self._group(a), t)

    @staticmethod
    def _completed(group, t):
        if group.rebalances and group.rebalances[-1].end is None:
            group.rebalances[-1].end = t

    def on_OffsetCommitted(self, t, _, a):
        self._group(a).commits.setdefault(a["p"], []).append((t, a["offset"]))

    def on_AssignmentChanged(self, t, n, a):
        self._group(a)
        owned = set(a["owned"])
        before = self.claims.setdefault(a["group"], {}).get(n, (0, set()))[1]
        self.claims[a["group"]][n] = (a["generation"], owned)
        self._settle(t, a["group"], before | owned)

    def on_NodeStopped(self, t, n, _):
        for name, claims in self.claims.items():
            if n in claims:
                self._settle(t, name, claims.pop(n)[1])

    def _settle(self, t, name, partitions):
        owners = self.groups[name].owners
        for p in sorted(partitions):
            holders = [(generation, node) for node, (generation, owned)
                       in self.claims[name].items() if p in owned]
            owner = max(holders)[1] if holders else None
            spans = owners.setdefault(p, [])
            if not spans or spans[-1][1] != owner:
                spans.append((t, owner))


def pauses(group, away, end):
    """{partition: [(from, to)]}: nobody held it, or its owner's process was down or paused.

    Counted from the moment at which the partition first had an owner.
    """
    found = {}
    for p, owners in group.owners.items():
        spans = found.setdefault(p, [])
        for start, until, owner in series.intervals(owners, end):
            if owner is None:
                spans.append((start, until))
            else:
                spans += series.overlaps((start, until), away.get(owner, []))
    return found


def paused_count(found, end):
    """What pauses() found -> [(t, number of partitions that are paused from then on)]."""
    steps = sorted([(start, 1) for spans in found.values() for start, _ in spans]
                   + [(until, -1) for spans in found.values() for _, until in spans])
    points, number = [(0, 0)], 0
    for t, step in steps:
        number += step
        if points[-1][0] == t:
            points.pop()
        if t < end:
            points.append((t, number))
    return points


def per_rebalance(group, found):
    """[(Rebalance, partition-ns)]: each pause counts for the rebalance that ended it.

    That is the first one that was completed after the pause began; what no rebalance ended stands
    under None, last.
    """
    done = group.done()
    sums = [0] * (len(done) + 1)
    for spans in found.values():
        for start, until in spans:
            ended = [i for i, rebalance in enumerate(done) if rebalance.end > start]
            sums[ended[0] if ended else -1] += until - start
    return list(zip(done + [None], sums))
