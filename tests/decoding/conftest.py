"""Models small enough to be read by eye."""

import numpy as np
import pytest
import tensorflow as tf


@pytest.fixture
def chain():
    """A function from a transition table to a step whose state counts the steps of each row."""

    def step_of(table):
        with np.errstate(divide="ignore"):
            logits = tf.constant(np.log(np.asarray(table, "float32")))

        def step(inputs, states, memory):
            return tf.gather(logits, inputs), states + 1

        return step

    return step_of


@pytest.fixture
def recurrent():
    """A step with real states: `(h, [n])`, where h mixes what was fed before."""
    random = np.random.default_rng(5)
    embedding, kernel, output = (
        tf.constant(random.normal(size=size), tf.float32) for size in ((11, 3), (3, 3), (3, 11))
    )

    def step(inputs, states, memory):
        hidden, (count,) = states
        # Sums of products, not a GEMM, whose last bit may depend on the batch size.
        mixed = tf.reduce_sum(hidden[:, :, None] * kernel, axis=1)
        hidden = tf.tanh(tf.gather(embedding, inputs) + mixed)
        return tf.reduce_sum(hidden[:, :, None] * output, axis=1), (hidden, [count + 1])

    return step
