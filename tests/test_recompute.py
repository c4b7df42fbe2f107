"""Values and gradients are the same, computed once or twice; and what is kept is less."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq import RNN, stack_cells


def read(cell, recompute, masked=True, steps=8):
    """Outputs, states and all gradients of a layer's training call, and what its noise is at."""
    keras.utils.set_random_seed(1)
    layer = RNN(cell(), return_sequences=True, return_state=True, recompute=recompute)
    random = np.random.default_rng(2)
    inputs = tf.constant(random.normal(size=(3, steps, 4)), tf.float32)
    mask = tf.sequence_mask([steps, 3, 1], steps) if masked else None
    layer.build(inputs.shape)

    @tf.function(autograph=False)
    def both(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs, states = layer(inputs, mask=mask, training=True)
            values = tf.nest.flatten((outputs, states))
            loss = tf.add_n([tf.reduce_sum(tf.sin(x)) for x in values])
        sources = [inputs, *layer.trainable_variables]
        return outputs, states, tape.gradient(loss, sources)

    found = [both(inputs), both(inputs)]  # the second with other noise
    draws = [v.numpy() for v in layer.variables if v.path.endswith("seed_generator_state")]
    return tf.nest.flatten((found, draws))


@pytest.mark.parametrize(
    "cell",
    [
        lambda: stack_cells("basic_lstm", 5, 2, seed=1),
        lambda: stack_cells("gru", 5, 1, state_rate=0.3, seed=1),  # step by step, with noise
        lambda: stack_cells("lstm", 5, 2, input_rate=0.4, variational=True, seed=1),
    ],
)
@pytest.mark.parametrize("recompute", [3, 8])
def test_values_gradients_and_noise_are_those_of_one_computation(cell, recompute):
    for found, expected in zip(read(cell, recompute), read(cell, 0), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


def test_a_sequence_of_unknown_length_is_refused():
    layer = RNN(stack_cells("gru", 5, 1), recompute=2)

    @tf.function(input_signature=[tf.TensorSpec([None, None, 3])])
    def call(inputs):
        return layer(inputs, training=True)

    with pytest.raises(ValueError, match="`recompute` is for sequences of a known length"):
        call.get_concrete_function()


PROGRAM = """
import ctypes, sys
import tensorflow as tf
from tfseq import RNN, stack_cells

cell = stack_cells("basic_lstm", 128, 2, seed=1)
layer = RNN(cell, return_sequences=True, recompute=int(sys.argv[1]))
inputs = tf.ones([16, 2048, 128])
layer.build(inputs.shape)

@tf.function(autograph=False)
def gradients(inputs):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(inputs, training=True))
    return tape.gradient(loss, layer.trainable_variables)

def kilobytes(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))

gradients(inputs)  # compiled, which takes memory of its own
ctypes.CDLL(None).malloc_trim(0)  # what is free goes back
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak begins anew
before = kilobytes("VmRSS")
gradients(inputs)
print((kilobytes("VmHWM") - before) * 1024)
"""


@pytest.mark.slow
def test_less_memory_is_taken():
    taken = [
        int(subprocess.run([sys.executable, "-c", PROGRAM, steps], stdout=subprocess.PIPE).stdout)
        for steps in ("0", "64")
    ]
    print(f"bytes for the gradient: {taken[0]:,}, recomputed {taken[1]:,}")
    assert taken[1] < 0.7 * taken[0]
