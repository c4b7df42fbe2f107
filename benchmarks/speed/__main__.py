"""Every comparison of speed in one command, the sides in turn, round after round.

    python -m benchmarks.speed --tf1_python=PATH --torch_python=PATH --write

`--tf1_python` is a Python 3.7 that has TensorFlow 1.15, `--torch_python` one that has torch (the
extra `torch`); where one is not given its comparisons are left out. With `--write` the tables go
into `benchmarks/RESULTS.md`. Exit code 1: a goal was missed.
"""

import argparse
import importlib.util
import sys

from benchmarks.speed import (
    cluster,
    decoding,
    inputs,
    length,
    loop,
    start,
    tasks,
    training,
    translator,
)
from benchmarks.speed.figures import table, write
from benchmarks.timing import machine

COMPARISONS = {
    "training": training.compare,
    "start": start.compare,
    "length": length.compare,
    "inputs": inputs.compare,
    "decoding": decoding.compare,
    "translator": translator.compare,
    "loop": loop.compare,
    "cluster": cluster.compare,
}


def main():
    """Measure, print, write."""
    options = read_options()
    missed = 0
    for threads in options.threads:
        for name in options.only:
            figures = []
            for figure in COMPARISONS[name](options, threads):
                print(figure.line(), flush=True)
                figures.append(figure)
            text = f"{machine(threads)}; {options.rounds} rounds.\n\n{table(figures)}"
            missed += sum(not figure.is_reached for figure in figures)
            if options.write:
                write(f"speed: {name}, threads: {threads}", text)
    return 1 if missed else 0


def read_options():
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", default=list(COMPARISONS), choices=COMPARISONS)
    parser.add_argument("--sizes", nargs="+", default=list(tasks.SIZES), choices=tasks.SIZES)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tf1_python")
    here = sys.executable if importlib.util.find_spec("torch") else None
    parser.add_argument("--torch_python", default=here)
    parser.add_argument("--write", action="store_true")
    parser.set_defaults(python=sys.executable)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
