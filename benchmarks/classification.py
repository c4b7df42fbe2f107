"""How many short texts does the classifier label rightly, without vectors from elsewhere?

Word vectors are learnt first, by `apps.word2vec` from the raw text that is given; without any, they
begin at random. Then each task is trained with each seed, the accuracy of the best epoch is taken,
and the mean of the seeds is printed. `sst2` has a development part; of `trec6` a tenth is held out,
drawn by the seed. Runs that have ended are only read.

    python -m benchmarks.classification --run_dir=RUNS --data=../shared/data \
        --text_file=../shared/data/text8_prefix,../shared/data/wikitext2/train.txt.gz
    python -m benchmarks.classification --run_dir=RUNS --data=../shared/data --task=sst2 --seeds=1

All other options are those of the application's verb `train`.
"""

import argparse
import pathlib

from benchmarks.embeddings import show
from benchmarks.presets import rows_of, runner
from benchmarks.timing import describe_machine

TASKS = {  # the texts are tokenised already
    "sst2": [
        "--train_file={data}/sst2/train.txt",
        "--development_file={data}/sst2/dev.txt",
        "--tokens=blanks",
        "--learning_rate=0.002",
        "--epochs=6",
    ],
    "trec6": [
        "--train_file={data}/trec6/train.txt",
        "--development_share=0.1",
        "--tokens=blanks",
        "--nolower_case",
        "--units=150",
        "--embedding_rate=0.3",
        "--pooling=mean_max",
        "--average_epochs=3",
        "--epochs=8",
    ],
}
WITH_VECTORS = {"sst2": [], "trec6": ["--embedding_deviation=0.4"]}


def main():
    """Train each task with each seed, and print the best figures side by side."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--run_dir", required=True, help="parent of the runs")
    parser.add_argument("--data", required=True, help="directory with sst2 and trec6")
    parser.add_argument("--text_file", help="as for `apps.word2vec train`")
    parser.add_argument("--task", choices=sorted(TASKS))
    parser.add_argument("--seeds", default="1,2,3", help="apart by commas")
    options, rest = parser.parse_known_args()
    if options.text_file:
        vectors = pathlib.Path(options.run_dir) / "vectors.txt"
        words = ["--lower_case", f"--text_file={options.text_file}", f"--vectors={vectors}"]
        if not vectors.exists():
            runner("word2vec")("train", *words)
        rest = [f"--embeddings={vectors}", *rest]
    run = runner("classification")
    seeds, found = options.seeds.split(","), {}
    for task in [options.task] if options.task else TASKS:
        files = [word.format(data=options.data) for word in TASKS[task]]
        files += WITH_VECTORS[task] if options.text_file else []
        found[task] = []
        for seed in seeds:
            run_dir = pathlib.Path(options.run_dir) / f"{task}-{seed}"
            run("train", f"--run_dir={run_dir}", f"--seed={seed}", *files, *rest)
            found[task].append(rows_of(run_dir))
    describe_machine("default")
    show(found, seeds, "accuracy", max, "task")


if __name__ == "__main__":
    main()
