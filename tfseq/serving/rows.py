"""Rows in and rows out: a batch of what a caller hands over, its parts, and their answers joined.

Every input has one value for each row; a value that stands alone is every row's.
"""

import numpy as np


def batch_of(inputs, signature):
    """`{name: array}` for all inputs of a signature, each with as many rows.

    Args:
        inputs: `{name: value}`, a value for each row or one for all; text is `str` or `bytes`.
        signature: The `Signature`; its defaults stand for inputs that are not given.

    Raises:
        ValueError: An input is unknown or missing, is of another kind or shape than the
            signature's, or has another number of rows than the others.
    """
    check_names(inputs, signature)
    given = {**signature.defaults, **inputs}
    values = {name: array_of(name, given[name], t) for name, t in signature.inputs.items()}
    columns = {
        name: value for name, value in values.items() if has_rows(value, signature.inputs[name])
    }
    lengths = {name: len(value) for name, value in columns.items()}
    if len(set(lengths.values())) > 1:
        came = ", ".join(f"{length} of {name}" for name, length in lengths.items())
        raise ValueError(f"`inputs` must have as many rows each. Received: {came}")
    rows = max(lengths.values(), default=1)
    return {
        name: value if name in columns else np.broadcast_to(value, (rows, *value.shape))
        for name, value in values.items()
    }


def check_names(inputs, signature):
    """Refuse inputs that the signature does not have, or needs and does not get."""
    if unknown := sorted(inputs.keys() - signature.inputs.keys()):
        rule = f"must be among {', '.join(signature.inputs)}"
        raise ValueError(f"`inputs` {rule}. Received: {', '.join(unknown)}")
    needed = signature.inputs.keys() - signature.defaults.keys()
    if missing := sorted(needed - inputs.keys()):
        came = ", ".join(inputs) or "none"
        raise ValueError(f"`inputs` must hold {', '.join(missing)}. Received: {came}")


def array_of(name, value, tensor):
    """A value as an array of the tensor's kind, with or without an axis of rows."""
    array = strings_of(value) if tensor.dtype == "string" else numbers_of(value, tensor.dtype)
    rank = None if tensor.shape is None else len(tensor.shape)
    if array is None or (rank is not None and array.ndim not in (rank - 1, rank)):
        raise ValueError(f"`{name}` must be {tensor}, or one row of it. Received: {shown(value)}")
    return array


def has_rows(array, tensor):
    """Whether an array has the axis of the rows, or stands for each of them."""
    return array.ndim == len(tensor.shape) if tensor.shape is not None else array.ndim > 0


def strings_of(value):
    """An array of bytes; None where anything in it is no text."""
    array = np.array(value, dtype=object)
    encoded = [
        item.encode(errors="surrogateescape") if isinstance(item, str) else item
        for item in array.ravel()
    ]
    if not all(isinstance(item, bytes) for item in encoded):
        return None
    strings = np.empty(len(encoded), dtype=object)
    strings[:] = encoded
    return strings.reshape(array.shape)


def numbers_of(value, dtype):
    """An array of the dtype; None where that would change a value: 0.5 is no integer."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of several lengths
        return None
    wanted = np.dtype(dtype)
    if wanted.kind == "f" and array.dtype.kind in "iuf":
        return array.astype(wanted)
    empty = array.size == 0
    if wanted.kind == "b" or not (empty or array.dtype.kind in "iu"):
        return array.astype(wanted) if empty or array.dtype == wanted else None
    cast = array.astype(wanted)
    return cast if np.array_equal(cast, array) else None


def shown(value):
    """A value of an error, not longer than a line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."


def parts_of(batch, size):
    """A batch cut into batches of at most `size` rows; one without rows stays one."""
    rows = len(next(iter(batch.values()), ()))
    return [
        {name: value[start : start + size] for name, value in batch.items()}
        for start in range(0, max(rows, 1), size)
    ]


def joined(answers):
    """The answers of the parts of a batch, one behind the other.

    An axis that is as long as the longest row of its part (words, beams) is filled up behind with
    zeros or empty strings, as within a part.
    """
    if len(answers) == 1:
        return answers[0]
    return {name: concatenated([answer[name] for answer in answers]) for name in answers[0]}


def concatenated(arrays):
    """Arrays one behind the other, filled up to the longest on each other axis."""
    sizes = np.max([array.shape for array in arrays], axis=0)
    filler = b"" if arrays[0].dtype == object else 0
    filled = (
        np.pad(
            array,
            [(0, 0), *((0, size - n) for size, n in zip(sizes[1:], array.shape[1:], strict=True))],
            constant_values=filler,
        )
        for array in arrays
    )
    return np.concatenate(list(filled))


def as_text(array):
    """Bytes as text, where what is no UTF-8 is shown as the character for it."""
    texts = np.empty(array.size, dtype=object)
    texts[:] = [item.decode(errors="replace") for item in array.ravel()]
    return texts.reshape(array.shape)
