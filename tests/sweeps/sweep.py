"""What the sweeps share: runs one scenario a seed, and tells which seeds failed and why."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile


def run(brokersim, text, directory, complain):
    """None if all is well, else what the program, or `complain` of its results, says."""
    scenario = directory / f"{text['seed']}.json"
    scenario.write_text(json.dumps(text, indent=1))
    with tempfile.TemporaryDirectory(dir=directory) as out:
        done = subprocess.run([brokersim, "run", str(scenario), "-o", f"{out}/run"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"exit {done.returncode}\n{done.stdout}{done.stderr}"
        wrong = complain(json.loads(pathlib.Path(f"{out}/run/results.json").read_text()))
    if wrong is None:
        scenario.unlink()
    return wrong


def main(usage, make_scenario, complain=lambda results: None):
    """`make_scenario(seed)` gives the scenario; `complain(results)` what is wrong with results.json
    of a run that passed, or None."""
    parser = argparse.ArgumentParser(description=usage.split("\n", maxsplit=1)[0])
    parser.add_argument("brokersim")
    parser.add_argument("--seeds", default="1..8" if os.environ.get("BSIM_SHORT") else "1..40")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    first, last = (int(x) for x in args.seeds.split(".."))
    memory = pathlib.Path("/dev/shm")
    directory = args.keep or pathlib.Path(
        tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    directory.mkdir(parents=True, exist_ok=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        seeds = range(first, last + 1)
        results = pool.map(
            lambda seed: run(args.brokersim, make_scenario(seed), directory, complain), seeds)
        for seed, why in zip(seeds, results):
            if why is not None:
                failed += 1
                print(f"seed {seed}: {directory / f'{seed}.json'}\n{why}", flush=True)
    print(f"{last - first + 1} runs, {failed} failed")
    return 1 if failed else 0
