"""Tests of scripts/plot.py: the numbers by hand, the files it writes, and how it refuses.

Run by CTest, or by hand: /usr/bin/python3 -B -m unittest discover -s tests/plots
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLOT = ROOT / "scripts" / "plot.py"
SMALL = ROOT / "tests" / "data" / "plots" / "failover"
sys.path.insert(0, str(ROOT / "scripts"))

from plots import (PLOTS, isr_size, links, produce_latency, produce_outcomes,  # noqa: E402
                   series, style)
from plots.run import Outcome, RunError, natural, partition_order, read_run  # noqa: E402

SECOND = 1_000_000_000
FILES = sorted(f"{name}.{kind}" for name in PLOTS for kind in ("png", "svg"))


def plain(values):
    """NaN is not equal to itself: None stands for it."""
    return [None if value != value else value for value in values]


class Bins(unittest.TestCase):
    def test_width_is_the_narrowest_round_one_that_is_wide_enough(self):
        self.assertEqual(series.bin_width(60 * SECOND, 120), SECOND // 2)
        self.assertEqual(series.bin_width(60 * SECOND + 1, 120), SECOND)
        self.assertEqual(series.bin_width(20 * SECOND, 120), SECOND // 5)
        self.assertEqual(series.bin_width(0, 120), SECOND // 1000)

    def test_the_last_moment_of_a_run_has_a_bin(self):
        self.assertEqual(series.bin_count(10, 5), 3)
        self.assertEqual(series.sums([(0, 1), (4, 2), (5, 4), (10, 8)], 5, 3), [3, 4, 8])

    def test_later_answers_count_in_the_last_bin(self):
        self.assertEqual(series.sums([(99, 1)], 5, 3), [0, 0, 1])

    def test_percentiles_are_nearest_rank(self):
        hundred = list(range(1, 101))
        self.assertEqual([series.percentile(hundred, p) for p in (50, 95, 99)], [50, 95, 99])
        self.assertEqual([series.percentile([10, 20, 30], p) for p in (50, 95, 99)], [20, 30, 30])
        self.assertEqual([series.percentile([10, 20], p) for p in (50, 51)], [10, 20])
        self.assertEqual(series.percentile([7], 50), 7)

    def test_latencies_of_a_bin_become_milliseconds(self):
        acks = [(1, 4_000_000), (2, 2_000_000), (9, 1_500_000), (21, 9_000_000)]
        curves = produce_latency.binned(acks, 10)
        self.assertEqual(curves["p50"], {0: 2.0, 2: 9.0})
        self.assertEqual(curves["max"], {0: 4.0, 2: 9.0})

    def test_the_outline_breaks_at_an_empty_bin(self):
        xs, ys = series.bin_outline({3: 7.0, 0: 5.0, 1: 6.0}, 10)
        self.assertEqual(xs, [0, 10, 10, 20, 20, 30, 40])
        self.assertEqual(plain(ys), [5.0, 5.0, 6.0, 6.0, None, 7.0, 7.0])

    def test_rates_are_per_second_and_by_outcome(self):
        ended = [Outcome(0, "ok", 3), Outcome(1, "ok", 1), Outcome(SECOND, "unknown", 5)]
        half = SECOND // 2
        by_operation = produce_outcomes.rates(ended, lambda _: 1, half, 3)
        self.assertEqual(by_operation,
                         {"ok": [4.0, 0.0, 0.0], "fail": [0.0] * 3, "unknown": [0.0, 0.0, 2.0]})
        by_record = produce_outcomes.rates(ended, lambda o: o.records, half, 3)
        self.assertEqual(by_record["ok"], [8.0, 0.0, 0.0])


class Spans(unittest.TestCase):
    def test_a_state_lasts_until_the_next_or_the_end(self):
        self.assertEqual(series.intervals([(1, "a"), (4, "b")], 10), [(1, 4, "a"), (4, 10, "b")])

    def test_equal_neighbours_merge_and_empty_ones_vanish(self):
        self.assertEqual(series.intervals([(1, "a"), (3, "a"), (5, "b"), (5, "c")], 9),
                         [(1, 5, "a"), (5, 9, "c")])

    def test_overlaps_are_cut_to_the_span(self):
        self.assertEqual(series.overlaps((10, 20), [(5, 12, "x"), (15, 30, "x"), (20, 25, "x")]),
                         [(10, 12), (15, 20)])

    def test_only_a_gap_ten_times_the_usual_stands_out(self):
        regular = [0, 10, 20, 30, 130, 140, 239]
        self.assertEqual(series.gaps(regular, 50), [(30, 130)])
        self.assertEqual(series.gaps(regular, 200), [])
        self.assertEqual(series.gaps([5], 1), [])

    def test_the_longest_gap_is_first(self):
        times = [0, 1, 2, 3, 4, 5, 6, 26, 27, 77]
        self.assertEqual(series.gaps(times, 10), [(27, 77), (6, 26)])

    def test_a_heat_map_cell_shows_the_worst_of_its_time(self):
        cells = series.heat([(12, 0), (25, 2), (27, 0), (40, 1)], 10, 6, 50)
        self.assertEqual(plain(cells), [None, 0, 2, 0, 1, None])


class Steps(unittest.TestCase):
    def test_a_value_holds_until_the_next(self):
        self.assertEqual(series.steps([(1, 5), (3, 8)], [], 9), ([1, 3, 3, 9], [5, 5, 8, 8]))

    def test_the_curve_breaks_while_the_replica_is_stopped(self):
        xs, ys = series.steps([(1, 5), (8, 5)], [4], 9)
        self.assertEqual(xs, [1, 4, 4, 8, 9])
        self.assertEqual(plain(ys), [5, 5, None, 5, 5])

    def test_what_lies_on_the_disk_of_a_stopped_replica(self):
        xs, ys = series.at_rest([(1, 5), (2, 6), (8, 4)], [4, 9], 12)
        self.assertEqual(xs, [4, 8, 8, 9, 12, 12])
        self.assertEqual(plain(ys), [6, 6, None, 4, 4, None])

    def test_a_replica_that_had_nothing_leaves_nothing(self):
        self.assertEqual(series.at_rest([(5, 1)], [2], 9), ([], []))

    def test_thinning_keeps_the_edges_of_each_chunk(self):
        points = [(0, 5), (1, 9), (2, 1), (3, 4), (4, 4), (10, 7)]
        self.assertEqual(series.thin(points, 10), [(0, 5), (1, 9), (2, 1), (4, 4), (10, 7)])


class Names(unittest.TestCase):
    def test_numbers_sort_as_numbers(self):
        self.assertEqual(sorted(["t-10", "t-9", "a-1", "t2-0"], key=natural),
                         ["a-1", "t2-0", "t-9", "t-10"])

    def test_topics_of_users_come_first(self):
        self.assertEqual(sorted(["__consumer_offsets-0", "zoo-0"], key=partition_order),
                         ["zoo-0", "__consumer_offsets-0"])

    def test_a_shortened_name_keeps_its_partition(self):
        self.assertEqual(style.shortened("orders-0", 8), "orders-0")
        self.assertEqual(style.shortened("abcdefghij-12", 9), "abcd…j-12")

    def test_equal_colours_come_with_other_lines(self):
        styles = style.node_styles(range(9))
        self.assertEqual(len(set(map(str, styles.values()))), 9)


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_ = read_run(SMALL)

    def test_the_heading(self):
        run = self.run_
        self.assertEqual((run.scenario, run.title, run.seed, run.verdict, run.end),
                         ("small-failover", "A small run, made by hand", 7, "pass", 10 * SECOND))

    def test_faults_have_spans_and_an_open_one_has_no_end(self):
        faults = [(f.id, f.start, f.end, f.how) for f in self.run_.faults]
        self.assertEqual(faults, [("kill", 4_200_000_000, 7 * SECOND, "kill"),
                                  ("prefer", 8 * SECOND, 8_020_000_000, ""),
                                  ("freeze", 8_500_000_000, None, "")])
        self.assertEqual(self.run_.skipped, [("never", 9 * SECOND, "its trigger never fired")])

    def test_nodes_that_are_away(self):
        self.assertEqual(self.run_.away, {"broker-1": [(4_200_000_000, 7 * SECOND, "down")],
                                          "broker-3": [(8_500_000_000, 10 * SECOND, "paused")]})

    def test_partitions_follow_the_controller(self):
        states = [(s.t, s.leader, s.epoch, s.isr) for s in self.run_.partitions["orders-0"]]
        self.assertEqual(states, [(SECOND, 1, 0, (1, 2, 3)), (6 * SECOND, 2, 1, (2, 3)),
                                  (7_400_000_000, 2, 1, (2, 3, 1)),
                                  (8_010_000_000, 1, 2, (2, 3, 1))])
        self.assertEqual(self.run_.brokers(), [1, 2, 3])

    def test_offsets_are_next_to_write_and_the_metadata_log_is_left_out(self):
        self.assertEqual(self.run_.leo["orders-1", "broker-1"],
                         [(1_747_500_000, 3), (2_747_500_000, 6), (3_747_500_000, 9),
                          (7_200_000_000, 9), (7_350_000_000, 11)])
        self.assertEqual(self.run_.hw["orders-1", "broker-2"][-1], (6_002_000_000, 11))
        self.assertEqual({p for p, _ in self.run_.leo}, {"orders-0", "orders-1"})

    def test_outcomes_come_from_the_history(self):
        counted = {}
        for o in self.run_.outcomes:
            operations, records = counted.get(o.outcome, (0, 0))
            counted[o.outcome] = (operations + 1, records + o.records)
        self.assertEqual(counted, {"ok": (10, 41), "fail": (1, 1), "unknown": (1, 2)})


class Directory(unittest.TestCase):
    """Each test has its own copy of the small run, to spoil."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.base = pathlib.Path(holder.name)
        self.run_dir = self.base / "run"
        shutil.copytree(SMALL, self.run_dir)

    def plot(self, *arguments, environment=None, cwd=None):
        return subprocess.run([sys.executable, "-B", str(PLOT), *map(str, arguments)], cwd=cwd,
                              env={**os.environ, **(environment or {})}, capture_output=True,
                              encoding="utf-8", check=False)

    def contents(self, directory):
        return {path.name: path.read_bytes() for path in directory.iterdir()}

    def add_events(self, *events):
        with open(self.run_dir / "trace.jsonl", "a", encoding="utf-8") as file:
            for t, node, kind, attributes in events:
                file.write(json.dumps({"i": 0, "t": t, "n": node, "k": kind, "a": attributes,
                                       "c": []}) + "\n")

    def words(self, figure):
        return [text.get_text() for text in figure.findobj(lambda o: hasattr(o, "get_text"))]


