"""Sampled and adaptive softmax against their equations in NumPy, and in a language model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.cells import GRUCell
from tfseq.models import LanguageModel
from tfseq.models.objectives import AdaptiveSoftmax, SampledSoftmax
from tfseq.optimizers import make_optimizer

WORDS, WIDTH = 11, 4
RANDOM = np.random.default_rng(6)
OUTPUTS = RANDOM.normal(size=(2, 5, WIDTH)).astype("f")
TARGETS = np.array([[0, 3, 10, 7, 1], [4, 4, 9, 2, 6]])
WEIGHTS = np.array([[1, 1, 1, 0, 1], [0.5, 1, 1, 1, 1]], "f")


def built(layer):
    """With random weights, biases too."""
    layer.build((None, None, WIDTH))
    for weight in layer.trainable_variables:
        weight.assign(RANDOM.normal(size=weight.shape))
    return layer


def log_softmax(scores):
    return scores - np.log(np.exp(scores).sum(-1, keepdims=True))


def expected(ids, samples):
    """How often Zipf's law draws each word."""
    return samples * np.log((ids + 2) / (ids + 1)) / np.log(WORDS + 1)


def test_a_sampled_loss_is_its_equation():
    layer = built(SampledSoftmax(WORDS, samples=6, seed=1))
    draws = np.array([0, 3, 0, 5, 9, 1])
    kernel, bias = layer.kernel.numpy(), layer.bias.numpy()
    scores = OUTPUTS @ kernel.T + bias - np.log(expected(np.arange(WORDS), 6))
    found = layer.sampled_losses(tf.constant(OUTPUTS), TARGETS, draws)
    for row, step in np.ndindex(2, 5):
        target = TARGETS[row, step]
        kept = [target, *draws[draws != target]]
        wanted = -log_softmax(scores[row, step, kept])[0]
        np.testing.assert_allclose(found[row, step], wanted, rtol=1e-5)


def test_words_are_drawn_as_often_as_the_loss_expects():
    layer = built(SampledSoftmax(WORDS, samples=40_000, seed=1))
    counts = np.bincount(layer.draw(), minlength=WORDS)
    np.testing.assert_allclose(counts, expected(np.arange(WORDS), 40_000), rtol=0.06)
    assert not np.array_equal(layer.draw(), layer.draw())


def test_many_draws_give_nearly_the_loss_of_all_words():
    layer = built(SampledSoftmax(WORDS, samples=20_000, seed=1))
    whole, words = layer.cross_entropy(OUTPUTS, TARGETS, WEIGHTS)
    # Draws that are the target are left out, so the target stands there once.
    sampled, same = layer.cross_entropy(OUTPUTS, TARGETS, WEIGHTS, training=True)
    assert words == same == WEIGHTS.sum()
    scores = OUTPUTS @ layer.kernel.numpy().T + layer.bias.numpy()
    losses = -np.take_along_axis(log_softmax(scores), TARGETS[..., None], -1)[..., 0]
    np.testing.assert_allclose(whole, (losses * WEIGHTS).sum(), rtol=1e-5)
    chosen = expected(TARGETS, 20_000)
    true = np.exp(np.take_along_axis(scores, TARGETS[..., None], -1)[..., 0])
    total = np.exp(scores).sum(-1) - true + true / chosen
    limit = (-np.log(true / chosen / total) * WEIGHTS).sum()
    np.testing.assert_allclose(sampled, limit, rtol=0.02)


def test_an_adaptive_softmax_is_a_probability_and_its_equation():
    layer = built(AdaptiveSoftmax(WORDS, cutoffs=(3, 7), shrink=2))
    found = np.asarray(layer(OUTPUTS))
    np.testing.assert_allclose(np.exp(found).sum(-1), 1, rtol=1e-5)
    head = log_softmax(OUTPUTS @ layer.head[0].numpy() + layer.head[1].numpy())
    np.testing.assert_allclose(found[..., :3], head[..., :3], atol=1e-5)
    for group, (first, end) in enumerate([(3, 7), (7, 11)]):
        kernel, bias = (weight.numpy() for weight in layer.tails[group])
        assert kernel.shape == (WIDTH // 2 ** (group + 1), 4)
        inner = log_softmax(OUTPUTS @ layer.projections[group].numpy() @ kernel + bias)
        wanted = head[..., 3 + group, None] + inner
        np.testing.assert_allclose(found[..., first:end], wanted, atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_the_loss_of_an_adaptive_softmax_is_that_of_its_log_probabilities(training):
    layer = built(AdaptiveSoftmax(WORDS, cutoffs=(3, 7), shrink=2))

    def both(through):
        with tf.GradientTape() as tape:
            outputs = tf.constant(OUTPUTS)
            tape.watch(outputs)
            loss = through(outputs)
        weights = [weight.value for weight in layer.trainable_variables]
        return loss, tape.gradient(loss, [outputs, *weights])

    def by_definition(outputs):
        chosen = tf.gather(layer(outputs), TARGETS, batch_dims=2)
        return -tf.reduce_sum(chosen * WEIGHTS)

    wanted, gradients = both(by_definition)
    found, others = both(lambda x: layer.cross_entropy(x, TARGETS, WEIGHTS, training=training)[0])
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    for value, near in zip(others, gradients, strict=True):
        np.testing.assert_allclose(value, near, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("objective", "options"),
    [("sampled_softmax", {"samples": 8}), ("adaptive_softmax", {"cutoffs": (4,)})],
)
def test_a_language_model_learns_by_it_and_is_saved(objective, options, tmp_path):
    keras.utils.set_random_seed(2)
    model = LanguageModel(WORDS, GRUCell(12), 6, objective=objective, seed=1, **options)
    model.build((None, None))
    optimizer = make_optimizer("adam", 0.02, total_steps=1)
    optimizer.build(model.trainable_variables)
    ids, after = TARGETS[:, :-1], TARGETS[:, 1:]
    ones = tf.ones(after.shape)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = model.cross_entropy(ids, after, ones, training=True)[0]
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    first, words, _ = model.cross_entropy(ids, after, ones)
    for _ in range(150):
        step()
    last = model.cross_entropy(ids, after, ones)[0]
    assert first / words > 2
    assert last / words < 0.2
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(ids), model(ids), atol=1e-6)


@pytest.mark.parametrize("cutoffs", [(), (0,), (5, 5), (7, 3), (11,)])
def test_groups_must_rise_inside_the_vocabulary(cutoffs):
    with pytest.raises(ValueError, match=r"`cutoffs` must rise, .*Received: cutoffs="):
        AdaptiveSoftmax(WORDS, cutoffs)


def test_what_does_not_go_together_is_refused():
    with pytest.raises(ValueError, match=r"`tied` is for the objective `softmax`"):
        LanguageModel(WORDS, GRUCell(3), 3, tied=True, objective="sampled_softmax")
    with pytest.raises(ValueError, match=r"`objective` must be one of softmax, .*Received"):
        LanguageModel(WORDS, GRUCell(3), 3, objective="hinge")
    with pytest.raises(ValueError, match=r"`label_smoothing` must be 0 with an adaptive softmax"):
        built(AdaptiveSoftmax(WORDS, (3,))).cross_entropy(OUTPUTS, TARGETS, WEIGHTS, 0.1)
