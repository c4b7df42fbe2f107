"""The random choices: their probabilities, that they repeat, and where windows end."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.word2vec.blocks import Blocks, draw_segment
from tfseq.word2vec.corpus import LINE_END
from tfseq.word2vec.draws import Noise, alias_table, keep_rates, thin

COUNTS = [60, 25, 9, 4, 2]


def test_frequent_words_stay_with_the_probability_of_the_program():
    rates = keep_rates([900, 90, 10], 0.02)
    share = 0.02 / np.array([0.9, 0.09])
    np.testing.assert_allclose(rates[:2], np.sqrt(share) + share, rtol=1e-6)
    assert rates[2] == 1
    assert keep_rates([900, 90, 10], 0).tolist() == [1, 1, 1]


def test_thinning_keeps_each_word_at_its_rate_and_no_line_end():
    ids = tf.constant([0, 1, LINE_END] * 5000)
    places = thin(ids, tf.constant([0.25, 1.0]), [3, 4]).numpy()
    kept = ids.numpy()[places]
    assert (np.diff(places) > 0).all()
    assert set(kept) == {0, 1}
    assert (kept == 1).sum() == 5000
    assert abs((kept == 0).mean() - 0.2) < 0.02


def test_the_alias_table_holds_each_word_with_its_probability():
    wanted = np.array(COUNTS) / sum(COUNTS)
    thresholds, others = alias_table(wanted)
    held = thresholds / len(wanted)
    np.add.at(held, others, (1 - thresholds) / len(wanted))
    np.testing.assert_allclose(held, wanted)


def test_negatives_follow_the_counts_to_the_power_of_three_quarters():
    drawn = Noise(COUNTS).draw([40, 500], [1, 2]).numpy()
    shares = np.bincount(drawn.ravel(), minlength=5) / drawn.size
    wanted = np.array(COUNTS) ** 0.75
    np.testing.assert_allclose(shares, wanted / wanted.sum(), atol=0.012)


@pytest.fixture(scope="module")
def segment():
    """Three lines of 3, 1 and 50 words, each a word of its own."""
    lines = [range(3), range(3, 4), range(4, 54)]
    ids = [i for line in lines for i in (*line, LINE_END)]
    return draw_segment(
        tf.constant(ids[:-1]),
        [1, 2],
        Blocks(window=2, blocks=2, centres=5),
        8,
        tf.ones([54]),
        Noise(np.ones(54)),
    )


def test_words_keep_their_order_and_are_padded_to_whole_chunks(segment):
    assert segment.words.numpy().tolist() == [0, 0, *range(54), *[0] * 28]
    assert int(segment.chunks) == 6
    assert segment.negatives.shape == (8, 2, Blocks(2, 2, 5).shared)


def test_no_window_crosses_a_line_or_reaches_into_the_padding(segment):
    left, right = segment.left.numpy(), segment.right.numpy()
    assert left[[0, 3, 4]].tolist() == [0, 0, 0]
    assert right[[2, 3, 53]].tolist() == [0, 0, 0]
    assert (left[54:] == 0).all()
    assert (right[54:] == 0).all()
    inside = slice(6, 52)
    assert (left[inside] == right[inside]).all()
    assert set(left[inside]) == {1, 2}


def test_each_reach_is_as_likely():
    segment = draw_segment(
        tf.zeros([6000], tf.int32), [5, 6], Blocks(4), 24, tf.ones([1]), Noise([1])
    )
    shares = np.bincount(segment.left.numpy()[4:5996])[1:] / 5992
    np.testing.assert_allclose(shares, 0.25, atol=0.02)


def test_a_segment_is_drawn_again_by_its_seed_and_differs_by_another():
    ids = tf.zeros([300], tf.int32)
    draw = lambda seed: draw_segment(  # noqa: E731
        ids, seed, Blocks(3), 2, tf.constant([0.5]), Noise([1, 2])
    )
    first, again, other = draw([1, 2]), draw([1, 2]), draw([1, 3])
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first.negatives != other.negatives).numpy().any()
    assert (first.left != other.left).numpy().any()