class Reduced(Directory):
    def test_without_a_history_the_trace_tells_acked_and_failed(self):
        (self.run_dir / "history.jsonl").unlink()
        outcomes = [o.outcome for o in read_run(self.run_dir).outcomes]
        self.assertEqual((outcomes.count("ok"), outcomes.count("fail"), len(outcomes)), (10, 1, 11))

    def test_without_a_manifest_there_is_no_title(self):
        (self.run_dir / "manifest.json").unlink()
        self.assertEqual(read_run(self.run_dir).title, "")

    def test_bad_files_are_named_with_their_line(self):
        trace = self.run_dir / "trace.jsonl"
        header = trace.read_bytes().splitlines(keepends=True)[0]
        event = '{"i":1,"t":%s,"n":"x","k":%s,"a":%s,"c":[]}'
        for bad, words in (
                (b'{"i":1,', "trace.jsonl:2: not JSON"), (b"\xff\xfe", "trace.jsonl:2: not UTF-8"),
                (b"[]", "trace.jsonl:2: not a JSON object"), (b'{"i":1}', "trace.jsonl:2: "),
                (b"[" * 200_000, "trace.jsonl:2: nested too deeply"),
                ((event % ('"x"', '"NodeStopped"', "{}")).encode(), "time 'x'"),
                ((event % ("-1", '"NodeStopped"', '{"how":"kill"}')).encode(), "time -1"),
                ((event % ("1", "3", "{}")).encode(), "kind 3"),
                ((event % ("1", '"ProduceAcked"', '{"count":1}')).encode(), "latency_ns"),
                ((event % ("1", '"PartitionChanged"', '{"p":"t-0","isr":3}')).encode(), "isr 3"),
                ((event % ("1", '"HwAdvanced"', '{"p":"t-0","hw":1.5}')).encode(), "hw 1.5")):
            with self.subTest(bad=bad[:80]):
                trace.write_bytes(header + bad + b"\n")
                with self.assertRaises(RunError) as raised:
                    read_run(self.run_dir)
                self.assertIn(words, str(raised.exception))

    def test_results_and_history_are_checked_too(self):
        for name, text, words in (("results.json", "{}", "not the results of a run"),
                                  ("results.json", "[]", "not a JSON object"),
                                  ("history.jsonl", '{"time":1}\n', "history.jsonl:1: ")):
            with self.subTest(name=name, text=text):
                keep = (self.run_dir / name).read_bytes()
                (self.run_dir / name).write_text(text)
                with self.assertRaises(RunError) as raised:
                    read_run(self.run_dir)
                self.assertIn(words, str(raised.exception))
                (self.run_dir / name).write_bytes(keep)


