"""Bridges: each against its equation."""

import numpy as np
import pytest

from tfseq.models import BRIDGES, make_bridge

RANDOM = np.random.default_rng(0)
# One layer, read two ways, with the states h (3 wide) and c (3 wide) of an LSTM each.
FORWARD = [RANDOM.normal(size=(2, 3)).astype("f") for _ in range(2)]
BACKWARD = [RANDOM.normal(size=(2, 3)).astype("f") for _ in range(2)]
STATES = [[FORWARD, BACKWARD]]
MASK = np.array([[True, True, True, True], [True, True, False, False]])
ANNOTATIONS = RANDOM.normal(size=(2, 4, 6)).astype("f") * MASK[..., None]


def test_copied_states_of_two_ways_stand_side_by_side():
    hidden, cell = make_bridge("copy", [6, 6])(STATES, ANNOTATIONS, MASK)
    np.testing.assert_array_equal(hidden, np.concatenate([FORWARD[0], BACKWARD[0]], axis=1))
    np.testing.assert_array_equal(cell, np.concatenate([FORWARD[1], BACKWARD[1]], axis=1))


def test_copied_states_keep_the_decoders_structure():
    states = make_bridge("copy", [[3, 3]])([[FORWARD]], ANNOTATIONS)
    np.testing.assert_array_equal(states[0][1], FORWARD[1])


def test_a_copy_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"\[6, 6\] of the encoder for \[5, 5\] of the decoder"):
        make_bridge("copy", [5, 5])(STATES, ANNOTATIONS, MASK)


def test_a_dense_bridge_reads_all_last_states():
    bridge = make_bridge("dense", [5, 4])
    joined = np.concatenate([FORWARD[0], BACKWARD[0], FORWARD[1], BACKWARD[1]], axis=1)
    for state, layer in zip(bridge(STATES, ANNOTATIONS, MASK), bridge.layers, strict=True):
        expected = np.tanh(joined @ layer.kernel.numpy() + layer.bias.numpy())
        np.testing.assert_allclose(state, expected, atol=1e-6)


def test_a_mean_bridge_counts_real_words_only():
    bridge = make_bridge("mean", [5])
    (state,) = bridge(STATES, ANNOTATIONS, MASK)
    mean = np.stack([ANNOTATIONS[0].mean(axis=0), ANNOTATIONS[1, :2].mean(axis=0)])
    (layer,) = bridge.layers
    np.testing.assert_allclose(state, np.tanh(mean @ layer.kernel.numpy()), atol=1e-6)
    (without,) = bridge(STATES, ANNOTATIONS)
    np.testing.assert_allclose(
        without, np.tanh(ANNOTATIONS.mean(axis=1) @ layer.kernel.numpy()), atol=1e-6
    )


def test_zeros_are_zeros():
    states = make_bridge("zero", [[5], [4]])(STATES, ANNOTATIONS, MASK)
    np.testing.assert_array_equal(states[1][0], np.zeros((2, 4)))


@pytest.mark.parametrize("name", BRIDGES)
def test_each_is_made_again_from_its_config(name):
    bridge = make_bridge(name, [6, 6])
    assert type(bridge).from_config(bridge.get_config()).sizes == [6, 6]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="copy, dense, mean, zero"):
        make_bridge("rope", [5])
