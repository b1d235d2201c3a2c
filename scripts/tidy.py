#!/usr/bin/env python3
"""Checks what the compiler and clang-format do not: layers, banned constructs, sizes, file headers.

    tidy.py [ROOT]                    all findings, sorted, one a line: `path:line: message`
    tidy.py [ROOT] --deviations       the README's list of deviations, from `// DEVIATION:` comments
    tidy.py [ROOT] --update-readme    writes that list into README.md, between its two markers

Prints nothing when there is nothing to say. Exit status: 1 with findings, 2 if it cannot work.
The rules stand in the tables below, each exemption with its reason; a path is a file, or a folder
when it ends in a slash.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

from cpp_source import Reader, without_literals

MAX_LINES, MAX_COLUMNS, MAX_BODY_LINES, MAX_PARAMETERS = 500, 100, 60, 5
# What is looked at; generated tables and test data are not.
SOURCES = ("CMakeLists.txt", "sim/**/*.h", "sim/**/*.cpp", "sim/**/*.cmake", "tests/CMakeLists.txt",
           "tests/**/*.h", "tests/**/*.cpp", "tests/**/*.py", "scripts/dev", "scripts/**/*.py",
           ".ci/*")
README_BEGIN, README_END = "<!-- deviations -->", "<!-- /deviations -->"


class Ban(NamedTuple):
    pattern: str  # is searched in each line of code, comments and literals blank
    why: str
    allowed: dict = {}  # path -> reason
    in_tests: bool = False  # else in sim/ alone


BANS = [
    Ban(r"\b(system|steady|high_resolution|utc|file)_clock\b|\bclock_gettime\b|\bgettimeofday\b"
        r"|\btime\((nullptr|NULL|0|&\w+)\)|\b(local|gm|mk|str[fp])time(_r)?\(",
        "wall clock; take SimTime as an argument",
        {"sim/app/progress_bar.": "redraws by real time",
         "sim/app/recorded_run.cpp": "results.json tells how long the run took",
         "sim/sweep/worker_pool.": "a sweep's budget is real time",
         "tests/bench/": "benchmarks measure it"}, True),
    Ban(r"\b(uniform|normal|exponential|bernoulli|poisson|discrete|lognormal|geometric|gamma)"
        r"_\w*distribution\b|\bstd::(ranges::)?(shuffle|sample|generate_canonical)\b",
        "differs from one standard library to another; use kernel/sampler.h", {}, True),
    Ban(r"\brandom_device\b|\bs?rand\(|\bstd::default_random_engine\b",
        "unseeded randomness; use a named RngStream", {}, True),
    Ban(r"\bstd::(mt19937|minstd_rand|ranlux|knuth_b|\w+_engine)",
        "a generator of its own; draw from a named RngStream"),
    Ban(r"\bboost[/:]+random\b", "Boost.Random is seen by kernel/rng.cpp alone",
        {"sim/kernel/rng.cpp": "the one place"}, True),
    Ban(r"\bunordered_(flat_|node_)?(multi)?(map|set)\b",
        "iteration order is unspecified; use std::map or a sorted vector",
        {"sim/base/": "may build ordered containers upon them"}),
    Ban(r"\b(std|boost)::hash\b", "the value is implementation-defined; use base/stable_hash.h", {},
        True),
    Ban(r"\b(map|set)<\s*(const\s+)?\w[\w:]*(\s+const)?\s*\*|\bstd::less<[^<>]*\*\s*>",
        "pointer as key: the order depends on the allocator", {}, True),
    Ban(r"\bu?intptr_t\b|\bfmt::ptr\b", "an address must not reach output or order"),
    Ban(r"\bstd::(j?thread|async|future|promise|(\w+_)?mutex|atomic\w*|condition_variable)\b"
        r"|\bthread_local\b|<(thread|future|mutex|atomic)>|\bsleep(_for|_until)?\(",
        "one simulation is one thread", {}, True),
    Ban(r"<(fstream|filesystem|fcntl\.h|unistd\.h|dirent\.h|sys/\w+\.h)>|\bfopen\(",
        "file access belongs to storage/posix_disk.cpp",
        {"sim/storage/posix_disk.cpp": "the disk seam",
         "sim/storage/mapped_page.cpp": "a part of it",
         "sim/storage/descriptor_limit.cpp": "how much of it there may be",
         "sim/scenario/load.cpp": "reads the scenario",
         "sim/report/run_directory.": "writes the run directory",
         "sim/report/state_snapshots.": "reads snapshots.jsonl of a run",
         "sim/sweep/worker_pool.": "runs go on in processes of their own",
         "sim/sweep/scratch.": "finds a memory file system",
         "sim/sweep/sweep.": "names and removes run directories",
         "sim/app/": "reads and writes what the user names"}),
    Ban(r"\b(directory_iterator|readdir|scandir)\b",
        "a listing has no order; use Disk's sorted one",
        {"sim/storage/posix_disk.cpp": "sorts it",
         "sim/report/run_directory.cpp": "removes what an earlier run left, in whatever order"}),
    Ban(r"\bgetenv\b|\bsetlocale\b|\bstd::locale\b",
        "the environment must not change a run",
        {"sim/app/terminal.cpp": "colours",
         "sim/sweep/scratch.cpp": "TMPDIR says where files lie, not what stands in them"}),
    Ban(r"\bfloat\b|\bdouble\b", "no floating point in behaviour; use Ratio or integer ns",
        {"sim/metrics/": "figures for people", "sim/report/": "figures for people",
         "sim/wire/codec.": "float64 is a type of Kafka's schema",
         "sim/wire/field_sink.h": "float64 is a type of Kafka's schema",
         "sim/wire/message_json.": "float64 is a type of Kafka's schema",
         "sim/network/message_matcher.cpp": "float64 is a type of Kafka's schema",
         "sim/app/dump_log/java_text.": "prints float64 as Java does"}),
    Ban(r"\bthrow\b|\bcatch\s*\(", "exceptions stay within scenario/ and app/; return a Result",
        {"sim/scenario/": "caught at its border", "sim/app/": "caught at its border",
         "sim/base/check.h": "BSIM_CHECK, caught in app/",
         "sim/node/must.h": "the host's own disk failed, caught in app/; or the simulated one",
         "sim/node/server_node.cpp": "closes the files of a node whose disk is full",
         "sim/world/simulation.cpp": "ends the process whose disk is full"}),
    Ban(r"\bassert\(", "off in Release; use BSIM_CHECK"),
    Ban(r"\bstd::c(out|err|log)\b|\bf?printf\(|\bfmt::print\(|\bf?puts\(",
        "output is app/'s business", {"sim/app/": "it is"}),
]
# Banned in a header of sim/ only.
HEADER_BANS = [
    Ban(r"<nlohmann/json\.hpp>", "slow to compile; include <nlohmann/json_fwd.hpp>",
        {"sim/wire/message_json.h": "builds JSON in templates; included by few"}),
    Ban(r"\busing\s+namespace\b", "in a header it reaches everyone who includes it"),
]
# Banned in every text, comments and strings too.
TEXT_BANS = [
    # In two pieces, for this file is looked at too.
    Ban("TO" r"DO\b|\bFIX" r"ME\b|\bXX" r"X\b", "leftover; resolve it or open an issue"),
    Ban(r"(?<![\w.])/(wo" r"rk|ro" r"ot|ho" r"me)/", "a path of somebody's machine"),
]
MUTABLE_GLOBALS = {
    "sim/app/interrupt.cpp": "a signal handler can reach nothing else",
    "tests/allocations/allocations.cpp": "operator new can reach nothing else",
}
VAGUE_NAMES = {"util", "utils", "common", "manager", "helper", "helpers", "misc"}
KAFKA_NAMES = {
    "replica_manager": "kafka.server.ReplicaManager",
    "request_manager": "org.apache.kafka.raft.RequestManager",
    "producer_state_manager": "org.apache.kafka.storage.internals.log.ProducerStateManager",
}


class Finding(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def exempt(path, allowed):
    return any(path.startswith(a) for a in allowed)


def read_layers(root):
    """Folder of sim/ -> the folders that it may include, from sim/LAYERS; and findings in it."""
    layers, findings = {}, []
    for n, line in enumerate((root / "sim/LAYERS").read_text().splitlines(), 1):
        folder, colon, grants = line.split("#")[0].partition(":")
        if not colon:
            continue
        granted = set(grants.split())
        for unknown in sorted(granted - layers.keys()):
            findings.append(Finding("sim/LAYERS", n, f"{folder} names {unknown}, not above it"))
        layers[folder.strip()] = granted
    return layers, findings


class File:
    """One text file, its lines, and what is found in it."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.lines = text.splitlines()
        self.parts = path.split("/")
        self.stem, _, suffix = self.parts[-1].partition(".")
        self.is_cpp = suffix in ("h", "cpp")
        self.is_header = suffix == "h"
        self.findings = []

    def say(self, line, message):
        self.findings.append(Finding(self.path, line, message))

    def ban(self, bans, lines):
        for ban in bans:
            if exempt(self.path, ban.allowed):
                continue
            pattern = re.compile(ban.pattern)
            for n, line in enumerate(lines, 1):
                if pattern.search(line):
                    self.say(n, f"banned: {ban.why}")


