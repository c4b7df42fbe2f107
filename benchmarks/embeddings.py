"""What do trained word vectors do to the figures of an application on a small corpus?

The same options and seeds three times: word vectors drawn at random, trained vectors that are
learnt on (tuned), and trained vectors that stay as they are (frozen).

    python -m benchmarks.embeddings --run_dir=RUNS --embeddings=V.txt --embedding_size=100 \
        --text_file=moes_tavern_lines.txt --skip_characters=81
    python -m benchmarks.embeddings --application=translation --run_dir=RUNS \
        --source_embeddings=V.txt --embedding_size=100 --tokens=blanks --source_file=train.en ...

All other options are those of the application's verb `train`. Runs that have ended are only read.
"""

import argparse
import pathlib
import statistics

from benchmarks.presets import FIGURES, rows_of, runner
from benchmarks.timing import describe_machine

FILES = ("embeddings", "source_embeddings", "target_embeddings")


def main():
    """Train each start with each seed, and print the best figures side by side."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--application", choices=sorted(FIGURES), default="tv_script")
    parser.add_argument("--run_dir", required=True, help="parent of the runs")
    parser.add_argument("--seeds", default="1", help="apart by commas")
    for name in FILES:
        parser.add_argument(f"--{name}")
    options, rest = parser.parse_known_args()
    vectors = [f"--{name}={path}" for name in FILES if (path := getattr(options, name))]
    if not vectors:
        parser.error("one of --embeddings, --source_embeddings, --target_embeddings is needed")
    starts = {"random": [], "tuned": vectors, "frozen": [*vectors, "--freeze_embeddings"]}
    run = runner(options.application)
    seeds = options.seeds.split(",")
    found = {start: [] for start in starts}
    for seed in seeds:  # the starts in turn, so that a cut comes to all alike
        for start, words in starts.items():
            run_dir = pathlib.Path(options.run_dir) / f"{start}-{seed}"
            run("train", f"--run_dir={run_dir}", f"--seed={seed}", *words, *rest)
            found[start].append(rows_of(run_dir))
    describe_machine("default")
    show(found, seeds, *FIGURES[options.application])


def show(found, seeds, figure, best_of, title="start"):
    """A line for each of what was found: the best of each seed, their mean, the first epoch's."""
    print(f"{title:<8} {'best ' + figure:>26} {'its epoch':>10} {'after one epoch':>16}  seeds")
    for start, runs in found.items():
        best = [best_of(rows, key=lambda row: row[figure]) for rows in runs]
        mean = statistics.fmean(row[figure] for row in best)
        epoch = statistics.fmean(row["epoch"] for row in best)
        first = statistics.fmean(rows[0][figure] for rows in runs)
        each = " ".join(f"{seed}: {row[figure]:.2f}" for seed, row in zip(seeds, best, strict=True))
        print(f"{start:<8} {mean:>26.2f} {epoch:>10.1f} {first:>16.2f}  {each}")


if __name__ == "__main__":
    main()
