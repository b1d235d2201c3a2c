#!/usr/bin/env python3
"""Writes the fuzzers' seeds: seeds.py DIRECTORY makes DIRECTORY/scenario and DIRECTORY/expression.

Scenarios are those that are shipped and those of the tests; expressions those in expressions.txt.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def write(directory, texts):
    directory.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (directory / f"seed-{number:03}").write_bytes(text)


def main(out):
    files = sorted((ROOT / "scenarios").rglob("*.json"))
    files += sorted((ROOT / "tests/data/scenarios").glob("*.json*"))
    write(out / "scenario", [path.read_bytes() for path in files])
    write(out / "expression", (HERE / "expressions.txt").read_bytes().splitlines())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
