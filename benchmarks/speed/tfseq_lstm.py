"""This project: `LanguageModel` of `BasicLSTMCell`s, trained by `Trainer`, as the generator is."""

import tensorflow as tf

from apps.tv_script.model import training_loss
from benchmarks.speed.contender import serve
from benchmarks.speed.own import set_threads, training_steps
from tfseq.cells import stack_cells
from tfseq.models import LanguageModel


def make(task, threads):
    """Embedding, LSTM layers, softmax; clip by global norm, gradient descent; state carried."""
    model = model_of(task, threads)
    ids = task["ids"]
    weights = tf.ones(ids[:, 1:].shape)
    batch = ids[:, :-1], ids[:, 1:], weights, tf.constant(False)
    states = model.get_initial_state(len(ids))
    return training_steps(model, training_loss(model), batch, states)


def model_of(task, threads):
    """The model with the weights of the task; `threads` is None where they are set already."""
    if threads is not None:
        set_threads(threads)
    units = len(task["bias_0"]) // 4
    layers = sum(name.startswith("kernel_") for name in task)
    cell = stack_cells("basic_lstm", units, layers)
    model = LanguageModel(len(task["embedding"]), cell, units)
    model.build((None, None))
    model.embedding.embeddings.assign(task["embedding"])
    model.softmax.set_weights([task["softmax_kernel"], task["softmax_bias"]])
    for layer, one in enumerate(cell.cells):
        one.set_weights([task[f"kernel_{layer}"], task[f"bias_{layer}"]])
    return model


if __name__ == "__main__":
    serve(make)
