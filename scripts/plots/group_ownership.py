"""Plot: the state of each consumer group, and who holds each of its partitions."""
from matplotlib.patches import Patch

from plots import series, style
from plots.run import natural, partition_order
from plots.series import SECOND

GROUPS = 3
ROWS = 40
# None of them is a consumer's colour.
STATES = {
    "Stable": ("#CBE7F8", "black"),
    "PreparingRebalance": ("#7B2D5B", "white"),
    "CompletingRebalance": ("#C58BAF", "black"),
    "Empty": (style.PALE, "black"),
    "Dead": (style.BLACK, "white"),
}


def draw(run):
    names = sorted(run.groups)
    shown = names[:GROUPS]
    what = "Groups: state and ownership" + (
        "" if len(shown) == len(names) else f" of the first {len(shown)} of {len(names)}")
    if not shown:
        page = style.Page(run, what, [3.2])
        page.no_data(page.panels[0], "no group was formed")
        page.legend([])
        return page.figure
    rows = {name: sorted(run.groups[name].owners, key=partition_order) for name in shown}
    limit = ROWS // len(shown)
    few = sum(min(len(rows[name]), limit) for name in shown) <= 14
    heights, titles = [], []
    for name in shown:
        count = min(len(rows[name]), limit)
        heights += [0.42, max(0.5, (0.36 if few else 0.2) * count)]
        titles += [f"group {name}: state, generation",
                   "owner" if count == len(rows[name]) else
                   f"owner, first {count} of {len(rows[name])} partitions"]
    page = style.Page(run, what, heights, titles)
    nodes = sorted({node for name in shown for spans in run.groups[name].owners.values()
                    for _, node in spans if node}, key=natural)
    styles = style.node_styles(nodes)
    seen = {"states": set(), "away": set(), "none": False}
    for i, name in enumerate(shown):
        _states(page.panels[2 * i], run, run.groups[name], seen)
        _owners(page, page.panels[2 * i + 1], run,
                (run.groups[name], rows[name][:limit], styles, seen))
    page.legend(_handles(nodes, styles, seen))
    return page.figure


def _inch(run):
    return max(run.end, SECOND) / SECOND / (style.WIDTH_INCHES * (style.RIGHT - style.LEFT))


def _states(axes, run, group, seen):
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.grid(False)
    inch = _inch(run)
    for start, until, (state, generation) in series.intervals(group.states, run.end):
        colour, ink = STATES.get(state, (style.GREY, "white"))
        seen["states"].add(state)
        x, width = start / SECOND, (until - start) / SECOND
        axes.barh(0, width, left=x, height=0.9, color=colour, linewidth=0)
        if (0.085 * len(str(generation)) + 0.1) * inch < width:
            axes.text(x + 0.05 * inch, 0, str(generation), ha="left", va="center", fontsize=10,
                      color=ink, zorder=4)


def _owners(page, axes, run, context):
    group, partitions, styles, seen = context
    for y, p in enumerate(partitions):
        for start, until, owner in series.intervals(group.owners[p], run.end):
            x, width = start / SECOND, (until - start) / SECOND
            if owner is None:
                seen["none"] = True
                axes.barh(y, width, left=x, height=0.7, facecolor="white", hatch="xxxx",
                          edgecolor=style.VERMILLION, linewidth=0)
                continue
            axes.barh(y, width, left=x, height=0.7, color=styles[owner][0], linewidth=0)
            for gap_from, gap_to, kind in run.away.get(owner, []):
                for a, b in series.overlaps((start, until), [(gap_from, gap_to)]):
                    seen["away"].add(kind)
                    axes.barh(y, (b - a) / SECOND, left=a / SECOND, height=0.7, linewidth=0,
                              facecolor=(1, 1, 1, 0.55), edgecolor="black",
                              hatch="////" if kind == "down" else "....")
    axes.set_ylim(max(len(partitions), 1) - 0.5, -0.5)
    page.label_rows(axes, partitions, "partition")
    axes.tick_params(axis="y", left=False)


def _handles(nodes, styles, seen):
    handles = [Patch(color=colour, label=state) for state, (colour, _) in STATES.items()
               if state in seen["states"]]
    handles += [Patch(color=styles[node][0], label=style.shortened(node, 22)) for node in nodes]
    for kind, hatch in (("down", "////"), ("paused", "....")):
        if kind in seen["away"]:
            handles.append(Patch(facecolor="white", edgecolor="black", hatch=hatch,
                                 label=f"owner is {kind}"))
    if seen["none"]:
        handles.append(Patch(facecolor="white", edgecolor=style.VERMILLION, hatch="xxxx",
                             label="no owner"))
    return handles
