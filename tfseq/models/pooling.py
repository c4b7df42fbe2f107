"""Many annotations as one vector, whatever the number of words."""

from keras import ops


def mean_annotation(annotations, mask=None):
    """The mean over the real words; zeros for a row that has none.

    Args:
        annotations: `[batch, time, depth]`, zeros where masked.
        mask: `[batch, time]` booleans, or `None` where all words are real.

    Returns:
        `[batch, depth]`.
    """
    if mask is None:
        return ops.mean(annotations, axis=1)
    count = ops.sum(ops.cast(mask, annotations.dtype), axis=1, keepdims=True)
    return ops.sum(annotations, axis=1) / ops.maximum(count, 1)


def highest_annotation(annotations, mask=None):
    """In each place the highest of the real words; zeros for a row that has none.

    Arguments and result are those of `mean_annotation`.
    """
    if mask is None:
        return ops.max(annotations, axis=1)
    lowest = ops.full_like(annotations, float("-inf"))
    highest = ops.max(ops.where(mask[:, :, None], annotations, lowest), axis=1)
    return ops.where(ops.any(mask, axis=1)[:, None], highest, ops.zeros_like(highest))


# How a classifier makes one vector of a `Reading`: a function of it and the mask.
POOLINGS = {
    "last": lambda reading, mask: reading.last,
    "mean": lambda reading, mask: mean_annotation(reading.annotations, mask),
    "max": lambda reading, mask: highest_annotation(reading.annotations, mask),
    "mean_max": lambda reading, mask: ops.concatenate(
        [POOLINGS[name](reading, mask) for name in ("mean", "max")], axis=-1
    ),
}
