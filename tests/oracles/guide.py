"""The blocks of `docs/from-tf1.md`, and the weights and batches with which both forms run.

With TensorFlow 1.15.5, in Python 3.7, `python -m tests.oracles.guide` prints what it finds.
"""

import functools
import zlib

import numpy as np

from tests.oracles import pages

PAGE = "from-tf1.md"
GUIDE = pages.DOCS / PAGE
run = functools.partial(pages.run, PAGE)


def drawn(name, shape):
    """The weights of a variable, by its name in TensorFlow 1."""
    random = np.random.RandomState(zlib.crc32(name.encode()))
    return random.uniform(-0.5, 0.5, shape).astype("float32")


def language_batches():
    """Three windows that follow each other, `(inputs, targets)`, of three texts with a rule."""
    texts = (3 * np.arange(16) + np.array([[0], [4], [7]])) % 11
    return [(texts[:, t : t + 5], texts[:, t + 1 : t + 6]) for t in (0, 5, 10)]


def tagged():
    """`(words, lengths, tags)`: a tag is known from its word and the next."""
    words = np.random.RandomState(1).randint(0, 10, [3, 8])
    return words[:, :7], np.array([7, 3, 5]), (words[:, :7] + words[:, 1:]) % 4


def translations():
    """`(source, lengths, START + target, target + END, lengths)`: each word is one more."""
    source = np.random.RandomState(2).randint(2, 8, [4, 5])
    lengths = np.array([5, 2, 4, 3])
    real = np.arange(5) < lengths[:, None]
    source, target = source * real, (source + 1) * real
    before = np.concatenate([np.ones([4, 1], int), target], axis=1)
    after = np.concatenate([target, np.zeros([4, 1], int)], axis=1)
    after[np.arange(4), lengths] = 2
    return source, lengths, before, after, lengths + 1


def _session():
    """A session of TensorFlow 1 in which each variable of the graph has its drawn weights."""
    import tensorflow as tf

    session = tf.Session()
    session.run(tf.global_variables_initializer())
    for variable in tf.trainable_variables():
        variable.load(drawn(variable.op.name, variable.shape.as_list()), session)
    return session


def _record():
    import tensorflow as tf

    old = run("TensorFlow 1: language model")
    losses, state = old["run_epoch"](_session(), language_batches(), 1.0)
    print(losses, state[1].c[0].tolist())
    losses, _ = old["run_epoch"](_session(), language_batches() * 8, 0.8)
    print("from", losses[0], "to", losses[-1])

    tf.reset_default_graph()
    old = run("TensorFlow 1: tagger")
    session, (words, lengths, tags) = _session(), tagged()
    print([old["run_step"](session, words, lengths, tags) for _ in range(4)])
    logits, found = old["tag"](session, words, lengths)
    print(logits[1, 1].tolist(), found.tolist())

    for mechanism in "BahdanauAttention", "LuongAttention":
        tf.reset_default_graph()
        old = run("TensorFlow 1: translator", BahdanauAttention=mechanism)
        session, pairs = _session(), translations()
        print(mechanism, [old["run_step"](session, *pairs) for _ in range(12)])
        for found in old["translate"](session, *pairs[:2]):
            print(found.tolist())


if __name__ == "__main__":
    _record()
