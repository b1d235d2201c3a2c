"""Plot: how many replicas of each partition are in sync, as the controller committed it."""
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from plots import series, style
from plots.series import SECOND

PANELS = 12
HEAT_BINS = 600
# For no, one, two, three ... replicas missing: darker and darker, so that grey prints work too.
HEAT_COLOURS = ("#CBE7F8", style.ORANGE, style.VERMILLION, "#7B2D5B", style.BLACK)


def draw(run):
    if not run.partitions:
        page = style.Page(run, "ISR size", [3.2])
        page.panels[0].set_ylabel("ISR size (replicas)")
        page.no_data(page.panels[0], "no partition was created")
        page.legend([])
        return page.figure
    if len(run.partitions) > PANELS:
        return _heat_map(run)
    return _steps(run)


def _steps(run):
    count = len(run.partitions)
    page = style.Page(run, "ISR size", [max(0.62, min(1.3, 5.0 / count))] * count,
                      list(run.partitions))
    for axes, states in zip(page.panels, run.partitions.values()):
        spans = series.intervals([(s.t, (s.isr, len(s.replicas))) for s in states], run.end)
        for start, end, (isr, full) in spans:
            x, width = start / SECOND, (end - start) / SECOND
            whole = len(isr) >= full
            axes.bar(x, len(isr), width, align="edge", linewidth=0,
                     color=style.SKY if whole else style.ORANGE)
            _members(axes, (x, width), isr, page.end)
        edges = [x for span in spans for x in (span[0], span[1])]
        sizes = [len(span[2][0]) for span in spans for _ in (0, 1)]
        axes.plot(style.seconds(edges), sizes, color="black", linewidth=1.2)
        replicas = [s.t for s in states] + [run.end]
        axes.plot(style.seconds(replicas), [len(s.replicas) for s in states]
                  + [len(states[-1].replicas)], color="black", linewidth=0.9,
                  linestyle=(0, (1, 2)), drawstyle="steps-post")
        highest = max(len(s.replicas) for s in states)
        axes.set_ylim(0, highest + 0.35)
        axes.set_yticks(range(0, highest + 1, max(1, highest // 3)))
        axes.grid(False)
    middle = (page.panels[0].get_position().y1 + page.panels[-1].get_position().y0) / 2
    page.figure.text(0.03, middle, "ISR size (replicas)", rotation=90, va="center", ha="center",
                     fontsize=11)
    page.legend([Patch(color=style.SKY, label="all replicas in sync"),
                 Patch(color=style.ORANGE, label="under-replicated"),
                 Line2D([], [], color="black", linewidth=0.9, linestyle=(0, (1, 2)),
                        label="number of replicas")],
                title="in the bars: the\nbrokers in the ISR")
    return page.figure


def _members(axes, span, isr, end):
    text = " ".join(str(broker) for broker in isr)
    need = 0.085 * (len(text) + 1) * end / (style.WIDTH_INCHES * (style.RIGHT - style.LEFT))
    if isr and need < span[1]:
        axes.text(span[0] + span[1] / 2, len(isr) / 2, text, ha="center", va="center", fontsize=10)


def _heat_map(run):
    names = list(run.partitions)
    page = style.Page(run, f"ISR size ({len(names)} partitions)",
                      [min(8.0, max(3.0, 0.2 * len(names)))])
    axes = page.panels[0]
    width = series.bin_width(run.end, HEAT_BINS)
    count = series.bin_count(run.end, width)
    missing = {name: [(s.t, max(0, len(s.replicas) - len(s.isr))) for s in run.partitions[name]]
               for name in names}
    cells = [series.heat(missing[name], width, count, run.end) for name in names]
    most = max(number for changes in missing.values() for _, number in changes)
    colours = [HEAT_COLOURS[min(number, len(HEAT_COLOURS) - 1)] for number in range(most + 1)]
    edges = [index * width / SECOND for index in range(count + 1)]
    axes.pcolormesh(edges, [row - 0.5 for row in range(len(names) + 1)], cells,
                    cmap=ListedColormap(colours),
                    norm=BoundaryNorm([n - 0.5 for n in range(most + 2)], most + 1),
                    rasterized=True, zorder=1)
    axes.invert_yaxis()
    page.label_rows(axes, [f"{name} ({len(run.partitions[name][-1].replicas)})" for name in names],
                    "partition (replicas)")
    page.legend([Patch(facecolor=colours[number], edgecolor="black", linewidth=0.4,
                       label="all replicas" if number == 0 else f"all but {number}")
                 for number in range(most + 1)],
                title=f"ISR size, lowest\nin {width / SECOND:g} s")
    return page.figure
