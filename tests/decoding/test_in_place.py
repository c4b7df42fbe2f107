"""One row, read and written by one loop, beside what `decode` writes and a table read by eye."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import read_and_write

#        end   a    b    c
TABLE = [
    [0.25, 0.25, 0.25, 0.25],  # after end
    [0.1, 0.2, 0.6, 0.1],  # after a: b
    [0.2, 0.1, 0.1, 0.6],  # after b: c
    [0.7, 0.1, 0.15, 0.05],  # after c: end, and otherwise b
]


def step(ids, states, memory):
    """The table's logits; the state counts the steps."""
    return tf.math.log(tf.gather(tf.constant(TABLE), ids)), states + 1


def go_on(given, **options):
    ids, total = read_and_write(step, tf.constant([given]), tf.zeros([1], tf.int32), **options)
    return ids.numpy()[0].tolist(), float(total[0])


@pytest.mark.parametrize(
    ("given", "options", "ids"),
    [
        ([1], {"max_words": 2}, [2, 3]),
        ([1], {"max_words": 5, "end_id": 0}, [2, 3, 0, 0, 0]),
        ([3, 1, 2], {"max_words": 1}, [3]),
        ([1], {"max_words": 4, "forbidden": [0]}, [2, 3, 2, 3]),
        ([2, 0, 1], {"max_words": 1, "end_id": 0}, [2]),  # an end that is given ends nothing
    ],
)
def test_the_likeliest_ids_follow(given, options, ids):
    assert go_on(given, **options)[0] == ids


def test_what_is_given_is_scored_by_the_model_itself():
    _, total = go_on([1, 2, 3, 0], max_words=1, forbidden=[3])
    np.testing.assert_allclose(total, np.log(0.6 * 0.6 * 0.7), rtol=1e-6)


def test_a_context_is_read_and_not_scored():
    _, total = go_on([1, 2, 3, 0], max_words=1, unscored=2)
    np.testing.assert_allclose(total, np.log(0.7), rtol=1e-6)


def test_one_id_alone_has_nothing_to_be_scored():
    assert go_on([2], max_words=3)[1] == 0
