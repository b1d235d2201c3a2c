"""Plot: who leads each partition, in which leader epoch, as the controller committed it."""
from matplotlib.patches import Patch

from plots import series, style
from plots.series import SECOND

ROWS = 40


def draw(run):
    names = list(run.partitions)
    shown = names[:ROWS]
    what = "Leadership" if len(shown) == len(names) else (
        f"Leadership of the first {len(shown)} of {len(names)} partitions")
    row = 0.5 if len(shown) <= 12 else 0.26
    leaders = sorted({s.leader for name in shown for s in run.partitions[name]} - {-1})
    beside = 0.24 * (len(leaders) + 3)  # the legend
    page = style.Page(run, what, [max(row * len(shown), beside, 0.8)])
    axes = page.panels[0]
    if not shown:
        page.no_data(axes, "no partition was created")
        page.legend([])
        return page.figure
    styles = style.node_styles(run.brokers())
    away = {kind: False for kind in ("down", "paused", "none")}
    for y, name in enumerate(shown):
        _row(axes, y, run, (name, styles, away, page.end))
    spare = max(0.0, beside / row - len(shown)) / 2  # rows keep their height when they are few
    axes.set_ylim(len(shown) - 0.5 + spare, -0.5 - spare)
    page.label_rows(axes, shown, "partition")
    axes.tick_params(axis="y", left=False)
    handles = [Patch(color=styles[leader][0], label=f"broker {leader}") for leader in leaders]
    for kind, hatch, label in (("down", "////", "leader is down"),
                               ("paused", "....", "leader is paused")):
        if away[kind]:
            handles.append(Patch(facecolor="white", edgecolor="black", hatch=hatch, label=label))
    if away["none"]:
        handles.append(Patch(facecolor="white", edgecolor=style.VERMILLION, hatch="xxxx",
                             label="no leader"))
    page.legend(handles, title="leader; in the bars:\nbroker, leader epoch")
    return page.figure


def _row(axes, y, run, context):
    name, styles, away, end = context
    states = [(s.t, (s.leader, s.epoch)) for s in run.partitions[name]]
    for start, until, (leader, epoch) in series.intervals(states, run.end):
        x, width = start / SECOND, (until - start) / SECOND
        if leader == -1:
            away["none"] = True
            axes.barh(y, width, left=x, height=0.66, facecolor="white", hatch="xxxx",
                      edgecolor=style.VERMILLION, linewidth=0.8)
            _label(axes, (x, y, width, end), f"none, epoch {epoch}", "black", "white")
            continue
        colour = styles[leader][0]
        axes.barh(y, width, left=x, height=0.66, color=colour, edgecolor="white", linewidth=1.2)
        for kind, hatch in (("down", "////"), ("paused", "....")):
            gone = [span for span in run.away.get(f"broker-{leader}", []) if span[2] == kind]
            for gap_from, gap_to in series.overlaps((start, until), gone):
                away[kind] = True
                axes.barh(y, (gap_to - gap_from) / SECOND, left=gap_from / SECOND, height=0.66,
                          facecolor=(1, 1, 1, 0.55), hatch=hatch, edgecolor="black", linewidth=0)
        dark = colour in (style.BLUE, style.GREEN, style.VERMILLION)
        _label(axes, (x, y, width, end), f"{leader}, epoch {epoch}", "white" if dark else "black")


def _label(axes, where, text, colour, ground="none"):
    x, y, width, end = where
    per_inch = end / (style.WIDTH_INCHES * (style.RIGHT - style.LEFT))
    short = text.replace(", epoch ", " e")
    for candidate in (text, short):
        if 0.085 * len(candidate) * per_inch + 0.12 * per_inch < width:
            axes.text(x + 0.06 * per_inch, y, candidate, ha="left", va="center", fontsize=10,
                      color=colour, zorder=4, bbox={"facecolor": ground, "linewidth": 0, "pad": 1})
            return
