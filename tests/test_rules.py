"""Rules of rows: what is told, and what stands instead."""

import numpy as np
import tensorflow as tf

from tfseq.rules import Rule, between, broken, mended

RULES = {"share": between(0, 1), "count": Rule("odd", lambda value: value % 2 == 1)}
OPTIONS = {
    "share": tf.constant([0.5, 1.5, np.nan, -0.25]),
    "count": tf.constant([3, 4, 5, 6]),
    "free": tf.constant([1, 2, 3, 4]),
}


def test_each_row_is_told_the_first_rule_that_it_breaks():
    assert broken(OPTIONS, RULES).numpy().tolist() == [
        b"",
        b"`share` must be at least 0 and at most 1. Received: share=1.5",
        b"`share` must be at least 0 and at most 1. Received: share=nan",
        b"`share` must be at least 0 and at most 1. Received: share=-0.25",
    ]
    count = {"count": OPTIONS["count"]}
    assert broken(count, RULES).numpy().tolist() == [
        b"",
        b"`count` must be odd. Received: count=4",
        b"",
        b"`count` must be odd. Received: count=6",
    ]


def test_no_rows_have_no_errors():
    nothing = {"share": tf.constant([], tf.float32)}
    assert broken(nothing, RULES).shape == [0]


def test_a_row_in_error_has_harmless_options():
    mended_options = mended(OPTIONS, broken(OPTIONS, RULES), {"share": 0, "count": 7, "free": 9})
    np.testing.assert_array_equal(mended_options["share"], [0.5, 0, 0, 0])
    np.testing.assert_array_equal(mended_options["count"], [3, 7, 7, 7])
    np.testing.assert_array_equal(mended_options["free"], [1, 9, 9, 9])
