"""The search: a table read by eye, all sequences there are, rows on their own, an early end."""

import numpy as np
import tensorflow as tf

from tfseq.decoding import GreedySampler, beam_search, decode
from tfseq.decoding.beam_search import tile_batch, trace_back

# After the likeliest first word nothing is likely.
#        end   a    b    c
TABLE = [[0.0, 0.6, 0.4, 0.0],   # after the start, which is the end token's id
         [0.1, 0.2, 0.3, 0.4],   # after a: anything
         [0.0, 0.0, 0.0, 1.0],   # after b: c
         [0.9, 0.1, 0.0, 0.0]]  # after c: end  # fmt: skip
END, A, B, C = range(4)


def search(step, starts, states=None, **options):
    options = {"width": 2, "max_steps": 9, **options}
    states = tf.zeros([len(starts), 1]) if states is None else states
    return beam_search(step, tf.constant(starts), END, states, **options)


def words(beams):
    """Rows of hypotheses of ids, without what follows the end."""
    return [
        [row[:length].tolist() for row, length in zip(*pair, strict=True)]
        for pair in zip(beams.ids.numpy(), beams.lengths.numpy(), strict=True)
    ]


def all_sequences(step, start, states, steps):
    """Every sequence of at most `steps` ids and its log-probability, likeliest first."""
    found, open_ends = [], [((), tf.constant([start]), states, 0.0)]
    for _ in range(steps):
        longer = []
        for ids, last, states, so_far in open_ends:
            logits, states = step(last, states, ())
            for token, more in enumerate(tf.nn.log_softmax(logits)[0].numpy()):
                entry = ((*ids, token), tf.constant([token]), states, so_far + more)
                (found if token == END else longer).append(entry)
        open_ends = longer
    found = [(list(ids), total) for ids, _, _, total in found + open_ends]
    return sorted(found, key=lambda pair: -pair[1])


def test_two_hypotheses_find_what_one_misses(chain):
    greedy = search(chain(TABLE), [END], width=1, max_steps=3)
    beams = search(chain(TABLE), [END], width=2, max_steps=3)
    assert words(greedy) == [[[A, C, END]]]
    assert words(beams) == [[[B, C, END], [A, C, END]]]
    np.testing.assert_allclose(tf.exp(beams.scores), [[0.36, 0.216]], rtol=1e-5)
    np.testing.assert_array_equal(beams.scores, beams.log_probabilities)
    assert beams.finished.numpy().all()


def test_a_width_of_one_is_greedy_choice(recurrent):
    starts = tf.range(1, 8)
    states = (tf.zeros([7, 3]), [tf.zeros([7], tf.int32)])
    greedy, _ = decode(recurrent, GreedySampler(starts, END), states, max_steps=12)
    beams = search(recurrent, starts.numpy(), states, width=1, max_steps=12)
    assert beams.ids[:, 0].numpy().tolist() == greedy.ids.numpy().tolist()
    assert beams.lengths[:, 0].numpy().tolist() == greedy.lengths.numpy().tolist()
    assert beams.finished[:, 0].numpy().tolist() == greedy.finished.numpy().tolist()
    total = tf.reduce_sum(greedy.log_probabilities, axis=1)
    np.testing.assert_allclose(beams.log_probabilities[:, 0], total, rtol=1e-5)


def test_a_search_wide_enough_finds_all_sequences_in_their_order(recurrent):
    states = (tf.zeros([1, 3]), [tf.zeros([1], tf.int32)])
    beams = search(recurrent, [4], states, width=11**2, max_steps=3)
    expected = all_sequences(recurrent, 4, states, 3)[: 11**2]
    assert words(beams)[0] == [ids for ids, _ in expected]
    np.testing.assert_allclose(beams.scores[0], [total for _, total in expected], rtol=1e-5)


def test_places_without_a_sequence_are_empty_and_last(chain):
    beams = search(chain(TABLE), [B], width=5, max_steps=2)
    assert words(beams) == [[[C, END], [C, A], [], [], []]]
    assert beams.finished.numpy().tolist() == [[True, False, False, False, False]]
    np.testing.assert_allclose(tf.exp(beams.scores), [[0.9, 0.1, 0, 0, 0]], rtol=1e-5)
    assert beams.ids.numpy()[0, 2:].tolist() == [[0, 0]] * 3


def test_tile_batch_repeats_each_row_on_the_spot():
    tiled = tile_batch((tf.constant([[1, 2], [3, 4]]), [tf.constant([5, 6])]), 3)
    assert tiled[0].numpy().tolist() == [[1, 2]] * 3 + [[3, 4]] * 3
    assert tiled[1][0].numpy().tolist() == [5, 5, 5, 6, 6, 6]


def test_trace_back_follows_the_parents():
    parents = tf.constant([[[0, 0, 0]], [[1, 0, 1]], [[2, 2, 0]]])
    before, after = trace_back(parents, 3)
    assert after.numpy()[:, 0].tolist() == [[1, 1, 1], [2, 2, 0], [0, 1, 2]]
    assert before.numpy()[:, 0].tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 0]]
