"""The likeliest ids of one row, by operations that devices without TensorFlow have.

`decode` collects what it emits in arrays that grow, for a batch whose rows end one by one; the
interpreters of small devices have neither growing arrays nor most of the samplers' operations. This
loop writes into a row of zeros instead, and it reads and writes with one and the same step, so that
a converted model holds its weights once.
"""

import numpy as np
import tensorflow as tf


def read_and_write(
    step, given, states, memory=(), *, max_words, end_id=-1, forbidden=(), unscored=0
):
    """Read the given ids, then go on with the likeliest ones.

        x_t = given_t where there is one, else y_{t-1}
        logits_t, s_t = step(x_t, s_{t-1}, memory)
        y_t = argmax logits_t                       forbidden ids left out

    Args:
        step: As `decode` takes it.
        given: `[1, time]`, at least one id.
        states: The model's states, of one row.
        memory: Handed to every step.
        max_words: How many ids to write at most, a scalar.
        end_id: The id that ends the row, -1 for none.
        forbidden: Ids that are never written, as Python numbers.
        unscored: How many of the given ids behind the first are read but not scored.

    Returns:
        `(ids, log_probability)`: `[1, max_words]`, the end counted and 0 (PAD) behind it; `[1]`,
        nats, of the given ids that are scored, as the model itself has it.
    """
    last = tf.shape(given)[1] - 1
    places = tf.range(max_words)[None]

    def goes_on(time, word, *_):
        return (time < last + max_words) & tf.reduce_all((time <= last) | (word != end_id))

    def body(time, word, states, ids, total):
        word = tf.where(time <= last, given[:, tf.minimum(time, last)], word)
        logits, states = step(word, states, memory)
        following = given[:, tf.minimum(time + 1, last)]
        total += tf.where(
            (time >= unscored) & (time < last), log_probability(logits, following), 0.0
        )
        word = greatest_allowed(logits, forbidden)
        ids = tf.where(places == time - last, word[:, None], ids)
        return time + 1, word, states, ids, total

    first = (0, given[:, 0], states, tf.zeros([1, max_words], tf.int32), tf.zeros([1]))
    shapes = tf.nest.map_structure(lambda x: tf.convert_to_tensor(x).shape, first)
    *_, ids, total = tf.while_loop(goes_on, body, first, shapes)
    return ids, total


def log_probability(logits, ids):
    """`[1]`, of one id under the softmax of the logits."""
    chosen = tf.one_hot(ids, logits.shape[1])
    return tf.reduce_sum(tf.nn.log_softmax(logits) * chosen, axis=1)


def greatest_allowed(logits, forbidden):
    """`[1]`, the id of the greatest logit among those that are not forbidden."""
    if forbidden:
        barred = np.zeros([1, logits.shape[1]], np.float32)
        barred[0, list(forbidden)] = -1e9
        logits += barred
    return tf.argmax(logits, axis=1, output_type=tf.int32)
