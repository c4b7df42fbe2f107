"""What reading from shards costs beside a training step of the language model.

    python -m benchmarks.reading
    python -m benchmarks.reading --units=512 --vocabulary=10000

The shards are made of drawn ids in a temporary directory, 64 of a million ids. A batch has 128 rows
of 16 ids; the model is one layer of LSTM with a tied softmax. Printed are the means of both in the
processor's own milliseconds, and their ratio. Many batches are read each time, so that opening,
checking and shuffling what lanes come to has its share.
"""

import dataclasses
import itertools
import os
import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np

from benchmarks.timing import describe_machine, interleaved
from tfseq.command import quiet_start
from tfseq.config import OptionError, option
from tfseq.parsing import parse

with quiet_start():
    from apps.tv_script import config as tv_config
    from apps.tv_script.model import build_model, training_loss
    from tfseq.runs import optimizer_of
    from tfseq.text import ShardedLanguageModelBatches, Shards, Vocabulary
    from tfseq.text.shards import write_manifest, write_shard
    from tfseq.training import Trainer

ROWS, WINDOW, SHARDS, IDS, DOCUMENT = 128, 16, 64, 10**6, 200
READ = 4000  # batches at a time


@dataclasses.dataclass(frozen=True)
class Options:
    """Options of the benchmark."""

    units: int = option(256, "Units of the LSTM, and width of the word vectors.", minimum=1)
    vocabulary: int = option(10_000, "Different ids.", minimum=10)
    rounds: int = option(8, "Times each is timed, in turn.", minimum=1)


def make_shards(directory, vocabulary):
    """Shards of drawn ids."""
    random, shards = np.random.default_rng(1), []
    lengths = np.full([IDS // DOCUMENT, 1], DOCUMENT)
    for number in range(SHARDS):
        shards.append(write_shard(directory, number, random.integers(4, vocabulary, IDS), lengths))
    write_manifest(directory, {"kind": "documents", "sides": ["text"], "files": {}}, shards)
    return Shards(directory, "documents")


def a_step(options, batches):
    """A function that does one training step, always on the same batch."""
    words = ["--run_dir=none", f"--units={options.units}", f"--embedding_size={options.units}"]
    train = parse(tv_config.Train, words, tv_config.PRESETS)
    model = build_model(train, Vocabulary(map(str, range(options.vocabulary - 4))))
    trainer = Trainer(
        model,
        optimizer_of(train, batches.steps_per_epoch),
        training_loss(model),
        batches,
        None,
        None,
        epochs=1,
        states=model.get_initial_state(ROWS),
    )
    batch = batches.batch(1)

    def step():
        trainer.train_step(batch)
        trainer.sums.numpy()

    return step


def main():
    """Print both and their ratio."""
    try:
        options = parse(Options, sys.argv[1:])
    except OptionError as error:
        print(f"python -m benchmarks.reading: {error}", file=sys.stderr)
        return 2
    describe_machine(os.environ.get("TF_NUM_INTRAOP_THREADS", "all"))
    with tempfile.TemporaryDirectory() as directory:
        shards = make_shards(pathlib.Path(directory), options.vocabulary)
        batches = ShardedLanguageModelBatches(shards, ROWS, WINDOW)
        steps = itertools.count()

        def read():
            for _ in range(READ):
                batches.batch(next(steps))

        candidates = {"reading": read, "step": a_step(options, batches)}
        seconds = interleaved(candidates, options.rounds, clock=time.process_time)
    reading, step = (statistics.mean(times) for times in seconds.values())
    print(f"reading a batch of {ROWS} x {WINDOW}   {reading / READ * 1e3:.2f} ms")
    print(f"training step, {options.units} units   {step * 1e3:.1f} ms")
    print(f"reading / step             {reading / READ / step:.2%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
