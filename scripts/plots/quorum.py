"""Plot: the role of each KRaft voter, how it answered candidates, and its epoch."""
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from plots import series, style
from plots.series import SECOND

ROWS = 15

# Kafka's names of the states of a voter.
ROLES = {
    "leader": (style.BLUE, "white"),
    "follower": (style.SKY, "black"),
    "candidate": (style.ORANGE, "black"),
    "prospective": (style.YELLOW, "black"),
    "resigned": (style.PURPLE, "black"),
    "unattached": (style.PALE, "black"),
}


def draw(run):
    voters = run.voters()
    shown = voters[:ROWS]
    what = "Quorum: roles and epochs" + (
        "" if len(shown) == len(voters) else f" of the first {len(shown)} of {len(voters)} voters")
    height = max(0.5 * len(shown), 2.4)
    page = style.Page(run, what, [height, 1.8], ["role", "epoch"])
    roles, epochs = page.panels
    if not shown:
        page.no_data(roles, "no voter took a role")
        page.no_data(epochs, "no voter took a role")
        page.legend([])
        return page.figure
    handles = _draw_roles(roles, run, shown)
    page.label_rows(roles, [_id(voter) for voter in shown], "voter")
    spare = (height / 0.5 - len(shown)) / 2
    roles.set_ylim(len(shown) - 0.5 + spare, -0.5 - spare)
    roles.tick_params(axis="y", left=False)
    handles += _draw_epochs(epochs, run, shown)
    page.legend(handles, title="in the bars: the epoch")
    return page.figure


def _draw_roles(axes, run, voters):
    seen, away, votes = set(), set(), set()
    inch = run.end / SECOND / (style.WIDTH_INCHES * (style.RIGHT - style.LEFT))
    for y, voter in enumerate(voters):
        for start, until, (role, epoch) in series.intervals(run.raft[voter], run.end):
            if role not in ROLES:
                continue
            seen.add(role)
            colour, ink = ROLES[role]
            x, width = start / SECOND, (until - start) / SECOND
            axes.barh(y, width, left=x, height=0.6, color=colour, linewidth=0)
            if (0.085 * len(str(epoch)) + 0.12) * inch < width:
                axes.text(x + 0.06 * inch, y, str(epoch), ha="left", va="center", fontsize=10,
                          color=ink, zorder=4)
        for start, until, kind in run.away.get(voter, []):
            away.add(kind)
            axes.barh(y, (until - start) / SECOND, left=start / SECOND, height=0.6, zorder=2.5,
                      facecolor="white", hatch="////" if kind == "down" else "....",
                      edgecolor="black", linewidth=0)
        for granted, (marker, colour) in _VOTES.items():
            times = [t / SECOND for t, given in run.votes.get(voter, []) if given == granted]
            if times:
                votes.add(granted)
                axes.plot(times, [y - 0.38] * len(times), linestyle="", marker=marker,
                          markersize=5, color=colour, clip_on=False, zorder=5)
    handles = [Patch(color=ROLES[role][0], label=role) for role in ROLES if role in seen]
    for kind, hatch in (("down", "////"), ("paused", "....")):
        if kind in away:
            handles.append(Patch(facecolor="white", edgecolor="black", hatch=hatch, label=kind))
    return handles + [Line2D([], [], linestyle="", marker=marker, markersize=5, color=colour,
                             label="grants a vote" if granted else "refuses a vote")
                      for granted, (marker, colour) in _VOTES.items() if granted in votes]


def _id(voter):
    return voter.rsplit("-", 1)[-1]


_VOTES = {True: ("v", style.GREEN), False: ("x", style.VERMILLION)}


def _draw_epochs(axes, run, voters):
    """Equal curves lie inside one another, the later voters' thinner on top."""
    handles = []
    styles = style.node_styles(voters)
    for i, voter in enumerate(voters):
        colour, dashes = styles[voter]
        points = [(t, epoch) for t, (_, epoch) in run.raft[voter]]
        xs, ys = series.steps(points, run.stops.get(voter, []), run.end)
        width = 1.5 + 2.0 * (len(voters) - 1 - i)
        axes.plot(style.seconds(xs), ys, color=colour, linestyle=dashes, linewidth=width,
                  solid_capstyle="butt")
        handles.append(Line2D([], [], color=colour, linestyle=dashes, linewidth=2,
                              label=f"epoch of {_id(voter)}"))
    axes.set_ylabel("epoch")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    return handles
