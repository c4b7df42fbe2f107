"""Which cells solve a task of memory, and how do gradients come back through those that do not?

Trains each cell with each seed by the verb `memory` of the diagnostics, and prints the error on new
sequences beside that of remembering nothing; then draws, for the cells of the first seed, how long
the gradient is that comes back through time.

    python -m benchmarks.memory --run_dir=RUNS --seeds=1,2,3 --picture=memory.png

All other options are those of `memory`. Runs that have ended are only read.
"""

import argparse
import pathlib
import statistics

from apps.diagnostics.config import Memory
from apps.diagnostics.memory import MEASURING, error_of
from apps.diagnostics.model import load_model
from apps.diagnostics.tasks import TASKS
from benchmarks.presets import rows_of, runner
from benchmarks.timing import describe_machine
from tfseq.runs import load_options


def main():
    """Train each cell with each seed, print their errors, and look at their gradients."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--run_dir", required=True, help="parent of the runs")
    parser.add_argument("--seeds", default="1,2,3", help="apart by commas")
    parser.add_argument("--cells", default="basic_lstm,gru,basic_rnn", help="apart by commas")
    parser.add_argument("--picture", default="", help="of the gradients, first seed")
    options, rest = parser.parse_known_args()
    run = runner("diagnostics")
    cells, seeds = options.cells.split(","), options.seeds.split(",")
    found = {cell: [] for cell in cells}
    for seed in seeds:  # the cells in turn, so that a cut comes to all alike
        for cell in cells:
            directory = pathlib.Path(options.run_dir) / f"{cell}-{seed}"
            run("memory", f"--run_dir={directory}", f"--cell={cell}", f"--seed={seed}", *rest)
            found[cell].append(measured(directory))
    describe_machine("default")
    show(found)
    first = ",".join(f"{pathlib.Path(options.run_dir) / cell}-{seeds[0]}" for cell in cells)
    run("gradients", f"--run_dir={first}", f"--picture={options.picture}")


def measured(directory):
    """`(error on new sequences, minutes of training steps, error of remembering nothing)`."""
    saved = load_options(Memory, directory)
    task = TASKS[saved.task](saved.length)
    error = error_of(load_model(saved, task), task, saved.seed, MEASURING)
    return error, sum(row["seconds"] for row in rows_of(directory)) / 60, task.baseline


def show(found):
    """A line for each cell: the mean error of the seeds, each of them, and the time."""
    print(f"{'cell':<20} {'error':>8} {'minutes':>8}  error of each seed")
    for cell, runs in found.items():
        errors, minutes, baselines = zip(*runs, strict=True)
        each = " ".join(f"{error:.5f}" for error in errors)
        mean, time = statistics.fmean(errors), statistics.fmean(minutes)
        print(f"{cell:<20} {mean:>8.5f} {time:>8.1f}  {each}")
    print(f"{'remembering nothing':<20} {baselines[0]:>8.5f}")


if __name__ == "__main__":
    main()
