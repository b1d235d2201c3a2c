"""Tests of the plots of consumer groups: the numbers by hand, and the words in the pictures."""
import unittest

import test_plot
from test_plot import SECOND

from plots import PLOTS, consumer_lag, groups
from plots.run import RunError, read_run


class Groups(test_plot.Directory):
    def group_story(self):
        """a holds t-0 and t-1; it dies at 4 s, b takes over at 6 s and is paused from 7 to 8 s."""
        def told(t, node, kind, **attributes):
            return (t * SECOND, node, kind, {"group": "g", **attributes})

        def state(t, old, new, generation):
            return told(t, "broker-1", "GroupState",
                        **{"from": old, "to": new, "generation": generation})

        def holds(t, node, owned, generation):
            return told(t, node, "AssignmentChanged", owned=owned, generation=generation,
                        why="assigned", member="")

        self.add_events(
            (1 * SECOND, "broker-1", "HwAdvanced", {"p": "t-0", "hw": 10, "epoch": 0}),
            state(1, "Empty", "PreparingRebalance", 0),
            told(1, "broker-1", "RebalanceStarted", why="join", generation=0),
            state(3, "PreparingRebalance", "CompletingRebalance", 1),
            told(3, "broker-1", "RebalanceCompleted", generation=1, assignment={}, protocol=""),
            state(3, "CompletingRebalance", "Stable", 1), holds(3, "c-a-0", ["t-0", "t-1"], 1),
            told(3, "broker-1", "OffsetCommitted", p="t-0", offset=4, generation=1, member=""),
            (4 * SECOND, "broker-1", "HwAdvanced", {"p": "t-0", "hw": 30, "epoch": 0}),
            (4 * SECOND, "c-a-0", "NodeStopped", {"how": "kill"}),
            told(5, "broker-1", "RebalanceStarted", why="leave", generation=1),
            state(5, "Stable", "PreparingRebalance", 1),
            told(6, "broker-1", "RebalanceCompleted", generation=2, assignment={}, protocol=""),
            state(6, "PreparingRebalance", "Stable", 2), holds(6, "c-b-0", ["t-0", "t-1"], 2),
            (7 * SECOND, "c-b-0", "NodePaused", {}), (8 * SECOND, "c-b-0", "NodeResumed", {}))
        return read_run(self.run_dir)

    def test_groups_have_rebalances_owners_lag_and_pauses(self):
        run = self.group_story()
        group = run.groups["g"]
        self.assertEqual([(r.start // SECOND, r.why, r.end // SECOND) for r in group.rebalances],
                         [(1, "join", 3), (5, "leave", 6)])
        self.assertEqual(group.owners["t-1"], [(3 * SECOND, "c-a-0"), (4 * SECOND, None),
                                               (6 * SECOND, "c-b-0")])
        self.assertEqual(consumer_lag.lags(run, group.commits),
                         {"t-0": [(3 * SECOND, 6), (4 * SECOND, 26)]})
        found = groups.pauses(group, run.away, run.end)
        self.assertEqual(found["t-0"], [(4 * SECOND, 6 * SECOND), (7 * SECOND, 8 * SECOND)])
        self.assertEqual([(t // SECOND, number) for t, number
                          in groups.paused_count(found, run.end)],
                         [(0, 0), (4, 2), (6, 0), (7, 2), (8, 0)])
        self.assertEqual([amount // SECOND for _, amount in groups.per_rebalance(group, found)],
                         [0, 4, 2])

    def test_an_owner_in_a_higher_generation_stands_before_a_zombie(self):
        reader = groups.Reader()
        for t, node, generation in ((1, "c-z-0", 1), (2, "c-a-0", 2), (3, "c-z-0", 1)):
            reader.event({"t": t, "n": node, "k": "AssignmentChanged", "a": {
                "group": "g", "owned": ["t-0"], "generation": generation}})
        self.assertEqual(reader.groups["g"].owners["t-0"], [(1, "c-z-0"), (2, "c-a-0")])
        reader.event({"t": 4, "n": "c-a-0", "k": "NodeStopped", "a": {}})
        self.assertEqual(reader.groups["g"].owners["t-0"][-1], (4, "c-z-0"))

    def test_groups_are_told_in_words_too(self):
        run = self.group_story()
        self.assertIn("group g", self.words(PLOTS["consumer-lag"](run)))
        words = self.words(PLOTS["group-ownership"](run))
        for word in ("c-a-0", "no owner", "owner is paused", "PreparingRebalance", "Stable"):
            self.assertIn(word, words)
        self.assertIn("g: 2\nmedian 1.00 s,\nmax 2.00 s",
                      self.words(PLOTS["rebalance-durations"](run)))
        pauses = self.words(PLOTS["partition-pauses"](run))
        self.assertIn("4.0", pauses)
        self.assertIn("g:\n6.0 in all,\n2.0 a rebalance,\nat most 4.0", pauses)

    def test_spoilt_group_events_are_named(self):
        self.add_events((SECOND, "broker-1", "RebalanceStarted",
                         {"group": 3, "why": "join", "generation": 0}))
        with self.assertRaises(RunError) as raised:
            read_run(self.run_dir)
        self.assertIn("group 3", str(raised.exception))


if __name__ == "__main__":
    unittest.main()
