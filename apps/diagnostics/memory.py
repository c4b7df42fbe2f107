"""`memory`: train a cell on a task that only memory solves, beside what forgetting costs."""

import contextlib
import pathlib
import tempfile

import numpy as np
import tensorflow as tf

from apps.diagnostics.model import build_model
from apps.diagnostics.tasks import TASKS, Batches
from tfseq import checkpoint, runs
from tfseq.progress import MetricsFile, ProgressBar
from tfseq.training import Trainer, best_epoch

STEPS = 250  # of an epoch
HELD_OUT = 1000  # sequences that tell the best epoch, and as many others that are measured by it
# Of the held-out sequences, beside the run's own seed: no training step has it.
CHOOSING, MEASURING = 2**32, 2**33


def run(options):
    """Train, and print the error of the best epoch beside that of forgetting everything."""
    task = TASKS[options.task](options.length)
    model = build_model(options, task)
    optimizer = runs.optimizer_of(options, STEPS)
    with directory_of(options) as directory, runs.locked(directory):
        trainer = make_trainer(options, task, model, optimizer, directory)
        history = runs.train(trainer)
        best = trainer.checkpoints.weights("best")
    checkpoint.restore(checkpoint.raw_variables(model), best.variables, allow_unknown=True)
    epoch = best_epoch(history) + 1
    print(f"task                 {options.task}, length {options.length}")
    print(f"cell                 {options.cell}, {options.layers} of {options.units} units")
    print(f"weights              {model.count_params():,}")
    print(f"learnt from          {trainer.step * options.batch_size:,} sequences")
    print(f"seconds              {sum(row['seconds'] for row in history):.1f}")
    print(f"error                {error_of(model, task, options.seed, MEASURING):.4f}  ", end="")
    print(f"{task.error}, on {HELD_OUT:,} new sequences, of epoch {epoch}")
    print(f"remembering nothing  {task.baseline:.4f}  {task.of_nothing}")


@contextlib.contextmanager
def directory_of(options):
    """The run's directory, new or of the same options; one for the moment where none is asked."""
    if not options.run_dir:
        with tempfile.TemporaryDirectory() as directory:
            yield pathlib.Path(directory)
        return
    if runs.is_new(options):
        with runs.new_run(options):
            pass  # the options are all that it needs: the sequences follow from the seed
    yield pathlib.Path(options.run_dir)


def make_trainer(options, task, model, optimizer, directory):
    """Model, sequences, optimizer and checkpoints, put together."""
    return Trainer(
        model,
        optimizer,
        training_loss(model, task),
        Batches(task, options.batch_size, STEPS, options.seed),
        lambda: error_of(model, task, options.seed, CHOOSING),
        checkpoint.Checkpoints(directory / "checkpoints"),
        epochs=options.epochs,
        average_epochs=options.average_epochs,
        save_seconds=options.save_seconds,
        callbacks=[
            ErrorProgress(STEPS, options.epochs, unit="answers"),
            MetricsFile(directory / "metrics.csv"),
        ],
    )


def training_loss(model, task):
    """The loss that `Trainer` follows."""

    def loss(batch, states, training):
        inputs, targets = batch
        losses = task.losses(model(inputs, training=training), targets)
        return tf.reduce_sum(losses), tf.cast(tf.size(losses), losses.dtype), states

    return loss


def error_of(model, task, seed, which):
    """The mean error on sequences that training has not seen."""
    inputs, targets = task.draw(np.random.default_rng([seed, which]), HELD_OUT)
    return float(np.mean(task.losses(model(inputs), targets)))


class ErrorProgress(ProgressBar):
    """Progress of an error that is no word's."""

    def measured(self, row):
        """The held-out error."""
        return {"held-out error": f"{row['held_out_loss']:.4f}"}

    def shown(self, loss):
        """A training error as text."""
        return f"error {loss:.4f}"
