#!/usr/bin/env python3
"""Compares `brokersim dump-log` with the real kafka-dump-log.

    dump_log_conformance.py BROKERSIM [--seed N] [--cases N] [--golden DIR] [--keep DIR]

First on files that real brokers wrote, against the dumps that stand beside them (FILE.dump.txt;
tests/data/golden unless --golden names another folder). Then on files that are not sound, against
the real tool itself: half of them are those of real brokers, damaged: bytes flipped, cut, zeroed,
spliced, names changed, files beside them removed; the other half are made up (made_logs.py).
Standard output must be the same to the byte, but for the lines "Dumping FILE"; whether there are
complaints must be the same too. What an exception says that ends the real tool is not compared.

The second part needs Java and BSIM_KAFKA_KIT, a folder with kafka-env.sh and the jars of Kafka
3.9.1; without them it is left out, which is said.
"""

import argparse
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from made_logs import made_log

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "data" / "golden"
SEGMENT = (".log", ".checkpoint")
INDEX = (".index", ".timeindex", ".txnindex", ".snapshot")
DUMP = ".dump.txt"


def decoder(path):
    text = str(path)
    if path.suffix == ".checkpoint" or "__cluster_metadata" in text:
        return ["--cluster-metadata-decoder"]
    if "__consumer_offsets" in text:
        return ["--offsets-decoder"]
    if "__transaction_state" in text:
        return ["--transaction-log-decoder"]
    return []


def options(path, rng):
    """What both tools take for such a file."""
    if rng.random() < 0.03:
        return ["--max-bytes", str(rng.randint(0, 3000)), *decoder(path)]
    if rng.random() < 0.03:
        return ["--max-message-size", str(rng.randint(-1, 300))]
    if path.suffix in SEGMENT:
        return rng.choice([
            [], ["--deep-iteration"], ["--print-data-log"], ["--print-data-log", *decoder(path)],
            decoder(path) or ["--print-data-log"], decoder(path) or ["--print-data-log"],
            [*decoder(path), "--print-data-log", "--skip-record-metadata"],
            ["--offsets-decoder"], ["--cluster-metadata-decoder"], ["--transaction-log-decoder"]])
    return rng.choice([[], [], ["--index-sanity-check"], ["--verify-index-only"],
                       ["--deep-iteration"]])


def flip(data, rng, most):
    for _ in range(rng.randint(1, most)):
        data[rng.randrange(len(data))] ^= rng.choice([0xFF, 0x80, 0x01, 1 << rng.randrange(8)])


def damage(data, rng):
    """Damages the bytes in place, or not at all."""
    if not data:
        return
    kind = rng.randrange(8)
    if kind <= 2:
        flip(data, rng, 3)
    elif kind == 3:  # in the first header, or in the records right behind it
        data[rng.randrange(min(len(data), 120))] = rng.randrange(256)
    elif kind == 4:
        del data[rng.randrange(len(data) + 1):]
    elif kind == 5:
        at = rng.randrange(len(data))
        count = min(rng.randint(1, 40), len(data) - at)
        data[at:at + count] = bytes(count)
    elif kind == 6:
        at = rng.randrange(len(data))
        del data[at:at + rng.randint(1, 30)]
    else:
        data.extend(rng.choice([bytes(rng.randint(1, 64)), bytes(data[:rng.randint(1, 200)])]))


def copy_damaged(path, folder, rng):
    """A folder with the file and those beside it, of which some are damaged; the file's copy."""
    name = path.name
    stem = name.split(".")[0]
    if rng.random() < 0.02:
        name = rng.choice(["x.log", "12.log", "-5.index", "+7.log", "nodot", "a.checkpoint",
                           "0.log.deleted", "bootstrap.checkpoint", "00.snapshot", "9.txnindex",
                           "00000000000000000001-0000000002.checkpoint",
                           "99999999999999999999.log"])
    folder.mkdir(parents=True)
    for beside in sorted(path.parent.iterdir()):
        if beside == path or beside.name.split(".")[0] != stem or beside.name.endswith(".dump.txt"):
            continue
        data = bytearray(beside.read_bytes())
        if rng.random() < 0.03:
            continue
        if path.suffix in INDEX and rng.random() < 0.2:
            damage(data, rng)
        (folder / beside.name).write_bytes(data)
    data = bytearray(path.read_bytes())
    if rng.random() < 0.97:
        damage(data, rng)
    (folder / name).write_bytes(data)
    return folder / name


