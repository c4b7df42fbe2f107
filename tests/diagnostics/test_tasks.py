"""The adding problem and the copy task: what they ask, and what forgetting costs."""

import math

import numpy as np
import pytest

from apps.diagnostics.config import TASKS as NAMES
from apps.diagnostics.tasks import TASKS, Adding, Batches, Copy

ROWS, LENGTH = 4000, 9


def test_every_task_has_its_name_on_the_command_line():
    assert set(NAMES) == set(TASKS)


def test_adding_marks_one_number_in_each_half_and_asks_for_their_sum():
    inputs, targets = Adding(LENGTH).draw(np.random.default_rng(1), ROWS)
    numbers, marks = inputs[:, :, 0], inputs[:, :, 1]
    assert inputs.shape == (ROWS, LENGTH, 2)
    assert (marks[:, :4].sum(axis=1) == 1).all()
    assert (marks[:, 4:].sum(axis=1) == 1).all()
    assert (marks.sum(axis=0) > 0).all()  # each place is marked at times
    expected = [
        sum(n for n, m in zip(*row, strict=True) if m) for row in zip(numbers, marks, strict=True)
    ]
    np.testing.assert_allclose(targets[:, 0], expected, rtol=1e-6)


def test_to_remember_nothing_when_adding_costs_a_sixth():
    _, targets = Adding(LENGTH).draw(np.random.default_rng(2), 200_000)
    assert Adding(LENGTH).baseline == pytest.approx(np.var(targets), rel=0.01)
    assert np.mean(targets) == pytest.approx(1, abs=0.003)


def test_copy_asks_for_the_symbols_behind_the_sign():
    inputs, targets = Copy(LENGTH).draw(np.random.default_rng(1), 3)
    ids = inputs.argmax(axis=-1)
    assert inputs.shape == (3, LENGTH + 20, 10)
    np.testing.assert_array_equal(inputs.sum(axis=-1), 1)
    assert ids[:, :10].max() < 8
    assert (ids[:, 10:18] == 8).all()  # LENGTH - 1 of silence
    assert (ids[:, 18] == 9).all()  # the sign
    assert (ids[:, 19:] == 8).all()
    assert (targets[:, :19] == 8).all()
    np.testing.assert_array_equal(targets[:, 19:], ids[:, :10])


def test_to_remember_nothing_when_copying_costs_what_the_best_guess_costs():
    task = Copy(LENGTH)
    _, targets = task.draw(np.random.default_rng(1), 5)
    sure = 100.0
    guess = np.zeros([5, LENGTH + 20, 9], np.float32)
    guess[:, : LENGTH + 10, 8] = sure  # silence, and then any symbol but silence
    guess[:, LENGTH + 10 :, 8] = -sure
    assert np.mean(task.losses(guess, targets)) == pytest.approx(task.baseline, rel=1e-5)
    assert task.baseline == pytest.approx(10 * math.log(8) / 29)


def test_a_batch_depends_on_seed_and_step_alone():
    batches = [Batches(Adding(LENGTH), 3, 5, seed) for seed in (1, 1, 2)]
    first, again, other = (b.batch(4)[0] for b in batches)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, batches[0].batch(5)[0])
