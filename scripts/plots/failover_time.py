"""Plot of scripts/failover_time.py: how long the steps of a fail-over take, against the number of
partitions. A point is a run, the line goes through the medians."""
import statistics

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from plots import style
from plots.series import SECOND

FAULTS = {"kill": "A broker is killed", "shutdown": "A broker is shut down in order"}
# Each step with its colour, marker, and how far its points stand beside the others', as a factor.
STEPS = {"committed_ns": ("the last change is committed", style.SKY, "v", 0.80),
         "first_ns": ("the first new leader leads", style.GREEN, "s", 0.93),
         "last_ns": ("the last new leader leads", style.BLUE, "o", 1.07),
         "acked_ns": ("a new leader acknowledges a record", style.ORANGE, "^", 1.24)}
# A new leader writes its leader-epoch-checkpoint: the file and its directory are flushed.
FSYNCS = 2
# Settings' defaults, in seconds, which the times are to be held against.
SESSION, IDLE_INTERVAL = 9, 0.5


def medians(rows, value):
    """[(partitions, median)] of the rows whose value is above 0, as a log axis needs."""
    found = {}
    for row in rows:
        if value(row) > 0:
            found.setdefault(row["partitions"], []).append(value(row))
    return [(count, statistics.median(found[count])) for count in sorted(found)]


def draw_steps(axes, rows, since):
    """`since` gives what the times of a row are counted from."""
    for name, (_, colour, marker, aside) in STEPS.items():
        def value(row, name=name):
            return (row[name] - since(row)) / SECOND if row[name] >= 0 else 0
        middle = medians(rows, value)
        axes.plot([n * aside for n, _ in middle], [y for _, y in middle], color=colour,
                  linewidth=2.2 if name == "last_ns" else 1.4, zorder=3)
        points = [(row["partitions"] * aside, value(row)) for row in rows if value(row) > 0]
        axes.plot([x for x, _ in points], [y for _, y in points], linestyle="none", marker=marker,
                  markersize=5, markerfacecolor=colour, markeredgecolor="white",
                  markeredgewidth=0.5, alpha=0.75, zorder=4)


def draw_flushes(axes, rows):
    middle = medians(rows, lambda row: FSYNCS * row["most"] * row["fsync_ns"] / SECOND)
    axes.plot([n for n, _ in middle], [y for _, y in middle], color="#555555", linewidth=1.4,
              linestyle=(0, (1.5, 2)), zorder=2)


def draw_limit(axes, seconds, name):
    axes.axhline(seconds, color=style.VERMILLION, linewidth=1, linestyle=(0, (5, 3)), zorder=1.5)
    axes.text(0.012, 0.93, f"dashed: {name}", transform=axes.transAxes, fontsize=9,
              color=style.VERMILLION, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})


def prepare(axes, ticks):
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(min(ticks) / 1.8, max(ticks) * 1.8)
    axes.set_xticks(ticks)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(True, which="major")
    axes.grid(True, which="minor", axis="y", color="#EEEEEE", linewidth=0.5)


def legend_of(fsync_ns):
    handles = [Line2D([], [], color=colour, marker=marker, markeredgecolor="white", label=label,
                      markersize=6) for label, colour, marker, _ in STEPS.values()]
    handles.append(Line2D([], [], color="#555555", linestyle=(0, (1.5, 2)),
                          label=f"not in the model: {FSYNCS} fsyncs of {fsync_ns / 1000:g} µs for "
                                "each new leader, one after another"))
    return handles


def draw(rows):
    faults = [fault for fault in FAULTS if any(row["fault"] == fault for row in rows)]
    ticks = sorted({row["partitions"] for row in rows})
    height = 1.75 + 3.2 * len(faults)
    figure = Figure(figsize=(style.WIDTH_INCHES, height), dpi=style.DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(0.06, 1 - 0.3 / height, "Fail-over time against the number of partitions",
                fontsize=15, fontweight="bold", va="center")
    figure.text(0.06, 1 - 0.6 / height, "three brokers, replication 3; the broker that goes leads "
                "a third of the partitions; a point is a run, lines join the medians",
                fontsize=11, va="center", color="#444444")
    grid = figure.subplots(len(faults), 2, sharex=True, squeeze=False,
                           gridspec_kw={"left": 0.075, "right": 0.985, "top": 1 - 1.05 / height,
                                        "bottom": 1.1 / height, "wspace": 0.16, "hspace": 0.2})
    for (whole, after), fault in zip(grid, faults):
        chosen = [row for row in rows if row["fault"] == fault]
        for axes in (whole, after):
            prepare(axes, ticks)
        draw_steps(whole, chosen, lambda row: 0)
        draw_steps(after, chosen, lambda row: row["written_ns"])
        draw_flushes(after, chosen)
        draw_limit(after, IDLE_INTERVAL, "metadata.max.idle.interval.ms, 0.5 s")
        after.set_ylim(0.001, 5)
        if fault == "kill":
            draw_limit(whole, SESSION, "broker.session.timeout.ms, 9 s")
            whole.set_ylim(6, 13)
            whole.set_yticks(range(6, 14))
        else:
            whole.set_ylim(0.01, 5)
        whole.set_title(f"{FAULTS[fault]}: from the fault", loc="left")
        after.set_title("the same from the controller's write of the changes", loc="left")
        whole.set_ylabel("time (s)")
    for axes in grid[-1]:
        axes.set_xlabel("partitions in the cluster")
    figure.legend(handles=legend_of(rows[0]["fsync_ns"]), loc="lower center", ncols=3,
                  bbox_to_anchor=(0.52, 0.06 / height), fontsize=9.5, handlelength=2.2,
                  columnspacing=1.6)
    return figure
