#!/usr/bin/env python3
"""What is wrong is refused in the form of SURFACE: scenarios with exit code 3, command lines with
2, what cannot be read or written with 6. Nothing takes long, and nothing is left behind.

usage: test_bad_input.py BROKERSIM [unittest arguments]

BSIM_REWRITE=1 writes tests/golden/bad_scenarios.txt anew.
"""
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import unittest

import bad_scenarios

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests/golden/bad_scenarios.txt"
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
FAILOVER = ROOT / "scenarios/failures/leader-failover.json"
SECONDS = 5


# What runs beside the tests must not decide, so no wall clock.
def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Case(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.work = pathlib.Path(place.name)

    def call(self, *arguments, **options):
        """In the working directory, which must not change."""
        before = self.files()
        done = subprocess.run([PROGRAM, *arguments], cwd=self.work, timeout=120,
                              stdout=options.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, **options)
        self.assertEqual(self.files(), before, arguments)
        done.stderr = done.stderr.decode()
        return done

    def files(self):
        return sorted(path.relative_to(self.work).as_posix() for path in self.work.rglob("*"))

    def write(self, name, data=bad_scenarios.BASE.encode()):
        (self.work / name).write_bytes(data)
        return name


class Scenarios(Case):
    def test_the_base_is_right(self):
        done = self.call("check", self.write("base.json"))
        self.assertEqual((done.returncode, done.stderr), (0, "base.json: ok\n"))

    def test_each_small_one_gets_its_message(self):
        found = ""
        for name in bad_scenarios.SMALL:
            self.write(name, bad_scenarios.SMALL[name])
        for name in bad_scenarios.SMALL:
            done = self.call("check", name)
            found += f"== {name}: {done.returncode}\n{done.stderr}\n"
        if os.environ.get("BSIM_REWRITE"):
            EXPECTED.write_text(found)
        expected = dict(re.findall(r"^== (\S+): (.*?)\n\n", EXPECTED.read_text(), re.M | re.S))
        for name, text in re.findall(r"^== (\S+): (.*?)\n\n", found, re.M | re.S):
            with self.subTest(name):
                self.assertEqual(text, expected.get(name))
                self.assertEqual(text.split("\n")[0], "0" if name.startswith("warn-") else "3")
        self.assertEqual(len(expected), len(bad_scenarios.SMALL))

    def test_json_says_the_same_as_the_text(self):
        names = [self.write(name, data) for name, data in bad_scenarios.SMALL.items()]
        done = self.call("check", "--json", *names)
        self.assertEqual((done.returncode, done.stderr), (3, ""))
        said = json.loads(done.stdout)
        self.assertEqual(list(said), ["ok", "files", "diagnostics"])
        self.assertEqual((said["ok"], said["files"]), (False, names))
        for one in said["diagnostics"]:
            self.assertEqual(list(one), ["file", "line", "column", "pointer", "code", "message",
                                         "expected", "suggestion", "severity"])
        text = self.call("check", "--max-errors", "1000", *names).stderr
        places = [(one["file"], one["line"], one["column"], one["severity"], one["message"])
                  for one in said["diagnostics"]]
        for file, line, column, severity, message in places:
            self.assertIn(f"{file}:{line}:{column}: {severity}: {message}", text)
        self.assertEqual(len(re.findall(r"^\S+:\d+:\d+: (?:error|warning): ", text, re.M)),
                         len(places))

    def test_every_code_is_explained(self):
        names = [self.write(name, data) for name, data in bad_scenarios.SMALL.items()]
        said = json.loads(self.call("check", "--json", *names).stdout)
        codes = {one["code"] for one in said["diagnostics"]}
        self.assertGreater(len(codes), 50)
        for code in sorted(codes):
            done = self.call("explain", code)
            self.assertEqual(done.returncode, 0, code)
            self.assertGreater(len(done.stdout), 40, code)

    def test_warnings_are_in_json_too_and_change_no_exit_code(self):
        for name in (n for n in bad_scenarios.SMALL if n.startswith("warn-")):
            done = self.call("check", "--json", self.write(name, bad_scenarios.SMALL[name]))
            said = json.loads(done.stdout)
            self.assertEqual((done.returncode, said["ok"]), (0, True), name)
            self.assertEqual({one["severity"] for one in said["diagnostics"]}, {"warning"}, name)
            self.assertEqual(self.call("-q", "check", name).stderr, "")

    def test_so_many_errors_are_printed_as_asked_for(self):
        name = self.write("many.json", b'{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}')
        text = self.call("check", "--max-errors", "3", name).stderr
        self.assertEqual(text.count("error: "), 3)
        self.assertIn("more (--max-errors)", text)

    def test_large_ones_are_refused_in_no_time(self):
        short = bool(os.environ.get("BSIM_SHORT"))  # sanitizers take their time: some of them
        for number, (name, data) in enumerate(bad_scenarios.large()):
            if short and number % 5 != 0:
                continue
            with self.subTest(name):
                self.write(name, data)
                before = processor_seconds()
                done = self.call("check", name, "--max-errors", "5")
                taken = processor_seconds() - before
                self.assertEqual(done.returncode, 3, done.stderr[:500])
                self.assertLess(len(done.stderr), 20_000)
                self.assertRegex(done.stderr, rf"^{name}:(\d+:\d+:)? error: ")
                print(f"{name}: {taken:.1f} s, {len(data) >> 20} MiB", file=sys.stderr)
                if not short:
                    self.assertLess(taken, SECONDS)
                (self.work / name).unlink()

    def test_from_standard_input(self):
        done = self.call("check", "-", input=bad_scenarios.SMALL["fault-unknown.json"])
        self.assertEqual(done.returncode, 3)
        self.assertTrue(done.stderr.startswith("<stdin>:11:38: error: unknown fault"), done.stderr)
        done = self.call("check", "-", input=b"")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(self.call("check", "-", input=bad_scenarios.BASE.encode()).returncode, 0)

    def test_what_cannot_be_read(self):
        (self.work / "folder.json").mkdir()
        self.write("secret.json")
        (self.work / "secret.json").chmod(0)
        cases = [("none.json", "No such file or directory"), ("folder.json", "Is a directory"),
                 ("none/none.json", "No such file or directory")]
        if os.geteuid() != 0:
            cases.append(("secret.json", "Permission denied"))
        for name, why in cases:
            done = self.call("check", name)
            self.assertEqual((done.returncode, done.stderr),
                             (6, f"{name}: error: cannot read the scenario: {why}\n"))
            said = json.loads(self.call("check", "--json", name).stdout)
            self.assertEqual(said["diagnostics"][0]["code"], "E0001")

    def test_a_device_that_never_ends(self):
        done = self.call("check", "/dev/zero")
        self.assertEqual((done.returncode, done.stderr),
                         (3, "/dev/zero: error: the file is larger than 64 MiB\n"))


class Output(Case):
    def test_into_places_that_take_none(self):
        name = self.write("base.json")
        self.write("file")
        for place, why in [("file", "Not a directory"), ("file/run", "Not a directory"),
                           ("/proc/run", ""), ("/dev/full", "Not a directory"),
                           ("/dev/full/run", "Not a directory"), ("x" * 300, "too long")]:
            done = self.call("run", name, "-o", place)
            self.assertEqual(done.returncode, 6, done.stderr)
            self.assertIn(why, done.stderr)
            done = self.call("run", name, "-o", "run", "--data", place)
            self.assertEqual(done.returncode, 6, done.stderr)

    def test_a_read_only_directory(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        name = self.write("base.json")
        (self.work / "closed").mkdir(mode=0o500)
        self.assertEqual(self.call("run", name, "-o", "closed/run").returncode, 6)
        self.assertEqual(self.call("run", name, "-o", "closed").returncode, 6)

    def test_a_log_that_the_system_lets_grow_no_further(self):
        """Nothing of it may look like a failure in the scenario."""
        most = 11 * 2 ** 20  # indexes have 10 MiB, and other outputs little
        name = self.write("retries.json", json.dumps({
            "version": 1, "name": "retries", "duration": "40s",
            "cluster": {"brokers": {"1": {}}, "controllers": [1001]},
            "topics": {"t": {"partitions": 1, "replication": 1}},
            "producers": {"p": {"topic": "t", "rate": "10/s", "value": "100KiB", "config": {
                "acks": "1", "enable.idempotence": False, "linger.ms": 0,
                "request.timeout.ms": 300, "retry.backoff.ms": 50,
                "delivery.timeout.ms": 30000}}},
            "faults": [{"at": "1s", "fault": "response-drop", "api": "Produce", "count": 1000}],
        }).encode())
        with tempfile.TemporaryDirectory() as out:
            for limit, status in ((resource.RLIM_INFINITY, 0), (most, 6)):
                done = self.call("run", name, "-o", f"{out}/{status}", preexec_fn=lambda: (
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))
                self.assertEqual(done.returncode, status, done.stderr)
            self.assertRegex(done.stderr, r"t-0/0+\.log: pwrite: File too large\n$")
            log = pathlib.Path(out, "0/data/broker-1/t-0/00000000000000000000.log")
            self.assertGreater(log.stat().st_size, most)

    def test_a_report_into_places_that_take_none(self):
        self.write("base.json")
        (self.work / "folder").mkdir()
        for place in ("/dev/full", "folder", "file/junit.xml"):
            self.write("file")
            with tempfile.TemporaryDirectory() as out:
                done = self.call("sweep", "base.json", "--set", "/duration=3s", "--seeds", "1",
                                 "-o", out, "--junit", place)
            self.assertEqual(done.returncode, 6, (place, done.stderr))
        self.assertTrue(pathlib.Path("/dev/full").is_char_device())

    def test_standard_output_that_is_full(self):
        self.write("bad.json", b"{}")
        for arguments in (["schema"], ["schema", "--enum", "fault"], ["version", "--json"],
                          ["check", "--json", "bad.json"], ["explain", "E0107"]):
            with open("/dev/full", "w") as full:
                done = self.call(*arguments, stdout=full)
            self.assertEqual(done.returncode, 6, arguments)
            self.assertIn("cannot write to standard output: No space left", done.stderr)


class CommandLines(Case):
    def refused(self, complaint, *arguments):
        done = self.call(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
        self.assertIn(complaint, done.stderr, arguments)

    def test_each_command_refuses_what_it_does_not_know(self):
        shown = self.call("--help").stdout.decode()
        commands = re.findall(r"^  ([a-z-]+)  ", shown.split("Subcommands:")[1], re.M)
        self.assertGreater(len(commands), 8)
        for command in commands:
            self.refused('unknown option "--jsno"; did you mean "--json"?', command, "--jsno")
            self.refused('unknown option "--frobnicate"', command, "--frobnicate")
            swapped = command[0] + command[2] + command[1] + command[3:]
            self.refused(f'unknown command "{swapped}"', swapped)
            self.assertEqual(self.call(command, "--help").returncode, 0)

    def test_schema(self):
        self.refused('"falt" is the name of no list of words; did you mean "fault"?',
                     "schema", "--enum", "falt")
        self.refused("expected one of: fault, check,", "schema", "--enum", "zzzzzzzz")
        self.refused("--enum needs a value", "schema", "--enum")
        self.refused('unexpected argument "fault"', "schema", "fault")
        self.refused("excludes", "schema", "--checks", "--enum", "fault")

    def test_explain(self):
        self.refused("", "explain")
        self.refused("E9999", "explain", "E9999")
        self.assertEqual(self.call("explain", "e107").stdout, self.call("explain", "E0107").stdout)
        self.assertEqual(json.loads(self.call("explain", "E0107", "--json").stdout)["code"],
                         "E0107")

    def test_compare(self):
        (self.work / "folder").mkdir()
        done = self.call("compare", "folder", "folder")
        self.assertEqual((done.returncode, done.stderr),
                         (6, "brokersim: cannot read folder: Is a directory\n"))

    def test_check(self):
        self.refused("SCENARIO is required", "check")
        self.refused("the name is empty", "check", "")
        self.refused('"0" is no number above 0', "check", "x", "--max-errors", "0")
        self.refused('"many" is no number above 0', "check", "x", "--max-errors=many")
        self.refused('unknown option "--max-error"; did you mean "--max-errors"?',
                     "check", "x", "--max-error", "5")
        self.refused('unknown command "chekc"; did you mean "check"?', "chekc", "x")

    def test_run(self):
        name = self.write("base.json")
        self.refused('unknown option "--sead"; did you mean "--seed"?', "run", name, "--sead", "3")
        self.refused("2^53", "run", name, "--seed", "9007199254740992")
        self.refused("is no number", "run", name, "--seed", "-1")
        self.refused('did you mean "5s"?', "run", name, "--until", "5")
        self.refused("stands there twice", "run", name, "--seed", "1", "--seed", "2")
        self.refused("--out needs a value", "run", name, "-o")
        self.refused("not in {auto,always,never}", "--color", "sometimes", "run", name)

    def test_flags_take_no_value(self):
        name = self.write("base.json")
        for arguments in (["check", "--json=no", name], ["run", "--strict=no", name],
                          ["sweep", "--swarm=yes", name], ["replay", "run", "--check=no"]):
            done = self.call(*arguments)
            self.assertEqual(done.returncode, 2, (arguments, done.stderr))

    def test_overrides(self):
        name = self.write("base.json")
        for override in ("duration=5s", "/duration", ""):
            for command in ("check", "run", "sweep"):
                self.refused("is no PTR=VALUE", command, name, "--set", override)

    def test_trace(self):
        self.refused('did you mean "PartitionChanged"?', "trace", "run", "--where",
                     "k=PartitionChangd")
        self.refused('did you mean "clean"?', "trace", "run", "--where", "clen=false")
        self.refused('"abc" is no whole number', "trace", "run", "--where", "hw>abc")
        self.refused("did you mean \"LeaderElected\"?", "trace", "run", "--where",
                     "k=LeaderElected and")
        self.refused("--from is not before --to", "trace", "run", "--from", "9s", "--to", "3s")

    def test_what_follows_two_dashes_is_a_file(self):
        done = self.call("check", "--", "--json")
        self.assertEqual(done.returncode, 6)
        self.assertIn("--json: error: cannot read", done.stderr)


if __name__ == "__main__":
    unittest.main()