def check_text(file):
    """What holds for every file, whatever its language."""
    if len(file.lines) > MAX_LINES:
        file.say(len(file.lines), f"{len(file.lines)} lines, limit {MAX_LINES}; split by concept")
    for n, line in enumerate(file.lines, 1):
        if len(line) > MAX_COLUMNS:
            file.say(n, f"{len(line)} columns, limit {MAX_COLUMNS}")
    file.ban(TEXT_BANS, file.lines)
    if file.stem not in KAFKA_NAMES and not VAGUE_NAMES.isdisjoint(file.stem.split("_")):
        file.say(1, "the name does not tell what the file is about")


def check_code(file):
    lines = without_literals(file.text).splitlines()
    in_sim = file.parts[0] == "sim"
    file.ban([b for b in BANS if in_sim or b.in_tests], lines)
    if in_sim and file.is_header:
        file.ban(HEADER_BANS, lines)
    if file.is_header:
        if file.lines[:1] != ["#pragma once"]:
            file.say(1, "a header begins with #pragma once")
        elif not file.lines[1:2] or not file.lines[1].startswith("//"):
            file.say(2, "a header tells what it is in a comment below #pragma once")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", file.stem):
        file.say(1, "file names are snake_case")


def check_shape(file):
    """Sizes of functions, and variables that outlive a run."""
    reader = Reader(file.text)
    for f in reader.functions:
        if f.body_lines > MAX_BODY_LINES:
            file.say(f.line, f"{f.name}: {f.body_lines} lines, limit {MAX_BODY_LINES}")
        if f.parameters > MAX_PARAMETERS:
            file.say(f.line, f"{f.name}: {f.parameters} parameters, limit {MAX_PARAMETERS}")
    if exempt(file.path, MUTABLE_GLOBALS):
        return
    for v in reader.variables:
        if v.mutable:
            file.say(v.line, f"mutable global: {v.text}")


