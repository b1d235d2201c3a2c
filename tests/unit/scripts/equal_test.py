"""Tests of scripts/equal.py against programs that stand in for the simulator: what differs is found
and named, whatever it is, and what does not differ is called the same.
"""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import equal  # noqa: E402

# Called as equal.py calls the simulator: run SCENARIO --seed N -q -o DIRECTORY.
PROGRAM = """#!/bin/sh
seed=$4 out=$7 hash=cafe status=0
mkdir -p "$out/data/broker-1/t-0" "$out/data/broker-1/empty"
printf '{"header":1}\\n{"e":1,"seed":%s}\\n{"e":2}\\n' "$seed" >"$out/trace.jsonl"
printf 'records' >"$out/data/broker-1/t-0/0.log"
"""
END = """
printf '{\\n "hash": "%s",\\n "wall_ns": %s,\\n "verdict": "passed"\\n}\\n' "$hash" "$$" \\
    >"$out/results.json"
exit $status
"""
SCENARIO = "scenarios/a.json"


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name, value in {"ROOT": self.root, "SCENARIOS": (SCENARIO,)}.items():
            patch = mock.patch.object(equal, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.put("release", "")

    def put(self, preset, code):
        """A build whose program does `code`, too."""
        program = self.root / f"build/{preset}/brokersim"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(PROGRAM + code + END)
        program.chmod(0o755)

    def call(self, *arguments):
        said = io.StringIO()
        with mock.patch.object(sys, "argv", ["equal.py", *arguments]), \
                contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = equal.main()
        return status, said.getvalue()

    def differs(self, code, *expected, variant="clang", seeds="1..3"):
        """The variant's program does `code`; what is said holds each of `expected`."""
        self.put(variant, code)
        status, said = self.call(variant, "--seeds", seeds)
        self.assertEqual(status, 1, said)
        for part in expected:
            self.assertIn(part, said)
        return said


class Differences(Case):
    def test_what_gives_the_same_bytes_is_the_same(self):
        self.put("clang", "")
        self.assertEqual(self.call("clang", "--seeds", "1..3"),
                         (0, "clang: 3 runs the same (clang++ -O2)\n"))

    def test_the_first_line_of_the_trace_that_differs_is_named(self):
        said = self.differs("""[ $seed != 2 ] || sed -i 's/"e":2/"e":9/' "$out/trace.jsonl\"""",
                            f"clang: differs: {SCENARIO} --seed 2\n",
                            "first difference: trace.jsonl, line 3\n",
                            '  release: {"e":2}\n', '  clang: {"e":9}\n')
        self.assertNotIn("--seed 3", said)

    def test_a_trace_that_ends_early(self):
        self.differs('sed -i 2,3d "$out/trace.jsonl"', "trace.jsonl, line 2\n",
                     '  release: {"e":1,"seed":1}\n  clang: (ends)\n')

    def test_the_hash_alone(self):
        self.differs("hash=beef", "first difference: trace hash\n  release: cafe\n  clang: beef\n")

    def test_one_byte_of_a_node_s_files(self):
        self.differs('printf "\\377" >>"$out/data/broker-1/t-0/0.log"',
                     "first difference: data/broker-1/t-0/0.log, line 1\n",
                     "  release: records\n  clang: records\\xff\n")

    def test_of_a_long_line_what_is_around_the_difference(self):
        text = """seq -s, 9999 | sed 's/,5000,/,%s,/' >>"$out/trace.jsonl" """
        self.put("release", text % "5000")
        said = self.differs(text % "x", "line 4\n  release: …", ",4999,5000,50", ",4999,x,5001,")
        self.assertLess(len(said), 3000)

    def test_a_file_too_few_or_too_many(self):
        self.differs('rm "$out/data/broker-1/t-0/0.log"', "difference: data/broker-1/t-0/0.log\n",
                     "  clang: (missing)\n")
        self.differs('touch "$out/data/x"', "difference: data/x\n", "  release: (missing)\n")

    def test_an_empty_folder(self):
        self.differs('rmdir "$out/data/broker-1/empty"', "difference: data/broker-1/empty\n",
                     "  release: folder\n  clang: (missing)\n")

    def test_the_exit_status(self):
        self.differs("status=4", "difference: exit status\n  release: 0\n  clang: 4\n")

    def test_a_program_that_crashes_is_quoted(self):
        self.differs("echo broken >&2; exit 70",
                     "difference: exit status\n", "  clang: 70\nbroken\n")

    def test_both_run_directories_are_kept(self):
        self.differs("hash=beef", seeds="5..5")
        for name, text in {"release": "cafe", "clang": "beef"}.items():
            kept = self.root / "runs/equal/clang/a-5" / name
            self.assertIn(text, (kept / "results.json").read_text())
            self.assertTrue((kept / "data/broker-1/t-0/0.log").is_file())

    def test_the_others_are_still_compared(self):
        self.put("o3", "")
        self.put("clang", "hash=beef")
        status, said = self.call("clang", "o3", "--seeds", "1..1")
        self.assertEqual(status, 1)
        self.assertIn("o3: 1 runs the same", said)


class Reference(Case):
    def test_one_that_is_not_deterministic_is_told_from_a_variant_that_differs(self):
        self.put("release", 'echo $$ >>"$out/trace.jsonl"')
        status, said = self.call("again", "--seeds", "1..1")
        self.assertEqual(status, 1)
        self.assertIn("release itself differs from one run to the next", said)

    def test_one_that_crashes_ends_it(self):
        self.put("release", "echo broken >&2; exit 70")
        status, said = self.call("again", "--seeds", "1..1")
        self.assertEqual(status, 1)
        self.assertIn("70\nbroken", said)

    def test_a_build_that_is_missing_is_wrong_usage(self):
        status, said = self.call("o0")
        self.assertEqual(status, 2)
        self.assertIn("build/o0/brokersim is missing", said)


class Environment(Case):
    """The program leaks something of its environment: the variant that changes it finds that."""

    def leaks(self, variant, code):
        self.put("release", code + ' >>"$out/trace.jsonl"')
        with mock.patch.object(equal, "why_not", lambda variant: None):
            status, said = self.call(variant, "--seeds", "1..1")
        self.assertEqual(status, 1, said)
        self.assertIn(f"{variant}: differs", said)
        self.assertNotIn("itself", said)

    def skip_where_impossible(self, variant):
        reason = equal.why_not(next(v for v in equal.VARIANTS if v.name == variant))
        if reason:
            self.skipTest(reason)

    def test_the_directory(self):
        # Three digits of its length are cut off: what is left differs by the length alone.
        for place in "$PWD", "$TMPDIR", "$out":
            with self.subTest(place):
                self.leaks("directory", f'echo "{place}" | wc -c | cut -c4-')

    def test_the_file_system(self):
        self.skip_where_impossible("file-system")
        self.leaks("file-system", 'stat -f -c %i "$out"')

    def test_the_time_zone(self):
        for variant in "zone-east", "zone-west":
            self.leaks(variant, "echo $TZ")

    def test_the_locale(self):
        for variant in "locale-de", "locale-ja", "locale-tr":
            self.leaks(variant, "echo $LC_ALL $LANG")

    def test_addresses(self):
        self.skip_where_impossible("aslr-off")
        self.leaks("aslr-off", "cat /proc/self/personality")

    def test_memory(self):
        self.leaks("memory", "echo $GLIBC_TUNABLES")

    def test_a_variant_without_effect_is_not_run(self):
        broken = equal.time_zone("zone-east", "Nowhere/Land", "+0530")
        with mock.patch.object(equal, "VARIANTS", (broken,)):
            self.assertEqual(self.call("zone-east", "--seeds", "1..1"), (
                4, "zone-east: not run: date -d @0 +%z says '+0000', not '+0530'\n"))
            self.assertEqual(self.call("--short", "--seeds", "1..1")[0], 0)


if __name__ == "__main__":
    unittest.main()
