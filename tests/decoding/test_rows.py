"""Rows that have ended leave the loop: less to do, and nothing else is different."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import GreedySampler, beam_search, decode

ROWS, SOURCE, WORDS, UNITS, WIDTH = 24, 5, 13, 6, 3
END = 0


@pytest.fixture
def model():
    """A small network that looks at its row's memory, and how many rows each step was given."""
    draws = np.random.default_rng(3)
    inner = tf.constant(draws.normal(size=(UNITS, UNITS)), tf.float32)
    words = tf.constant(draws.normal(size=(WORDS, UNITS)), tf.float32)
    memory = tf.constant(draws.normal(size=(ROWS, SOURCE, UNITS)), tf.float32)
    seen = []

    def step(ids, states, memory):
        (values,) = memory
        hidden, _ = states
        seen.append(ids.shape[0])
        rows = tf.repeat(values, tf.size(ids) // tf.shape(values)[0], axis=0)
        weights = tf.nn.softmax(tf.einsum("ru,rsu->rs", hidden, rows))
        context = tf.einsum("rs,rsu->ru", weights, rows)
        hidden = tf.tanh(hidden @ inner + tf.gather(words, ids) + context)
        # A row is likelier to end the longer it is, each in its own time.
        return 2 * hidden @ tf.transpose(words), (hidden, weights)

    return step, (tf.zeros([ROWS, UNITS]), tf.zeros([ROWS, SOURCE])), (memory,), seen


def weights_of(_, states):
    return states[1]


def assert_same(found, expected):
    for one, other in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("limited", [False, True], ids=["until the end", "with limits"])
def test_the_loop_gives_the_same_with_less_to_do(model, limited, compiled):
    step, states, memory, seen = model
    sampler = GreedySampler(tf.range(ROWS) % (WORDS - 1) + 1, END)
    limits = tf.range(ROWS) % 11 + 1 if limited else None
    options = {"max_steps": 12, "max_lengths": limits, "watch": weights_of}
    expected = decode(step, sampler, states, memory, **options)
    before = list(seen)
    seen.clear()
    run = tf.function(decode) if compiled else decode
    found = run(step, sampler, states, memory, **options, drop_ended=True)
    assert_same(found, expected)
    assert len(set(expected[0].lengths.numpy())) > 3
    assert compiled or sum(seen) < 0.8 * sum(before)
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("coverage", [0.0, 0.4])
@pytest.mark.parametrize("n_best", [1, WIDTH])
def test_beams_are_the_same_with_less_to_do(model, n_best, coverage, compiled):
    step, states, memory, seen = model
    starts = tf.range(ROWS) % (WORDS - 1) + 1
    options = {
        "width": WIDTH,
        "max_steps": 14,
        "max_lengths": tf.range(ROWS) % 13 + 1,
        "length_penalty": tf.linspace(0.0, 2.0, ROWS),
        "coverage_penalty": coverage,
        "n_best": n_best,
        "watch": weights_of,
    }
    expected = beam_search(step, starts, END, states, memory, **options)
    before = list(seen)
    seen.clear()
    search = tf.function(beam_search) if compiled else beam_search
    found = search(step, starts, END, states, memory, **options, drop_ended=True)
    assert_same(found, expected)
    assert compiled or sum(seen) < 0.8 * sum(before)


def test_rows_that_had_nothing_to_do_come_out_empty(model):
    step, states, memory, _ = model
    limits = tf.where(tf.range(ROWS) < 20, 0, 6)
    sampler = GreedySampler(tf.ones([ROWS], tf.int32), END)
    decoded, progress = decode(
        step, sampler, states, memory, max_steps=6, max_lengths=limits, drop_ended=True
    )
    assert not decoded.ids.numpy()[:20].any()
    assert decoded.lengths.numpy().tolist()[:20] == [0] * 20
    assert progress.states[0].shape == (ROWS, UNITS)


def test_without_log_probabilities_the_ids_are_the_same(model):
    step, states, memory, _ = model
    sampler = GreedySampler(tf.ones([ROWS], tf.int32), END)
    expected, _ = decode(step, sampler, states, memory, max_steps=5, watch=weights_of)
    found, _ = decode(
        step, sampler, states, memory, max_steps=5, watch=weights_of, log_probabilities=False
    )
    assert found.log_probabilities is None
    assert_same((found.ids, found.watched), (expected.ids, expected.watched))


def test_in_a_graph_that_knows_no_batch_size(model):
    _, states, memory, _ = model

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def search(starts):
        rows = tf.size(starts)
        return beam_search(
            lambda ids, states, memory: (
                tf.gather(memory[0], ids % 3, batch_dims=1)[:, :2],
                states,
            ),
            starts,
            END,
            (states[0][:rows],),
            (memory[0][:rows],),
            width=1,
            max_steps=3,
            drop_ended=True,
        ).ids

    assert search(tf.range(12)).shape[:2] == (12, 1)
