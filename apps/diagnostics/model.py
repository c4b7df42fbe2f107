"""The network that a task of memory is put to: cells, and a layer that says the answer."""

import keras

from tfseq.cells import stack_cells
from tfseq.config import OptionError
from tfseq.parts import load_weights
from tfseq.rnn import RNN
from tfseq.runs import fitting_parts


class MemoryModel(keras.Model):
    """What a stack of cells makes of a sequence.

        h_t, s_t = cell(x_t, s_(t-1))
        answer = h_t W + b                     at each step, or at the last one alone

    Args:
        cell: Any cell.
        task: One of `tasks.TASKS`, made.

    Call arguments:
        inputs: `[batch, time, depth]`.

    Returns:
        `[batch, time, outputs]`, or `[batch, outputs]`.
    """

    def __init__(self, cell, task, **kwargs):
        super().__init__(**kwargs)
        self.cell = cell
        self.rnn = RNN(cell, return_sequences=task.every_step)
        self.answer = keras.layers.Dense(task.outputs)

    def build(self, inputs_shape):
        if not self.rnn.built:
            self.rnn.build(inputs_shape)
            self.answer.build((inputs_shape[0], self.cell.output_size))
        self.built = True

    def call(self, inputs, training=False):
        return self.answer(self.rnn(inputs, training=training))


def make_cell(name, options):
    """A stack of cells of this name and of the options' sizes."""
    given = {} if options.forget_bias is None else {"forget_bias": options.forget_bias}
    try:
        return stack_cells(name, options.units, options.layers, **given)
    except (TypeError, ValueError) as error:
        if not given:
            raise
        rule = f"must not be given with --cell={name}, which has none"
        raise OptionError("--forget_bias", rule, options.forget_bias) from error


def build_model(options, task):
    """A new model with the options of `memory`; the same seed gives the same weights."""
    keras.utils.set_random_seed(options.seed)
    with fitting_parts():
        model = MemoryModel(make_cell(options.cell, options), task)
        model.build((None, None, task.depth))
    return model


def load_model(options, task, weights="best"):
    """The model of a run of `memory`, with the weights of its best epoch or of its last."""
    model = build_model(options, task)
    load_weights(model, options.run_dir, weights)
    return model
