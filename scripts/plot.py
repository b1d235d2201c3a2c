#!/usr/bin/python3
"""Draws the plots of one run of brokersim.

    plot.py RUN [--out DIR] [--format png,svg] [--quiet]

RUN is a run directory; the pictures go to RUN/plots unless --out names another directory. The names
of the files written stand on stdout, one a line. Two calls on the same run write the same bytes.
reports/docs/plots.md says what each picture shows.

Exit codes: 0 done, 2 usage error, 6 the run cannot be read or the pictures cannot be written, 141
when the reader of stdout is gone.
Needs Python 3.11 and matplotlib 3.6 or newer.
"""
import argparse
import os
import pathlib
import sys

FORMATS = ("png", "svg")


def formats(text):
    chosen = list(dict.fromkeys(text.split(",")))
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"unknown format \"{unknown[0]}\"; expected: {', '.join(FORMATS)}")
    return chosen


def arguments(argv):
    parser = argparse.ArgumentParser(prog="plot.py", description="Draws the plots of one run.")
    parser.add_argument("run", metavar="RUN", type=pathlib.Path, help="run directory")
    parser.add_argument("--out", metavar="DIR", type=pathlib.Path,
                        help="where the pictures go (default: RUN/plots)")
    parser.add_argument("--format", metavar="LIST", type=formats, default=list(FORMATS),
                        help="png, svg or both, separated by a comma (default: png,svg)")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not list the files written")
    return parser.parse_args(argv)


def main(argv=None):
    args = arguments(argv)
    try:
        from plots import PLOTS, style
        from plots.run import RunError, read_run
    except ModuleNotFoundError as missing:
        print(f"plot.py: {sys.executable} has no module {missing.name}; on Debian: "
              "apt-get install python3-matplotlib, and run this script by /usr/bin/python3",
              file=sys.stderr)
        return 6
    try:
        run = read_run(args.run)
        out = args.out or args.run / "plots"
        out.mkdir(parents=True, exist_ok=True)
        for name, draw in PLOTS.items():
            for path in style.save(draw(run), out / name, args.format):
                if not args.quiet:
                    print(path, flush=True)
    except RunError as error:
        print(f"plot.py: {error}", file=sys.stderr)
        return 6
    except BrokenPipeError:  # nobody reads the list of files any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        target = error.filename or "standard output"
        print(f"plot.py: cannot write {target}: {error.strerror}", file=sys.stderr)
        return 6
    return 0


if __name__ == "__main__":
    sys.exit(main())
