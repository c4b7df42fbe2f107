"""What the training loop costs beside the graph of its step, called by hand."""

import tempfile

import numpy as np
import tensorflow as tf

from apps.tv_script.model import training_loss
from benchmarks.speed.contender import CLIP, RATE
from benchmarks.speed.figures import ratios
from benchmarks.speed.own import set_threads
from benchmarks.speed.tasks import SIZES
from benchmarks.timing import interleaved
from tfseq.cells import stack_cells
from tfseq.checkpoint import Checkpoints
from tfseq.gradient_step import summed_rows
from tfseq.models import LanguageModel
from tfseq.optimizers import make_optimizer
from tfseq.progress import ProgressBar
from tfseq.text import LanguageModelBatches
from tfseq.training import Trainer

GOAL = 1 / 1.03
STEPS = 10  # of each turn


def compare(options, threads):
    """How fast `Trainer` goes through its steps, beside the steps alone on the same batches."""
    set_threads(threads)
    for name in options.sizes:
        vocabulary, units, rows, window = SIZES[name]
        ids = np.random.default_rng(1).integers(0, vocabulary, 10**6, np.int32)
        batches = LanguageModelBatches([ids], rows, window)
        with tempfile.TemporaryDirectory() as directory:
            loop = trainer(vocabulary, units, batches, directory)
            step = by_hand(vocabulary, units, batches)
            epoch = loop.train_epoch

            def turn(loop=loop, epoch=epoch):
                loop.batches.steps_per_epoch = loop.step + STEPS
                epoch()

            def hand(step=step, batches=batches):
                for number in range(STEPS):
                    step(batches.batch(number))

            taken = interleaved({"loop": turn, "hand": hand}, options.rounds)
        what = f"training loop, {name}"
        yield ratios(what, "tf.function step", taken["loop"], taken["hand"], GOAL)


def model_of(vocabulary, units):
    model = LanguageModel(vocabulary, stack_cells("basic_lstm", units, 2), units)
    model.build((None, None))
    return model


class Turns:
    """Batches of which the trainer takes so many as it is told to."""

    def __init__(self, batches):
        self.batch = batches.batch
        self.steps_per_epoch = 1


def trainer(vocabulary, units, batches, directory):
    """The loop of the applications, whose epochs end without a measure and a checkpoint."""
    model = model_of(vocabulary, units)
    found = Trainer(
        model,
        make_optimizer("sgd", RATE, total_steps=1, clip_norm=CLIP),
        training_loss(model),
        Turns(batches),
        lambda: 1.0,
        Checkpoints(directory),
        epochs=1,
        states=model.get_initial_state(batches.batch_size),
        callbacks=[ProgressBar(10**6, 1)],
    )
    found.callbacks.on_train_begin({"step": 0, "history": []})
    found.end_epoch = lambda epoch: None
    return found


def by_hand(vocabulary, units, batches):
    """The same step as one would write it: loss, gradient, update, states in variables."""
    model = model_of(vocabulary, units)
    optimizer = make_optimizer("sgd", RATE, total_steps=1, clip_norm=CLIP)
    optimizer.build(model.trainable_variables)
    loss = training_loss(model)
    states = tf.nest.map_structure(
        lambda x: tf.Variable(x, trainable=False), model.get_initial_state(batches.batch_size)
    )

    @tf.function(autograph=False)
    def step(batch):
        old = tf.nest.map_structure(tf.convert_to_tensor, states)
        with tf.GradientTape() as tape:
            losses, weights, new = loss(batch, old, training=True)
            mean = losses / weights
        variables = model.trainable_variables
        gradients = [summed_rows(x) for x in tape.gradient(mean, variables)]
        optimizer.apply(gradients, variables)
        tf.nest.map_structure(lambda variable, state: variable.assign(state), states, new)
        return mean

    return step
