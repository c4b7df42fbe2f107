"""The training loop on a model of one number, whose every step can be told by hand."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.checkpoint import Checkpoints, digest
from tfseq.training import Trainer, averaged_weights, best_epoch


class Offset(keras.Model):
    """`loss = (w - target)^2`; the state counts the steps of an epoch."""

    def __init__(self):
        super().__init__()
        self.w = self.add_weight((), initializer="zeros", name="w")

    def squares(self, batch, states, training):
        target, fresh = batch
        (count,) = states
        count = tf.where(fresh, 0.0, count) + 1.0
        return tf.reduce_sum((self.w - target) ** 2), tf.cast(tf.size(target), tf.float32), [count]


class Batches:
    steps_per_epoch = 3

    def batch(self, step):
        return np.full(2, 1.0 + step % 3, "f"), np.array(step % 3 == 0)


def trainer(directory, held_out=None, optimizer=None, **options):
    model = Offset()
    return Trainer(
        model,
        optimizer or keras.optimizers.SGD(0.25),
        model.squares,
        Batches(),
        lambda: next(held_out or iter(()), 1.0),
        Checkpoints(directory),
        **{"epochs": 2, "states": [np.zeros((), "f")], **options},
    )


def test_steps_are_those_of_gradient_descent(tmp_path):
    run = trainer(tmp_path)
    history = run.train()
    w, losses = 0.0, []
    for step in range(6):
        target = 1.0 + step % 3
        losses.append((w - target) ** 2)
        w -= 0.25 * 2 * (w - target)
    assert float(run.model.w) == pytest.approx(w)
    assert [row["loss"] for row in history] == pytest.approx(
        [np.mean(losses[:3]), np.mean(losses[3:])]
    )
    assert [row["step"] for row in history] == [3, 6]
    assert [row["words"] for row in history] == [6, 6]


class Lookup(keras.Model):
    """`loss = sum_i w_i . E[id_i]`: the same id twice gives a sparse gradient with a row twice."""

    def __init__(self):
        super().__init__()
        self.embedding = self.add_weight((4, 2), initializer="ones", name="embedding")

    def products(self, batch, states, training):
        ids, factors = batch
        return tf.reduce_sum(tf.gather(self.embedding, ids) * factors), tf.constant(1.0), states


@pytest.mark.parametrize("clip", [None, 1.0])
def test_a_word_that_a_batch_has_twice_moves_as_by_the_sum_of_its_gradients(tmp_path, clip):
    ids, factors = np.array([1, 1, 2]), np.array([[1, 2], [3, 4], [5, 6]], "f")
    model = Lookup()
    optimizer = keras.optimizers.Adam(0.1, global_clipnorm=clip)
    run = Trainer(
        model, optimizer, model.products, Batches(), lambda: 1.0, Checkpoints(tmp_path), epochs=1
    )
    run.train_step((ids, factors))
    dense = np.array([[0, 0], [4, 6], [5, 6], [0, 0]], "f")
    if clip:
        dense /= np.linalg.norm(dense)
    np.testing.assert_allclose(optimizer._velocities[0], 0.001 * dense**2, rtol=1e-5)
    np.testing.assert_allclose(model.embedding, 1 - 0.1 * np.sign(dense), rtol=1e-4)


def test_states_go_from_step_to_step_and_start_anew_where_the_batch_says(tmp_path):
    run = trainer(tmp_path)
    run.train_step(run.batches.batch(0))
    run.train_step(run.batches.batch(1))
    assert float(np.asarray(run.gradient_step.states[0])) == 2
    run.train_step(run.batches.batch(3))
    assert float(np.asarray(run.gradient_step.states[0])) == 1


def test_it_stops_when_the_held_out_loss_has_not_improved_for_so_long(tmp_path):
    losses = iter([5.0, 4.0, 4.5, 4.2, 1.0, 0.5])
    history = trainer(tmp_path, losses, epochs=6, patience=2).train()
    assert [row["held_out_loss"] for row in history] == [5.0, 4.0, 4.5, 4.2]
    assert best_epoch(history) == 1


def test_the_best_weights_are_kept_beside_the_last(tmp_path):
    run = trainer(tmp_path, iter([5.0, 4.0, 4.5]), epochs=3)
    run.train()
    saved = Checkpoints(tmp_path)
    assert saved.weights("best").step == 6
    assert saved.latest().step == 9
    assert saved.weights("best").variables.keys() < saved.latest().variables.keys()


def test_a_run_goes_on_and_one_that_has_ended_stays(tmp_path):
    whole = trainer(tmp_path / "whole", epochs=3)
    whole.train()
    trainer(tmp_path / "pieces", epochs=1).train()
    rest = trainer(tmp_path / "pieces", epochs=3)
    rest.train()
    assert float(rest.model.w) == float(whole.model.w)
    assert rest.step == 9
    again = trainer(tmp_path / "pieces", epochs=3)
    assert [row["epoch"] for row in again.train()] == [1, 2, 3]
    assert float(again.model.w) == float(whole.model.w)


def test_the_average_of_the_weights_is_what_is_measured_and_kept(tmp_path):
    optimizer = keras.optimizers.SGD(0.25, use_ema=True, ema_momentum=0.5)
    run = trainer(tmp_path, optimizer=optimizer, epochs=1)
    measured = []
    run.evaluate = lambda: measured.append(float(run.model.w)) or 1.0
    run.train()
    w = average = 0.0
    for step in range(3):
        w -= 0.25 * 2 * (w - (1.0 + step))
        average = w if step == 0 else 0.5 * average + 0.5 * w
    assert measured == pytest.approx([average])
    assert float(run.model.w) == pytest.approx(w)
    assert list(Checkpoints(tmp_path).weights("best").variables.values()) == pytest.approx(
        [average]
    )


def test_weights_come_back_also_when_measuring_fails(tmp_path):
    optimizer = keras.optimizers.SGD(0.25, use_ema=True)
    run = trainer(tmp_path, optimizer=optimizer)
    run.model.w.assign(3.0)
    with pytest.raises(RuntimeError), averaged_weights(run.model, optimizer):
        raise RuntimeError
    assert float(run.model.w) == 3.0


def test_a_loss_that_is_no_number_ends_the_run_with_a_word(tmp_path):
    run = trainer(tmp_path, iter([math.nan]))
    with pytest.raises(FloatingPointError, match=r"held-out loss of epoch 1 is nan.*learning rate"):
        run.train()


def test_a_callback_can_stop_the_run(tmp_path):
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    assert len(trainer(tmp_path, epochs=5, callbacks=[Enough()]).train()) == 1


def test_the_seconds_of_an_epoch_count_what_was_spent_before_a_restart(tmp_path):
    run = trainer(tmp_path, epochs=1)
    run.train_step(run.batches.batch(0))
    run.step, run.seconds = 1, 100.0
    run.save()
    (row,) = trainer(tmp_path, epochs=1).train()
    assert 100 < row["seconds"] < 110
    assert row["step"] == 3


def test_callbacks_see_each_step_and_each_epoch(tmp_path):
    seen = []

    class Witness(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

        def on_epoch_end(self, epoch, logs=None):
            seen.append(("epoch", epoch, logs["held_out_loss"]))

    trainer(tmp_path, iter([2.0, 1.5]), callbacks=[Witness()]).train()
    assert seen == [0, 1, 2, ("epoch", 0, 2.0), 3, 4, 5, ("epoch", 1, 1.5)]


def test_another_figure_may_say_which_epoch_is_the_best(tmp_path):
    run = trainer(tmp_path, epochs=4, patience=2, monitor="bleu", maximize=True)
    scores = iter([3.0, 7.0, 6.5, 7.0, 9.0])
    run.evaluate = lambda: {"held_out_loss": 1.0, "bleu": next(scores)}
    history = run.train()
    assert [row["bleu"] for row in history] == [3.0, 7.0, 6.5, 7.0]
    assert run.best_epoch() == 1
    assert run.checkpoints.weights("best").step == 6


def averaging(directory, epochs):
    run = trainer(directory, epochs=epochs, average_epochs=2)
    seen = []

    def evaluate():
        seen.append(float(run.model.w))
        return 1.0

    run.evaluate = evaluate
    run.train()
    return run, seen


def test_the_mean_of_the_last_epochs_weights_is_measured_and_kept(tmp_path):
    w, ends = 0.0, []
    for step in range(9):
        w -= 0.25 * 2 * (w - (1.0 + step % 3))
        if step % 3 == 2:
            ends.append(w)
    run, seen = averaging(tmp_path, 3)
    assert seen == pytest.approx([ends[0], np.mean(ends[:2]), np.mean(ends[1:])])
    assert float(run.model.w) == pytest.approx(ends[2])  # training goes on from its own weights
    (kept,) = run.checkpoints.weights("last").variables.values()
    assert kept == pytest.approx(np.mean(ends[1:]))


def test_a_mean_goes_on_after_a_restart(tmp_path):
    whole, seen = averaging(tmp_path / "whole", 4)
    averaging(tmp_path / "parts", 2)
    parts, later = averaging(tmp_path / "parts", 4)
    assert later == seen[2:]
    assert digest(parts.checkpoints.weights("last").variables) == digest(
        whole.checkpoints.weights("last").variables
    )
