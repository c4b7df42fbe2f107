"""What is fed next: the truth, the most likely id, a random draw, or a mixture.

A sampler is any object with two methods, both giving the ids to feed next, which rows have ended
with them, and whatever else the sampler wants back at the next step (a nest of tensors with the
batch first, `()` for nothing):

    start() -> ids, ended, state
    choose(logits, time, state) -> ids, ended, state

`time [batch]` counts the ids each row has emitted before. The loop holds everything of a row that
has ended, so a sampler need not look at what has ended before. A sampler that draws like no other
is a few lines:

    @dataclasses.dataclass(frozen=True, eq=False)
    class SecondBestSampler:
        start_ids: tf.Tensor

        def start(self):
            return self.start_ids, tf.zeros_like(self.start_ids, tf.bool), ()

        def choose(self, logits, time, state):
            ids = tf.math.top_k(logits, 2).indices[:, 1]
            return ids, tf.equal(ids, 3), state
"""

import dataclasses
import functools
import numbers
from typing import Any, Protocol

import tensorflow as tf

from tfseq.decoding.draws import categorical, greatest, nucleus, uniform
from tfseq.decoding.filters import forbid, penalize, temper, truncate

FURTHER = 2**32  # so far apart are the random numbers of one step's attempts; no text is as long


class Sampler(Protocol):
    """What the loop asks of a sampler; the module's docstring says it in words."""

    def start(self) -> tuple[Any, Any, Any]:
        """First inputs `[batch]`, rows with nothing to do `[batch]`, the sampler's own state."""
        ...

    def choose(self, logits, time, state) -> tuple[Any, Any, Any]:
        """Chosen ids `[batch]`, rows that end with them `[batch]`, the sampler's own state."""
        ...


def seen_ids(ids, vocabulary_size):
    """Which ids occur in each row: `[batch, time]` -> `[batch, vocabulary]`, boolean."""
    rows = tf.broadcast_to(tf.range(tf.shape(ids)[0])[:, None], tf.shape(ids))
    places = tf.stack([rows, tf.cast(ids, tf.int32)], axis=-1)  # [batch, time, 2]
    seen = tf.zeros([tf.shape(ids)[0], vocabulary_size], tf.bool)
    return tf.tensor_scatter_nd_update(seen, places, tf.ones_like(ids, tf.bool))


@dataclasses.dataclass(frozen=True, eq=False)
class TeacherSampler:
    """The given ids, whatever the model says: teacher forcing, and the score of a given text.

    Args:
        start_ids: `[batch]`, fed first.
        ids: `[batch, time]`, the truth. Row `t` of the output is to predict `ids[:, t]`.
        lengths: `[batch]`, the length of each row of `ids`.
    """

    start_ids: Any
    ids: Any
    lengths: Any

    def start(self):
        """Feed the start ids; a row of length 0 has ended already."""
        return tf.cast(self.start_ids, tf.int32), tf.equal(self.lengths, 0), ()

    def choose(self, logits, time, state):
        """The truth at each row's time."""
        return _at(self.ids, time), time + 1 >= self.lengths, state


@dataclasses.dataclass(frozen=True, eq=False)
class GreedySampler:
    """The most likely id, the lowest one among equals.

    Args:
        start_ids: `[batch]`, fed first.
        end_id: The id a row ends with, -1 for none.
    """

    start_ids: Any
    end_id: Any

    def start(self):
        """Feed the start ids."""
        return *_begin(self.start_ids), ()

    def choose(self, logits, time, state):
        """The greatest logit."""
        ids = greatest(logits)
        return ids, tf.equal(ids, self.end_id), state


