"""Updates of weights beside Keras's own, step by step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq import updates

RANDOM = np.random.default_rng(4)
STARTS = [RANDOM.normal(size=shape).astype("f") for shape in ((7, 3), (3, 2), (2,))]
STEPS = 4


def gradients(step):
    """An embedding's rows, each once, and two whole matrices."""
    random = np.random.default_rng(step)
    rows, matrix, bias = (random.normal(size=x).astype("f") for x in ((2, 3), (3, 2), (2,)))
    places = random.permutation(7)[:2]
    slices = tf.IndexedSlices(tf.constant(rows), tf.constant(places), tf.constant([7, 3]))
    return [slices, tf.constant(matrix), tf.constant(bias)]


def trained(optimizer, traced):
    """The weights and the optimizer's variables after a few steps."""
    weights = [keras.Variable(start) for start in STARTS]
    optimizer.build(weights)

    def apply(gradients):
        optimizer.apply(gradients, weights)

    run = tf.function(apply) if traced else apply
    for step in range(STEPS):
        run(gradients(step))
    return [x.numpy() for x in (*weights, *optimizer.variables)]


CASES = {
    "adam": ("Adam", {"learning_rate": 0.1}),
    "adam that clips": ("Adam", {"learning_rate": 0.1, "global_clipnorm": 0.5}),
    "adam that never clips": ("Adam", {"learning_rate": 0.1, "global_clipnorm": 50.0}),
    "adam that clips elements": ("Adam", {"learning_rate": 0.1, "clipvalue": 0.2}),
    "amsgrad": ("Adam", {"learning_rate": 0.1, "amsgrad": True}),
    "adam with decay and average": (
        "Adam",
        {"learning_rate": 0.1, "weight_decay": 0.01, "use_ema": True, "ema_momentum": 0.9},
    ),
    "descent": ("SGD", {"learning_rate": 0.1}),
    "descent that clips": ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.5}),
    "descent that never clips": ("SGD", {"learning_rate": 0.1, "global_clipnorm": 50.0}),
    "descent that clips each": ("SGD", {"learning_rate": 0.1, "clipnorm": 0.5}),
    "momentum that clips": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "global_clipnorm": 1.0}),
    "decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.01, "global_clipnorm": 0.5}),
}


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize(("name", "options"), CASES.values(), ids=CASES)
def test_weights_and_moments_are_those_of_keras(name, options, traced):
    found = trained(getattr(updates, name)(**options), traced)
    wanted = trained(getattr(keras.optimizers, name)(**options), traced)
    assert not np.allclose(wanted[0], STARTS[0])
    for value, near in zip(found, wanted, strict=True):
        # 1 - beta is taken in float32, as TensorFlow 1 took it.
        np.testing.assert_allclose(value, near, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_variables_have_the_names_that_keras_gives(name):
    def paths(optimizer):
        optimizer.build([keras.Variable(STARTS[0], name="weights")])
        return [variable.path.split("/", 1)[1] for variable in optimizer.variables]

    assert paths(getattr(updates, name)()) == paths(getattr(keras.optimizers, name)())


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_they_come_back_from_their_config(name):
    optimizer = getattr(updates, name)(0.3, global_clipnorm=2.0)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
