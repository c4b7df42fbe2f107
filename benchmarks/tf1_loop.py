"""What does the loop of `tfseq.tf1.dynamic_rnn` cost beside the same cell in `keras.layers.RNN`?

    basic_lstm   BasicLSTMCell(128), batch 32, 30 steps, inputs of 64
    gru          GRUCell(128), likewise
    multi        MultiRNNCell of both, likewise

Each in a `tf.function`, with and without lengths, for values alone and for values and gradients.
Both sides run one object with one set of weights, and must give the same numbers before the clock
starts. The face never takes the faster way through a whole sequence that `tfseq.RNN` may take.

    python -m benchmarks.tf1_loop --threads=1
"""

import argparse
import statistics
import time

import keras
import numpy as np
import tensorflow as tf

from benchmarks.timing import describe_machine, interleaved, ratio
from tfseq import tf1

BATCH, TIME, DEPTH, UNITS = 32, 30, 64, 128
BASE, OURS = "keras.layers.RNN", "tf1.dynamic_rnn"
CELLS = {
    "basic_lstm": lambda: tf1.BasicLSTMCell(UNITS),
    "gru": lambda: tf1.GRUCell(UNITS),
    "multi": lambda: tf1.MultiRNNCell([tf1.BasicLSTMCell(UNITS), tf1.GRUCell(UNITS)]),
}


def make_loops(make, lengths):
    """`{name: f(inputs) -> outputs}` of both loops over one cell, and its variables."""
    cell = make()
    layer = keras.layers.RNN(cell.cell, return_sequences=True, zero_output_for_mask=True)
    mask = None if lengths is None else tf.sequence_mask(lengths, TIME)

    def stock(inputs):
        return layer(inputs, mask=mask, training=True)

    def ours(inputs):
        return tf1.dynamic_rnn(cell, inputs, lengths, dtype=tf.float32)[0]

    ours(tf.zeros([BATCH, TIME, DEPTH]))  # makes the variables
    return {BASE: stock, OURS: ours}, [weight.value for weight in cell.cell.trainable_variables]


def make_candidates(make, has_lengths):
    """For values, and for values and gradients, both loops as functions that give arrays."""
    generator = np.random.default_rng(1)
    inputs = tf.constant(generator.normal(size=(BATCH, TIME, DEPTH)), tf.float32)
    lengths = tf.constant(generator.integers(TIME // 3, TIME + 1, BATCH)) if has_lengths else None
    loops, weights = make_loops(make, lengths)
    values, gradients = {}, {}
    for name, loop in loops.items():

        @tf.function(autograph=False)
        def look(loop=loop):
            return [loop(inputs)]

        @tf.function(autograph=False)
        def step(loop=loop):
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                outputs = loop(inputs)
                loss = tf.reduce_sum(outputs**2)
            return [outputs, *tape.gradient(loss, [inputs, *weights])]

        values[name] = lambda look=look: [x.numpy() for x in look()]
        gradients[name] = lambda step=step: [x.numpy() for x in step()]
    return {"values": values, "values and gradients": gradients}


def check_equal(candidates):
    """Both loops give the same numbers."""
    for ours, stock in zip(candidates[OURS](), candidates[BASE](), strict=True):
        np.testing.assert_allclose(ours, stock, rtol=1e-4, atol=1e-4)


def main():
    """Print a line for each cell, with and without lengths, without and with gradients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument(
        "--processor_time",
        action="store_true",
        help="Count the processor's seconds, where other work shares it.",
    )
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    describe_machine(options.threads)
    clock = time.process_time if options.processor_time else time.perf_counter
    for name, make in CELLS.items():
        for has_lengths in (False, True):
            for what, candidates in make_candidates(make, has_lengths).items():
                check_equal(candidates)
                seconds = interleaved(candidates, options.rounds, options.calls, clock)
                times = [statistics.median(seconds[side]) * 1e3 for side in (BASE, OURS)]
                cost = 1 / ratio(seconds, OURS, BASE)
                with_lengths = "with lengths" if has_lengths else "no lengths"
                print(
                    f"{name:<11} {with_lengths:<13} {what:<21} "
                    f"{times[0]:8.2f} ms {times[1]:8.2f} ms  costs {cost:5.2f} x"
                )


if __name__ == "__main__":
    main()
