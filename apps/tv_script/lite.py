"""The generator for a small device: ids of a prompt in, the likeliest ids behind it out."""

import tensorflow as tf

from apps.tv_script.config import MOST_WORDS
from apps.tv_script.generator import MOST_TOKENS
from tfseq.decoding import read_and_write
from tfseq.text import SPECIALS

SPECS = [tf.TensorSpec([1, None], tf.int32, "ids"), tf.TensorSpec([], tf.int32, "max_words")]


def writer(tv_run, model):
    """A function from `ids [1, time]` and `max_words` to `ids [1, max_words]`.

    The ids are lines of the run's `vocabulary.txt`, counted from 0; there may be none. What is
    written is what `generate` writes at temperature 0 without a penalty for repetition.
    `log_probability [1]` is that of the given ids behind a scene break, in nats.
    """
    context = tf.constant(tv_run.context)[None]

    @tf.function(input_signature=SPECS, autograph=False)
    def write(ids, max_words):
        ids, log_probability = read_and_write(
            model.step,
            tf.concat([context, ids], axis=1),
            model.get_initial_state(1),
            max_words=tf.minimum(max_words, MOST_WORDS),
            forbidden=range(len(SPECIALS)),
            unscored=tf.size(context) - 1,
        )
        return {"ids": ids, "log_probability": log_probability}

    return write


def held_out(tv_run):
    """The held-out scenes as inputs, with their numbers of tokens."""
    documents = [ids[:MOST_TOKENS] for ids in tv_run.ids(tv_run.held_out)]
    return [({"ids": ids[None]}, len(ids)) for ids in documents]
