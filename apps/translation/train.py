"""`train`: learn from sentence pairs, and go on where a killed run stood."""

import warnings

import numpy as np

from apps.translation.data import open_data, open_run, save_run
from apps.translation.model import build_model, start_from_counts, start_from_files
from apps.translation.objective import Validation, sampled_loss, training_loss
from tfseq.config import OptionError
from tfseq.decoding import make_sampling_schedule
from tfseq.parts import checkpoints_of
from tfseq.prepared import data_errors
from tfseq.progress import epochs_table, leave_report, run_callbacks
from tfseq.runs import locked, optimizer_of, train
from tfseq.strategies import on_devices
from tfseq.text import UNK, ParallelBatches, ShardedParallelBatches
from tfseq.training import Trainer, best_epoch


def run(options):
    """Train on the devices of the options."""
    with on_devices(options):
        train_run(options)


def train_run(options):
    """Train, and write report and loss curve beside the checkpoints."""
    check(options)
    options, shards = open_data(options)
    translation_run, training, validation = open_run(options, shards)
    batches, counts, pairs = make_batches(translation_run, training, shards)
    first = training.sources[0], training.targets[0]
    print(describe(translation_run, pairs, first, counts, validation), flush=True)
    model = build_model(translation_run)
    start_from_counts(model, counts, pairs)
    begun = checkpoints_of(translation_run.directory).latest() is not None
    start_from_files(model, translation_run, begun)
    follows = optimizer_of(options, batches.steps_per_epoch), make_loss(model, options)
    save_run(
        translation_run, training, validation, shards
    )  # only now, when the options are known to hold
    with locked(translation_run.directory), data_errors():
        history = train(make_trainer(translation_run, model, *follows, batches, validation))
    report = training_report(history, options.stop_on)
    leave_report(report, history, translation_run.directory)


def check(options):
    """Refuse options that contradict each other."""
    if options.attention == "none" and options.bridge == "zero":
        raise OptionError("--bridge", "must not be zero without attention: nothing is translated")
    if options.attention_layer and (
        options.attention == "none" or options.decoder != "input_feeding"
    ):
        raise OptionError(
            "--attention_layer",
            "is for an attention with --decoder=input_feeding",
            options.attention_layer,
        )


def make_batches(translation_run, training, shards=None):
    """The training batches, how often each target id stands in them, and the number of pairs."""
    options = translation_run.options
    form = options.batch_size, options.seed
    if shards is not None:
        return ShardedParallelBatches(shards, *form), shards.counts("target"), shards.items
    sources, cut_sources = translation_run.source_ids(training.sources)
    targets, cut_targets = translation_run.target_ids(training.targets)
    if cut_sources or cut_targets:
        warnings.warn(
            f"{cut_sources:,} source and {cut_targets:,} target sentences are longer than "
            f"--most_tokens={options.most_tokens} and are cut.",
            stacklevel=2,
        )
    vocabulary = len(translation_run.target_vocabulary)
    counts = np.bincount(np.concatenate(targets), minlength=vocabulary)
    return ParallelBatches(sources, targets, *form), counts, len(targets)


def describe(translation_run, pairs, first, counts, validation):
    """A paragraph about the data, so that a wrong file is seen at once."""
    held_out = np.concatenate(translation_run.target_ids(validation.targets)[0])
    return (
        f"{pairs:,} pairs to learn from with {counts.sum():,} target tokens, "
        f"{len(validation.sources):,} pairs to validate.\n"
        f"First pair: {first[0]} -> {first[1]}\n"
        f"{len(translation_run.source_vocabulary):,} source and "
        f"{len(translation_run.target_vocabulary):,} target entries in the vocabularies; "
        f"{np.mean(held_out == UNK):.1%} of the validation tokens are unknown."
    )


def make_trainer(translation_run, model, optimizer, loss, batches, validation):
    """The run's model, data, optimizer and checkpoints, put together."""
    options = translation_run.options
    with_bleu = options.stop_on == "bleu"
    figures = ["bleu"] if with_bleu else []
    return Trainer(
        model,
        optimizer,
        loss,
        batches,
        Validation(translation_run, model, validation, with_bleu=with_bleu),
        checkpoints_of(translation_run.directory),
        epochs=options.epochs,
        patience=options.patience,
        monitor="bleu" if with_bleu else "held_out_loss",
        maximize=with_bleu,
        average_epochs=options.average_epochs,
        states=() if options.sampling == "none" else [np.zeros((), np.int32)],
        save_seconds=options.save_seconds,
        pieces=options.pieces,
        callbacks=run_callbacks(
            translation_run.directory, batches.steps_per_epoch, options.epochs, figures
        ),
    )


def make_loss(model, options):
    """The loss of the options: the truth is fed, or by a schedule the model's own draws."""
    if options.sampling == "none":
        return training_loss(model, options.label_smoothing)
    try:
        schedule = make_sampling_schedule(
            options.sampling, options.truth_decay, options.least_truth
        )
    except ValueError as error:
        raise OptionError("--truth_decay", f"does not fit --sampling: {error}") from error
    return sampled_loss(model, schedule, options.label_smoothing)


def training_report(history, stop_on):
    """The figures of each epoch side by side, and which was the best."""
    with_bleu = stop_on == "bleu"
    best = history[best_epoch(history, "bleu" if with_bleu else "held_out_loss", with_bleu)]
    columns = {
        "training loss": ("loss", ".3f"),
        "validation perplexity": ("held_out_perplexity", ".3f"),
    }
    if with_bleu:
        columns["  BLEU"] = ("bleu", ".2f")
    return epochs_table(history, columns, best, "translate", "target tokens")
