"""What is measured: cells as they start, and the trained models of any application.

A `Subject` is all that the arithmetic in `tfseq.gradients` asks for: a step, what it reads, and the
loss behind the last step. To measure the runs of another application: a function that makes a
`Subject` of a run, and one line in `readers`.
"""

import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from apps.diagnostics import config
from apps.diagnostics.model import load_model, make_cell
from apps.diagnostics.tasks import TASKS, Batches
from tfseq import runs
from tfseq.config import OptionError
from tfseq.losses import word_losses
from tfseq.options import CELLS
from tfseq.text import PAD, START, LanguageModelBatches, ParallelBatches


class Training(NamedTuple):
    """A run's training: what a gradient of it is taken of.

    Attributes:
        variables: The trainable ones.
        loss: As in `tfseq.training.Trainer`, with the states before the first step.
        states: Those states.
        batches: Has `batch(step)`.
        bound: Of the gradients' length; 0 = none.
    """

    variables: Any
    loss: Callable
    states: Any
    batches: Any
    bound: float


class Subject(NamedTuple):
    """A network that reads sequences.

    Attributes:
        name: As tables and pictures call it.
        cell: What is looked at for recurrent matrices and gates.
        step: `step(inputs, states) -> (outputs, states)`.
        inputs: `[rows, time, ...]`.
        states: Before the first step.
        loss: `loss(outputs) -> [rows]`, behind the last step.
        reads_vectors: Whether the inputs are what the cell itself reads.
        training: A `Training`; `None` where nothing is trained.
        every_step: Whether the loss is given the outputs of all steps, a list.
    """

    name: str
    cell: Any
    step: Callable
    inputs: Any
    states: Any
    loss: Callable
    reads_vectors: bool
    training: Training | None
    every_step: bool = False


def of_cell(name, options):
    """A cell as it starts: it reads noise, and is to give nothing at the last step."""
    if name not in CELLS:
        raise OptionError("--cell", f"must be of: {', '.join(CELLS)}", name)
    keras.utils.set_random_seed(options.seed)
    cell = make_cell(name, options)
    cell.build((None, options.units))
    shape = [options.rows, options.length, options.units]
    noise = np.random.default_rng(options.seed).normal(size=shape).astype(np.float32)
    states = cell.get_initial_state(options.rows)
    return Subject(name, cell, cell, tf.constant(noise), states, half_square, True, None)


def half_square(outputs):
    """`|output|^2 / 2`, whose gradient is the output itself."""
    return tf.reduce_sum(tf.square(outputs), axis=-1) / 2


def of_memory(directory, options):
    """A run of `memory`: new sequences of its task, of its own length."""
    saved = dataclasses.replace(runs.load_options(config.Memory, directory), run_dir=str(directory))
    task = TASKS[saved.task](saved.length)
    model = load_model(saved, task, options.weights)
    inputs, targets = task.draw(np.random.default_rng([saved.seed, options.seed]), options.rows)
    last = targets[:, -1] if task.every_step else targets

    def loss(batch, states, training):
        sequences, answers = batch
        losses = task.losses(model(sequences, training=training), answers)
        return tf.reduce_sum(losses), tf.size(losses), states

    return Subject(
        directory.name,
        model.cell,
        model.cell,
        tf.constant(inputs),
        model.cell.get_initial_state(options.rows),
        lambda outputs: task.losses(model.answer(outputs), last),
        True,
        Training(
            model.trainable_variables,
            loss,
            (),
            Batches(task, saved.batch_size, 1, saved.seed),
            saved.clip_norm,
        ),
    )


