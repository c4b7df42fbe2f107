"""`train`: learn from labelled texts, and go on where a killed run stood."""

import collections

import numpy as np

from apps.classification.data import open_run, save_run
from apps.classification.model import Measure, build_model, training_loss
from tfseq.parts import checkpoints_of, start_from_words
from tfseq.progress import epochs_table, leave_report, run_callbacks
from tfseq.runs import locked, optimizer_of, train
from tfseq.strategies import on_devices
from tfseq.text import UNK, LabelledBatches
from tfseq.training import Trainer, best_epoch


def run(options):
    """Train on the devices of the options."""
    with on_devices(options):
        train_run(options)


def train_run(options):
    """Train, and write report and loss curve beside the checkpoints."""
    this_run, training, development = open_run(options)
    texts, labels = this_run.labelled(training, "--train_file", options.most_tokens)
    held_out = this_run.labelled(development, "--development_file", options.most_tokens)
    print(describe(this_run, training, held_out[0]), flush=True)  # the progress goes elsewhere
    model = build_model(this_run)
    start_from_words(model.encoder.embedding, this_run.vocabulary.words, options)
    batches = LabelledBatches(
        texts, labels, options.batch_size, options.seed, unknown_rate=options.unknown_rate
    )
    optimizer = optimizer_of(options, batches.steps_per_epoch)
    save_run(this_run, training, development)  # only now, when nothing is wrong with the options
    with locked(this_run.directory):
        measure = Measure(model, *held_out)
        history = train(make_trainer(this_run, model, optimizer, batches, measure))
    leave_report(training_report(history, options.stop_on), history, this_run.directory)


def describe(this_run, training, held_out):
    """A paragraph about the data, so that a wrong file is seen at once."""
    counts = collections.Counter(row.label for row in training).most_common()
    shown = ", ".join(f"{label} ({count:,})" for label, count in counts[:20])
    tokens = np.concatenate(held_out)
    unknown = np.sum(tokens == UNK) / max(len(tokens), 1)  # there may be none
    return (
        f"{len(training):,} texts to learn from, {len(held_out):,} to choose the best epoch by."
        f"\nFirst text: {training[0].label}: {training[0].text}\n"
        f"{len(counts)} labels: {shown}{', ...' if len(counts) > 20 else ''}\n"
        f"{len(this_run.vocabulary):,} entries in the vocabulary; {unknown:.1%} of the tokens to "
        "choose by are unknown."
    )


def make_trainer(this_run, model, optimizer, batches, measure):
    """The run's model, data, optimizer and checkpoints, put together."""
    options = this_run.options
    by_accuracy = options.stop_on == "accuracy"
    return Trainer(
        model,
        optimizer,
        training_loss(model, options.label_smoothing),
        batches,
        measure,
        checkpoints_of(this_run.directory),
        epochs=options.epochs,
        patience=options.patience,
        monitor="accuracy" if by_accuracy else "held_out_loss",
        maximize=by_accuracy,
        average_epochs=options.average_epochs,
        save_seconds=options.save_seconds,
        pieces=options.pieces,
        callbacks=run_callbacks(
            this_run.directory, batches.steps_per_epoch, options.epochs, ["accuracy"], "texts"
        ),
    )


def training_report(history, stop_on):
    """The figures of each epoch side by side, and which was the best."""
    by_accuracy = stop_on == "accuracy"
    best = history[best_epoch(history, "accuracy" if by_accuracy else "held_out_loss", by_accuracy)]
    columns = {
        "training loss": ("loss", ".3f"),
        "development loss": ("held_out_loss", ".3f"),
        "accuracy": ("accuracy", ".2f"),
    }
    return epochs_table(history, columns, best, "predict", "texts")
