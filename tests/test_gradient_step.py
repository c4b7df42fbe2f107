"""A step in pieces is the step of the whole batch; and training with less precision converges."""

import keras
import numpy as np
import pytest

from tfseq.cells import stack_cells
from tfseq.gradient_step import GradientStep
from tfseq.models import LanguageModel
from tfseq.optimizers import make_optimizer
from tfseq.replicas import Replicas
from tfseq.strategies import computing_in

WORDS, STEPS, ROWS = 20, 12, 7


def make_step(pieces=1, scales_loss=False, rows=ROWS):
    """A step of a small language model, and its model."""
    keras.utils.set_random_seed(1)
    model = LanguageModel(WORDS, stack_cells("basic_lstm", 16, 2, seed=1), 16, seed=1)
    model.build((None, None))
    optimizer = make_optimizer(
        "adam", 0.02, total_steps=1000, clip_norm=1.0, scales_loss=scales_loss
    )
    optimizer.build(model.trainable_variables)

    def loss(batch, states, training):
        return model.cross_entropy(*batch, states, training=training)

    states = model.get_initial_state(rows)
    return GradientStep(model, optimizer, loss, Replicas(), states, pieces=pieces), model


def batch(number, rows=ROWS):
    """Rows that count upwards from anywhere, of which some words do not count."""
    random = np.random.default_rng(number)
    ids = (random.integers(WORDS, size=[rows, 1]) + np.arange(STEPS + 1)) % WORDS
    weights = random.integers(2, size=[rows, STEPS]).astype(np.float32)
    return ids[:, :-1].astype(np.int32), ids[:, 1:].astype(np.int32), weights


@pytest.mark.parametrize("pieces", [2, 7])
def test_pieces_have_the_gradient_of_the_whole_batch(pieces):
    """Also where they have neither as many rows nor as many words."""
    whole, model = make_step()
    parted, other = make_step(pieces)
    for number in range(3):
        whole(batch(number))
        parted(batch(number))
    assert parted.sums.numpy() == pytest.approx(whole.sums.numpy(), abs=1e-3)
    for found, expected in zip(parted.states, whole.states, strict=True):
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=0, atol=1e-5)
    for found, expected in zip(other.weights, model.weights, strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0, atol=1e-5)


def losses(precision):
    """The mean loss of a word in each of some steps."""
    with computing_in(precision):
        step, _ = make_step(scales_loss=precision == "mixed_float16")
        found = []
        for number in range(150):
            step.sums.assign([0.0, 0.0])
            step(batch(number))
            found.append(step.sums.numpy()[0] / step.sums.numpy()[1])
    return np.array(found)


def test_mixed_precision_converges_as_float32_does():
    expected = losses("float32")
    assert expected[0] > 2.9
    assert expected[-10:].mean() < 0.1
    for precision in ("mixed_bfloat16", "mixed_float16"):
        found = losses(precision)
        assert found[-10:].mean() < 0.1
        # On the way, at the same pace.
        assert np.abs(found[:60] - expected[:60]).mean() < 0.15
