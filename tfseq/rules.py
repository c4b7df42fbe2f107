"""Rules for what a server's clients send, held row by row.

A model server runs requests of several clients as one batch, and an operation that fails, fails for
all of them. So a row that breaks a rule is no error of the run: it is told what is wrong, is
answered with nothing, and its neighbours get what they would have got alone.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf


class Rule(NamedTuple):
    """What an option must be.

    Attributes:
        text: As it stands after "must be".
        holds: `[batch]` values to `[batch]` booleans.
    """

    text: str
    holds: Callable[[Any], Any]


def between(lowest, highest):
    """At least the one and at most the other; NaN is neither."""
    return Rule(
        f"at least {lowest} and at most {highest}",
        lambda value: (value >= lowest) & (value <= highest),
    )


def broken(options, rules):
    """The first rule that each row breaks: `[batch]` strings, empty where it keeps them all.

    Args:
        options: `{name: [batch] numbers}`, at least one.
        rules: `{name: Rule}`; an option may have none, and a rule may have no option here.
    """
    lines = tf.fill(tf.shape(next(iter(options.values()))), "")
    for name, rule in rules.items():
        if name not in options:
            continue
        values = options[name]
        shown = tf.strings.as_string(values, shortest=values.dtype.is_floating)
        line = tf.strings.join([f"`{name}` must be {rule.text}. Received: {name}=", shown])
        lines = tf.where(tf.equal(lines, "") & ~rule.holds(values), line, lines)
    return lines


def mended(options, errors, instead) -> dict[str, Any]:
    """The options, with harmless ones in the rows that are in error.

    Args:
        options: `{name: [batch] numbers}`.
        errors: What `broken` has found.
        instead: `{name: number}`.
    """
    good = tf.equal(errors, "")
    return {
        name: tf.where(good, values, tf.constant(instead[name], values.dtype))
        for name, values in options.items()
    }
