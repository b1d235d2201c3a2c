"""Plot: how long acknowledged batches took, by the time of their acknowledgement."""
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from plots import series, style
from plots.series import SECOND

BINS = 120
# Name, colour, line width; each is drawn above and inside the one before: equal ones stay visible.
CURVES = (("p50", style.BLUE, 4.6), ("p95", style.ORANGE, 3.4), ("p99", style.VERMILLION, 2.2),
          ("max", style.BLACK, 0.8))
GAPS = 3  # how many stretches without an acknowledgement are named
MILLISECOND = 1_000_000


def binned(acks, width):
    """(t, latency in ns) -> {curve: {bin: ms}} of the bins that hold an acknowledgement."""
    curves = {name: {} for name, _, _ in CURVES}
    for index, latencies in series.group(acks, width).items():
        latencies.sort()
        for name in curves:
            value = latencies[-1] if name == "max" else series.percentile(latencies, int(name[1:]))
            curves[name][index] = value / MILLISECOND
    return curves


def draw(run):
    page = style.Page(run, "Produce latency", [4.2])
    axes = page.panels[0]
    width = series.bin_width(run.end, BINS)
    axes.set_ylabel("batch created to acknowledged (ms, log)")
    if not run.acks:
        page.no_data(axes, "no batch was acknowledged")
        page.legend([])
        return page.figure
    curves = binned(run.acks, width)
    for name, colour, line in CURVES:
        xs, ys = series.bin_outline(curves[name], width)
        axes.plot(style.seconds(xs), ys, color=colour, linewidth=line, solid_capstyle="butt")
    axes.set_yscale("log")
    axes.grid(True, which="minor", axis="y", linewidth=0.3)
    low = max(min(curves["p50"].values()), 1e-3) / 1.6
    high = max(*curves["max"].values(), 1e-3) * 1.6
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 2e4 else (1,)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    _mark_gaps(axes, run, width)
    handles = [Line2D([], [], color=colour, linewidth=line, label=name)
               for name, colour, line in reversed(CURVES)]
    page.legend(handles, title=f"per {width / SECOND:g} s of\nacknowledgements")
    return page.figure


def _mark_gaps(axes, run, width):
    """Names the longest stretches without an acknowledgement, if long enough to be seen."""
    low, high = axes.get_ylim()
    y = (low * high) ** 0.5
    for gap in series.gaps([t for t, _ in run.acks], max(SECOND, 3 * width))[:GAPS]:
        start, end = gap[0] / SECOND, gap[1] / SECOND
        axes.annotate("", (end, y), (start, y),
                      arrowprops={"arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0})
        text = f"no batch acknowledged for {end - start:.1f} s"
        if (end - start) > 0.3 * run.end / SECOND:
            axes.text((start + end) / 2, y * 1.1, text, ha="center", va="bottom", fontsize=10)
        elif (end - start) > 0.1 * run.end / SECOND:
            axes.text((start + end) / 2, y * 1.1, text.replace("batch ", "batch\n").replace(
                " for", "\nfor"), ha="center", va="bottom", fontsize=9)
        else:
            axes.text(end + run.end / SECOND / 100, y, text, ha="left", va="center", fontsize=9)
