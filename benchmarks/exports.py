"""What an export costs beside the model itself: words by second, room on disk, time to load.

    python -m benchmarks.exports --rounds=5 [--processor_time]

The TV-script generator with random weights, which are as slow as learnt ones; each row has the
same number of words. The same decode once as Python's `tf.function`, once as the exported signature
in a session of the same process, in turn.
"""

import argparse
import os
import pathlib
import statistics
import tempfile
import time

import numpy as np
import tensorflow as tf

from apps.tv_script.config import Train
from apps.tv_script.data import Run
from apps.tv_script.generator import Generator, defaults
from apps.tv_script.model import build_model
from benchmarks.timing import describe_machine, interleaved, ratio, report
from tfseq.serving import saved_model_session
from tfseq.text import Vocabulary, WordTokenizer

WORDS = 6_800
FAST = {"units": 512, "layers": 2, "embedding_size": 512}  # of `speed.decoding`
SMALL = {"units": 384, "layers": 2, "embedding_size": 384}  # 20 MB


def main():
    """Measure the speed of one model, and the size of another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument(
        "--processor_time", action="store_true", help="Count the processor's own seconds."
    )
    options = parser.parse_args()
    clock = time.process_time if options.processor_time else time.perf_counter
    describe_machine(os.cpu_count())
    with tempfile.TemporaryDirectory() as directory:
        size(pathlib.Path(directory, "small"), options.rounds, clock)
        speed(pathlib.Path(directory, "fast"), options, clock)


def exported(directory, sizes):
    """A generator with random weights and its SavedModel; and the bytes of its weights."""
    scene = "Ada: Is the soup hot?\n\n"
    vocabulary = Vocabulary([f"word{number}" for number in range(WORDS - 6)] + ["Ada", "\n"])
    options = Train(run_dir=str(directory), **sizes)
    run = Run(directory, options, [scene], [scene], WordTokenizer(), vocabulary)
    model = build_model(options, vocabulary)
    generator = Generator(run, model, is_final=True)
    tf.saved_model.save(generator, directory, signatures={"generate": generator.generate})
    return generator, sum(4 * int(np.prod(v.shape)) for v in model.trainable_variables)


def size(directory, rounds, clock):
    """Print what the export takes on disk, and how long a session takes to load it."""
    _, weights = exported(directory, SMALL)
    on_disk = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
    seconds = []
    for _ in range(rounds):
        started = clock()
        session, _ = saved_model_session.opened(str(directory))
        seconds.append(clock() - started)
        session.close()
    print(f"weights {weights / 1e6:.1f} MB, export {on_disk / 1e6:.1f} MB")
    print(f"load: first {seconds[0]:.2f} s, median {statistics.median(seconds):.2f} s")


def speed(directory, options, clock):
    """Print words by second of both ways, for each batch size and for both choices."""
    generator, weights = exported(directory, FAST)
    session, signatures = saved_model_session.opened(str(directory))
    print(f"weights {weights / 1e6:.1f} MB")
    for batch in options.batches:
        for choice, given in {"likeliest": {"temperature": 0.0}, "default options": {}}.items():
            values = defaults(batch, max_words=options.words, **given)
            values = {name: value.numpy() for name, value in values.items()}
            inputs = {"prompt": np.array(["Ada:"] * batch, object), **values}
            tensors = {name: tf.constant(value) for name, value in inputs.items()}
            signature = signatures["generate"]
            ways = {
                "tf.function": lambda given=tensors: generator.generate(**given)["text"].numpy(),
                "session": lambda given=inputs, signature=signature: saved_model_session.run(
                    session, signature, given
                )["text"],
            }
            assert (ways["tf.function"]() == ways["session"]()).all(), "the ways disagree"
            seconds = interleaved(ways, options.rounds, clock=clock)
            print(f"\nbatch {batch}, {choice}: {ratio(seconds, 'session', 'tf.function'):.2f} x")
            report(seconds, "tf.function", "words/s", batch * options.words)
    session.close()


if __name__ == "__main__":
    main()
