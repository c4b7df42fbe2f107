"""What does a preset of the TV-script generator reach on real text, and how long does it take?

Trains the preset, or goes on with its run directory, and prints the figures of `metrics.csv`. A run
that has ended is only read.

    python -m benchmarks.presets --preset=small --run_dir=RUN --text_file=moes_tavern_lines.txt \
        --skip_characters=81
"""

import argparse
import csv
import pathlib
import sys

from apps.tv_script.__main__ import VERBS
from benchmarks.timing import describe_machine
from tfseq.command import main as run_command


def rows_of(run_dir):
    """The epochs of a run, as dictionaries of numbers."""
    with (pathlib.Path(run_dir) / "metrics.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def main():
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", required=True)
    parser.add_argument("--run_dir", required=True)
    options, rest = parser.parse_known_args()
    words = [f"--preset={options.preset}", f"--run_dir={options.run_dir}", *rest]
    if code := run_command("python -m apps.tv_script", VERBS, ["train", *words]):
        sys.exit(code)
    describe_machine("default")
    rows = rows_of(options.run_dir)
    best = min(rows, key=lambda row: row["held_out_perplexity"])
    minutes = sum(row["seconds"] for row in rows) / 60
    print(f"epochs                          {len(rows)}, {minutes:.1f} minutes of training steps")
    value, epoch = best["held_out_perplexity"], best["epoch"]
    print(f"best held-out perplexity        {value:.2f}, epoch {epoch:.0f}")
    print(f"training loss of the last epoch {rows[-1]['loss']:.3f}")
    print(f"held-out perplexity at the end  {rows[-1]['held_out_perplexity']:.2f}")


if __name__ == "__main__":
    main()
