"""Filters against their definitions, id by id."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import filters
from tfseq.decoding.filters import forbid, penalize, temper, truncate

LOGITS = tf.math.log([[0.05, 0.5, 0.15, 0.3], [0.25, 0.25, 0.25, 0.25]])


def column(values, dtype=tf.float32):
    return tf.constant(values, dtype, shape=[len(values), 1])


def kept(logits, top_k, top_p):
    shifted = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    rows = truncate(shifted, column(top_k, tf.int32), column(top_p)).numpy()
    return [np.flatnonzero(np.isfinite(row)).tolist() for row in rows]


def kept_by_definition(logits, top_k, top_p):
    """The ids of one row, found one after the other."""
    ids = np.argsort(-logits, kind="stable")[: top_k or None]
    masses = np.exp(logits[ids] - logits.max())
    chosen, mass = [], 0.0
    for index, share in zip(ids, masses / masses.sum(), strict=True):
        if top_p < 1 and mass >= top_p:
            break
        chosen.append(int(index))
        mass += share
    return sorted(chosen)


def test_forbid_takes_ids_out_and_leaves_the_others():
    expected = LOGITS.numpy()
    expected[:, [0, 3]] = -np.inf
    np.testing.assert_array_equal(forbid(LOGITS, (0, 3)), expected)


def test_penalty_divides_positive_and_multiplies_negative_logits_of_seen_ids():
    logits = tf.constant([[3.0, 3.0, -2.0, -2.0], [3.0, 3.0, -2.0, -2.0]])
    seen = tf.constant([[True, False, True, False], [True, True, True, True]])
    out = penalize(logits, seen, column([1.5, 1.0]))
    np.testing.assert_allclose(out, [[2.0, 3.0, -3.0, -2.0], [3.0, 3.0, -2.0, -2.0]])


def test_temperature_divides_logits_and_zero_leaves_only_the_greatest():
    logits = tf.constant([[1.0, 3.0, -1e9], [1.0, 3.0, 3.0]])
    out = temper(logits, column([2.0, 0.0]))
    np.testing.assert_allclose(tf.exp(out), [[np.exp(-1), 1, 0], [0, 1, 1]], rtol=1e-6)


def test_top_k_keeps_so_many_and_zero_keeps_all():
    assert kept(LOGITS, [2, 0], [1.0, 1.0]) == [[1, 3], [0, 1, 2, 3]]
    assert kept(LOGITS, [1, 9], [1.0, 1.0]) == [[1], [0, 1, 2, 3]]


def test_top_p_keeps_the_smallest_set_that_reaches_the_mass():
    assert kept(LOGITS[:1], [0], [0.49]) == [[1]]
    assert kept(LOGITS[:1], [0], [0.51]) == [[1, 3]]
    assert kept(LOGITS[:1], [0], [0.81]) == [[1, 2, 3]]
    assert kept(LOGITS[:1], [0], [0.96]) == [[0, 1, 2, 3]]


def test_top_p_keeps_at_least_one_id():
    assert kept(LOGITS, [0, 0], [1e-9, 1e-9]) == [[1], [0]]


def test_among_equals_the_lower_id_comes_first():
    assert kept(LOGITS[1:], [3], [1.0]) == [[0, 1, 2]]
    assert kept(LOGITS[1:], [0], [0.5]) == [[0, 1]]


def test_top_p_is_taken_of_the_mass_that_top_k_has_left():
    # Of 0.5 and 0.3 the first has 0.625; of all it has 0.5.
    assert kept(LOGITS[:1], [2], [0.6]) == [[1]]
    assert kept(LOGITS[:1], [0], [0.6]) == [[1, 3]]


@pytest.mark.parametrize("first_look", [2, 16, 256])
def test_every_row_keeps_what_the_definition_keeps(first_look, monkeypatch):
    monkeypatch.setattr(filters, "FIRST_LOOK", first_look)
    random = np.random.default_rng(3)
    logits = (random.normal(size=(60, 37)) * random.uniform(0.1, 4, size=(60, 1))).astype("f")
    logits[::4] = logits[::4].round()  # many equals
    top_k = random.choice([0, 1, 3, 20, 50], size=60).tolist()
    top_p = random.choice([0.013, 0.3, 0.77, 0.99, 1.0], size=60).tolist()
    rows = zip(logits, top_k, top_p, strict=True)
    assert kept(tf.constant(logits), top_k, top_p) == [kept_by_definition(*row) for row in rows]


def test_a_row_keeps_the_same_whatever_its_neighbours_ask_for():
    random = np.random.default_rng(4)
    logits = tf.constant(random.normal(size=(5, 700)), tf.float32)
    top_k, top_p = [0, 0, 300, 9, 0], [1.0, 0.2, 0.9, 1.0, 0.999]
    together = kept(logits, top_k, top_p)
    for row in range(5):
        alone = kept(logits[row : row + 1], top_k[row : row + 1], top_p[row : row + 1])
        assert together[row : row + 1] == alone
