"""Keras: greedy words by a Python loop around `model.predict`, of this project's model."""

import keras
import numpy as np

from benchmarks.speed.contender import serve
from benchmarks.speed.tfseq_lstm import model_of


def make(task, threads):
    """A step is a whole text for each row."""
    model = model_of(task, threads)
    predictor, words = stepper(model), task["ids"][:, 0]

    def generate():
        word, found = words, []
        states = [x.numpy() for x in keras.tree.flatten(model.get_initial_state(len(words)))]
        for _ in range(task["steps"]):
            inputs = [word, *states]
            logits, *states = predictor.predict(inputs, verbose=0)  # pyright: ignore
            word = logits.argmax(-1).astype(np.int32)
            found.append(word)
        return np.stack(found, axis=1)

    return generate


def stepper(model):
    """The model's step as a Keras model: a word and flat states in, logits and flat states out."""
    structure = model.get_initial_state(1)
    word = keras.Input((), dtype="int32")
    states = [keras.Input(state.shape[1:]) for state in keras.tree.flatten(structure)]

    class Step(keras.layers.Layer):
        def call(self, word, states):
            logits, after = model.step(word, keras.tree.pack_sequence_as(structure, states))
            return [logits, *keras.tree.flatten(after)]

    return keras.Model([word, *states], Step()(word, states))


if __name__ == "__main__":
    serve(make)