def check_includes(file, layers):
    """sim/LAYERS, and that sub-folders of protocol/ do not know one another."""
    # tests/unit/<folder>/ may see what sim/<folder>/ may; other tests see everything.
    in_sim = file.parts[0] == "sim"
    folder = file.parts[1] if in_sim else file.parts[2] if file.parts[1] == "unit" else None
    if in_sim and folder not in layers:
        file.say(1, f"folder {folder} is not in sim/LAYERS")
        return
    may = layers.get(folder, set(layers)) | {folder}
    for n, line in enumerate(file.lines, 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        target = found[1].split("/")
        if in_sim and target[0] != "sim" or target[0] not in ("sim", "tests") or len(target) < 3:
            file.say(n, f'"{found[1]}" is to be included by its path from the root')
        elif target[0] == "sim" and target[1] not in may:
            file.say(n, f"layer: {folder} may not include {target[1]} (see sim/LAYERS)")
        elif in_sim and folder == target[1] == "protocol" and target[2] not in (file.parts[2],
                                                                               "rules"):
            file.say(n, f"layer: protocol/{file.parts[2]} may not include protocol/{target[2]}")


def types_of(file):
    """The types that it defines in namespaces with a name: each in full, and its line."""
    spaces = []
    for n, line in enumerate(file.lines, 1):
        opened = re.match(r"namespace ([\w:]*) ?\{", line)
        if opened:
            spaces.append(opened[1])
        elif line.startswith("}  // namespace"):
            spaces.pop()
        defined = re.match(r"(?:struct|class|union|enum(?: class)?) (\w+)(?: final)?(?: :[^;{]*)?"
                           r"(?: \{.*)?$", line)
        if defined and "" not in spaces:
            yield "::".join([*spaces, defined[1]]), n


def check_types(files):
    """Two types of one name in different files are one to the linker, which keeps the functions
    (destructors, copies) of either, whichever the optimizer has left to it."""
    first = {}
    for file in files:
        if file.is_cpp and file.parts[0] == "sim":
            for name, n in types_of(file):
                if first.setdefault(name, file) is not file:
                    file.say(n, f"{name} is another type in {first[name].path}")


def deviations_of(file):
    """The texts after `// DEVIATION:`, each up to the next label, empty line or end of comment."""
    texts, current = [], None
    for line in file.lines + [""]:
        comment = re.match(r"\s*// ?(.*)", line)
        pieces = re.split(r"\b(DEVIATION:|Source:|Absent:)", comment[1]) if comment else [""]
        if current is not None and pieces[0].strip():
            texts[current] += " " + pieces[0].strip()
        elif not comment or not comment[1].strip():
            current = None
        for label, text in zip(pieces[1::2], pieces[2::2]):
            current = None
            if label == "DEVIATION:":
                current = len(texts)
                texts.append(text.strip())
    return [t[:1].upper() + t[1:] for t in texts]


def deviation_list(files):
    """Markdown, by file. Empty when there is none."""
    return "".join(f"- `{file.path}`: {text}\n" for file in files
                   if file.is_cpp and file.parts[0] == "sim" for text in deviations_of(file))


def readme_with(readme, listed):
    """The README's text with the list between its markers; None if it has no such markers."""
    before, begin, rest = readme.partition(README_BEGIN)
    _, end, after = rest.partition(README_END)
    return f"{before}{begin}\n{listed}{end}{after}" if end else None


def check_readme(root, files):
    path = root / "README.md"
    listed = deviation_list(files)
    readme = path.read_text() if path.exists() else ""
    wanted = readme_with(readme, listed)
    if wanted == readme or wanted is None and not listed:
        return []
    missing = f"the list of deviations between {README_BEGIN} and {README_END} is "
    return [Finding("README.md", 1, missing + ("missing" if wanted is None else "out of date")
                    + "; scripts/dev golden writes it")]


def read_files(root):
    paths = {p for pattern in SOURCES for p in root.glob(pattern) if p.is_file()}
    return [File(p.relative_to(root).as_posix(), p.read_text(encoding="utf-8"))
            for p in sorted(paths)]


def check_tree(root):
    layers, findings = read_layers(root)
    files = read_files(root)
    for file in files:
        check_text(file)
        if file.is_cpp:
            check_code(file)
            check_shape(file)
            check_includes(file, layers)
    check_types(files)
    findings += [finding for file in files for finding in file.findings]
    return sorted(findings + check_readme(root, files))


def update_readme(root):
    path = root / "README.md"
    text = readme_with(path.read_text(), deviation_list(read_files(root)))
    if text is None:
        sys.exit(f"{path}: no {README_BEGIN} ... {README_END}")
    path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", default=Path(__file__).resolve().parent.parent,
                        type=Path)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--deviations", action="store_true", help="print the README's list")
    what.add_argument("--update-readme", action="store_true", help="write that list")
    options = parser.parse_args()
    if not (options.root / "sim/LAYERS").is_file():
        parser.error(f"{options.root} has no sim/LAYERS")
    if options.deviations:
        sys.stdout.write(deviation_list(read_files(options.root)))
    elif options.update_readme:
        update_readme(options.root)
    else:
        findings = check_tree(options.root)
        print("".join(f"{finding}\n" for finding in findings), end="")
        return 1 if findings else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
