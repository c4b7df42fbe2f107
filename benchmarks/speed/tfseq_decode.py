"""This project: greedy words by `decode` in one graph, from weights laid out once for all texts.

With one row the graph is compiled by XLA, which reads weights faster than TensorFlow's own products
do, where these are no more than products with a vector.
"""

import tensorflow as tf

from benchmarks.speed.contender import serve
from benchmarks.speed.tfseq_lstm import model_of
from tfseq.decoding import GreedySampler, decode
from tfseq.derived import Derived


def make(task, threads):
    """A step is a whole text for each row."""
    model, words = model_of(task, threads), tf.constant(task["ids"][:, 0])
    ahead = Derived(model.loop_weights)

    @tf.function(autograph=False, jit_compile=len(task["ids"]) == 1)
    def generate(words):
        decoded, _ = decode(
            model.loop_step(ahead.read()),
            GreedySampler(words, end_id=-1),
            model.get_initial_state(len(task["ids"])),
            max_steps=int(task["steps"]),
            log_probabilities=False,
        )
        return decoded.ids

    return lambda: generate(words).numpy()


if __name__ == "__main__":
    serve(make)
