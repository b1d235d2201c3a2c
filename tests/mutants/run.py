#!/usr/bin/env python3
"""Which check stops which protocol bug: builds each mutant into a copy and sweeps random faults.

usage: run.py [--seeds 1..1000] [--harmless-seeds 1..200] [--work DIR] [NAME...]

Prints one line a mutant: how many seeds it took, and which checks and expectations failed first. A
bug that no seed finds, or that only other checks find, and a harmless change that anything
complains about, make the exit code 1. Takes hours for all; CI only holds that each text still
stands in its file (test_mutants.py).
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys

import mutants

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASES = {
    "brokers": "scenarios/baseline/three-brokers.json",
    "quorum": "scenarios/kraft/controller-failover.json",
    "groups": "scenarios/groups/two-groups.json",
}


def mirror(source, target):
    """Makes `target` like `source`; what is equal already keeps its time, so nothing rebuilds."""
    if source.is_file():
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            shutil.copymode(source, target)
        return
    wanted = {p.name for p in source.iterdir() if p.name != "__pycache__"}
    for gone in {p.name for p in target.iterdir()} - wanted if target.is_dir() else ():
        path = target / gone
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in wanted:
        mirror(source / name, target / name)


def prepare(work):
    """A copy of the sources with a build directory of its own, reused from run to run."""
    for part in ("CMakeLists.txt", "CMakePresets.json", "sim", "tests", "scripts"):
        mirror(ROOT / part, work / part)
    subprocess.run(["cmake", "--preset", "release"], cwd=work, check=True, capture_output=True)


def build(work):
    done = subprocess.run(["ninja", "-C", "build/release", "brokersim"], cwd=work,
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout


def sweep(work, mutant, seeds, jobs):
    out = work / "swept"
    shutil.rmtree(out, ignore_errors=True)
    stop = ["--stop-after", "1"] if mutant.checks else []
    done = subprocess.run(
        [work / "build/release/brokersim", "sweep", ROOT / BASES[mutant.base], "--swarm",
         "--seeds", seeds, *stop, "-j", str(jobs), "--keep", "1", "-o", out, "--json"],
        capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return {"runs": [], "error": done.stderr}
    return json.loads(done.stdout)


def judge(mutant, found):
    """The line to print, and whether all is as it should be."""
    failed = [run for run in found["runs"] if run["verdict"] != "pass"]
    told = sorted({c["about"] for run in failed for c in run.get("complaints", [])})
    if not mutant.checks:
        return f"harmless: {len(failed)} of {len(found['runs'])} complain {told}", not failed
    if not failed:
        return f"NOT FOUND in {len(found['runs'])} seeds {found.get('error', '')}", False
    fits = any(name in mutant.checks for name in told)
    note = "" if fits else f"  (expected one of {', '.join(mutant.checks)})"
    return f"seed {failed[0]['seed']} ({failed[0]['verdict']}): {', '.join(told)}{note}", fits


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", default="1..1000")
    parser.add_argument("--harmless-seeds", default="1..200")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/mutants")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    prepare(options.work)
    fine = True
    for mutant in mutants.MUTANTS:
        if options.names and mutant.name not in options.names:
            continue
        file = options.work / mutant.file
        original = file.read_text()
        file.write_text(original.replace(mutant.old, mutant.new))
        try:
            trouble = build(options.work)
            if trouble:
                line, good = f"does not compile\n{trouble}", False
            else:
                seeds = options.seeds if mutant.checks else options.harmless_seeds
                line, good = judge(mutant, sweep(options.work, mutant, seeds, options.jobs))
        finally:
            file.write_text(original)
        print(f"{mutant.name}: {line}", flush=True)
        fine = fine and good
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
