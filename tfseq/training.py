"""The training loop: steps, epochs, checkpoints, and a run that survives being killed.

A batch is a function of the step and all noise comes from seeds that are variables, so the step
and the variables are the whole state of a run. They are saved together, and a run that was killed
at any moment and started again ends with the same weights, bit for bit.
"""

import math
import time

import keras
import numpy as np
import tensorflow as tf

from tfseq import checkpoint
from tfseq.gradient_step import GradientStep
from tfseq.metrics import perplexity
from tfseq.optimizers import inner_optimizer
from tfseq.replicas import Replicas, fingerprint


class Trainer:
    """Trains a model, on the devices of the strategy in whose scope it is made.

    Each step follows the gradient of the mean loss of a word, as `GradientStep` says. Where there
    are several hosts, each runs the same loop on the same batches, of which it takes its rows, and
    the chief alone writes.

    Args:
        model: The Keras model to train.
        optimizer: A Keras optimizer, with its own clipping, schedule and averaging (`use_ema`).
        loss: `loss(batch, states, training) -> (sum of losses, sum of weights, new states)`.
        batches: Has `steps_per_epoch` and `batch(step)`, arrays that depend on nothing else; and
            where their shapes differ, `signature`: their specs, so that a step is traced once.
        evaluate: Called at each epoch's end; returns the held-out loss per word, or a dictionary
            of figures with `held_out_loss` among them, for the epoch's row of the history.
        checkpoints: A `checkpoint.Checkpoints`.
        epochs: How many epochs to train at most.
        patience: How many epochs the best epoch may lie back; 0 = all epochs are trained.
        monitor: The figure that says which epoch is the best: the one where it is lowest.
        maximize: Whether the highest is the best, as for BLEU.
        average_epochs: The weights that are evaluated and kept are the mean of those at the ends of
            so many last epochs.
        states: What the loss carries from step to step, at the first one.
        save_seconds: Seconds between checkpoints inside an epoch.
        callbacks: Keras callbacks. An epoch's logs are its row of the history.
        pieces: In how many pieces the rows of a batch are read, one after the other.
        strategy: A `tf.distribute` strategy; default: the current one.
    """

    def __init__(
        self,
        model,
        optimizer,
        loss,
        batches,
        evaluate,
        checkpoints,
        *,
        epochs,
        patience=0,
        monitor="held_out_loss",
        maximize=False,
        average_epochs=1,
        states=(),
        save_seconds=30.0,
        callbacks=(),
        pieces=1,
        strategy=None,
    ):
        self.model = model
        self.optimizer = optimizer
        model.optimizer = optimizer  # as `compile` does: callbacks look for it there
        self.batches = batches
        self.evaluate = evaluate
        self.checkpoints = checkpoints
        self.epochs = epochs
        self.patience = patience
        self.monitor = monitor
        self.maximize = maximize
        self.average_epochs = average_epochs
        self.save_seconds = save_seconds
        self.callbacks = keras.callbacks.CallbackList(list(callbacks), model=model)
        self.history = []
        self.step = 0
        self.seconds = 0.0  # spent on this epoch so far
        self.replicas = Replicas(strategy)
        with self.replicas.strategy.scope():
            optimizer.build(model.trainable_variables)
        signature = getattr(batches, "signature", None)
        self.gradient_step = GradientStep(
            model, optimizer, loss, self.replicas, states, signature, pieces
        )
        self.sums = self.gradient_step.sums  # of the losses and of the weights in this epoch
        self.variables = checkpoint.raw_variables(
            model, optimizer, [*tf.nest.flatten(self.gradient_step.states), self.sums]
        )

    def train(self):
        """Train from the newest checkpoint or the start; return the history, a row per epoch."""
        self.resume()
        self.callbacks.on_train_begin({"step": self.step, "history": self.history})
        self.model.stop_training = False  # a callback may set it
        while not (self.finished() or self.model.stop_training):
            self.train_epoch()
        self.callbacks.on_train_end()
        return self.history

    def finished(self):
        """Whether all epochs are done, or the figure that counts has stopped improving."""
        waited = len(self.history) - 1 - self.best_epoch()
        return len(self.history) >= self.epochs or (0 < self.patience <= waited)

    def best_epoch(self):
        """The index of the best epoch so far; -1 while there is none."""
        return best_epoch(self.history, self.monitor, self.maximize)

    def resume(self):
        """Take step, history and variables from the newest checkpoint that reads back whole."""
        if self.replicas.are_remote:
            self.replicas.agree("data", fingerprint(self.batches))
        saved = self.checkpoints.latest()
        self.replicas.agree("--run_dir", f"checkpoint {saved.step if saved else 'none'}")
        if saved is not None:
            checkpoint.restore(self.variables, saved.variables)
            self.step, self.history = saved.step, saved.state["history"]
            self.seconds = saved.state["seconds"]
            self.replicas.compare_count(saved.state.get("replicas", 1))
        self.replicas.draw_apart(self.variables.values())

    def save(self):
        """Write the state of the run."""
        state = {"history": self.history, "seconds": self.seconds, "replicas": self.replicas.count}
        variables = self.variables
        if self.replicas.are_remote:  # some have rows on each host, which all must hand over
            variables = {name: np.asarray(variable) for name, variable in variables.items()}
        if self.replicas.is_chief:
            self.checkpoints.save(self.step, variables, state)

    def save_weights(self, name, weights, state):
        """Write weights that are to be used."""
        if self.replicas.is_chief:
            self.checkpoints.save_weights(name, self.step, weights, state)

    def train_epoch(self):
        """The rest of the current epoch, its evaluation, and its checkpoints."""
        epoch = len(self.history)
        end = (epoch + 1) * self.batches.steps_per_epoch
        self.callbacks.on_epoch_begin(epoch, {"words": float(self.sums[1])})
        started = saved = time.monotonic()
        while self.step < end:
            self.callbacks.on_train_batch_begin(self.step)
            due = time.monotonic() - saved > self.save_seconds
            losses, weights, due = self.train_step(self.batches.batch(self.step), due)
            self.step += 1
            self.check(losses, "training")
            self.callbacks.on_train_batch_end(
                self.step - 1, {"loss": losses / weights, "words": weights}
            )
            if due and self.step < end:
                self.seconds += time.monotonic() - started
                self.save()
                started = saved = time.monotonic()
        self.seconds += time.monotonic() - started
        self.end_epoch(epoch)

    def check(self, loss, which):
        """Stop before weights that are no numbers can be saved."""
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"The {which} loss of epoch {len(self.history) + 1} is {loss}: try a lower "
                "learning rate or a tighter clip"
            )

    def end_epoch(self, epoch):
        """Evaluate, add a row to the history, and save: the weights to be used, then the run."""
        with averaged_weights(self.model, self.optimizer):
            raw = self.average_with_last_epochs(epoch)
            row = self.row(epoch)
            self.history.append(row)
            is_best = self.best_epoch() == epoch
            for name in ("last", "best") if is_best else ("last",):
                weights = checkpoint.raw_variables(self.model)
                self.save_weights(name, weights, {"row": row})
            checkpoint.restore(self.model_variables(), raw)
        self.sums.assign([0.0, 0.0])
        self.seconds = 0.0
        self.save()
        self.callbacks.on_epoch_end(epoch, row)

    def row(self, epoch):
        """The epoch's row of the history, all that was measured."""
        losses, weights = self.sums.numpy()
        figures = self.evaluate()
        if not isinstance(figures, dict):
            figures = {"held_out_loss": figures}
        figures = {name: float(value) for name, value in figures.items()}
        self.check(figures["held_out_loss"], "held-out")
        return {
            "epoch": epoch + 1,
            "step": self.step,
            "loss": float(losses / weights),
            "perplexity": perplexity(losses / weights),
            **figures,
            "held_out_perplexity": perplexity(figures["held_out_loss"]),
            "words": float(weights),
            "learning_rate": float(self.optimizer.learning_rate),
            "seconds": round(self.seconds, 3),
        }

    def model_variables(self):
        """The model's trainable variables by name."""
        return checkpoint.raw_variables(self.model.trainable_variables)

    def average_with_last_epochs(self, epoch):
        """Put the mean of the last epochs' weights into the model; return this epoch's own.

        Each epoch's weights are kept in a file of their own, in turn, so that a run that was killed
        goes on with the same ones.

        Reference: Junczys-Dowmunt et al., 2016, arXiv:1610.01108.
        """
        variables = self.model_variables()
        raw = {name: variable.numpy() for name, variable in variables.items()}
        if self.average_epochs == 1:
            return raw
        self.save_weights(f"turn-{epoch % self.average_epochs}", raw, {})
        self.replicas.wait()  # until it is written
        turns = range(min(epoch + 1, self.average_epochs))
        kept = [self.checkpoints.weights(f"turn-{turn}").variables for turn in turns]
        mean = {
            name: np.mean([weights[name] for weights in kept], axis=0, dtype=np.float64)
            for name in raw
        }
        checkpoint.restore(variables, {name: mean[name].astype(raw[name].dtype) for name in raw})
        return raw

    def train_step(self, batch, due=False):
        """One step of the optimizer: the epoch's sums, and whether the chief wants to save."""
        return self.gradient_step(batch, due)


class averaged_weights:  # noqa: N801 a context manager reads as a verb
    """While it lasts, the model holds the optimizer's moving average of the weights, if it has one.

    Reference: Polyak & Juditsky, 1992, "Acceleration of stochastic approximation by averaging".
    """

    def __init__(self, model, optimizer):
        self.optimizer = inner_optimizer(optimizer)
        self.variables = model.trainable_variables if self.optimizer.use_ema else []

    def __enter__(self):
        self.raw = [variable.numpy() for variable in self.variables]
        if self.variables:
            self.optimizer.finalize_variable_values(self.variables)

    def __exit__(self, *_):
        for variable, value in zip(self.variables, self.raw, strict=True):
            variable.assign(value)


def best_epoch(history, monitor="held_out_loss", maximize=False):
    """The index of the first epoch with the lowest (or highest) figure; -1 while there is none."""
    figures = [row[monitor] for row in history]
    return figures.index(max(figures) if maximize else min(figures)) if figures else -1
