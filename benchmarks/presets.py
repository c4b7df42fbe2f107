"""What does a preset of an application reach on real text, and how long does it take?

Trains the preset, or goes on with its run directory, and prints the figures of `metrics.csv`, for
the translator also those of its verb `evaluate` on the validation pairs. A run that has ended is
only read.

    python -m benchmarks.presets --preset=small --run_dir=RUN --text_file=moes_tavern_lines.txt \
        --skip_characters=81
    python -m benchmarks.presets --application=translation --preset=notes --run_dir=RUN \
        --source_file=small_vocab_en.gz --target_file=small_vocab_fr.gz
"""

import argparse
import csv
import importlib
import pathlib
import sys

from benchmarks.timing import describe_machine
from tfseq.command import main as run_command

FIGURES = {
    "classification": ("accuracy", max),
    "translation": ("bleu", max),
    "tv_script": ("held_out_perplexity", min),
}


def rows_of(run_dir):
    """The epochs of a run, as dictionaries of numbers."""
    with (pathlib.Path(run_dir) / "metrics.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def runner(application):
    """A function that runs a command line of an application, and ends where that fails."""
    program = f"apps.{application}"
    verbs = importlib.import_module(f"{program}.__main__").VERBS

    def run(*words):
        if code := run_command(f"python -m {program}", verbs, [*words]):
            sys.exit(code)

    return run


def main():
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--application", choices=sorted(FIGURES), default="tv_script")
    parser.add_argument("--preset", required=True)
    parser.add_argument("--run_dir", required=True)
    options, rest = parser.parse_known_args()
    run = runner(options.application)
    run("train", f"--preset={options.preset}", f"--run_dir={options.run_dir}", *rest)
    describe_machine("default")
    show(rows_of(options.run_dir), *FIGURES[options.application])
    if options.application == "translation":
        run("evaluate", f"--run_dir={options.run_dir}", "--beam_width=1")
        run("evaluate", f"--run_dir={options.run_dir}", "--beam_width=5")


def show(rows, figure, best_of):
    """The best epoch by a figure, the last one, and how long all of them took."""
    best = best_of(rows, key=lambda row: row[figure])
    minutes = sum(row["seconds"] for row in rows) / 60
    print(f"epochs                          {len(rows)}, {minutes:.1f} minutes of training steps")
    print(f"best {figure:<26} {best[figure]:.2f}, epoch {best['epoch']:.0f}")
    print(f"training loss of the last epoch {rows[-1]['loss']:.3f}")
    print(f"held-out perplexity at the end  {rows[-1]['held_out_perplexity']:.2f}")


if __name__ == "__main__":
    main()
