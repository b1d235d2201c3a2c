"""Plot: log end offset and high watermark of every replica."""
from matplotlib.lines import Line2D

from plots import series, style
from plots.run import natural, partition_order

PANELS = 4
TIME_STEPS = 1500


def draw(run):
    names = sorted({p for p, _ in run.leo}, key=partition_order)
    shown = names[:PANELS]
    what = "Log end offset and high watermark" + (
        "" if len(shown) == len(names) else f" (first {len(shown)} of {len(names)} partitions)")
    count = max(1, len(shown))
    page = style.Page(run, what, [max(1.9, 4.2 / count)] * count, shown)
    if not shown:
        page.panels[0].set_ylabel("offset (records)")
        page.no_data(page.panels[0], "no log was written")
        page.legend([])
        return page.figure
    nodes = sorted({node for p, node in run.leo if p in shown}, key=natural)
    brokers = [f"broker-{broker}" for broker in run.brokers()]
    styles = style.node_styles(brokers + [node for node in nodes if node not in brokers])
    for axes, name in zip(page.panels, shown):
        _partition(axes, run, name, styles)
    handles = [Line2D([], [], color=styles[node][0], linestyle=styles[node][1], linewidth=3,
                      label=node) for node in nodes]
    handles += [Line2D([], [], color="black", linewidth=3, label="log end (LEO)"),
                Line2D([], [], color="black", linewidth=1.3, linestyle=(0, (3, 1.5)),
                       label="high watermark (HW)")]
    if any(node in run.stops for node in nodes):
        handles.append(Line2D([], [], color="black", linewidth=1.6, linestyle=(0, (1, 2)),
                              label="LEO while stopped"))
    page.legend(handles)
    return page.figure


def _partition(axes, run, name, styles):
    width = max(1, run.end // TIME_STEPS)
    nodes = [node for node in styles if (name, node) in run.leo]  # in order of their colours
    for position, node in enumerate(nodes):
        colour, dashes = styles[node]
        stops = run.stops.get(node, [])
        points = series.thin(run.leo[name, node], width)
        xs, ys = series.steps(points, stops, run.end)
        # The first is drawn broad and below the others: equal curves stay visible.
        axes.plot(style.seconds(xs), ys, color=colour, linestyle=dashes,
                  linewidth=2.6 + 1.7 * (len(nodes) - 1 - position), solid_capstyle="butt")
        xs, ys = series.at_rest(points, stops, run.end)
        axes.plot(style.seconds(xs), ys, color=colour, linewidth=1.6, linestyle=(0, (1, 2)),
                  zorder=2.5)
        xs, ys = series.steps(series.thin(run.hw.get((name, node), []), width), stops, run.end)
        axes.plot(style.seconds(xs), ys, color=style.darker(colour), linewidth=1.3, zorder=2.7,
                  linestyle=(0, (3, 1.5)))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("offset (records)")
