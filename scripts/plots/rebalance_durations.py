"""Plot: how long rebalances took, from their start to the completed generation."""
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from plots import series, style
from plots.series import SECOND

GROUPS = 6
BINS = 40


def draw(run):
    took = {name: sorted(r.end - r.start for r in run.groups[name].done())
            for name in sorted(run.groups)}
    took = {name: durations for name, durations in took.items() if durations}
    page = style.Page(run, "Rebalance durations", [3.6], timeline=False)
    axes = page.panels[0]
    axes.set_xlabel("duration of a rebalance (s)")
    axes.set_ylabel("rebalances")
    if not took:
        page.no_data(axes, "no rebalance was completed")
        page.legend([])
        return page.figure
    names = sorted(took, key=lambda name: (-len(took[name]), name))
    shown = {name: took[name] for name in names[:GROUPS]}
    if len(names) > GROUPS:
        shown[f"{len(names) - GROUPS} other groups"] = sorted(
            duration for name in names[GROUPS:] for duration in took[name])
    longest = max(durations[-1] for durations in shown.values())
    width = series.bin_width(max(longest, 1), BINS)
    count = series.bin_count(longest, width)
    edges = [index * width / SECOND for index in range(count + 1)]
    below = [0] * count
    handles = []
    for (name, durations), (colour, _) in zip(shown.items(), style.node_styles(shown).values()):
        tops = [low + number for low, number in zip(
            below, series.sums([(duration, 1) for duration in durations], width, count))]
        axes.stairs(tops, edges, baseline=below, fill=True, facecolor=colour, edgecolor="white",
                    linewidth=0.8)
        middle, last = (series.percentile(durations, q) / SECOND for q in (50, 100))
        handles.append(Patch(color=colour, label=f"{style.shortened(name, 22)}: {len(durations)}\n"
                                                 f"median {middle:.2f} s,\nmax {last:.2f} s"))
        below = tops
    axes.set_xlim(0, edges[-1])
    axes.set_ylim(0, max(below) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    page.legend(handles, title=f"in bins of {width / SECOND:g} s")
    return page.figure
