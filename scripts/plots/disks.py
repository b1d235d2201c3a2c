"""Plot: how long I/O takes on each node's disk, what waits there, and what is not yet on disk."""
from matplotlib.lines import Line2D

from plots import style
from plots.run import natural
from plots.series import SECOND, per_second

SPENT = "brokersim_disk_seconds_sum"
COUNT = "brokersim_disk_seconds_count"
WAITING = "brokersim_disk_waiting"
DIRTY = "brokersim_disk_dirty_bytes"
OPS = {"fsync": ("solid", "fsync"), "read": ((0, (1, 1)), "read"), "write": ((0, (5, 2)), "write")}


def draw(run):
    page = style.Page(run, "Disks", [2.4, 1.6, 1.6],
                      ["mean time of a burst of work, waiting included (ms)",
                       "bursts that wait for the device", "not yet written back (kB)"])
    disks = sorted({_disk(labels) for labels in run.metric(WAITING)}, key=natural)
    if not disks:
        for axes in page.panels:
            page.no_data(axes, "nothing was written")
        page.legend([])
        return page.figure
    styles = style.node_styles(disks)
    used = _draw_latency(page.panels[0], run, styles)
    for axes, metric, unit in ((page.panels[1], WAITING, 1), (page.panels[2], DIRTY, 1e-3)):
        for labels, points in run.metric(metric).items():
            axes.plot([t / SECOND for t, _ in points], [value * unit for _, value in points],
                      color=styles[_disk(labels)][0], linewidth=1.3)
        axes.set_ylim(0, max(1, axes.get_ylim()[1]))
    page.legend([Line2D([], [], color=styles[disk][0], linewidth=2, label=disk) for disk in disks]
                + [Line2D([], [], color="black", linestyle=OPS[op][0], label=OPS[op][1])
                   for op in OPS if op in used])
    return page.figure


def _disk(labels):
    """"broker-1", or "broker-1/d0" if it has several log directories."""
    return "/".join(labels[key] for key in ("node", "dir") if key in labels)


def _draw_latency(axes, run, styles):
    spent, used = run.metric(SPENT), set()
    for labels, counts in run.metric(COUNT).items():
        times = dict(per_second(spent.get(labels, [])))
        points = [(t, 1e3 * times.get(t, 0) / number) for t, number in per_second(counts)
                  if number > 0]
        if points and labels["op"] in OPS:
            used.add(labels["op"])
            axes.plot([t / SECOND for t, _ in points], [value for _, value in points],
                      color=styles[_disk(labels)][0], linestyle=OPS[labels["op"]][0],
                      linewidth=1.3)
    axes.set_yscale("log")
    return used
