#!/usr/bin/env python3
"""Runs scenarios under many seeds by the release build and again by others, or elsewhere: all must
give the same trace hash and the same bytes of every file.

    equal.py [--short] [--seeds 1..100] [-j N] [VARIANT…]
    equal.py --presets …      the builds that such a call needs; scripts/dev equal makes them

A variant that differs is named with the scenario, the seed and the first line that differs, of the
trace if it can be; both run directories are kept in runs/equal/. Variants of the environment are
first asked whether they take effect here, as a locale that is not there would change nothing.

Exit status: 0 all the same, 1 a difference, 2 wrong usage, 4 a variant could not be run (0 in the
short form, which says so, too).
"""
import argparse
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "build/locales"
# Lost power and torn files; loss, reordering and Raft's elections; groups, and a broker that dies.
SCENARIOS = ("scenarios/failures/leader-power-loss.json", "scenarios/failures/lossy-network.json",
             "scenarios/groups/coordinator-failover.json")
SEEDS, SHORT_SEEDS = "1..100", "1..2"
# How a run of the program may end; anything else is no run.
ENDED = (0, 1, 4)
LONG = 1000  # characters of a line


def scratch(memory="/dev/shm"):
    """Where runs lie: in memory, where there is room for them."""
    if not os.access(memory, os.W_OK):
        return tempfile.gettempdir()
    free = os.statvfs(memory)
    return memory if free.f_bavail * free.f_frsize > 2 ** 30 else tempfile.gettempdir()


SCRATCH = scratch()


class Variant(NamedTuple):
    name: str
    what: str  # is different
    preset: str = "release"
    before: tuple = ()  # the command that starts the program
    environment: dict = {}
    folder: str = ""  # below: where it is called, and its run directory is
    scratch: str = SCRATCH  # where its files lie
    probe: tuple = ()  # a command whose output is `probed` if the variant takes effect
    probed: str = ""
    short: bool = False  # in CI, too

    @property
    def program(self):
        return ROOT / f"build/{self.preset}/brokersim"


def build(name, what, **more):
    return Variant(name, what, preset=name, **more)


def environment(name, what, **more):
    return Variant(name, what, short=True, **more)


def locale(name, point):
    """A locale in which numbers have such a decimal point."""
    return environment(f"locale-{name[:2]}", name, probe=("locale", "decimal_point"), probed=point,
                       environment={"LC_ALL": name, "LANG": name, "LOCPATH": str(LOCALES)})


def time_zone(name, zone, offset):
    return environment(name, f"time zone {zone}", environment={"TZ": zone},
                       probe=("date", "-d", "@0", "+%z"), probed=offset)


REFERENCE = Variant("release", "g++ -O2, libstdc++")
VARIANTS = (
    environment("again", "nothing: the same once more"),
    environment("aslr-off", "addresses are the same each time", before=("setarch", "-R"),
                probe=("grep", "-c", "^00040000$", "/proc/self/personality"), probed="1"),
    environment("memory", "memory is filled when it is allocated and freed",
                environment={"GLIBC_TUNABLES": "glibc.malloc.perturb=165",  # without jemalloc
                             "MALLOC_CONF": "junk:true"}),
    environment("directory", "another and far longer working, run and temporary directory",
                folder="/".join(["a directory with a longer näme " * 3] * 12)),
    environment("file-system", "files lie on a disk", scratch=str(ROOT / "build")),
    locale("de_DE.UTF-8", ","), locale("ja_JP.UTF-8", "."), locale("tr_TR.UTF-8", ","),
    time_zone("zone-east", "Asia/Kathmandu", "+0530"),
    time_zone("zone-west", "NST3:30NDT,M3.2.0,M11.1.0", "-0330"),
    build("asan", "-O1, address and undefined-behaviour sanitizers", short=True),
    build("clang", "clang++ -O2"),
    build("libcxx", "a newer clang++ -O2, libc++"),
    build("o0", "-O0"),
    build("o3", "-O3"),
    build("native", "-O3 -march=native"),
    build("aarch64", "another processor, emulated",
          before=("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")),
)


class Case(NamedTuple):
    scenario: str
    seed: int

    def __str__(self):
        return f"{self.scenario} --seed {self.seed}"


