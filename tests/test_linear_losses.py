"""Softmax layer and cross entropy as one, against the scores of all words and their loss."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.linear_losses import linear_cross_entropy
from tfseq.losses import cross_entropy

ROWS, STEPS, WIDTH, WORDS = 3, 7, 4, 11
RANDOM = np.random.default_rng(2)


@pytest.fixture
def example():
    """Outputs, kernel, bias, targets and weights, in float64."""
    outputs, kernel, bias = (
        tf.constant(RANDOM.normal(size=shape))
        for shape in ((ROWS, STEPS, WIDTH), (WIDTH, WORDS), (WORDS,))
    )
    targets = tf.constant(RANDOM.integers(0, WORDS, (ROWS, STEPS)))
    weights = tf.constant(RANDOM.choice([0.0, 0.5, 1.0], (ROWS, STEPS)), tf.float32)
    return outputs, kernel, bias, targets, weights


def results(loss, *tensors):
    """Sums, and three times the gradients of the first."""
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        total, words = loss(*tensors)
        scaled = 3 * total
    return [total, words, *tape.gradient(scaled, tensors)]


def through_scores(targets, weights, smoothing, tied=False):
    def loss(outputs, kernel, bias):
        scores = tf.einsum("btw,vw->btv" if tied else "btw,wv->btv", outputs, kernel) + bias
        return cross_entropy(tf.cast(scores, tf.float32), targets, weights, smoothing)

    return loss


@pytest.mark.parametrize("rows", [1, 5, 21, 512], ids="rows {}".format)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("traced", [False, True])
def test_sums_and_gradients_are_those_of_the_scores(example, rows, smoothing, tied, traced):
    outputs, kernel, bias, targets, weights = example
    kernel = tf.transpose(kernel) if tied else kernel

    def fast(outputs, kernel, bias):
        return linear_cross_entropy(
            outputs, kernel, bias, targets, weights, smoothing, tied=tied, rows=rows
        )

    def run(*tensors):
        return results(fast, *tensors)

    run = tf.function(run) if traced else run
    wanted = results(through_scores(targets, weights, smoothing, tied), outputs, kernel, bias)
    assert np.abs(wanted[3]).max() > 0.1
    for found, value in zip(run(outputs, kernel, bias), wanted, strict=True):
        assert found.dtype == value.dtype
        np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("steps", [0, 1, STEPS])
def test_shapes_may_be_unknown_and_there_may_be_no_position_at_all(example, steps):
    outputs, kernel, bias, targets, weights = example
    arguments = outputs[:, :steps], targets[:, :steps], weights[:, :steps]
    specs = [tf.TensorSpec([None, None, *x.shape[2:]], x.dtype) for x in arguments]

    @tf.function(input_signature=specs)
    def run(outputs, targets, weights):
        return results(
            lambda *x: linear_cross_entropy(*x, targets, weights, rows=4), outputs, kernel, bias
        )

    wanted = results(through_scores(*arguments[1:], 0.0), arguments[0], kernel, bias)
    for found, value in zip(run(*arguments), wanted, strict=True):
        assert found.shape == value.shape
        np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("steps", [600, 512, 100])
def test_a_large_piece_is_compiled_and_gives_the_same(steps):
    outputs, kernel = tf.random.normal([1, steps, 3]), tf.random.normal([3, 2700])
    bias = tf.zeros([2700])
    targets, weights = tf.constant(RANDOM.integers(0, 2700, (1, steps))), tf.ones([1, steps])

    @tf.function
    def run(*tensors):
        return results(lambda *x: linear_cross_entropy(*x, targets, weights, 0.1), *tensors)

    wanted = results(through_scores(targets, weights, 0.1), outputs, kernel, bias)
    for found, value in zip(run(outputs, kernel, bias), wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-4, atol=1e-4)


def test_half_precision_is_widened_for_the_loss_alone(example):
    *tensors, targets, weights = example
    outputs, kernel, bias = (tf.cast(x, tf.bfloat16) for x in tensors)
    found = results(
        lambda *x: linear_cross_entropy(*x, targets, weights, rows=4), outputs, kernel, bias
    )
    assert [x.dtype for x in found] == [tf.float32] * 2 + [tf.bfloat16] * 3
    wanted = results(through_scores(targets, weights, 0.0), *tensors)
    for value, near in zip(found, wanted, strict=True):
        np.testing.assert_allclose(tf.cast(value, tf.float32), near, rtol=0.05, atol=0.1)


def test_a_share_outside_its_range_is_refused(example):
    with pytest.raises(ValueError, match=r"`label_smoothing` must .*Received: label_smoothing=1"):
        linear_cross_entropy(*example, 1.0)