class Program(Directory):
    def test_writes_all_pictures_with_the_same_bytes_wherever_it_runs(self):
        first = self.plot(self.run_dir)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        pictures = self.run_dir / "plots"
        self.assertEqual(sorted(pathlib.Path(line).name for line in first.stdout.splitlines()),
                         FILES)
        self.assertTrue(all(pathlib.Path(line).exists() for line in first.stdout.splitlines()))
        contents = self.contents(pictures)
        self.assertEqual(sorted(contents), FILES)

        elsewhere = self.base / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "matplotlibrc").write_text("axes.linewidth: 9\nxtick.labelsize: 30\n")
        second = self.plot(self.run_dir, "--out", "o/p", "--quiet", cwd=elsewhere, environment={
            "TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "99",
            "MPLBACKEND": "svg", "SOURCE_DATE_EPOCH": "1"})
        self.assertEqual((second.returncode, second.stdout, second.stderr), (0, "", ""))
        again = self.contents(elsewhere / "o" / "p")
        self.assertEqual([name for name in FILES if again[name] != contents[name]], [])

        for name, data in contents.items():
            start = b"\x89PNG\r\n" if name.endswith(".png") else b"<?xml"
            self.assertTrue(data.startswith(start), name)
            self.assertNotIn(b"<dc:date", data)
            self.assertNotIn(b"Matplotlib v", data)
            self.assertNotIn(b"Software", data)

    def test_one_format_only(self):
        done = self.plot(self.run_dir, "--format", "svg")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(self.contents(self.run_dir / "plots")),
                         [name for name in FILES if name.endswith(".svg")])

    def test_an_empty_trace_gives_pictures_that_say_so(self):
        (self.run_dir / "trace.jsonl").write_bytes(b"")
        (self.run_dir / "history.jsonl").unlink()
        done = self.plot(self.run_dir, "--format", "png")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        run = read_run(self.run_dir)
        for name, draw in PLOTS.items():
            texts = [text.get_text() for axes in draw(run).axes for text in axes.texts]
            self.assertTrue(any(text.startswith("no data") for text in texts), name)

    def test_wrong_use_is_exit_2(self):
        for arguments in ([], ["--format", "pdf", self.run_dir], ["--bogus", self.run_dir]):
            with self.subTest(arguments=arguments):
                done = self.plot(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("plot.py: error: ", done.stderr)

    def test_what_cannot_be_read_or_written_is_exit_6_and_one_line(self):
        blocked = self.base / "file"
        blocked.write_text("")
        bare = self.base / "bare"
        bare.mkdir()
        for arguments, words in (([self.base / "none"], "no such directory"),
                                 ([blocked], "not a run directory"),
                                 ([bare], "it has no trace.jsonl"),
                                 ([self.run_dir, "--out", blocked / "x"], "cannot write")):
            with self.subTest(arguments=arguments):
                done = self.plot(*arguments)
                self.assertEqual((done.returncode, done.stdout), (6, ""))
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertTrue(done.stderr.startswith("plot.py: "), done.stderr)
                self.assertIn(words, done.stderr)


class Links(Directory):
    """The small run has no metrics; here they are written by hand, three samples a second apart."""

    def write(self, count):
        rows = ["t_ns,node,metric,labels,value", "0,broker-1,kafka_brokers,,3"]
        for t in (SECOND, 2 * SECOND):
            for i in range(count):
                where = f"from=broker-{i};to=controller-100"
                rows.append(f"{t},,brokersim_link_messages_total,{where},{(i + 1) * t // SECOND}")
                rows.append(f"{t},,brokersim_link_in_flight,{where},{i}")
        rows.append(f"{2 * SECOND},,brokersim_link_dropped_total,{where},5")
        (self.run_dir / "metrics.csv").write_text("\n".join(rows) + "\n")

    def test_samples_begin_with_nothing_and_count_up(self):
        self.write(2)
        links_ = read_run(self.run_dir).links
        samples = links_["broker-1", "controller-100"]
        self.assertEqual([(s.t, s.messages, s.dropped, s.in_flight) for s in samples],
                         [(0, 0, 0, 0), (SECOND, 2, 0, 1), (2 * SECOND, 4, 5, 1)])
        self.assertEqual(links.per_second(samples, lambda s: s.dropped),
                         [(0, SECOND, 0), (SECOND, 2 * SECOND, 5)])

    def test_the_busiest_are_shown_and_the_title_says_so(self):
        self.write(30)
        run = read_run(self.run_dir)
        self.assertEqual(links.busiest(run.links, 2), [("broker-28", "controller-100"),
                                                       ("broker-29", "controller-100")])
        figure = links.draw(run)
        words = [text.get_text() for text in figure.findobj(lambda o: hasattr(o, "get_text"))]
        self.assertIn("The busiest 24 of 30 links", words)
        self.assertIn("b29 → c100", words)
        self.assertNotIn("b0 → c100", words)

    def test_disks_show_what_each_second_took(self):
        rows = ["t_ns,node,metric,labels,value"]
        for t, count, total in ((0, 0, 0), (SECOND, 10, 0.02), (2 * SECOND, 10, 0.02)):
            rows.append(f"{t},broker-1,brokersim_disk_seconds_count,op=fsync,{count}")
            rows.append(f"{t},broker-1,brokersim_disk_seconds_sum,op=fsync,{total}")
            rows.append(f"{t},broker-1,brokersim_disk_waiting,,1")
        (self.run_dir / "metrics.csv").write_text("\n".join(rows) + "\n")
        figure = PLOTS["disks"](read_run(self.run_dir))
        curves = [line.get_xydata().tolist() for line in figure.axes[1].lines]
        self.assertIn([[1.0, 2.0]], curves)
        words = [text.get_text() for text in figure.findobj(lambda o: hasattr(o, "get_text"))]
        self.assertIn("fsync", words)
        self.assertNotIn("read", words)

    def test_a_counter_that_fell_began_again(self):
        points = [(0, 5), (SECOND, 15), (3 * SECOND, 4)]
        self.assertEqual(series.per_second(points), [(SECOND, 10), (3 * SECOND, 2)])

    def test_spoilt_metrics_are_named(self):
        (self.run_dir / "metrics.csv").write_text("t_ns,node,metric,labels,value\nx,,m,,1\n")
        with self.assertRaises(RunError) as raised:
            read_run(self.run_dir)
        self.assertIn("metrics.csv: not the metrics of a run", str(raised.exception))


class Figures(Directory):
    def created(self, count):
        state = {"leader": 1, "leader_epoch": 0, "isr": [1, 2], "replicas": [1, 2]}
        return [(SECOND, "controller-100", "PartitionChanged", {"p": f"many-{i}", **state})
                for i in range(count)]

    def test_the_small_run_is_told_in_words_too(self):
        run = read_run(self.run_dir)
        latency = self.words(PLOTS["produce-latency"](run))
        self.assertIn("no batch\nacknowledged\nfor 2.5 s", latency)
        self.assertIn("crash (kill) broker-1", latency)
        self.assertIn("small-failover: A small run, made by hand", latency)
        self.assertIn("seed 7, verdict pass", latency)
        self.assertIn("simulated time (s)", latency)
        leaders = self.words(PLOTS["leadership"](run))
        for label in ("1, epoch 0", "2, epoch 1", "1, epoch 2", "leader is down"):
            self.assertIn(label, leaders)
        self.assertIn("2 3", self.words(PLOTS["isr-size"](run)))

    def test_voters_have_roles_votes_and_epochs(self):
        role = lambda t, n, name, epoch: (t * SECOND, n, "RaftRole",
                                          {"role": name, "epoch": epoch, "leader": -1})
        self.add_events(role(1, "controller-100", "leader", 1), role(1, "broker-1", "observer", 1),
                        role(1, "controller-101", "follower", 1),
                        role(5, "controller-101", "candidate", 2),
                        (6 * SECOND, "controller-100", "RaftVote",
                         {"candidate": 101, "epoch": 2, "granted": False, "pre": False}))
        run = read_run(self.run_dir)
        self.assertEqual(run.voters(), ["controller-100", "controller-101"])
        self.assertEqual(run.raft["controller-101"],
                         [(SECOND, ("follower", 1)), (5 * SECOND, ("candidate", 2))])
        self.assertEqual(run.votes, {"controller-100": [(6 * SECOND, False)]})
        words = self.words(PLOTS["quorum"](run))
        for word in ("candidate", "leader", "refuses a vote", "epoch of 101"):
            self.assertIn(word, words)
        self.assertNotIn("grants a vote", words)

    def test_more_than_twelve_partitions_become_a_heat_map(self):
        self.add_events(*self.created(10))
        self.assertNotIn("ISR size (12 partitions)", self.words(isr_size.draw(
            read_run(self.run_dir))))
        self.add_events((9 * SECOND, "controller-100", "PartitionChanged", {
            "p": "last-0", "leader": -1, "leader_epoch": 1, "isr": [], "replicas": [1, 2]}))
        words = self.words(isr_size.draw(read_run(self.run_dir)))
        self.assertIn("ISR size (13 partitions)", words)
        self.assertIn("all but 2", words)

    def test_the_title_says_that_only_the_first_partitions_are_shown(self):
        self.add_events(*((2 * SECOND, "broker-1", "LogAppended", {"p": f"many-{i}", "last": 4})
                          for i in range(5)))
        words = self.words(PLOTS["log-end-and-hw"](read_run(self.run_dir)))
        self.assertIn("Log end offset and high watermark (first 4 of 7 partitions)", words)
        self.add_events(*self.created(50))
        words = self.words(PLOTS["leadership"](read_run(self.run_dir)))
        self.assertIn("Leadership of the first 40 of 52 partitions", words)

    def test_many_faults_share_the_last_row(self):
        self.add_events(*((SECOND * i // 2, "sim", "FaultStarted", {
            "f": f"f{i}", "fault": "pause", "targets": ["broker-2"]}) for i in range(12)))
        words = self.words(PLOTS["leadership"](read_run(self.run_dir)))
        self.assertIn("9 more", words)
        self.assertNotIn("f11", words)


if __name__ == "__main__":
    unittest.main()
