"""Tasks that nothing but memory solves, made from a seed: the adding problem and the copy task.

A task says what a batch is, what a mistake costs, and what the mistake of a network is that
remembers nothing.

References: Hochreiter & Schmidhuber, 1997, "Long short-term memory"; Arjovsky et al., 2016,
"Unitary evolution recurrent neural networks", arXiv:1511.06464.
"""

import math

import numpy as np
import tensorflow as tf

from tfseq.losses import word_losses


class Adding:
    """The sum of the two numbers that are marked, one in each half of the sequence.

        inputs[t] = (number in [0, 1), mark)            target = number[a] + number[b]

    A network that remembers nothing does best to say 1: its squared error is the variance of the
    sum of two uniform numbers, 1 / 6 = 0.1667. (Le et al., 2015, arXiv:1504.00941, print 0.1767 for
    it, and that figure is often quoted.)

    Args:
        length: Steps of a sequence.
    """

    depth = 2
    outputs = 1
    every_step = False
    error = "squared error"
    of_nothing = "always 1, 1/6 (quoted as 0.1767)"

    def __init__(self, length):
        self.length = length
        self.baseline = 1 / 6

    def draw(self, random, rows):
        """`(inputs [rows, length, 2], targets [rows, 1])`."""
        half, every = self.length // 2, np.arange(rows)
        inputs = np.zeros([rows, self.length, 2], np.float32)
        inputs[:, :, 0] = random.random([rows, self.length])
        for marked in (random.integers(half, size=rows), random.integers(half, self.length, rows)):
            inputs[every, marked, 1] = 1
        return inputs, (inputs[:, :, 0] * inputs[:, :, 1]).sum(axis=1, keepdims=True)

    @staticmethod
    def losses(outputs, targets):
        """`[rows]`: the squared error."""
        return tf.square(outputs - targets)[:, 0]


class Copy:
    """Ten symbols are to be said again, after a pause and a sign.

        inputs   s1 .. s10  blank * (length - 1)  sign  blank * 10
        targets  blank * (length + 10)                  s1 .. s10

    Both are `length + 20` steps long. A network that remembers nothing knows when to be silent, and
    draws each of the ten symbols from eight: 10 ln 8 / (length + 20) nats a step.

    Args:
        length: Steps of the pause, the sign among them.
    """

    symbols, said = 8, 10
    depth = symbols + 2
    outputs = symbols + 1
    every_step = True
    error = "nats a step"
    of_nothing = "10 ln 8 / (length + 20)"

    def __init__(self, length):
        self.length = length
        self.baseline = self.said * math.log(self.symbols) / (length + 2 * self.said)

    def draw(self, random, rows):
        """`(inputs [rows, length + 20, 10], targets [rows, length + 20])`, the inputs one-hot."""
        blank, sign = self.symbols, self.symbols + 1
        said = random.integers(self.symbols, size=[rows, self.said])
        ids = np.full([rows, self.length + 2 * self.said], blank)
        targets = ids.copy()
        ids[:, : self.said] = targets[:, -self.said :] = said
        ids[:, -self.said - 1] = sign
        return np.eye(self.depth, dtype=np.float32)[ids], targets.astype(np.int32)

    @staticmethod
    def losses(outputs, targets):
        """`[rows]` or `[rows, time]`: the cross entropy in nats."""
        return word_losses(outputs, targets)


TASKS = {"adding": Adding, "copy": Copy}


class Batches:
    """Sequences that depend on nothing but seed and step, as a `Trainer` wants them.

    Args:
        task: One of `TASKS`, made.
        batch_size: Sequences in a step.
        steps_per_epoch: Steps of an epoch.
        seed: Of all sequences.
    """

    def __init__(self, task, batch_size, steps_per_epoch, seed):
        self.task = task
        self.batch_size = batch_size
        self.steps_per_epoch = steps_per_epoch
        self.seed = seed

    def batch(self, step):
        """`(inputs, targets)` of a step."""
        return self.task.draw(np.random.default_rng([self.seed, step]), self.batch_size)