def of_generator(directory, options):
    """A run of the TV-script generator: windows of a text, and the loss of the word behind each."""
    from apps.tv_script import config, data, model

    tv_run = data.load_run(directory)
    network = model.load_model(tv_run, options.weights)
    text = config.WithText(text_file=options.text_file)
    scenes = data.read_scenes(text) if options.text_file else tv_run.held_out
    ids = windows(np.concatenate(tv_run.ids(scenes)), options)
    saved = tv_run.options
    batches = LanguageModelBatches(
        tv_run.ids(tv_run.training), saved.batch_size, saved.window, saved.seed, saved.shuffle
    )
    return Subject(
        directory.name,
        network.cell,
        network.cell,
        network.embed(ids[:, :-1]),
        network.get_initial_state(len(ids)),
        lambda outputs: word_losses(network.logits(outputs), ids[:, -1]),
        True,
        Training(
            network.trainable_variables,
            model.training_loss(network),
            network.get_initial_state(saved.batch_size),
            batches,
            saved.clip_norm,
        ),
    )


def windows(ids, options):
    """`[rows, length + 1]` of a text, spread over it evenly; they may overlap in a short one."""
    spare = len(ids) - options.length - 1
    if spare < 0:
        rule = f"must be less than the {len(ids)} tokens of the text"
        raise OptionError("--length", rule, options.length)
    starts = np.linspace(0, spare, min(options.rows, spare + 1)).astype(int)
    return ids[starts[:, None] + np.arange(options.length + 1)]


def of_translator(directory, options):
    """A run of the translator: its decoder writes the longest validation pairs, teacher forced."""
    from apps.translation import data, model, objective

    run = data.load_run(directory)
    network = model.load_model(run, options.weights)
    pairs = data.load_pairs(run, "validation")
    source, target = longest(
        run.source_ids(pairs.sources)[0], run.target_ids(pairs.targets)[0], options
    )
    states, memory = network.encode(source, tf.not_equal(source, PAD))
    before = np.concatenate([np.full([len(target), 1], START), target[:, :-1]], axis=1)
    saved = run.options
    training = data.load_pairs(run, "training")
    batches = ParallelBatches(
        run.source_ids(training.sources)[0],
        run.target_ids(training.targets)[0],
        saved.batch_size,
        saved.seed,
    )
    return Subject(
        directory.name,
        network.decoder.cell,
        lambda ids, states: network.step(ids, states, memory),
        tf.constant(before, tf.int32),
        states,
        lambda logits: word_losses(logits, target[:, -1]),
        False,
        Training(
            network.trainable_variables,
            objective.training_loss(network, saved.label_smoothing),
            (),
            batches,
            saved.clip_norm,
        ),
    )


def longest(sources, targets, options):
    """The pairs with the longest targets: sources padded, targets cut to the shortest of them."""
    order, time = of_one_length(targets, options)
    width = max(len(sources[i]) for i in order)
    padded = [np.pad(sources[i], (0, width - len(sources[i])), constant_values=PAD) for i in order]
    return tf.constant(np.array(padded), tf.int32), np.array([targets[i][:time] for i in order])


def of_one_length(sequences, options):
    """The longest of them, and to how many steps they are cut: those of the shortest, at most."""
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i]))[: options.rows]
    return order, min(options.length, *(len(sequences[i]) for i in order))


def readers():
    """`[(options of an application's runs, function from run to Subject)]`."""
    from apps.classification.config import Train as TrainClassifier
    from apps.diagnostics.labelling import of_classifier, of_tagger
    from apps.tagging.config import Train as TrainTagger
    from apps.translation.config import Train as TrainTranslator
    from apps.tv_script.config import Train as TrainGenerator

    return [
        (config.Memory, of_memory),
        (TrainGenerator, of_generator),
        (TrainTranslator, of_translator),
        (TrainClassifier, of_classifier),
        (TrainTagger, of_tagger),
    ]


def of_run(path, options):
    """The `Subject` of a run; its options tell which application has made it."""
    directory = pathlib.Path(path)
    try:
        names = set(json.loads((directory / runs.OPTIONS).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise OptionError("--run_dir", "must be a run with readable options", path) from error
    for made_with, reader in readers():
        if names <= {field.name for field in dataclasses.fields(made_with)}:
            return reader(directory, options)
    rule = "must be a run of the generator, the translator, the classifier, the tagger or `memory`"
    raise OptionError("--run_dir", rule, path)
