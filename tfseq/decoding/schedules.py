"""The course of scheduled sampling: how likely a step of training still feeds the truth.

    epsilon = schedule(step)
    sampler = ScheduledSampler(start_ids, ids, lengths, probability=1 - epsilon, seeds=seeds)

A schedule is any function of the step, which may be a tensor. To add one: a function of
`(decay, least)` that returns it, and one line in `SAMPLING_SCHEDULES`.

Reference: Bengio et al., 2015, arXiv:1506.03099.
"""

import math
import numbers

import tensorflow as tf


def constant(decay, least):
    """The same at every step: `epsilon = least`."""

    def schedule(step):
        return tf.fill(tf.shape(step), tf.cast(least, tf.float32))

    return schedule


def linear(decay, least):
    """Falls in a line.

        epsilon = max(least, 1 - c step),    c = (1 - least) / decay

    Args:
        decay: Steps until it has come down to `least`.
        least: The lowest epsilon.
    """

    def schedule(step):
        return tf.maximum(least, 1.0 - (1.0 - least) / decay * tf.cast(step, tf.float32))

    return schedule


def exponential(decay, least):
    """Falls by the same factor at every step.

        epsilon = max(least, k ** step),    k = exp(-1 / decay) < 1

    Args:
        decay: Steps in which it falls by the factor e.
        least: The lowest epsilon.
    """

    def schedule(step):
        return tf.maximum(least, tf.exp(tf.cast(step, tf.float32) / -decay))

    return schedule


def inverse_sigmoid(decay, least):
    """Stays near 1 at first, and falls in the shape of an S.

        epsilon = max(least, k / (k + exp(step / k))),    k = decay

    It passes one half at step `k log k`.

    Args:
        decay: The constant `k`, 1 or more.
        least: The lowest epsilon.
    """
    if decay < 1:
        raise ValueError(f"`decay` must be 1 or more. Received: decay={decay!r}")

    def schedule(step):
        # The same fraction, written so that late steps do not overflow.
        return tf.maximum(least, tf.sigmoid(math.log(decay) - tf.cast(step, tf.float32) / decay))

    return schedule


SAMPLING_SCHEDULES = {
    "constant": constant,
    "linear": linear,
    "exponential": exponential,
    "inverse_sigmoid": inverse_sigmoid,
}


def make_sampling_schedule(name, decay, least=0.0):
    """A schedule by name.

    Args:
        name: A key of `SAMPLING_SCHEDULES`.
        decay: How slowly it falls, in steps; what exactly it means says each schedule.
        least: The lowest probability to feed the truth.

    Returns:
        `schedule(step) -> epsilon`, a `float32` in `[0, 1]`, of the shape of `step`.

    Raises:
        ValueError: Where the name is unknown or a number is out of its range.
    """
    if name not in SAMPLING_SCHEDULES:
        known = sorted(SAMPLING_SCHEDULES)
        raise ValueError(f"`name` must be one of {known}. Received: name={name!r}")
    for argument, value, holds, rule in (
        ("decay", decay, lambda x: 0 < x < math.inf, "a positive number"),
        ("least", least, lambda x: 0 <= x <= 1, "a number in [0, 1]"),
    ):
        if not isinstance(value, numbers.Real) or not holds(value):
            raise ValueError(f"`{argument}` must be {rule}. Received: {argument}={value!r}")
    return SAMPLING_SCHEDULES[name](decay, least)
