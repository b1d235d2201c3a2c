"""Plot: partitions of a group that nobody reads, and the partition-pause-seconds that it cost."""
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from plots import groups, series, style
from plots.series import SECOND

GROUPS = 6
VALUES = 12  # of that many rebalances the seconds stand in the picture


def cumulated(points, end):
    """[(t, number)] -> [(t, partition-ns until t)], at each change and at the end."""
    total, sums = 0, []
    for start, until, number in series.intervals(points, end):
        sums.append((start, total))
        total += number * (until - start)
    return sums + [(end, total)]


def draw(run):
    found = {name: groups.pauses(group, run.away, run.end)
             for name, group in sorted(run.groups.items()) if group.owners}
    names = sorted(found, key=lambda name: (-_total(found[name]), name))
    shown = names[:GROUPS]
    what = "Partition pauses" + (
        "" if len(shown) == len(names) else f" (the {len(shown)} worst of {len(names)} groups)")
    page = style.Page(run, what, [2.2, 2.2],
                      ["partitions without an owner that runs; above: partition-seconds until the "
                       "rebalance that ended them", "partition-pause-seconds, summed up"])
    if not shown:
        for axes in page.panels:
            page.no_data(axes, "no group held a partition")
        page.legend([])
        return page.figure
    styles = style.node_styles(sorted(shown))
    handles = []
    for name in shown:
        colour, dashes = styles[name]
        points = groups.paused_count(found[name], run.end)
        xs, ys = series.steps(points, [], run.end)
        page.panels[0].plot(style.seconds(xs), ys, color=colour, linestyle=dashes, linewidth=1.6)
        sums = cumulated(points, run.end)
        page.panels[1].plot([t / SECOND for t, _ in sums], [total / SECOND for _, total in sums],
                            color=colour, linestyle=dashes, linewidth=1.8)
        by_rebalance = groups.per_rebalance(run.groups[name], found[name])
        if len(shown) == 1:
            _values(page.panels[0], by_rebalance)
        handles.append(_handle(name, (colour, dashes), by_rebalance))
    page.panels[0].set_ylabel("partitions")
    page.panels[0].set_ylim(0, max(1, page.panels[0].get_ylim()[1]) * 1.15)
    page.panels[0].yaxis.set_major_locator(MaxNLocator(5, integer=True))
    page.panels[1].set_ylabel("partition-seconds")
    page.panels[1].set_ylim(bottom=0)
    page.legend(handles)
    return page.figure


def _total(found):
    return sum(until - start for spans in found.values() for start, until in spans)


def _values(axes, by_rebalance):
    """The highest first; one that stands too close to another is left out."""
    placed = []
    room = 0.045 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    known = [(amount, rebalance.end / SECOND) for rebalance, amount in by_rebalance
             if rebalance is not None and amount > 0]
    for amount, x in sorted(known, key=lambda value: (-value[0], value[1])):
        if len(placed) == VALUES or any(abs(x - other) < room for other in placed):
            continue
        placed.append(x)
        axes.text(x, 1.0, f"{amount / SECOND:.1f}", ha="center", va="top", fontsize=9,
                  transform=axes.get_xaxis_transform(),
                  bbox={"facecolor": "white", "linewidth": 0, "pad": 0.5, "alpha": 0.8})


def _handle(name, look, by_rebalance):
    amounts = [amount for rebalance, amount in by_rebalance if rebalance is not None]
    label = f"{style.shortened(name, 22)}:\n{sum(a for _, a in by_rebalance) / SECOND:.1f} in all"
    if amounts:
        label += (f",\n{sum(amounts) / len(amounts) / SECOND:.1f} a rebalance,"
                  f"\nat most {max(amounts) / SECOND:.1f}")
    return Line2D([], [], color=look[0], linestyle=look[1], linewidth=2, label=label)
