"""Several workers: what they learn is put together, and it does not depend on who was first."""

import threading

import numpy as np
import pytest

from tfseq.checkpoint import Checkpoints
from tfseq.word2vec import load_corpus
from tfseq.word2vec.hierarchical import Tree
from tfseq.word2vec.settings import Settings
from tfseq.word2vec.training import MODELS, VectorTrainer
from tfseq.word2vec.workers import MANY, side_by_side, together


def test_rare_rows_add_up_and_frequent_rows_are_averaged():
    start = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)
    sums = [2 * start + 4]
    times = np.array([0, MANY, 1e9], np.float32)
    (found,) = together([start], sums, 2.0, [times])
    np.testing.assert_allclose(found, start + np.array([[4], [3], [2]]), rtol=1e-6)


def test_rows_of_one_number_and_three_workers():
    start = np.array([1.0, 2.0], np.float32)
    sums = [3 * start + 9]
    (found,) = together([start], sums, 3.0, [np.array([0, 1e9], np.float32)])
    np.testing.assert_allclose(found, [10, 5], rtol=1e-6)


def test_workers_run_at_the_same_time_and_answer_in_their_order():
    meeting = threading.Barrier(3, timeout=30)

    def meet(number, word):
        meeting.wait()
        return number, word

    assert side_by_side(meet, [1, 2, 3], "abc") == [(1, "a"), (2, "b"), (3, "c")]


def test_a_node_is_met_as_often_as_the_words_below_it():
    counts = [40, 21, 9, 8, 7, 3, 1]
    # By hand: 1+3=4, 4+7=11, 8+9=17, 11+17=28, 21+28=49, 40+49=89.
    assert sorted(Tree(counts).counts(counts)) == [4, 11, 17, 28, 49, 89]


@pytest.mark.parametrize("loss", sorted({loss for _, loss in MODELS}))
def test_two_workers_learn_and_a_killed_run_ends_with_the_same_vectors(loss, vectors, tmp_path):
    corpus = load_corpus(f"{vectors}.run")
    settings = Settings(
        loss=loss, dim=6, window=3, sample=0, learning_rate=0.1, epochs=8, workers=2
    )
    make = lambda name: VectorTrainer(  # noqa: E731
        corpus, settings, Checkpoints(tmp_path / name), segment=101
    )
    whole = make("whole")
    history = whole.train()
    assert history[-1]["loss"] < 0.95 * history[0]["loss"]
    assert history[-1]["words"] == corpus.counts.sum()
    killed = make("killed")
    killed.train_step()
    killed.save()
    again = make("killed")
    assert again.steps_per_epoch > 1
    assert [row["loss"] for row in again.train()] == [row["loss"] for row in history]
    np.testing.assert_array_equal(again.inputs, whole.inputs)
