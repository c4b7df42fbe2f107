"""`train`: learn from a text, and go on where a killed run stood."""

import numpy as np

from apps.tv_script.config import PRESETS
from apps.tv_script.data import open_run, save_run
from apps.tv_script.model import (
    Measure,
    build_model,
    start_from_counts,
    training_loss,
)
from apps.tv_script.report import training_report
from tfseq.parts import checkpoints_of, start_from_words
from tfseq.prepared import data_errors, open_shards, taken_over
from tfseq.progress import leave_report, run_callbacks
from tfseq.runs import locked, optimizer_of, train
from tfseq.strategies import on_devices
from tfseq.text import UNK, LanguageModelBatches, ShardedLanguageModelBatches
from tfseq.training import Trainer


def run(options):
    """Train on the devices of the options."""
    with on_devices(options):
        train_run(options)


def train_run(options):
    """Train, and write report and loss curve beside the checkpoints."""
    shards = open_shards(options, "documents", ["text_file"])
    options = taken_over(options, shards, PRESETS)
    tv_run = open_run(options, shards)
    held_out = tv_run.ids(tv_run.held_out)
    batches, counts, scenes = make_batches(tv_run, shards)
    print(describe(tv_run, scenes, counts, held_out), flush=True)  # the progress goes elsewhere
    model = make_model(tv_run, counts)
    optimizer = optimizer_of(options, batches.steps_per_epoch)
    save_run(tv_run, shards)  # only now, when nothing is wrong with the options
    with locked(tv_run.directory), data_errors():
        history = train(make_trainer(tv_run, model, optimizer, batches, held_out))
    leave_report(training_report(history), history, tv_run.directory)


def make_batches(tv_run, shards=None):
    """The training batches, how often each id stands in them, and the number of scenes."""
    options = tv_run.options
    form = options.batch_size, options.window, options.seed, options.shuffle
    if shards is not None:
        return ShardedLanguageModelBatches(shards, *form), shards.counts("text"), shards.items
    documents = tv_run.ids(tv_run.training)
    counts = np.bincount(np.concatenate(documents), minlength=len(tv_run.vocabulary))
    return LanguageModelBatches(documents, *form), counts, len(documents)


def describe(tv_run, scenes, counts, held_out):
    """A paragraph about the data, so that a wrong file is seen at once."""
    words = np.concatenate(held_out)
    return (
        f"{scenes:,} scenes of {counts.sum():,} tokens to learn from, "
        f"{len(held_out)} scenes of {len(words):,} tokens held out.\n"
        f"{len(tv_run.vocabulary):,} entries in the vocabulary; "
        f"{np.mean(words == UNK):.1%} of the held-out tokens are unknown."
    )


def make_model(tv_run, counts):
    """A new model that knows the words' frequencies and, where there are any, their vectors."""
    options = tv_run.options
    model = build_model(options, tv_run.vocabulary)
    start_from_counts(model, counts)
    start_from_words(model.embedding, tv_run.vocabulary.words, options)
    return model


def make_trainer(tv_run, model, optimizer, batches, held_out):
    """The run's model, data, optimizer and checkpoints, put together."""
    options = tv_run.options
    measure = Measure(model, tv_run.context)

    def held_out_loss():
        losses, words = measure(held_out)
        return losses / words

    return Trainer(
        model,
        optimizer,
        training_loss(model),
        batches,
        held_out_loss,
        checkpoints_of(tv_run.directory),
        epochs=options.epochs,
        patience=options.patience,
        average_epochs=options.average_epochs,
        states=model.get_initial_state(options.batch_size),
        save_seconds=options.save_seconds,
        pieces=options.pieces,
        callbacks=run_callbacks(tv_run.directory, batches.steps_per_epoch, options.epochs),
    )
