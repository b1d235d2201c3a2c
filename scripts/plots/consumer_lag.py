"""Plot: how far each group's committed offset is behind the end of each partition."""
from matplotlib.lines import Line2D

from plots import series, style
from plots.run import partition_order

GROUPS = 4
LINES = 12
TIME_STEPS = 1500


def lags(run, commits):
    """{partition: [(t, lag)]}: a partition's end is the highest watermark told of it."""
    ends = {}
    for (p, _), points in run.hw.items():
        if p in commits:
            ends.setdefault(p, []).extend(points)
    found = {}
    for p, committed in commits.items():
        changes = sorted([(t, 1, offset) for t, offset in committed]
                         + [(t, 0, hw) for t, hw in ends.get(p, [])])
        end, offset, points = 0, None, []
        for t, is_commit, value in changes:
            if is_commit:
                offset = value
            else:
                end = max(end, value)
            if offset is not None:
                points.append((t, max(0, end - offset)))
        found[p] = points
    return found


def draw(run):
    names = sorted(name for name, group in run.groups.items() if group.commits)
    shown = names[:GROUPS]
    what = "Consumer lag" + (
        "" if len(shown) == len(names) else f" (first {len(shown)} of {len(names)} groups)")
    count = max(1, len(shown))
    page = style.Page(run, what, [max(1.9, 4.2 / count)] * count, [f"group {n}" for n in shown])
    if not shown:
        page.panels[0].set_ylabel("lag (records)")
        page.no_data(page.panels[0], "no offset was committed")
        page.legend([])
        return page.figure
    worst = {name: _worst(lags(run, run.groups[name].commits)) for name in shown}
    partitions = sorted({p for found, _ in worst.values() for p in found}, key=partition_order)
    styles = style.node_styles(partitions)
    for axes, name in zip(page.panels, shown):
        found, left_out = worst[name]
        for p in partitions:
            if p in found:
                xs, ys = series.steps(series.thin(found[p], max(1, run.end // TIME_STEPS)), [],
                                      run.end)
                axes.plot(style.seconds(xs), ys, color=styles[p][0], linestyle=styles[p][1],
                          linewidth=1.6)
        if left_out:
            axes.set_title(f"group {name}: the {LINES} partitions with the highest lag of "
                           f"{LINES + left_out}", loc="left", fontsize=10, pad=3)
        axes.set_ylim(0, max(1, axes.get_ylim()[1]))
        axes.set_ylabel("lag (records)")
    page.legend([Line2D([], [], color=styles[p][0], linestyle=styles[p][1], linewidth=2,
                        label=style.shortened(p, 22)) for p in partitions])
    return page.figure


def _worst(found):
    """Those whose lag rose highest, and how many are left out."""
    ranked = sorted(found, key=lambda p: (-max(lag for _, lag in found[p]), partition_order(p)))
    return {p: found[p] for p in ranked[:LINES]}, max(0, len(ranked) - LINES)
