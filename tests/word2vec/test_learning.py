"""A chunk's products against the textbook's pairs, one by one, and the updates against loops."""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles import word_pairs
from tfseq.word2vec import hierarchical, sampling
from tfseq.word2vec.blocks import Blocks, Chunk
from tfseq.word2vec.sampling import Rows
from tfseq.word2vec.updates import DAMPING, EPSILON, adagrad, sgd

WORDS, DIM, WINDOW, NEGATIVES = 7, 3, 4, 5
BLOCKS = Blocks(WINDOW, blocks=2, centres=6)
# A block's shared negatives hold each word as often as the noise says: their mean is exact.
SHARED = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6])
NOISE = np.bincount(SHARED, minlength=WORDS) / len(SHARED)
MODELS = ("skipgram", "cbow")


def text(seed=3):
    """Words, and how far each sees to both sides: lines of 7 and 4 words, then one of padding."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, WORDS, 12)
    reaches = rng.integers(1, WINDOW + 1, 12)
    line = np.array([0] * 7 + [1] * 4 + [2])
    first, last = np.searchsorted(line, line), np.searchsorted(line, line, side="right") - 1
    left, right = np.arange(12) - first, last - np.arange(12)
    return words, np.minimum(reaches, left), np.minimum(reaches, right)


def chunk():
    words, left, right = text()
    values = [np.pad(words, WINDOW), left, right, np.tile(SHARED, [2, 1])]
    return Chunk(*(tf.constant(value, tf.int32) for value in values))


def matrices(targets):
    rng = np.random.default_rng(5)
    return rng.normal(size=(WORDS, DIM)), rng.normal(size=(targets, DIM))


def dense(rows, size):
    total = np.zeros((size, DIM))
    np.add.at(total, rows.ids.numpy().ravel(), rows.values.numpy().reshape(-1, DIM))
    return total


def compare(done, expected):
    loss, count, d_inputs, d_outputs = expected
    assert float(done.pairs) == count
    np.testing.assert_allclose(done.loss, loss, rtol=1e-5)
    np.testing.assert_allclose(dense(done.inputs, WORDS), d_inputs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(dense(done.outputs, len(d_outputs)), d_outputs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_negative_sampling_has_the_textbook_s_loss_and_gradient_in_expectation(model):
    assert len(SHARED) == BLOCKS.shared
    inputs, outputs = matrices(WORDS)
    learn = getattr(sampling, model)(BLOCKS, NEGATIVES)
    done = learn(chunk(), tf.constant(inputs, tf.float32), tf.constant(outputs, tf.float32))
    compare(
        done,
        word_pairs.negative_sampling(model, *text(), inputs, outputs, NOISE, NEGATIVES),
    )


@pytest.mark.parametrize("model", MODELS)
def test_hierarchical_softmax_has_the_textbook_s_loss_and_gradient(model):
    tree = hierarchical.Tree([40, 21, 9, 8, 7, 3, 1])
    inputs, nodes = matrices(tree.size)
    paths = [
        list(zip(tree.nodes[w, :n], tree.left[w, :n], strict=True))
        for w, n in enumerate(tree.on_path.sum(1).astype(int))
    ]
    learn = getattr(hierarchical, model)(BLOCKS, tree)
    done = learn(chunk(), tf.constant(inputs, tf.float32), tf.constant(nodes, tf.float32))
    compare(done, word_pairs.hierarchical_softmax(model, *text(), inputs, nodes, paths))


def test_the_tree_gives_probabilities_and_the_shortest_code():
    counts = [40, 21, 9, 8, 7, 3, 1]
    tree = hierarchical.Tree(counts)
    lengths = tree.on_path.sum(1)
    # By hand: 1+3=4, 4+7=11, 8+9=17, 11+17=28, 21+28=49, 40+49=89.
    assert lengths.tolist() == [1, 2, 4, 4, 4, 5, 5]
    scores = np.random.default_rng(1).normal(size=tree.size)[tree.nodes]
    turns = word_pairs.sigmoid(np.where(tree.left == 1, scores, -scores))
    np.testing.assert_allclose(np.where(tree.on_path == 1, turns, 1).prod(1).sum(), 1)


def test_a_tree_needs_two_words():
    with pytest.raises(ValueError, match=r"`counts` must be of two words or more\. Received: 1"):
        hierarchical.Tree([3])


def test_the_reach_is_the_sum_of_the_bends_by_the_squares_of_the_others():
    rng = np.random.default_rng(7)
    scores, weights = rng.normal(0, 4, [2, 5, 3]), rng.uniform(0, 2, [2, 5, 3])
    labels = np.array([1.0, 0.0, 1.0])
    rows, others = rng.normal(size=(2, 5, DIM)), rng.normal(size=(2, 3, DIM))
    _, slopes = sampling.logistic(*(tf.constant(x, tf.float32) for x in (scores, labels, weights)))
    right = word_pairs.sigmoid(scores)
    errors = np.abs(labels - right)
    bends = (right * (1 - right) + errors / 14) * weights
    np.testing.assert_allclose(slopes.bends, bends, rtol=1e-4, atol=1e-7)
    _, reach = sampling.toward(tf.constant(others, tf.float32), slopes)
    expected = np.einsum("bij,bjd->bi", bends, others**2)
    np.testing.assert_allclose(reach, expected, rtol=1e-4)
    _, reach = sampling.toward(tf.constant(rows, tf.float32), slopes, transpose=True)
    np.testing.assert_allclose(reach, np.einsum("bij,bid->bj", bends, rows**2), rtol=1e-4)


def test_no_score_moves_by_more_than_twenty_at_any_rate():
    # One input far on the wrong side of a word that stands in its context 1000 times.
    x, u = np.full([1, 1, DIM], 3.0, np.float32), np.full([1, 1, DIM], -3.0, np.float32)
    score = (x * u).sum()
    _, slopes = sampling.logistic(tf.constant([[[score]]]), 1.0, tf.fill([1, 1, 1], 1000.0))
    for rate in (0.03, 1.0, 1e6):
        step = Rows(tf.constant([[0]]), *sampling.toward(tf.constant(u), slopes))
        moved, _ = sgd(tf.constant(x[0]), tf.zeros([1]), step, rate)
        assert 1 < (moved.numpy() * u[0]).sum() - score < 20.001


def rows():
    rng = np.random.default_rng(2)
    ids = np.array([[4, 0, 4], [1, 4, 0]])
    return ids, rng.normal(size=(2, 3, DIM)), rng.uniform(1, 30, ids.shape)


def as_rows(ids, values, reach):
    return Rows(tf.constant(ids, tf.int32), *(tf.constant(x, tf.float32) for x in (values, reach)))


def test_adagrad_divides_by_the_root_of_a_row_s_squares():
    ids, values, reach = rows()
    vectors = np.random.default_rng(4).normal(size=(5, DIM))
    squares = np.array([0.5, 0, 1, 2, 3])
    new_vectors, new_squares = adagrad(
        *(tf.constant(x, tf.float32) for x in (vectors, squares)), as_rows(ids, values, reach), 0.1
    )
    for row, value in zip(ids.ravel(), values.reshape(-1, DIM), strict=True):
        squares[row] += np.mean(value**2)
    for row, value in zip(ids.ravel(), values.reshape(-1, DIM), strict=True):
        vectors[row] += 0.1 * value / np.sqrt(squares[row] + EPSILON)
    np.testing.assert_allclose(new_squares, squares, rtol=1e-5)
    np.testing.assert_allclose(new_vectors, vectors, rtol=1e-5)


def test_gradient_descent_goes_the_shorter_the_farther_a_row_s_steps_reach_together():
    ids, values, reach = rows()
    new_vectors, reaches = sgd(tf.zeros([5, DIM]), tf.zeros([5]), as_rows(ids, values, reach), 0.5)
    together = np.bincount(ids.ravel(), reach.ravel(), 5)
    vectors = np.zeros((5, DIM))
    np.add.at(vectors, ids.ravel(), values.reshape(-1, DIM))
    vectors *= 0.5 / (1 + DAMPING * 0.5 * together)[:, None]
    np.testing.assert_allclose(new_vectors, vectors, rtol=1e-5)
    assert reaches.numpy().tolist() == [0] * 5


def test_a_row_that_reaches_nowhere_goes_all_the_way():
    ids, values, _ = rows()
    new_vectors, _ = sgd(
        tf.zeros([5, DIM]), tf.zeros([5]), as_rows(ids, values, np.zeros(ids.shape)), 0.5
    )
    np.testing.assert_allclose(new_vectors[1], 0.5 * values[1, 0], rtol=1e-6)
