"""How fast does the generator's preset write beside a Python loop around `model.predict`?

An LSTM layer, full softmax, the likeliest word each time, or drawn from a nucleus. The same weights
and the same words. `benchmarks.speed` has a large model, beside torch, too.

    python -m benchmarks.generation --threads=1
"""

import argparse

import keras
import numpy as np
import tensorflow as tf

from benchmarks.speed.predict_decode import stepper
from benchmarks.timing import describe_machine, interleaved, report
from tfseq.cells import stack_cells
from tfseq.decoding import GreedySampler, RandomSampler, decode
from tfseq.models import LanguageModel

SIZES = {  # vocabulary, units, layers
    "small": (2_788, 256, 1),  # the preset of the TV-script generator
}


def predict_loop(model, batch, steps):
    """A function that generates with one `model.predict` per word."""
    predictor = stepper(model)

    def generate():
        word = np.zeros(batch, np.int32)
        states = [np.asarray(x) for x in keras.tree.flatten(model.get_initial_state(batch))]
        words = []
        for _ in range(steps):
            inputs = [word, *states]
            logits, *states = predictor.predict(inputs, verbose=0)  # pyright: ignore[reportArgumentType]
            word = logits.argmax(-1).astype(np.int32)
            words.append(word)
        return np.stack(words, axis=1)

    return generate


def word_by_word(model, batch, steps):
    """A function that generates with one call of a `tf.function` per word."""
    step = tf.function(lambda word, states: model.step(word, states), reduce_retracing=True)

    def generate():
        word, states = tf.zeros([batch], tf.int32), model.get_initial_state(batch)
        words = []
        for _ in range(steps):
            logits, states = step(word, states)
            word = tf.argmax(logits, axis=-1, output_type=tf.int32)
            words.append(word)
        return np.stack(words, axis=1)

    return generate


def whole_decode(model, batch, steps, random=False):
    """A function that generates in one graph, by `decode`."""
    start = tf.zeros([batch], tf.int32)
    # The logits of a model that has learnt nothing are all alike; at this temperature they are
    # about as far apart as those of one that has.
    options = {"seeds": tf.range(batch), "temperature": 0.01, "top_p": 0.9}
    sampler = RandomSampler(start, -1, **options) if random else GreedySampler(start, -1)

    @tf.function
    def generate():
        return decode(model.step, sampler, model.get_initial_state(batch), max_steps=steps)[0].ids

    return lambda: generate().numpy()


def main():
    """Print a table for each batch size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=SIZES)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    describe_machine(options.threads)
    for size in options.sizes:
        for batch in options.batches:
            compare(size, batch, options)


def compare(size, batch, options):
    """Print the table of one model and batch size."""
    vocabulary, units, layers = SIZES[size]
    keras.utils.set_random_seed(1)
    model = LanguageModel(vocabulary, stack_cells("basic_lstm", units, layers), units)
    ways = {
        "model.predict loop": predict_loop(model, batch, options.steps),
        "tf.function per word": word_by_word(model, batch, options.steps),
        "tfseq.decode, greedy": whole_decode(model, batch, options.steps),
        "tfseq.decode, top_p 0.9": whole_decode(model, batch, options.steps, random=True),
    }
    words = [ways[name]() for name in list(ways)[:3]]
    assert all((other == words[0]).all() for other in words), "the ways disagree"
    print(f"\n{size}: vocabulary {vocabulary}, units {units}, layers {layers}; batch {batch}")
    seconds = interleaved(ways, options.rounds)
    report(seconds, "model.predict loop", "words/s", batch * options.steps)


if __name__ == "__main__":
    main()
