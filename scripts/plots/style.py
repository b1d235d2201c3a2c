"""What all figures share: colours, fonts, title, the fault strip, and saving the same bytes.

Figures are made without pyplot, from matplotlib's built-in settings and those below: neither a
matplotlibrc nor the display, locale or time zone has a say.
"""
import math
import textwrap

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from plots.series import SECOND

# Okabe and Ito's colours, told apart with every common colour blindness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#767676", "#E4E4E4"
FAULT = "#8A8A8A"

# Brokers in order of their ids take these, then begin again with another line style.
NODE_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, YELLOW)
NODE_DASHES = ("solid", (0, (6, 1.5)), (0, (3, 1, 1, 1)))

WIDTH_INCHES = 12.0
DPI = 100
LEFT, RIGHT = 0.115, 0.82
FAULT_ROWS = 8

matplotlib.rcdefaults()
matplotlib.rcParams.update({
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "hatch.linewidth": 0.8,
    "svg.hashsalt": "brokersim",
})


def node_styles(nodes):
    """{node: (colour, dashes)} for node ids or names in their order."""
    count = len(NODE_COLOURS)
    return {node: (NODE_COLOURS[i % count], NODE_DASHES[i // count % len(NODE_DASHES)])
            for i, node in enumerate(nodes)}


class Page:
    """A figure with a title, a strip of the faults, and below it panels that share the time axis.

    `heights` are the panels' heights in inches, `names` what stands above each of them. The panels
    are in `panels`, topmost first; x is in simulated seconds. With `timeline` false x is what the
    caller makes of it, and faults are left out.
    """

    def __init__(self, run, what, heights, names=(), timeline=True):
        self.run = run
        self.timeline = timeline
        self.end = (run.end if run.end > 0 else SECOND) / SECOND
        rows = _fault_rows(run) if timeline else []
        strip = 0.26 * len(rows)
        title = _title(run)
        top = 0.6 + 0.23 * len(title)
        gap, bottom, below_strip = 0.32, 0.6, (0.12 if rows else 0) + (0.16 if names else 0)
        height = top + strip + below_strip + sum(heights) + gap * (len(heights) - 1) + bottom
        self.figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.figure.text(LEFT, 1 - 0.32 / height, what, fontsize=15, fontweight="bold", va="center")
        for i, line in enumerate(title):
            self.figure.text(LEFT, 1 - (0.62 + 0.23 * i) / height, line, fontsize=11, va="center",
                             color="#444444")
        y = height - top - strip
        if rows:
            axes = self.figure.add_axes([LEFT, y / height, RIGHT - LEFT, strip / height])
            self._draw_strip(axes, rows)
        y -= below_strip
        self.panels = []
        for panel in heights:
            y -= panel
            axes = self.figure.add_axes([LEFT, y / height, RIGHT - LEFT, panel / height])
            self._prepare(axes)
            self.panels.append(axes)
            y -= gap
        for axes, name in zip(self.panels, names):
            axes.set_title(name, loc="left", fontsize=10, pad=3)
        self.panels[-1].tick_params(labelbottom=True)
        if timeline:
            self.panels[-1].set_xlabel("simulated time (s)")

    def _prepare(self, axes):
        if not self.timeline:
            axes.grid(True)
            return
        axes.set_xlim(0, self.end)
        axes.xaxis.set_major_locator(MaxNLocator(12, steps=[1, 2, 5, 10]))
        axes.tick_params(labelbottom=False)
        axes.grid(True)
        for fault in self.run.faults:
            start, end = fault.start / SECOND, _fault_end(fault, self.run) / SECOND
            if _is_point(fault, self.run):
                axes.axvline(start, color="#555555", linestyle=(0, (4, 3)), linewidth=1.0, zorder=3)
            else:
                axes.axvspan(start, end, facecolor=FAULT, alpha=0.16, linewidth=0, zorder=0.5)
                for edge in (start, end):
                    axes.axvline(edge, color="black", alpha=0.45, linewidth=0.8, zorder=3)

    def _draw_strip(self, axes, rows):
        axes.set_xlim(0, self.end)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [row[0] for row in rows])
        axes.tick_params(left=False, bottom=False, labelbottom=False, labelsize=10)
        for spine in axes.spines.values():
            spine.set_visible(False)
        for y, (_, faults, skipped) in enumerate(rows):
            for number, fault in enumerate(faults):
                start, end = fault.start / SECOND, _fault_end(fault, self.run) / SECOND
                point = _is_point(fault, self.run)
                if point:
                    axes.plot([start], [y], marker="D", markersize=6, color="#555555",
                              clip_on=False)
                else:
                    axes.barh(y, end - start, left=start, height=0.76, color="#C9C9C9",
                              edgecolor="#8A8A8A", linewidth=0.8)
                if number == 0:
                    self._strip_label(axes, y, (start, end, point), _fault_text(fault))
            for t, why in skipped:
                self._strip_label(axes, y, (t / SECOND, t / SECOND, True), f"did not happen: {why}")

    def _strip_label(self, axes, y, where, text):
        """Writes inside the bar if there is room, else beside it on the side with more room."""
        start, end, point = where
        # A character of this font at 9 points is about 0.075 inches wide.
        need = 0.075 * len(text) * self.end / (WIDTH_INCHES * (RIGHT - LEFT))
        pad = self.end / 90
        if not point and need + pad < end - start:
            axes.text(start + pad / 2, y, text, fontsize=9, va="center")
        elif self.end - end >= start or end + pad + need < self.end:
            axes.text(end + pad, y, text, fontsize=9, va="center")
        else:
            axes.text(start - pad, y, text, fontsize=9, va="center", ha="right")

    def no_data(self, axes, why):
        axes.set_yticks([])
        axes.grid(False)
        axes.text(0.5, 0.5, f"no data: {why}", transform=axes.transAxes, ha="center", va="center",
                  fontsize=14, color=GREY)

    def label_rows(self, axes, names, what):
        """Writes `names` beside the rows 0, 1, 2 ... and `what` they are at the figure's edge."""
        size, limit = (10, 13) if len(names) <= 12 else (8, 16)
        every = max(1, -(-len(names) // 40))
        axes.set_yticks(range(0, len(names), every),
                        [shortened(name, limit) for name in names[::every]], fontsize=size)
        axes.set_ylabel(what)
        axes.yaxis.set_label_coords(0.022, 0.5, blended_transform_factory(
            self.figure.transFigure, axes.transAxes))
        axes.grid(False)

    def legend(self, handles, title=None):
        """A legend to the right of the panels; explains the shading of faults if there is any."""
        handles = list(handles)
        if self.timeline and any(not _is_point(fault, self.run) for fault in self.run.faults):
            handles.append(Patch(facecolor=FAULT, alpha=0.25, label="fault"))
        top = self.panels[0].get_position().y1
        legend = self.figure.legend(handles=handles, title=title, loc="upper left",
                                    bbox_to_anchor=(RIGHT + 0.005, top), borderaxespad=0,
                                    handlelength=1.8)
        legend.set_in_layout(False)
        if title:
            legend.get_title().set_fontsize(10)
            legend._legend_box.align = "left"


def darker(colour):
    """The colour at four tenths of its brightness."""
    return tuple(0.4 * part for part in to_rgb(colour))


def _title(run):
    lines = textwrap.wrap(run.scenario + (f": {run.title}" if run.title else ""), 110)
    if len(lines) > 2:
        lines = [lines[0], lines[1] + " …"]
    return lines + [f"seed {run.seed}, verdict {run.verdict}"]


def _fault_end(fault, run):
    return run.end if fault.end is None else fault.end


def _is_point(fault, run):
    """A fault too short to be seen as a span is drawn as a line."""
    return (_fault_end(fault, run) - fault.start) * 250 < run.end


def _fault_text(fault):
    targets = ", ".join(fault.targets[:3]) + (", …" if len(fault.targets) > 3 else "")
    how = f" ({fault.how})" if fault.how else ""
    return f"{fault.kind}{how} {targets}".strip()


def _fault_rows(run):
    """[(label, faults, skipped)]: a row for each fault id; of many, the last share one row."""
    rows = {}
    for fault in run.faults:
        rows.setdefault(fault.id, (fault.id, [], []))[1].append(fault)
    for name, t, why in run.skipped:
        rows.setdefault(name, (name, [], []))[2].append((t, why))
    rows = list(rows.values())
    if len(rows) > FAULT_ROWS:
        rest = rows[FAULT_ROWS - 1:]
        rows = rows[:FAULT_ROWS - 1] + [
            (f"{len(rest)} more", [fault for row in rest for fault in row[1]], [])]
    return [(shortened(label, 15), faults, skipped) for label, faults, skipped in rows]


def shortened(text, limit):
    """At most `limit` characters, without the middle: the partition number at the end stays."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return text[:head] + "…" + text[len(text) - (limit - 1 - head):]


def seconds(values):
    """Nanoseconds -> seconds for the x axis; NaN stays."""
    return [value if isinstance(value, float) and math.isnan(value) else value / SECOND
            for value in values]


def save(figure, stem, formats):
    """Writes stem.png and/or stem.svg, without dates or versions in them; returns the paths."""
    paths = []
    for kind in formats:
        path = stem.with_name(f"{stem.name}.{kind}")
        metadata = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
        figure.savefig(path, format=kind, dpi=DPI, metadata=metadata)
        paths.append(path)
    return paths
