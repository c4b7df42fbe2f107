"""What does a whole sequence at once gain over the loop of steps, forward and backward?

    lstm       two LSTM layers of 256, batch 128, 15 steps
    encoder    a GRU of 256 each way, masked, batch 32, 15 steps, inputs of 128
    decoder    the conditional GRU of 256 with Bahdanau's attention, on a memory of 15 times 512

The base is the same layer with `stepwise=True`. A line each for values alone and for values and all
gradients.

    python -m benchmarks.fast_path --threads=1
"""

import argparse

import numpy as np
import tensorflow as tf

from benchmarks.timing import describe_machine, interleaved, report
from tfseq.attention import BahdanauAttention, ConditionalCell
from tfseq.cells import GRUCell, stack_cells
from tfseq.rnn import RNN

GENERATOR = np.random.default_rng(1)


def draw(*shape):
    """Random numbers."""
    return tf.constant(GENERATOR.normal(size=shape), tf.float32)


def lstm(stepwise):
    """`(run, inputs, cells)`, where `run(*inputs)` gives outputs."""
    cell = stack_cells("basic_lstm", 256, 2)
    layer = RNN(cell, return_sequences=True, stepwise=stepwise)
    return lambda x: layer(x, training=True), [draw(128, 15, 256)], [cell]


def encoder(stepwise):
    """As `lstm`."""
    cells = GRUCell(256), GRUCell(256)
    mask = tf.sequence_mask(GENERATOR.integers(5, 16, 32), 15)
    ways = [
        RNN(cell, return_sequences=True, go_backwards=backward, stepwise=stepwise)
        for cell, backward in zip(cells, (False, True), strict=True)
    ]

    def run(x):
        return tf.concat([way(x, mask=mask, training=True) for way in ways], axis=-1)

    return run, [draw(32, 15, 128)], cells


def decoder(stepwise):
    """As `lstm`."""
    mechanism = BahdanauAttention(256)
    cell = ConditionalCell(GRUCell(256), mechanism, GRUCell(256))
    layer = RNN(cell, return_sequences=True, stepwise=stepwise)
    mask = tf.sequence_mask(GENERATOR.integers(5, 16, 32), 15)

    def run(x, values):
        memory = mechanism.memorize(values, mask)
        return layer(x, memory=memory, training=True)

    return run, [draw(32, 15, 128), draw(32, 15, 512)], [cell]


def make_candidates(make):
    """Two pairs of functions, each pair without and with gradients."""
    values, gradients = {}, {}
    for name, stepwise in (("step by step", True), ("whole sequence", False)):
        run, inputs, cells = make(stepwise)
        run(*inputs)  # builds
        weights = [weight.value for cell in cells for weight in cell.trainable_variables]

        @tf.function(autograph=False)
        def step(run=run, inputs=inputs, weights=weights):
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                loss = tf.reduce_sum(run(*inputs) ** 2)
            return tape.gradient(loss, [*inputs, *weights])

        @tf.function(autograph=False)
        def look(run=run, inputs=inputs):
            return run(*inputs)

        values[name] = lambda look=look: look().numpy()
        gradients[name] = lambda step=step: step()[0].numpy()
    return {"values": values, "values and gradients": gradients}


def main():
    """Print a table for each of the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    describe_machine(options.threads)
    for make in (lstm, encoder, decoder):
        for what, candidates in make_candidates(make).items():
            print(f"\n{make.__name__}: {what}")
            report(interleaved(candidates, options.rounds), "step by step")


if __name__ == "__main__":
    main()