def without_wall_time(data):
    return re.sub(rb'"wall_ns": \d+', b'"wall_ns": 0', data)


def outcome(done, directory):
    """What came of a run, by name: files and folders, the trace hash, how the program ended. In
    the order in which differences are worth being named."""
    found = {"exit status": str(done.returncode)}
    if done.returncode not in ENDED:
        found["exit status"] += "\n" + done.stderr
        return found
    for path in sorted(directory.rglob("*"), key=lambda p: (p.name != "trace.jsonl", p)):
        data = b""
        if path.is_file():
            data = path.read_bytes()
            if path.name == "results.json":
                found["trace hash"] = json.loads(data)["hash"]
                data = without_wall_time(data)
        name = path.relative_to(directory).as_posix()
        found[name] = "folder" if path.is_dir() else hashlib.sha256(data).hexdigest()
    found["exit status"] = found.pop("exit status")
    return found


def run(variant, case, directory):
    """Leaves the run in `directory`/run, or where the variant has it below."""
    home = directory / variant.folder
    home.mkdir(parents=True, exist_ok=True)
    out = home / "run"
    command = [*variant.before, variant.program, "run", ROOT / case.scenario, "--seed",
               str(case.seed), "-q", "-o", out]
    clean = {"LC_ALL": "C", "TZ": "UTC", "TMPDIR": str(home)}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
    done = subprocess.run(command, cwd=home, env={**kept, **clean, **variant.environment},
                          capture_output=True, text=True, errors="replace", check=False)
    return outcome(done, out), out


def first_difference(expected, found):
    """The name of what differs first, or None."""
    names = [*found, *(name for name in expected if name not in found)]
    return next((n for n in names if expected.get(n) != found.get(n)), None)