@dataclasses.dataclass(frozen=True, eq=False)
class RandomSampler:
    """A draw from the model's distribution, filtered.

    Every option is one number or one per row (`[batch]`), so that one batch serves rows with
    different options. They apply in the order: forbidden ids, repetition penalty, temperature,
    top-k, top-p. The draw of a row depends on its seed and its own time alone: the same row comes
    out the same among other neighbours, and continued later.

    Args:
        start_ids: `[batch]`, fed first.
        end_id: The id a row ends with, -1 for none.
        seeds: Integers. Rows with one seed and one distribution draw the same.
        temperature: Logits are divided by it; 0 takes the most likely id.
        top_k: Only the `top_k` most likely ids; 0 for all.
        top_p: Only the smallest set of ids whose mass reaches `top_p`; 1 for all.
        repetition_penalty: Positive logits of seen ids are divided by it, others multiplied;
            1 for none. Needs `seen`.
        forbidden: A list of ids that are never drawn, the same for all rows.
        seen: `[batch, vocabulary]`, boolean: ids that count as seen from the start, for example
            `seen_ids(prompt, vocabulary_size)`. None keeps no record of what was drawn.

    References: Keskar et al., 2019, arXiv:1909.05858 (repetition penalty); Holtzman et al., 2019,
    arXiv:1904.09751 (top-p, the nucleus).
    """

    start_ids: Any
    end_id: Any
    seeds: Any
    temperature: Any = 1.0
    top_k: Any = 0
    top_p: Any = 1.0
    repetition_penalty: Any = 1.0
    forbidden: Any = ()
    seen: Any = None

    def __post_init__(self):
        """Check what can be checked before there is a graph."""
        penalty = self.repetition_penalty
        _check("temperature", self.temperature, lambda x: x >= 0, "0 (the most likely) or more")
        _check("top_k", self.top_k, lambda x: x >= 0, "0 (all ids) or more")
        _check("top_p", self.top_p, lambda x: 0 < x <= 1, "in (0, 1]")
        _check("repetition_penalty", penalty, lambda x: x > 0, "positive")
        if self.seen is None and not (_is_number(penalty) and penalty == 1):
            raise ValueError(
                "`seen` must be given where `repetition_penalty` is not the number 1. "
                f"Received: seen=None, repetition_penalty={penalty!r}"
            )

    def start(self):
        """Feed the start ids."""
        return *_begin(self.start_ids), () if self.seen is None else self.seen

    def choose(self, logits, time, state):
        """Filter, draw, and note what was drawn."""
        logits = truncate(self._tempered(logits, state), _column(self.top_k, tf.int32), 1.0)
        ids = nucleus(logits, _column(self.top_p), functools.partial(self._uniforms, time))
        if self.seen is not None:
            state = state | seen_ids(ids[:, None], tf.shape(logits)[-1])
        return ids, tf.equal(ids, self.end_id), state

    def filtered(self, logits, seen):
        """The logits drawn from; `-inf` where a filter has taken an id out."""
        logits = self._tempered(logits, seen)
        return truncate(logits, _column(self.top_k, tf.int32), _column(self.top_p))

    def _tempered(self, logits, seen):
        if len(self.forbidden):
            logits = forbid(logits, self.forbidden)
        if self.seen is not None:
            logits = penalize(logits, seen, _column(self.repetition_penalty))
        return temper(logits, _column(self.temperature))

    def _uniforms(self, time, attempt):
        # At temperature 0 only the greatest logits are left; number 0 draws the first of them.
        counter = tf.cast(time, tf.int64) + tf.cast(attempt, tf.int64) * FURTHER
        return tf.where(tf.equal(self.temperature, 0), 0.0, uniform(self.seeds, counter))


@dataclasses.dataclass(frozen=True, eq=False)
class ScheduledSampler:
    """The truth, or with some probability the model's own draw: scheduled sampling.

    The choice is made for each row and step. Like everything random here it is a function of the
    row's seed and time: give each training step other seeds. No gradient goes through a choice.

    Args:
        start_ids: `[batch]`, fed first.
        ids: `[batch, time]`, the truth. Row `t` of the output is to predict `ids[:, t]`.
        lengths: `[batch]`, the length of each row of `ids`.
        probability: To feed the model's own draw instead of the truth, one number or `[batch]`.
        seeds: Integers, one number or `[batch]`.

    Reference: Bengio et al., 2015, arXiv:1506.03099.
    """

    start_ids: Any
    ids: Any
    lengths: Any
    probability: Any
    seeds: Any

    def __post_init__(self):
        """Check what can be checked before there is a graph."""
        _check("probability", self.probability, lambda x: 0 <= x <= 1, "in [0, 1]")

    def start(self):
        """Feed the start ids; a row of length 0 has ended already."""
        return tf.cast(self.start_ids, tf.int32), tf.equal(self.lengths, 0), ()

    def choose(self, logits, time, state):
        """The model's draw where the coin says so, the truth elsewhere."""
        coin, place = uniform(self.seeds, 2 * time), uniform(self.seeds, 2 * time + 1)
        drawn = categorical(tf.nn.softmax(logits), place)
        ids = tf.where(coin < self.probability, drawn, _at(self.ids, time))
        return ids, time + 1 >= self.lengths, state


def _begin(start_ids):
    ids = tf.cast(start_ids, tf.int32)
    return ids, tf.zeros_like(ids, dtype=tf.bool)


def _at(ids, time):
    """`ids[row, time[row]]`; a row that is past its end gets its last id, which nobody reads."""
    last = tf.shape(ids)[1] - 1
    return tf.gather(tf.cast(ids, tf.int32), tf.minimum(time, last), batch_dims=1)


def _column(option, dtype=tf.float32):
    """One number or one per row -> `[1, 1]` or `[batch, 1]`."""
    return tf.reshape(tf.cast(option, dtype), [-1, 1])


def _is_number(option):
    return isinstance(option, numbers.Real)


def _check(name, option, holds, rule):
    if _is_number(option) and not holds(option):
        raise ValueError(f"`{name}` must be {rule}. Received: {name}={option!r}")
