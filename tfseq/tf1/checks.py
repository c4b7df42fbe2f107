"""What TensorFlow 1 refused, by the types of its exceptions."""

import tensorflow as tf

from tfseq.tf1.cells import shown


def require(condition, message, value=()):
    """Refuse values as TensorFlow 1 did when it ran: by an `InvalidArgumentError`.

    Args:
        condition: A scalar, what must be true.
        message: What is said otherwise.
        value: What is read only where it is true.

    Returns:
        `value`.
    """
    if tf.executing_eagerly():
        if not condition:
            raise tf.errors.InvalidArgumentError(None, None, message)
        return value
    with tf.control_dependencies([tf.debugging.Assert(condition, [message])]):
        return tf.nest.map_structure(tf.identity, value)


def vector(values, name):
    """Integers `[batch]`.

    Raises:
        ValueError: Another rank.
    """
    values = tf.cast(values, tf.int32)
    if values.shape.rank not in (None, 1):
        raise ValueError(
            f"`{name}` must be a vector, one number for each row. "
            f"Received: a shape of {tuple(values.shape)}"
        )
    return values


def lengths_of(lengths, batch, time, name="sequence_length"):
    """Integers `[batch]`, each at most `time`.

    Raises:
        ValueError: Another rank, or a number of rows that is known to be another.
        InvalidArgumentError: Another number of rows, or a row that is longer.
    """
    lengths = vector(lengths, name)
    rows = lengths.shape[0]
    message = f"`{name}` must have one length for each row of the batch."
    if None not in (rows, tf.get_static_value(batch)) and rows != tf.get_static_value(batch):
        raise ValueError(f"{message} Received: {rows} lengths for {batch} rows")
    lengths = require(tf.equal(tf.size(lengths), batch), message, lengths)
    message = f"`{name}` must be at most the time of the inputs."
    if tf.executing_eagerly():
        message += f" Received: {name}={lengths.numpy().tolist()}, time={int(time)}"
    return require(tf.reduce_all(lengths <= time), message, lengths)


def state_of(cell, state, name="initial_state"):
    """A state in the cell's own structure, as tensors.

    Raises:
        TypeError: One tensor for a cell with several, or a nest of other types.
        ValueError: Another nest, or a tensor that is not as wide as the cell.
    """
    size = cell.state_size
    message = f"`{name}` must have the structure and the widths of `state_size`, {size}."
    if tf.nest.is_nested(size) and not tf.nest.is_nested(state):
        raise TypeError(f"{message} Received: {name}={shown(state)}")
    same_structure(state, size, message)
    state = tf.nest.map_structure(_as_tensor, state)
    for part, width in zip(tf.nest.flatten(state), tf.nest.flatten(size), strict=True):
        if not isinstance(part, tf.TensorArray) and not _is_as_wide(part, width):
            raise ValueError(f"{message} Received: {name}={shown(state)}")
    return state


def same_structure(found, wanted, message):
    """Refuse another structure, by the type of exception that TensorFlow's own check has."""
    try:
        tf.nest.assert_same_structure(_leaves(found), _leaves(wanted))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{message} Received: {shown(found)}") from None


def _leaves(nest):
    return tf.nest.map_structure(lambda _: 0, nest)


def _as_tensor(value):
    return value if isinstance(value, tf.TensorArray) else tf.convert_to_tensor(value)


def _is_as_wide(value, width):
    width = tf.TensorShape(tf.get_static_value(width) if tf.is_tensor(width) else width)
    return value.shape.rank is None or value.shape[1:].is_compatible_with(width)
