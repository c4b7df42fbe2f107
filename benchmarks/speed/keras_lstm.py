"""Keras: `Embedding`, `LSTM`, `Dense`, in the same loop of training."""

import keras
import numpy as np
import tensorflow as tf

from benchmarks.speed.contender import CLIP, RATE, serve


class KerasModel(keras.Model):
    """A language model of Keras's own layers."""

    def __init__(self, vocabulary_size, units, layers):
        super().__init__()
        self.embedding = keras.layers.Embedding(vocabulary_size, units)
        self.lstms = [
            keras.layers.LSTM(units, return_sequences=True, return_state=True)
            for _ in range(layers)
        ]
        self.softmax = keras.layers.Dense(vocabulary_size)

    def call(self, ids, states):
        """Logits and last states."""
        outputs, new_states = self.embedding(ids), []
        for lstm, state in zip(self.lstms, states, strict=True):
            outputs, *state = lstm(outputs, initial_state=state)
            new_states.append(state)
        return self.softmax(outputs), new_states

    def load(self, task):
        """From TensorFlow 1's order of gates, i, j, f, o, to Keras's i, f, j, o."""
        self.embedding.set_weights([task["embedding"]])
        self.softmax.set_weights([task["softmax_kernel"], task["softmax_bias"]])
        for layer, lstm in enumerate(self.lstms):
            i, j, f, o = np.split(task[f"kernel_{layer}"], 4, axis=1)
            kernel = np.concatenate([i, f, j, o], axis=1)
            i, j, f, o = np.split(task[f"bias_{layer}"], 4)
            bias = np.concatenate([i, f + 1, j, o])
            lstm.set_weights([kernel[: -lstm.units], kernel[-lstm.units :], bias])


def make(task, threads):
    """Embedding, LSTM layers, softmax; clip by global norm, gradient descent; state carried."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    ids = tf.constant(task["ids"])
    rows, units = len(task["ids"]), len(task["bias_0"]) // 4
    layers = sum(name.startswith("kernel_") for name in task)
    model = KerasModel(len(task["embedding"]), units, layers)
    states = [[tf.Variable(tf.zeros([rows, units])) for _ in range(2)] for _ in range(layers)]
    model(ids[:, :-1], states)
    model.load(task)
    optimizer = keras.optimizers.SGD(RATE, global_clipnorm=CLIP)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            logits, after = model(ids[:, :-1], tf.nest.map_structure(tf.identity, states))
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels=ids[:, 1:], logits=logits
            )
            loss = tf.reduce_mean(losses)
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)
        tf.nest.map_structure(lambda variable, value: variable.assign(value), states, after)
        return loss

    return lambda: step().numpy()


if __name__ == "__main__":
    serve(make)
