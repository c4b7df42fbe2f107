"""Random numbers against published vectors and chi-square, draws against the exact inverse."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding.draws import (
    NARROW,
    WIDTH,
    categorical,
    greatest,
    greatest_few,
    splitmix64,
    uniform,
)

GOLDEN_GAMMA = 0x9E3779B97F4A7C15


def chi_square(counts):
    expected = counts.sum() / counts.size
    return ((counts - expected) ** 2 / expected).sum()


def test_splitmix64_gives_the_published_numbers():
    states = [(1234567 + n * GOLDEN_GAMMA) % 2**64 for n in range(5)]
    assert splitmix64(tf.constant(states, tf.uint64)).numpy().tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_uniform_lies_in_zero_to_one_and_takes_any_integer_as_a_seed():
    seeds = tf.constant([0, -1, 7, 2**40, -(2**63), 2**63 - 1], tf.int64)
    numbers = uniform(seeds, tf.zeros([6], tf.int32)).numpy()
    assert np.all((numbers >= 0) & (numbers < 1))
    assert len(set(numbers)) == 6


def test_uniform_of_one_seed_serves_a_whole_batch_of_counters():
    alone = [uniform(3, tf.constant([n])).numpy()[0] for n in range(4)]
    assert uniform(3, tf.range(4)).numpy().tolist() == alone


@pytest.mark.parametrize("fixed", ["seed", "time"])
def test_uniform_is_even_over_steps_and_over_neighbouring_seeds(fixed):
    count = tf.range(64000)
    numbers = uniform(5, count) if fixed == "seed" else uniform(count, tf.fill([64000], 5))
    counts = np.histogram(numbers.numpy(), bins=64, range=(0, 1))[0]
    assert 30 < chi_square(counts) < 110  # 63 degrees of freedom: 0.01 % beyond either side


def test_a_stream_does_not_begin_inside_another():
    # Without its scattered origin a seed one gamma further would be one step ahead.
    further = tf.constant(GOLDEN_GAMMA - 2**64, tf.int64)
    assert uniform(further, tf.range(5))[0] != uniform(0, tf.range(5))[1]


@pytest.mark.parametrize(("seeds", "steps"), [(1, 0), (0, 1), (1, 1), (1, -1), (2, 0), (256, 0)])
def test_numbers_of_neighbouring_seeds_and_steps_are_independent(seeds, steps):
    seed, time = tf.range(64000) // 250, tf.range(64000) % 250
    first, second = uniform(seed, time + 1), uniform(seed + seeds, time + 1 + steps)
    counts = np.histogram2d(first.numpy(), second.numpy(), bins=8, range=[(0, 1), (0, 1)])[0]
    assert 30 < chi_square(counts) < 110


@pytest.mark.parametrize("vocabulary", [3, WIDTH, 2 * WIDTH + 5, 1000])
def test_categorical_is_the_inverse_of_the_running_sum(vocabulary):
    random = np.random.default_rng(vocabulary)
    # Small integers, so that every sum is exact.
    weights = random.integers(0, 4, size=(17, vocabulary)).astype("float32")
    weights[:, 1] = 1
    uniforms = random.integers(0, 2**10, size=17).astype("float32") / 2**10
    sums = weights.cumsum(axis=1)
    expected = (sums <= uniforms[:, None] * sums[:, -1:]).sum(axis=1)
    ids = categorical(tf.constant(weights), tf.constant(uniforms))
    assert ids.numpy().tolist() == expected.tolist()


@pytest.mark.parametrize("number", [0.0, 0.5, 1 - 2**-24])
def test_an_id_of_weight_zero_is_never_drawn(number):
    random = np.random.default_rng(1)
    weights = random.exponential(size=(200, 300)) * (random.random(size=(200, 300)) < 0.03)
    weights[:, 40] = 1e-20
    ids = categorical(tf.constant(weights, tf.float32), tf.fill([200], number)).numpy()
    assert np.all(weights[np.arange(200), ids] > 0)


def test_number_zero_draws_the_first_possible_id_and_the_last_number_the_last():
    weights = np.zeros((2, 300), "float32")
    weights[:, [5, 7, 290]] = [[1, 2, 3], [3, 2, 1]]
    last = 1 - 2.0**-24
    assert categorical(tf.constant(weights), tf.zeros([2])).numpy().tolist() == [5, 5]
    assert categorical(tf.constant(weights), tf.fill([2], last)).numpy().tolist() == [290, 290]


@pytest.mark.parametrize("vocabulary", [2, WIDTH, 3 * WIDTH + 1])
def test_greatest_is_argmax_and_takes_the_lowest_id_among_equals(vocabulary):
    random = np.random.default_rng(vocabulary)
    logits = random.integers(-9, -5, size=(50, vocabulary)).astype("float32")
    assert greatest(tf.constant(logits)).numpy().tolist() == logits.argmax(axis=1).tolist()


@pytest.mark.parametrize("vocabulary", [3, NARROW, 5 * NARROW + 1])
@pytest.mark.parametrize("count", [1, 3])
def test_the_greatest_few_are_top_k_and_take_the_lower_id_first(vocabulary, count):
    random = np.random.default_rng(vocabulary + count)
    logits = random.integers(-9, -5, size=(50, vocabulary)).astype("float32")
    logits[:10] = -np.inf  # nothing is possible: still an id that is there
    logits[10:20, 2:] = -np.inf
    values, ids = greatest_few(tf.constant(logits), count)
    order = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    assert ids.numpy().tolist() == order.tolist()
    np.testing.assert_array_equal(values, np.take_along_axis(logits, order, axis=1))


def test_all_of_a_small_vocabulary_may_be_asked_for():
    values, ids = greatest_few(tf.constant([[2.0, -1.0, 3.0]]), 3)
    assert ids.numpy().tolist() == [[2, 0, 1]]
    assert values.numpy().tolist() == [[3.0, 2.0, -1.0]]
