"""Cross entropy against its equation in NumPy and its slow twin, averages against TensorFlow 1."""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, cases
from tfseq.losses import cross_entropy, sequence_loss, word_losses

FLAGS = (
    "average_across_timesteps",
    "average_across_batch",
    "sum_over_timesteps",
    "sum_over_batch",
)


@pytest.fixture
def example():
    """Logits `[2, 5, 7]`, some of them great, targets and weights."""
    generator = np.random.default_rng(5)
    logits = generator.normal(size=(2, 5, 7)).astype("f")
    logits[0, 1] += 300
    logits[1, 2] -= 300
    targets = generator.integers(0, 7, (2, 5))
    weights = np.array([[1, 1, 1, 0, 0], [1, 1, 0.5, 1, 0]], "f")
    return logits, targets, weights


def probabilities(logits):
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def slow_losses(logits, targets, smoothing):
    """The slow twin: the definition, with TensorFlow's own gradient."""
    truth = tf.one_hot(targets, logits.shape[-1]) * (1 - smoothing) + smoothing / logits.shape[-1]
    return -tf.reduce_sum(truth * tf.nn.log_softmax(logits), axis=-1)


def value_and_gradient(function, logits):
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = function(logits)
    return value, tape.gradient(value, logits)


def test_losses_are_summed_over_the_weighted_words(example):
    logits, targets, weights = example
    chosen = np.take_along_axis(probabilities(logits), targets[..., None], -1)[..., 0]
    total, words = cross_entropy(logits, targets, weights)
    np.testing.assert_allclose(total, -(np.log(chosen) * weights).sum(), rtol=1e-5)
    assert words == 6.5


def test_label_smoothing_gives_a_share_of_the_truth_to_all_words_alike(example):
    logits, targets, weights = example
    truth = 0.8 * np.eye(7)[targets] + 0.2 / 7
    losses = -(truth * np.log(probabilities(logits))).sum(-1)
    np.testing.assert_allclose(word_losses(logits, targets, 0.2), losses, rtol=1e-5)
    total, words = cross_entropy(logits, targets, weights, label_smoothing=0.2)
    np.testing.assert_allclose(total, (losses * weights).sum(), rtol=1e-5)
    assert words == 6.5


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("compiled", [None, False, True])
def test_values_and_gradients_are_those_of_the_slow_twin(example, smoothing, compiled):
    logits, targets, weights = map(tf.constant, example)

    def fast(logits):
        return cross_entropy(logits, targets, weights, smoothing)[0]

    def slow(logits):
        return tf.reduce_sum(slow_losses(logits, targets, smoothing) * weights)

    def both(logits):
        return value_and_gradient(fast, logits)

    run = both if compiled is None else tf.function(both, jit_compile=compiled)
    expected = value_and_gradient(slow, logits)
    for found, wanted in zip(run(logits), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    assert np.abs(expected[1]).max() > 0.1


def test_shapes_may_be_unknown_until_the_graph_runs(example):
    logits, targets, _ = example
    specs = tf.TensorSpec([None, None, None]), tf.TensorSpec([None, None], tf.int64)
    losses = tf.function(word_losses, input_signature=specs)(logits, targets)
    np.testing.assert_allclose(losses, slow_losses(logits, targets, 0.0), rtol=1e-5)


def test_half_precision_is_widened(example):
    logits, targets, _ = example
    halves = tf.cast(logits, tf.bfloat16)
    losses, gradient = value_and_gradient(lambda x: word_losses(x, targets), halves)
    assert losses.dtype == tf.float32
    assert gradient.dtype == tf.bfloat16
    wanted = slow_losses(tf.cast(halves, tf.float32), targets, 0.0)
    np.testing.assert_allclose(losses, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("smoothing", [1.0, -0.1, float("nan"), "0.1"])
def test_a_share_outside_its_range_is_refused(smoothing):
    with pytest.raises(ValueError, match=r"`label_smoothing` must .*Received: label_smoothing="):
        word_losses(np.zeros([2, 3], "f"), [0, 1], smoothing)


@pytest.mark.parametrize("case", ["all_zero", "fractional", "mask", "one_row_zero"])
def test_sequence_loss_is_that_of_tensorflow_1_with_any_flags(oracle, case):
    recorded = Recorded(oracle("losses"), f"sequence_loss.{case}")
    inputs = [recorded[f"in/{name}"] for name in ("logits", "targets", "weights")]
    outputs = recorded.group("out")
    default = outputs.pop("grad_logits_default")
    assert len(outputs) == 7
    for name, wanted in outputs.items():
        kind, over_time, over_batch = name[:3], name[8] == "1", name[-1] == "1"
        flags = (over_time, over_batch, False, False)
        flags = flags if kind == "avg" else (False, False, over_time, over_batch)
        found = sequence_loss(*inputs, **dict(zip(FLAGS, flags, strict=True)))
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    _, gradient = value_and_gradient(
        lambda logits: sequence_loss(logits, *inputs[1:]), tf.constant(inputs[0])
    )
    np.testing.assert_allclose(gradient, default, rtol=1e-4, atol=1e-6)


def test_sequence_loss_takes_another_loss_of_each_word(oracle):
    def squares(labels, logits):
        return tf.reduce_sum((logits - tf.one_hot(labels, logits.shape[-1])) ** 2, axis=-1)

    recorded = Recorded(oracle("losses"), "sequence_loss.custom_fn")
    inputs = [recorded[f"in/{name}"] for name in ("logits", "targets", "weights")]
    found = sequence_loss(*inputs, softmax_loss_function=squares)
    np.testing.assert_allclose(found, recorded["out/loss"], rtol=1e-5)


@pytest.mark.parametrize("case", ["fractional", "mask", "one_row_zero"])
def test_the_losses_of_legacy_seq2seq_follow_from_it(oracle, case):
    recorded = Recorded(oracle("losses"), f"legacy.sequence_loss_by_example.{case}")
    inputs = [recorded[f"in/{name}"] for name in ("logits", "targets", "weights")]
    averages = sequence_loss(*inputs, average_across_batch=False)
    sums = tf.reduce_sum(sequence_loss(*inputs, False, False), axis=1)
    for name, found in {
        "by_example_avg": averages,
        "by_example_sum": sums,
        "sequence_loss": tf.reduce_mean(averages),
        "sequence_loss_no_batch_avg": tf.reduce_sum(averages),
    }.items():
        np.testing.assert_allclose(found, recorded[f"out/{name}"], rtol=1e-5, atol=1e-6)


def test_averages_and_sums_do_not_go_together(example):
    with pytest.raises(ValueError, match="must be False where"):
        sequence_loss(*example, sum_over_batch=True)


def test_each_recorded_case_is_replayed_above(oracle):
    assert len(cases(oracle("losses"))) == 4 + 1 + 3