def make_case(files, folder, rng):
    """A file and the options to dump it with."""
    if rng.random() < 0.5:
        data, option = made_log(rng)
        path = folder / "00000000000000000000.log"
        folder.mkdir(parents=True)
        path.write_bytes(data)
        return path, [option]
    kind = rng.choice([".log"] * 3 + [".index", ".timeindex", ".snapshot", ".txnindex",
                                      ".checkpoint"])
    path = rng.choice([p for p in files if p.suffix == kind] or files)
    return copy_damaged(path, folder / path.parent.name, rng), options(path, rng)


def run_real(kit, lines, work):
    listing = work / "runs"
    listing.write_text("".join("\t".join(line) + "\n" for line in lines))
    script = (f'. "{kit}/kafka-env.sh" && exec java -Xmx512m -XX:+UseSerialGC '
              f'-Dlog4j.configuration=file:"$KIT/log4j-tools.properties" -cp "$CP" '
              f'"{HERE}/DumpMany.java" "{listing}"')
    subprocess.run(["bash", "-c", script], check=True)


def without_dumping(output):
    return [line for line in output.split(b"\n") if not line.startswith(b"Dumping ")]


def run_ours(brokersim, path, args):
    return subprocess.run([brokersim, "dump-log", str(path), *args], capture_output=True,
                          timeout=60)


def difference(case, ours):
    out, path, args = case
    real_out = Path(f"{out}.out").read_bytes()
    real_err = Path(f"{out}.err").read_bytes()
    what = []
    if without_dumping(real_out) != without_dumping(ours.stdout):
        what.append("stdout")
    if bool(real_err.strip()) != bool(ours.stderr.strip()):
        what.append("complaints")
    if ours.returncode != (1 if ours.stderr else 0):
        what.append(f"exit code {ours.returncode}")
    if not what:
        return None
    return (f"{' '.join([str(path), *args])}: {', '.join(what)} differ\n"
            f"  real: {real_err[-300:].decode(errors='replace').strip()}\n"
            f"  ours: {ours.stderr[-300:].decode(errors='replace').strip()}")


def recorded_difference(brokersim, dump):
    """What differs from the dump that the real tool gave of the file beside it."""
    path = dump.with_name(dump.name.removesuffix(DUMP))
    ours = run_ours(brokersim, path, ["--print-data-log", *decoder(path)])
    if without_dumping(dump.read_bytes()) != without_dumping(ours.stdout):
        return f"{path}: differs from {dump.name}"
    if ours.returncode != (1 if ours.stderr else 0):
        return f"{path}: exit code {ours.returncode}"
    return None


def compare_recorded(brokersim, golden):
    dumps = sorted(golden.rglob("*" + DUMP))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad = list(filter(None, pool.map(lambda d: recorded_difference(brokersim, d), dumps)))
    for text in bad[:40]:
        print(text)
    print(f"{len(dumps)} dumps in {golden.name}: {len(bad)} differences")
    return bool(bad) or not dumps


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("brokersim")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--golden", type=Path, default=GOLDEN)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    failed = compare_recorded(args.brokersim, args.golden)
    kit = os.environ.get("BSIM_KAFKA_KIT")
    if not kit or not shutil.which("java"):
        print("damaged files left out: they need Java and BSIM_KAFKA_KIT")
        return 1 if failed else 0

    rng = random.Random(args.seed)
    files = [p for p in sorted(args.golden.rglob("*"))
             if p.is_file() and p.suffix in SEGMENT + INDEX]
    with tempfile.TemporaryDirectory() as temporary:
        work = args.keep or Path(temporary)
        cases = [(str(work / f"{i}.real"), *make_case(files, work / str(i), rng))
                 for i in range(args.cases)]
        # First ours: the real tool makes an empty .index where one is missing beside a .timeindex.
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            ours = list(pool.map(lambda c: run_ours(args.brokersim, c[1], c[2]), cases))
        run_real(kit, [[out, "--files", str(copy), *opts] for out, copy, opts in cases], work)
        bad = [text for text in map(difference, cases, ours) if text]
    for text in bad[:40]:
        print(text)
    print(f"{len(cases)} damaged files, seed {args.seed}: {len(bad)} differences")
    return 1 if bad or failed else 0


if __name__ == "__main__":
    sys.exit(main())
