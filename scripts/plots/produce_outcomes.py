"""Plot: how produce operations ended, per second: ok, fail, or unknown to the producer."""
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from plots import series, style
from plots.series import SECOND

BINS = 120
OUTCOMES = (("ok", style.BLUE, None), ("fail", style.VERMILLION, "v"),
            ("unknown", style.ORANGE, "s"))


def rates(outcomes, amount, width, count):
    """{outcome: [per second in each bin]}; `amount` says what one operation counts for."""
    return {name: [total * SECOND / width for total in series.sums(
        [(o.t, amount(o)) for o in outcomes if o.outcome == name], width, count)]
        for name, _, _ in OUTCOMES}


def draw(run):
    page = style.Page(run, "Produce outcomes", [2.4, 2.4])
    width = series.bin_width(run.end, BINS)
    count = series.bin_count(run.end, width)
    for axes, label, amount in ((page.panels[0], "operations/s (batches)", lambda _: 1),
                                (page.panels[1], "records/s", lambda o: o.records)):
        axes.set_ylabel(label)
        if not run.outcomes:
            page.no_data(axes, "no produce operation ended")
            continue
        _bars(axes, rates(run.outcomes, amount, width, count), width)
    handles = []
    for name, colour, marker in OUTCOMES:
        total = sum(1 for o in run.outcomes if o.outcome == name)
        records = sum(o.records for o in run.outcomes if o.outcome == name)
        label = f"{name}: {total} ops,\n{records} records"
        handles.append(Patch(color=colour, label=label) if marker is None else
                       Line2D([], [], color=colour, marker=marker, linewidth=6, label=label,
                              markersize=7, markeredgecolor="black", solid_capstyle="butt"))
    page.legend(handles, title=f"per {width / SECOND:g} s, by the time\nof the answer")
    return page.figure


def _bars(axes, by_outcome, width):
    """Stacked bars; a marker stands on fail and unknown, so that a single one is seen."""
    count = len(by_outcome["ok"])
    edges = [index * width / SECOND for index in range(count + 1)]
    below = [0.0] * count
    for name, colour, marker in OUTCOMES:
        tops = [low + value for low, value in zip(below, by_outcome[name])]
        axes.stairs(tops, edges, baseline=below, fill=True, color=colour, linewidth=0)
        if marker:
            shown = [i for i, value in enumerate(by_outcome[name]) if value > 0]
            axes.plot([(i + 0.5) * width / SECOND for i in shown], [tops[i] for i in shown],
                      marker=marker, linestyle="none", color=colour, markersize=6,
                      markeredgecolor="black", markeredgewidth=0.6, clip_on=False, zorder=4)
        below = tops
    axes.set_ylim(0, max(below) * 1.08 or 1)
