"""This project: `Seq2Seq` with an `AttentionWrapper`, as the translator trains it and decodes."""

import numpy as np
import tensorflow as tf

from apps.translation.objective import training_loss
from benchmarks.speed.contender import serve
from benchmarks.speed.own import set_threads, training_steps
from tfseq.attention import AttentionWrapper, LuongAttention
from tfseq.cells import BasicLSTMCell, MultiRNNCell
from tfseq.decoding import GreedySampler, beam_search, decode
from tfseq.derived import Derived
from tfseq.models import Decoder, Embedding, Encoder, Seq2Seq
from tfseq.text import START
from tfseq.text.parallel import ParallelBatch

WIDTH = 5  # of a beam search


def make(task, threads):
    """A step is one of training, or translates all sources: as `task["what"]` says."""
    set_threads(threads)
    model = model_of(task)
    return training(model, task) if task["what"] == "training" else decoding(model, task)


def model_of(task):
    """The model with the weights of the task."""
    vocabulary, units = task["source_embedding"].shape
    ways = [MultiRNNCell([BasicLSTMCell(units)]) for _ in range(2)]
    cell = AttentionWrapper(MultiRNNCell([BasicLSTMCell(units)]), LuongAttention(units), units)
    model = Seq2Seq(
        Encoder(Embedding(vocabulary, units), [tuple(ways)]),
        Decoder(Embedding(vocabulary, units), cell),
        "dense",
    )
    model.build()
    model.encoder.embedding.embeddings.assign(task["source_embedding"])
    model.decoder.embedding.embeddings.assign(task["target_embedding"])
    model.decoder.softmax.set_weights([task["softmax_kernel"], task["softmax_bias"]])
    cells = (*ways, cell.cell)
    for name, stack in zip(("forward", "backward", "decoder"), cells, strict=True):
        stack.cells[0].kernel.assign(task[f"{name}_kernel"])
    for name, layer in zip(("hidden", "cell"), model.bridge.layers, strict=True):
        layer.kernel.assign(task[f"bridge_{name}"])
    cell.mechanism.memory_layer.kernel.assign(task["memory"])
    cell.attention_layers[0].kernel.assign(task["attention"])
    return model


def training(model, task):
    """Steps of training; clip by global norm, gradient descent."""
    source, target = task["source"], task["target"]
    inputs = np.pad(target[:, :-1], [[0, 0], [1, 0]], constant_values=START)
    batch = ParallelBatch(source, inputs, target, np.ones(target.shape, np.float32))
    return training_steps(model, training_loss(model), batch)


def decoding(model, task):
    """The best words for each source, as many as those of the target."""
    ahead = Derived(model.loop_weights)
    start = tf.fill([len(task["source"])], START)
    end, steps = int(task["end"]), task["target"].shape[1]

    @tf.function(autograph=False)
    def translate(source):
        states, memory = model.encode(source, tf.not_equal(source, 0))
        step = model.loop_step(ahead.read())
        if task["what"] == "greedy":
            sampler = GreedySampler(start, end)
            options = {"max_steps": steps, "log_probabilities": False, "drop_ended": True}
            return decode(step, sampler, states, memory, **options)[0].ids
        options = {"width": WIDTH, "max_steps": steps, "drop_ended": True}
        return beam_search(step, start, end, states, memory, **options).ids[:, 0]

    source = tf.constant(task["source"])
    return lambda: translate(source).numpy()


if __name__ == "__main__":
    serve(make)
