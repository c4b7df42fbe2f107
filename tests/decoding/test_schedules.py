"""Schedules against the equations of Bengio et al., 2015, and in a sampler."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import (
    SAMPLING_SCHEDULES,
    ScheduledSampler,
    decode,
    make_sampling_schedule,
)

STEPS = np.array([0, 1, 7, 50, 99, 100, 130, 700, 100_000])
DECAY, LEAST = 100.0, 0.25
EQUATIONS = {
    "constant": lambda i: 0.25 + 0 * i,
    "linear": lambda i: np.maximum(0.25, 1 - 0.0075 * i),
    "exponential": lambda i: np.maximum(0.25, np.exp(-0.01) ** i),
    "inverse_sigmoid": lambda i: np.maximum(0.25, 100 / (100 + np.exp(np.minimum(i / 100, 80)))),
}


def test_each_schedule_has_its_equation():
    assert set(EQUATIONS) == set(SAMPLING_SCHEDULES)


@pytest.mark.parametrize("name", EQUATIONS)
def test_a_schedule_follows_its_equation(name):
    schedule = make_sampling_schedule(name, DECAY, LEAST)
    expected = EQUATIONS[name](STEPS)
    np.testing.assert_allclose(schedule(tf.constant(STEPS)), expected, rtol=1e-5)
    np.testing.assert_allclose([schedule(int(i)) for i in STEPS], expected, rtol=1e-5)


@pytest.mark.parametrize("name", EQUATIONS)
def test_the_step_may_be_a_variable_inside_a_graph(name):
    schedule, step = make_sampling_schedule(name, DECAY, LEAST), tf.Variable(3, dtype=tf.int64)
    epsilon = tf.function(lambda: schedule(step), autograph=False)
    for value in (3, 40):
        step.assign(value)
        assert epsilon().dtype == tf.float32
        np.testing.assert_allclose(epsilon(), EQUATIONS[name](value), rtol=1e-5)


def test_without_a_least_share_it_falls_to_nothing():
    for name in ("linear", "exponential", "inverse_sigmoid"):
        schedule = make_sampling_schedule(name, 10)
        assert schedule(0) > 0.9
        np.testing.assert_allclose(schedule(2000), 0, atol=1e-6)


def test_a_sampler_feeds_the_truth_as_often_as_the_schedule_says(chain):
    schedule = make_sampling_schedule("linear", 10, 0.2)
    never = np.eye(4)[[1, 1, 1, 1]]  # the model always says 1
    shares = []
    for step in (0, 5, 90):
        sampler = ScheduledSampler(
            tf.zeros([2000], tf.int32),
            tf.fill([2000, 1], 3),
            tf.ones([2000], tf.int32),
            1 - schedule(tf.constant(step)),
            tf.range(2000),
        )
        decoded, _ = decode(chain(never), sampler, tf.zeros([2000, 1]), max_steps=1)
        shares.append(np.mean(decoded.ids.numpy() == 3))
    np.testing.assert_allclose(shares, [1, 0.6, 0.2], atol=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cosine", 10), r"`name` must be one of \['constant', .*\]\. Received: name='cosine'"),
        (("linear", 0), r"`decay` must be a positive number\. Received: decay=0"),
        (("linear", float("inf")), r"`decay` must be a positive number\. Received: decay=inf"),
        (("linear", None), r"`decay` must be a positive number\. Received: decay=None"),
        (("exponential", 5, 1.5), r"`least` must be a number in \[0, 1\]\. Received: least=1\.5"),
        (("inverse_sigmoid", 0.5), r"`decay` must be 1 or more\. Received: decay=0\.5"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_sampling_schedule(*arguments)
