"""How fast is a training step beside the same model written with `keras.layers.LSTM`?

Embedding, two LSTM layers, full softmax, all gradients, clip by global norm, Adam, state carried.

    python -m benchmarks.training_step --threads=1
"""

import argparse

import keras
import numpy as np
import tensorflow as tf

from benchmarks.timing import describe_machine, interleaved, report
from tfseq.cells import stack_cells
from tfseq.models import LanguageModel

SIZES = {  # vocabulary, units, batch, window
    "small": (10_000, 200, 20, 20),
    "medium": (10_000, 650, 20, 35),
    "tv512": (6_800, 512, 128, 16),
}


class KerasModel(keras.Model):
    """The same language model with Keras's own LSTM layers."""

    def __init__(self, vocabulary_size, units, layers=2):
        super().__init__()
        self.embedding = keras.layers.Embedding(vocabulary_size, units)
        self.lstms = [
            keras.layers.LSTM(units, return_sequences=True, return_state=True)
            for _ in range(layers)
        ]
        self.units = units
        self.softmax = keras.layers.Dense(vocabulary_size)

    def unroll(self, ids, states, training=False):
        """Logits and final states, as `LanguageModel.unroll` gives them."""
        outputs, new_states = self.embedding(ids), []
        for lstm, state in zip(self.lstms, states, strict=True):
            outputs, *state = lstm(outputs, initial_state=state, training=training)
            new_states.append(state)
        return self.softmax(outputs), new_states

    def get_initial_state(self, batch_size):
        """Zero states of all layers."""
        return [[tf.zeros((batch_size, self.units))] * 2 for _ in self.lstms]


def make_step(model, batch, window, vocabulary_size):
    """A function that does one training step on a fixed batch."""
    generator = np.random.default_rng(1)
    ids = tf.constant(generator.integers(0, vocabulary_size, (batch, window + 1)), tf.int32)
    optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
    start = model.get_initial_state(batch)
    model.unroll(ids[:, :-1], start)
    optimizer.build(model.trainable_variables)
    states = tf.nest.map_structure(lambda x: tf.Variable(x, trainable=False), start)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            before = tf.nest.map_structure(tf.convert_to_tensor, states)
            logits, after = model.unroll(ids[:, :-1], before, training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=ids[:, 1:], logits=logits)
            )
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)
        tf.nest.map_structure(lambda variable, value: variable.assign(value), states, after)
        return loss

    return lambda: step().numpy()


def main():
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=SIZES)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    describe_machine(options.threads)
    for name in options.sizes:
        vocabulary_size, units, batch, window = SIZES[name]
        ours = LanguageModel(vocabulary_size, stack_cells("basic_lstm", units, 2), units)
        models = {"keras.layers.LSTM": KerasModel(vocabulary_size, units), "tfseq": ours}
        steps = {
            key: make_step(model, batch, window, vocabulary_size) for key, model in models.items()
        }
        print(
            f"\n{name}: vocabulary {vocabulary_size}, units {units}, batch {batch}, window {window}"
        )
        report(interleaved(steps, options.rounds), "keras.layers.LSTM", "tokens/s", batch * window)


if __name__ == "__main__":
    main()
