"""Plot: for how long each partition was not available to producers, to consumers, and at all."""
from matplotlib.patches import Patch

from plots import style
from plots.series import SECOND

PARTITIONS = 20
VIEWS = (("produce", "producers", style.BLUE), ("consume", "consumers", style.GREEN),
         ("cluster", "no leader, or under\nmin.insync.replicas", style.ORANGE))
HATCH = "////"


def draw(run):
    rows = [partition for partition in run.availability
            if any(partition[view]["windows"] for view, _, _ in VIEWS)]
    rows.sort(key=lambda partition: -max(partition[view]["total_ns"] for view, _, _ in VIEWS))
    shown = rows[:PARTITIONS]
    page = style.Page(run, "Unavailability", [max(2.4, 0.5 + 0.42 * len(shown))], timeline=False)
    axes = page.panels[0]
    axes.set_xlabel("not available, in all (s)")
    if not shown:
        page.no_data(axes, "every partition was available all the time")
        page.legend([])
        return page.figure
    for row, partition in enumerate(shown):
        _bars(axes, row, partition)
    page.label_rows(axes, [partition["p"] for partition in shown], "partition")
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.grid(True, axis="x")
    handles = [Patch(color=colour, label=label) for _, label, colour in VIEWS]
    handles.append(Patch(facecolor="white", edgecolor="black", hatch=HATCH,
                         label="in windows that\nnothing excuses"))
    rest = len(rows) - len(shown)
    page.legend(handles, title=f"{rest} more partitions had less" if rest else None)
    return page.figure


def _bars(axes, row, partition):
    """One thin bar a view, its unexcused windows hatched at the end."""
    for place, (view, _, colour) in enumerate(VIEWS):
        windows = partition[view]["list"]
        excused, unexcused = (sum(w["to_ns"] - w["from_ns"] for w in windows if w["excused"] == ok)
                              for ok in (True, False))
        y = row + (place - 1) * 0.26
        axes.barh(y, excused / SECOND, 0.22, color=colour, linewidth=0)
        axes.barh(y, unexcused / SECOND, 0.22, left=excused / SECOND, facecolor=colour,
                  edgecolor="white", hatch=HATCH, linewidth=0)
