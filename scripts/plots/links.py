"""Plot: messages from host to host, those that the network dropped, and those on their way."""
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.lines import Line2D

from plots import style
from plots.run import natural
from plots.series import SECOND, per_second

ROWS = 30
MESSAGES = "brokersim_link_messages_total"
DROPPED = "brokersim_link_dropped_total"
IN_FLIGHT = "brokersim_link_in_flight"
_BLUES = LinearSegmentedColormap.from_list("messages", ["#E3EEF7", style.BLUE, "#00243A"])
_SHORT = {"broker": "b", "controller": "c"}


def draw(run):
    sent = {_link(labels): per_second(points) for labels, points in run.metric(MESSAGES).items()}
    lost = {_link(labels): per_second(points) for labels, points in run.metric(DROPPED).items()}
    links = _busiest(sent, lost)
    shown = sorted(links[:ROWS], key=lambda link: tuple(natural(end) for end in link))
    what = "Messages by link" + (
        "" if len(shown) == len(links) else f": {len(shown)} of {len(links)} links")
    page = style.Page(run, what, [max(0.24 * len(shown), 1.0), 1.2, 1.2],
                      ["messages/s", "all links: dropped/s", "all links: in flight"])
    if not shown:
        for axes in page.panels:
            page.no_data(axes, "no messages were counted")
        page.legend([])
        return page.figure
    _heat(page, shown, sent, lost)
    _total(page.panels[1], [points for points in lost.values()], style.VERMILLION)
    _total(page.panels[2], run.metric(IN_FLIGHT).values(), style.BLACK)
    page.legend([Line2D([], [], linestyle="", marker="o", markersize=4, color=style.VERMILLION,
                        label="something dropped\nin this second")],
                title="b: broker, c: controller")
    return page.figure


def _link(labels):
    return labels["from"], labels["to"]


def _busiest(sent, lost):
    """The links with the most drops, and then messages, first."""
    total = lambda points: sum(value for _, value in points)
    return sorted(sent, key=lambda link: (-total(lost.get(link, [])), -total(sent[link]), link))


def _heat(page, links, sent, lost):
    axes = page.panels[0]
    times = sorted({t for link in links for t, _ in sent[link]})
    cells = [[dict(sent[link]).get(t, 0) or float("nan") for t in times] for link in links]
    most = max((value for row in cells for value in row if value == value), default=1)
    norm = LogNorm(1, max(10, most))
    edges = [t / SECOND - 1 for t in times] + [times[-1] / SECOND]
    axes.pcolormesh(edges, [row - 0.5 for row in range(len(links) + 1)], cells, cmap=_BLUES,
                    norm=norm, rasterized=True, zorder=1)
    for y, link in enumerate(links):
        dots = [t / SECOND - 0.5 for t, value in lost.get(link, []) if value > 0]
        axes.plot(dots, [y] * len(dots), linestyle="", marker="o", markersize=3,
                  color=style.VERMILLION, zorder=4)
    axes.set_ylim(len(links) - 0.5, -0.5)
    page.label_rows(axes, [f"{_short(a)} → {_short(b)}" for a, b in links], "link")
    place = axes.get_position()
    bar = page.figure.add_axes([style.RIGHT + 0.01, place.y0, 0.012, place.height * 0.55])
    page.figure.colorbar(ScalarMappable(norm, _BLUES), cax=bar)
    bar.tick_params(labelsize=9)


def _short(host):
    head, _, number = host.partition("-")
    return f"{_SHORT[head]}{number}" if head in _SHORT else host


def _total(axes, curves, colour):
    sums = {}
    for points in curves:
        for t, value in points:
            sums[t] = sums.get(t, 0) + value
    times = sorted(sums)
    axes.plot([t / SECOND for t in times], [sums[t] for t in times], color=colour, linewidth=1.4)
    axes.set_ylim(bottom=0)
