#!/usr/bin/env python3
"""Kafka's own kafka-dump-log reads every file of a simulated run without a complaint.

usage: real_tool_reads_runs.py BROKERSIM SCENARIO…

Needs Java and a directory with Kafka's jars in libs/, named by BSIM_KAFKA_KIT; without them it
exits with 77, which CTest takes for "skipped".
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

COMPLAINT = re.compile(r"mismatch|isvalid: false|non-consecutive|out of order|could not|error|"
                       r"corrupt|skipping", re.IGNORECASE)
SUFFIXES = {".log", ".index", ".timeindex"}


def dump(libs, files, *options):
    command = ["java", "-Xmx256m", "-cp", f"{libs}/*", "kafka.tools.DumpLogSegments",
               "--files", ",".join(str(f) for f in files), *options]
    return subprocess.run(command, capture_output=True, text=True)


def complaints(done):
    lines = [line for line in done.stderr.splitlines() if "log4j" not in line.lower()]
    lines += [line for line in done.stdout.splitlines() if COMPLAINT.search(line)]
    return lines if lines or done.returncode == 0 else [f"exit {done.returncode}"]


def main():
    libs = pathlib.Path(os.environ.get("BSIM_KAFKA_KIT", "/nonexistent"), "libs")
    if not shutil.which("java") or not libs.is_dir():
        print("skipped: needs java and BSIM_KAFKA_KIT")
        return 77
    failed = 0
    for scenario in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as work:
            subprocess.run([sys.argv[1], "-q", "run", scenario, "-o", work + "/run"], check=True)
            files = sorted(f for f in pathlib.Path(work, "run/data").rglob("*")
                           if f.suffix in SUFFIXES)
            metadata = [f for f in files if f.parent.name.startswith("__cluster_metadata")]
            data = [f for f in files if f not in metadata]
            found = complaints(dump(libs, data, "--deep-iteration"))
            found += complaints(dump(libs, metadata, "--cluster-metadata-decoder"))
            print(f"{scenario}: {len(files)} files, {len(found)} complaints")
            for line in found[:10]:
                print("   ", line)
            failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
