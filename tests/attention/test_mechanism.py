"""What a mechanism does with a memory, whatever its score."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tfseq.attention import AttentionMechanism, BahdanauAttention, hardmax, make_attention

BATCH, TIME, DEPTH, WIDTH = 2, 4, 3, 5
MASK = np.array([[1, 0, 1, 1], [0, 1, 1, 0]], bool)
VALUES = np.random.default_rng(0).normal(size=(BATCH, TIME, DEPTH)).astype("float32")


@keras.saving.register_keras_serializable("test")
class DistanceAttention(AttentionMechanism):
    """The least that a new kind of attention needs."""

    def score(self, query, keys):
        return -ops.sum(ops.square(query[:, :, None] - keys[:, None]), axis=-1)


def test_a_class_with_nothing_but_a_score_attends():
    mechanism = DistanceAttention()
    memory = mechanism.memorize(VALUES, MASK)
    context, weights = (x.numpy() for x in mechanism(VALUES[:, 2], memory))
    for row in range(BATCH):
        grown = MASK[row] * np.exp(-np.sum((VALUES[row, 2] - VALUES[row]) ** 2, axis=-1))
        np.testing.assert_allclose(weights[row], grown / grown.sum(), atol=1e-6)
        np.testing.assert_allclose(context[row], weights[row] @ VALUES[row], atol=1e-6)
    again = DistanceAttention.from_config(mechanism.get_config())
    np.testing.assert_array_equal(again(VALUES[:, 2], again.memorize(VALUES, MASK))[0], context)


def test_without_a_score_it_says_what_to_define():
    mechanism = AttentionMechanism()
    with pytest.raises(NotImplementedError, match=r"score\(query, keys\)"):
        mechanism(VALUES[:, 0], mechanism.memorize(VALUES))


def test_without_a_mask_each_position_is_real():
    mechanism = make_attention("luong", WIDTH)
    memory = mechanism.memorize(VALUES)
    assert memory.mask.dtype == tf.bool
    assert np.all(memory.mask)
    np.testing.assert_array_equal(memory.values, VALUES)
    np.testing.assert_allclose(memory.keys, VALUES @ mechanism.memory_layer.kernel, atol=1e-6)


def test_the_mask_that_keras_attached_is_used():
    ids = np.array([[1, 2, 0], [3, 0, 0]])
    values = keras.layers.Embedding(4, DEPTH, mask_zero=True)(ids)
    memory = make_attention("dot", None).memorize(values)
    np.testing.assert_array_equal(memory.mask, ids != 0)
    assert not np.any(np.asarray(memory.values)[ids == 0])


def test_values_are_masked_before_they_are_projected():
    mechanism = BahdanauAttention(WIDTH)
    spoiled = np.where(MASK[:, :, None], VALUES, np.inf)
    memory = mechanism.memorize(spoiled, MASK)
    assert not np.any(np.asarray(memory.values)[~MASK])
    assert not np.any(np.asarray(memory.keys)[~MASK])
    np.testing.assert_array_equal(np.asarray(memory.values)[MASK], VALUES[MASK])


def test_the_first_weights_are_zeros_as_long_as_the_source():
    mechanism = make_attention("dot", None)
    weights = mechanism.initial_weights(6, mechanism.memorize(VALUES))
    np.testing.assert_array_equal(weights, np.zeros((6, TIME)))


@pytest.mark.parametrize("name", ["luong", "bahdanau"])
def test_a_source_of_one_word_is_all_there_is_to_see(name):
    mechanism = make_attention(name, WIDTH)
    query = np.ones((BATCH, WIDTH), "float32")
    context, weights = mechanism(query, mechanism.memorize(VALUES[:, :1]))
    np.testing.assert_array_equal(weights, [[1]] * BATCH)
    np.testing.assert_array_equal(context, VALUES[:, 0])


@pytest.mark.parametrize("size", [1e36, -1e36])
def test_scores_of_any_size_leave_the_padding_out(size):
    mechanism = make_attention("dot", None)
    query = np.full((BATCH, DEPTH), size, "float32")
    memory = mechanism.memorize(np.abs(VALUES), MASK)
    context, weights = mechanism(query, memory)
    assert np.all(np.isfinite(context))
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, atol=1e-6)
    assert not np.any(np.asarray(weights)[~MASK])


def test_a_hard_look_runs_in_a_graph_of_unknown_sizes():
    mechanism = make_attention("dot", None, probability="hardmax")
    look = tf.function(lambda query, values: mechanism(query, mechanism.memorize(values)))
    unknown = tf.TensorSpec((None, DEPTH)), tf.TensorSpec((None, None, DEPTH))
    _, weights = look.get_concrete_function(*unknown)(tf.constant(VALUES[:, 0]), VALUES)
    wanted = np.argmax(np.einsum("bd,btd->bt", VALUES[:, 0], VALUES), axis=-1)
    np.testing.assert_array_equal(weights, np.eye(TIME)[wanted])


def test_memorizing_and_looking_compile():
    mechanism = make_attention("normalized_bahdanau", WIDTH)

    def look(query, values, mask):
        return mechanism(query, mechanism.memorize(values, mask))

    query = np.ones((BATCH * 3, WIDTH), "float32")
    wanted = look(query, VALUES, MASK)
    found = tf.function(look, jit_compile=True)(query, VALUES, MASK)
    np.testing.assert_allclose(found[0], wanted[0], atol=1e-6)
    np.testing.assert_allclose(found[1], wanted[1], atol=1e-6)


def test_hardmax_takes_the_first_of_equal_scores():
    found = hardmax(tf.constant([[0.5, 2.0, 2.0], [-1.0, -2.0, -3.0]]))
    np.testing.assert_array_equal(found, [[0, 1, 0], [1, 0, 0]])


def test_rows_that_do_not_go_into_those_of_the_memory_are_refused_with_both_shapes():
    mechanism = make_attention("dot", None)
    memory = mechanism.memorize(VALUES)
    with pytest.raises(ValueError, match=r"query of shape \(3, 3\), keys of shape \(2, 4, 3\)"):
        mechanism(np.zeros((3, DEPTH), "float32"), memory)


def test_memories_of_another_depth_are_refused():
    mechanism = BahdanauAttention(WIDTH)
    mechanism.memorize(VALUES)
    with pytest.raises(ValueError, match="of depth 2, after values of depth 3"):
        mechanism.memorize(VALUES[:, :, :2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, "`units` must be a positive integer"),
        ({"units": 2.5}, "units=2.5"),
        ({"units": 3, "probability": "sparsemax"}, "one of hardmax, softmax"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        BahdanauAttention(**options)
