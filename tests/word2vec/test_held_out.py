"""The held-out loss against the textbook's, with the negatives in expectation."""

import numpy as np
import pytest

from tests.oracles import word_pairs
from tfseq.word2vec.draws import Noise
from tfseq.word2vec.held_out import held_out_loss

COUNTS = [9, 7, 5, 4, 3]


def matrices():
    rng = np.random.default_rng(3)
    return [rng.normal(size=(5, 3)).astype(np.float32) for _ in range(2)]


def test_it_is_the_textbook_s_loss_over_the_windows_of_each_line():
    """Windows of one word leave nothing to chance but the negatives, of which there are many."""
    line = np.array([0, 1, 2, 3, 4, 2, 0])
    inputs, outputs = matrices()
    near = np.ones(7, int)
    loss, count, *_ = word_pairs.negative_sampling(
        "skipgram",
        line,
        near - (np.arange(7) == 0),
        near - (np.arange(7) == 6),
        *(x.astype(float) for x in (inputs, outputs)),
        Noise(COUNTS).probabilities,
        3000,
    )
    measured = held_out_loss(
        [*line, -1, 3], COUNTS, inputs, outputs, window=1, negatives=3000, sample=0
    )
    assert measured == pytest.approx(loss / count, rel=0.01)


def test_it_repeats_by_its_seed():
    ids = np.random.default_rng(1).integers(0, 5, 90)
    first, again, other = (held_out_loss(ids, COUNTS, *matrices(), seed=s) for s in (1, 1, 2))
    assert first == again != other


def test_a_text_without_pairs_is_refused():
    with pytest.raises(ValueError, match="`ids` must hold a line of two known words"):
        held_out_loss([1, -1, 2], COUNTS, *matrices())
