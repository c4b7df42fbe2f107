"""`train`: learn from labelled sentences, and go on where a killed run stood."""

import collections

import numpy as np
import tensorflow as tf

from apps.tagging.data import check_sentences, open_run, save_run
from apps.tagging.lexicon import TaggedBatches
from apps.tagging.model import Measure, build_model, training_loss, word_embedding
from tfseq.chunks import are_bio
from tfseq.parts import checkpoints_of, start_from_words
from tfseq.progress import epochs_table, leave_report, run_callbacks
from tfseq.runs import locked, optimizer_of, train
from tfseq.strategies import on_devices
from tfseq.text import UNK
from tfseq.training import Trainer, best_epoch


def run(options):
    """Train on the devices of the options."""
    with on_devices(options):
        train_run(options)


def train_run(options):
    """Train, and write report and loss curve beside the checkpoints."""
    this_run, *parts = open_run(options)
    labels = []
    for sentences, option in zip(parts, ("--train_file", "--development_file"), strict=True):
        check_sentences(sentences, options.most_tokens)
        labels.append(this_run.label_ids(sentences, option))
    print(describe(this_run, *parts), flush=True)  # the progress goes elsewhere
    model = build_model(this_run)
    start_from_words(word_embedding(model), this_run.lexicon.vocabulary.words, options)
    training, development = ([sentence.tokens for sentence in part] for part in parts)
    batches = TaggedBatches(
        training,
        labels[0],
        this_run.lexicon,
        options.batch_size,
        options.seed,
        unknown_rate=options.unknown_rate,
    )
    optimizer = optimizer_of(options, batches.steps_per_epoch)
    save_run(this_run, *parts)  # only now, when nothing is wrong with the options
    with locked(this_run.directory):
        measure = Measure(this_run, model, development, labels[1])
        history = train(make_trainer(this_run, model, optimizer, batches, measure))
    leave_report(training_report(history, monitor_of(this_run)), history, this_run.directory)


def describe(this_run, training, development):
    """A paragraph about the data, so that a wrong file is seen at once."""
    first = training[0]
    counts = collections.Counter(label for row in training for label in row.labels).most_common()
    shown = ", ".join(f"{label} {count:,}" for label, count in counts[:20])
    tokens = tf.constant([token for sentence in development for token in sentence.tokens])
    unknown = np.mean(this_run.lexicon.ids(tokens) == UNK)
    pairs = (f"{token}/{label}" for token, label in zip(*first[:2], strict=True))
    return (
        f"{len(training):,} sentences to learn from, {len(development):,} to choose the best epoch "
        f"by.\nFirst sentence: {' '.join(pairs)}\n"
        f"{len(counts)} labels: {shown}{', ...' if len(counts) > 20 else ''}\n"
        f"{len(this_run.lexicon.vocabulary):,} entries in the vocabulary; {unknown:.1%} of the "
        "tokens to choose by are unknown."
    )


def monitor_of(this_run):
    """The figure that tells the best epoch."""
    name = this_run.options.stop_on
    if name == "f1" and not are_bio(this_run.labels.names):
        return "accuracy"
    return "held_out_loss" if name == "loss" else name


def figures_of(this_run):
    """The percentages that are measured."""
    return ["accuracy", "f1"] if are_bio(this_run.labels.names) else ["accuracy"]


def make_trainer(this_run, model, optimizer, batches, measure):
    """The run's model, data, optimizer and checkpoints, put together."""
    options, monitor = this_run.options, monitor_of(this_run)
    return Trainer(
        model,
        optimizer,
        training_loss(model),
        batches,
        measure,
        checkpoints_of(this_run.directory),
        epochs=options.epochs,
        patience=options.patience,
        monitor=monitor,
        maximize=monitor != "held_out_loss",
        average_epochs=options.average_epochs,
        save_seconds=options.save_seconds,
        pieces=options.pieces,
        callbacks=run_callbacks(
            this_run.directory, batches.steps_per_epoch, options.epochs, figures_of(this_run)
        ),
    )


def training_report(history, monitor):
    """The figures of each epoch side by side, and which was the best."""
    best = history[best_epoch(history, monitor, monitor != "held_out_loss")]
    columns = {
        "training loss": ("loss", ".4f"),
        "development loss": ("held_out_loss", ".4f"),
        "accuracy": ("accuracy", ".2f"),
    }
    if "f1" in best:
        columns["F1"] = ("f1", ".2f")
    return epochs_table(history, columns, best, "predict", "tokens")
