"""Tests of the plot of scripts/failover_time.py: the medians by hand, the words in the picture, and
the same bytes each time."""
import tempfile
import unittest
from pathlib import Path

import test_plot  # noqa: F401  (finds scripts/)

import failover_time as script
from plots import failover_time as plot

SECOND = script.SECOND


def row(fault, partitions, seed, last, acked=9 * SECOND):
    times = (7 * SECOND, 7 * SECOND + 2, last - 1, last, acked)
    return dict(zip(script.COLUMNS, (fault, partitions, seed, 100_000, 1 + partitions // 3, 4,
                                     *times)))


ROWS = [row(fault, partitions, seed, 7 * SECOND + seed * 100_000_000)
        for fault in script.MODES for partitions in (1, 10, 10_000) for seed in (1, 2, 5)]


def texts(figure):
    found = [text.get_text() for text in figure.texts]
    for legend in figure.legends:
        found += [text.get_text() for text in legend.get_texts()]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
    return found


class FailoverTime(unittest.TestCase):
    def test_lines_join_the_medians_of_what_a_log_axis_can_show(self):
        rows = [row("kill", 10, seed, last) for seed, last in ((1, 30), (2, 50), (3, 90))]
        rows += [row("kill", 1, 1, 20), row("kill", 100, 1, 0)]
        self.assertEqual(plot.medians(rows, lambda r: r["last_ns"]), [(1, 20), (10, 50)])

    def test_each_fault_has_its_panels_with_units(self):
        figure = plot.draw(ROWS)
        self.assertEqual(len(figure.axes), 4)
        said = texts(figure)
        for words in ("A broker is killed: from the fault", "time (s)", "partitions in the cluster",
                      "A broker is shut down in order: from the fault", "the last new leader leads",
                      "not in the model: 2 fsyncs of 100 µs for each new leader, one after "
                      "another"):
            self.assertIn(words, said)

    def test_one_fault_alone_and_no_producers_are_drawn(self):
        figure = plot.draw([row("shutdown", 5, 1, 8 * SECOND, acked=-1)])
        self.assertEqual(len(figure.axes), 2)
        self.assertNotIn("A broker is killed: from the fault", texts(figure))

    def test_figures_that_were_measured_are_drawn_again_with_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            table = place / "in.csv"
            table.write_text(script.as_csv(reversed(ROWS)))
            made = []
            for name in ("a", "b"):
                self.assertEqual(script.main(["--from", str(table), "--out", str(place / name)]), 0)
                made.append({path.name: path.read_bytes() for path in (place / name).iterdir()})
            self.assertEqual(made[0], made[1])
            self.assertEqual(sorted(made[0]), [f"failover-time.{kind}"
                                               for kind in ("csv", "png", "svg")])
            self.assertEqual(made[0]["failover-time.csv"].decode(),
                             script.as_csv(script.in_order(ROWS)))


if __name__ == "__main__":
    unittest.main()