def differing_line(files):
    """Of two files that differ the first line that does: its number, and both texts, of long ones
    what is around the first difference."""
    both = [without_wall_time(file.read_bytes()).splitlines(keepends=True) for file in files]
    pairs = enumerate(itertools.zip_longest(*both, fillvalue=b"(ends)"), 1)
    n, pair = next((n, pair) for n, pair in pairs if pair[0] != pair[1])
    texts = [text.decode(errors="backslashreplace").rstrip("\n") for text in pair]
    begin = max(0, len(os.path.commonprefix(texts)) - LONG // 2)
    return n, [text if len(text) <= LONG else f"…{text[begin:begin + LONG]}…" for text in texts]


def described(variant, name, outcomes, runs):
    """The difference in words. Outcomes and run directories are the reference's and the variant's.
    """
    values = [found.get(name, "(missing)") for found in outcomes]
    files = [path / name for path in runs]
    if all(file.is_file() for file in files):
        n, values = differing_line(files)
        name += f", line {n}"
    return (f"  first difference: {name}\n  {REFERENCE.name}: {values[0]}\n"
            f"  {variant.name}: {values[1]}\n")


class Comparison:
    """One variant against what the reference gave. Run directories that differ go to `keep`."""

    def __init__(self, variant, expected, keep):
        self.variant, self.expected, self.keep = variant, expected, keep

    def __call__(self, case):
        """None if the case gives the same, else the difference in words."""
        with tempfile.TemporaryDirectory(dir=self.variant.scratch) as folder:
            found, theirs = run(self.variant, case, Path(folder))
            name = first_difference(self.expected[case], found)
            if name is None:
                return None
            with tempfile.TemporaryDirectory(dir=SCRATCH) as other:
                again, ours = run(REFERENCE, case, Path(other))
                return f"{case}\n" + self.explain(case, name, (again, found), (ours, theirs))

    def explain(self, case, name, outcomes, runs):
        if first_difference(self.expected[case], outcomes[0]) is not None:
            return f"  {REFERENCE.name} itself differs from one run to the next\n"
        kept = self.keep / self.variant.name / f"{Path(case.scenario).stem}-{case.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        for path, what in zip(runs, (REFERENCE.name, self.variant.name)):
            if path.is_dir():
                shutil.copytree(path, kept / what)
        return described(self.variant, name, outcomes, runs) + f"  kept in {kept}\n"

    def first(self, pool, cases):
        """Of the cases in their order the first that differs, in words; None if none does."""
        futures = [pool.submit(self, case) for case in cases]
        try:
            return next((text for future in futures if (text := future.result())), None)
        finally:
            for future in futures:
                future.cancel()


def why_not(variant):
    """Why the variant cannot be run here; None if it can."""
    if not os.access(variant.scratch, os.W_OK):
        return f"{variant.scratch} cannot be written"
    if variant.scratch != SCRATCH and os.stat(variant.scratch).st_dev == os.stat(SCRATCH).st_dev:
        return f"{variant.scratch} and {SCRATCH} are one file system"
    if not variant.probe:
        return None
    try:
        done = subprocess.run([*variant.before, *variant.probe], capture_output=True, text=True,
                              env={**os.environ, **variant.environment}, check=False)
    except FileNotFoundError as missing:
        return f"{missing.filename} is not there"
    if done.stdout.strip() != variant.probed:
        said = (done.stdout + done.stderr).strip()
        return f"{' '.join(variant.probe)} says {said!r}, not {variant.probed!r}"
    return None


def make_locales(variants):
    """The system has those that it is told to have; these lie in the build directory."""
    wanted = {v.environment["LC_ALL"] for v in variants if "LOCPATH" in v.environment}
    for name in sorted(wanted):
        if shutil.which("localedef") and not (LOCALES / name).is_dir():
            LOCALES.mkdir(parents=True, exist_ok=True)
            language, charset = name.split(".")
            subprocess.run(["localedef", "-i", language, "-f", charset, LOCALES / name],
                           capture_output=True, check=False)


def compare(variants, cases, jobs, keep):
    """Says of each variant what came of it; returns which differ, and which were not run."""
    differing, skipped = [], []
    with ThreadPoolExecutor(jobs) as pool:
        def reference(case):
            with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
                return run(REFERENCE, case, Path(folder))[0]

        expected = dict(zip(cases, pool.map(reference, cases)))
        for case, found in expected.items():
            if "trace hash" not in found:
                print(f"{REFERENCE.name}: {case}\n  exit status {found['exit status']}")
                return [REFERENCE.name], []
        for variant in variants:
            if reason := why_not(variant):
                skipped.append(variant.name)
                print(f"{variant.name}: not run: {reason}", flush=True)
            elif text := Comparison(variant, expected, keep).first(pool, cases):
                differing.append(variant.name)
                print(f"{variant.name}: differs: {text}", end="", flush=True)
            else:
                print(f"{variant.name}: {len(cases)} runs the same ({variant.what})", flush=True)
    return differing, skipped


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n", maxsplit=1)[0],
        epilog="variants:\n" + "".join(f"  {v.name:12} {v.what}\n" for v in VARIANTS),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help="default: all of them")
    parser.add_argument("--short", action="store_true", help="what CI has builds of, few seeds")
    parser.add_argument("--seeds", help=f"default: {SEEDS}; with --short {SHORT_SEEDS}")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--presets", action="store_true", help="print the builds that are needed")
    options = parser.parse_args()
    known = {v.name: v for v in VARIANTS}
    for name in options.variants:
        if name not in known:
            parser.error(f"no variant {name}; there are {', '.join(known)}")
    seeds = options.seeds or (SHORT_SEEDS if options.short else SEEDS)
    if not re.fullmatch(r"\d+\.\.\d+", seeds):
        parser.error("--seeds wants FIRST..LAST")
    first, last = map(int, seeds.split(".."))
    options.seeds = range(first, last + 1)
    options.chosen = [v for v in VARIANTS if v.name in options.variants or
                      not options.variants and (v.short or not options.short)]
    return options


def main():
    options = arguments()
    if options.presets:
        print(*dict.fromkeys(v.preset for v in (REFERENCE, *options.chosen)))
        return 0
    for variant in (REFERENCE, *options.chosen):
        if not variant.program.is_file():
            print(f"equal.py: {variant.program} is missing; scripts/dev equal builds it",
                  file=sys.stderr)
            return 2
    make_locales(options.chosen)
    cases = [Case(scenario, seed) for seed in options.seeds for scenario in SCENARIOS]
    differing, skipped = compare(options.chosen, cases, options.jobs, ROOT / "runs/equal")
    if differing:
        return 1
    return 4 if skipped and not options.short else 0


if __name__ == "__main__":
    sys.exit(main())
