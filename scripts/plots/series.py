"""The numbers behind the pictures: bins, percentiles, step series, gaps. No drawing here.

Times are integer nanoseconds; a bin [start, start + width) is named by its index. NaN stands where
a curve has to break.
"""
import math

NAN = float("nan")
SECOND = 1_000_000_000


def bin_width(end, bins):
    """The narrowest of 1, 2, 5, 10, 20, 50 ... ms that cuts [0, end) into at most `bins` bins."""
    width = 1_000_000
    while True:
        for factor in (1, 2, 5):
            if width * factor * bins >= end:
                return width * factor
        width *= 10


def bin_count(end, width):
    """How many bins of `width` cover [0, end]; at least one."""
    return end // width + 1


def group(points, width):
    """(t, value) pairs -> {bin index: [values]}."""
    groups = {}
    for t, value in points:
        groups.setdefault(t // width, []).append(value)
    return groups


def percentile(ordered, percent):
    """The nearest-rank percentile of a sorted list: the value at rank ceil(percent/100 * n)."""
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


def per_second(points):
    """A counter's (t, value) points -> (t, increase per second since the point before).

    A counter that fell began again at 0. The first point counts from the start of the run.
    """
    rates = []
    before, level = 0, 0
    for t, value in points:
        if t > before:
            rates.append((t, (value - level if value >= level else value) * SECOND / (t - before)))
        before, level = t, value
    return rates


def sums(points, width, count):
    """(t, amount) pairs -> the sum of the amounts in each of `count` bins."""
    totals = [0] * count
    for t, amount in points:
        totals[min(t // width, count - 1)] += amount
    return totals


def bin_outline(values, width):
    """{bin index: value} -> x, y of level lines over the bins, broken where a bin has no value."""
    xs, ys = [], []
    previous = None
    for index in sorted(values):
        if previous is not None and index != previous + 1:
            xs.append(xs[-1])
            ys.append(NAN)
        xs += [index * width, (index + 1) * width]
        ys += [values[index]] * 2
        previous = index
    return xs, ys


def gaps(times, least):
    """The (from, to) between neighbours of sorted `times` that stand out, longest first.

    A gap stands out if it is `least` or longer, and ten times as long as most are (the median).
    """
    pairs = sorted(zip(times, times[1:]), key=lambda pair: (pair[0] - pair[1], pair[0]))
    if not pairs:
        return []
    middle = pairs[len(pairs) // 2]
    usual = middle[1] - middle[0]
    return [pair for pair in pairs if pair[1] - pair[0] >= max(least, 10 * usual)]


def intervals(changes, end):
    """[(t, state)] in order of t -> [(from, to, state)]; equal neighbours merge, empty ones go."""
    spans = []
    for (t, state), (until, _) in zip(changes, list(changes[1:]) + [(end, None)]):
        if until <= t:
            continue
        if spans and spans[-1][2] == state and spans[-1][1] == t:
            spans[-1] = (spans[-1][0], until, state)
        else:
            spans.append((t, until, state))
    return spans


def overlaps(span, others):
    """The parts of `span` that lie in one of `others`; both are (from, to, ...)."""
    parts = [(max(span[0], other[0]), min(span[1], other[1])) for other in others]
    return [part for part in parts if part[0] < part[1]]


def steps(points, stops, end):
    """A replica's (t, offset) points -> x, y of its steps.

    The value holds until the next point, or until the process stops: from there to the next point
    nothing is known to be alive, and the curve breaks. The last value holds to `end`.
    """
    xs, ys = [], []
    stops = list(stops)
    for position, (t, value) in enumerate(points):
        following = points[position + 1][0] if position + 1 < len(points) else end
        stopped = [stop for stop in stops if t <= stop < following]
        xs += [t, stopped[0] if stopped else following]
        ys += [value, value]
        if stopped:
            xs.append(stopped[0])
            ys.append(NAN)
    return xs, ys


def at_rest(points, stops, end):
    """The flat stretches that `steps` leaves out: what a stopped replica holds on its disk."""
    xs, ys = [], []
    for stop in stops:
        before = [value for t, value in points if t <= stop]
        after = [t for t, _ in points if t > stop]
        if before:
            xs += [stop, after[0] if after else end, after[0] if after else end]
            ys += [before[-1], before[-1], NAN]
    return xs, ys


def thin(points, width):
    """Fewer points, same look: keeps first, lowest, highest and last of each `width` of time."""
    kept = []
    for chunk in group(((t, (t, value)) for t, value in points), width).values():
        wanted = {0, len(chunk) - 1,
                  min(range(len(chunk)), key=lambda i: chunk[i][1]),
                  max(range(len(chunk)), key=lambda i: chunk[i][1])}
        kept += [chunk[i] for i in sorted(wanted)]
    return kept


def heat(changes, width, count, end):
    """[(t, number)] -> per bin the highest number held in it; NaN before the first change."""
    cells = [NAN] * count
    for start, until, number in intervals(changes, end):
        for index in range(start // width, min(-(-until // width), count)):
            cells[index] = number if math.isnan(cells[index]) else max(cells[index], number)
    return cells
