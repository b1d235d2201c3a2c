#!/usr/bin/env python3
"""Makes tests/data/dump_log: logs of what real brokers hardly write, each with the dump of it that
the real kafka-dump-log gives.

    make_dump_log_data.py DIR

Needs Java and BSIM_KAFKA_KIT, as dump_log_conformance.py does.
"""

import os
import random
import sys
import tempfile
from pathlib import Path

import made_logs
from dump_log_conformance import run_real

KINDS = {"offsets": "--offsets-decoder", "transactions": "--transaction-log-decoder",
         "metadata": "--cluster-metadata-decoder", "plain": "--print-data-log"}
TRIES, BYTES = 60, 12000


def main():
    root, kit = Path(sys.argv[1]), os.environ["BSIM_KAFKA_KIT"]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        rng = random.Random(2)
        tried = {kind: [] for kind in KINDS}
        lines = []
        while min(map(len, tried.values())) < TRIES:
            data, option = made_logs.made_log(rng)
            kind = next(k for k, o in KINDS.items() if o == option)
            path = work / kind / str(len(tried[kind])) / "00000000000000000000.log"
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
            tried[kind].append(path)
            lines.append([str(path), "--files", str(path), option])
        run_real(kit, lines, work)
        # Put end to end what the tool came through, and dump that.
        whole = []
        for kind, paths in tried.items():
            data = b""
            for path in paths:
                ended = b"EXCEPTION" in Path(f"{path}.err").read_bytes()
                if not ended and len(data) + path.stat().st_size <= BYTES:
                    data += path.read_bytes()
            target = root / kind / "00000000000000000000.log"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            whole.append([str(target), "--files", str(target), KINDS[kind]])
        run_real(kit, whole, work)
        for target, *_ in whole:
            dump = Path(f"{target}.out").read_bytes()
            Path(f"{target}.dump.txt").write_bytes(dump.replace(f"{root}/".encode(), b""))
            Path(f"{target}.out").unlink()
            print(target, Path(f"{target}.err").read_text().count("\n"), "complaints")
            Path(f"{target}.err").unlink()


if __name__ == "__main__":
    main()
