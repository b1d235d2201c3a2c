"""Plot: what went from host to host: messages and drops per second, and messages in flight.

From metrics.csv, which holds a sample a second; a cell is what happened since the sample before.
"""
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from plots import style
from plots.series import SECOND

ROWS = 24
# From none to thousands: darker and darker, so that grey prints work too.
COLOURS = ("#FFFFFF", "#CBE7F8", style.SKY, style.BLUE, "#003A5C", style.BLACK)
BOUNDS = (0, 1, 10, 100, 1000, 10000)
LABELS = ("none", "below 10", "below 100", "below 1000", "below 10000", "10000 or more")


def per_second(samples, value):
    """Samples of a counter -> [(from, to, increase per second)] between neighbours."""
    return [(a.t, b.t, (value(b) - value(a)) * SECOND / (b.t - a.t))
            for a, b in zip(samples, samples[1:])]


def busiest(links, rows):
    """The names of the `rows` links with the most messages at the end, in order of the names."""
    ranked = sorted(links, key=lambda name: (-links[name][-1].messages, name))
    return sorted(ranked[:rows])


def draw(run):
    shown = busiest(run.links, ROWS)
    title = "Links"
    if len(shown) < len(run.links):
        title = f"The busiest {len(shown)} of {len(run.links)} links"
    height = max(0.9, 0.17 * len(shown))
    page = style.Page(run, title, [height] * 3,
                      ["messages/s", "drops/s", "messages in flight at the end of the second"])
    pictures = [lambda samples: per_second(samples, lambda s: s.messages),
                lambda samples: per_second(samples, lambda s: s.dropped),
                lambda samples: [(a.t, b.t, b.in_flight) for a, b in zip(samples, samples[1:])]]
    for axes, cells in zip(page.panels, pictures):
        if not shown:
            page.no_data(axes, "no message was sent, or no metrics.csv")
            continue
        _rows(page, axes, {name: cells(run.links[name]) for name in shown})
    page.legend([Patch(facecolor=colour, edgecolor="black", linewidth=0.4, label=label)
                 for colour, label in zip(COLOURS, LABELS)], title="in a second")
    return page.figure


def _rows(page, axes, cells):
    """One row a link; the cells of all links lie between the same times."""
    times = sorted({t for row in cells.values() for start, end, _ in row for t in (start, end)})
    if len(times) < 2:
        return page.no_data(axes, "the run was too short")
    values = []
    for row in cells.values():
        known = {start: value for start, _, value in row}
        values.append([known.get(start, 0) for start in times[:-1]])
    axes.pcolormesh(style.seconds(times), [row - 0.5 for row in range(len(cells) + 1)], values,
                    cmap=ListedColormap(COLOURS),
                    norm=BoundaryNorm([*(bound - 0.5 if bound < 2 else bound for bound in BOUNDS),
                                       10 ** 12], len(COLOURS)),
                    rasterized=True, zorder=1)
    axes.invert_yaxis()
    page.label_rows(axes, [f"{short(a)} → {short(b)}" for a, b in cells], "link")
    return None


def short(node):
    """broker-1 -> b1, controller-100 -> c100; other names stay, shortened."""
    kind, _, number = node.partition("-")
    letters = {"broker": "b", "controller": "c"}
    return letters[kind] + number if kind in letters and number else style.shortened(node, 9)
