"""Tensors as the JSON of an answer, by the rules of `json_tensor.cc`."""

import base64
import itertools
import json

import numpy as np

from tests.serving.model_server.status import invalid


def answer(outputs, in_rows):
    """The outputs as the bytes of a JSON object: row by row, or output by output."""
    if in_rows:
        document = {"predictions": list(by_row(outputs))}
    elif len(outputs) > 1:
        document = {"outputs": {name: lists(name, value) for name, value in outputs.items()}}
    else:
        ((name, value),) = outputs.items()
        document = {"outputs": lists(name, value)}
    return json.dumps(document, indent=4, ensure_ascii=False).encode(errors="surrogateescape")


def by_row(outputs):
    """Each row: its value, or an object where there is more than one output."""
    sizes = {}
    for name, value in outputs.items():
        if not value.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if sizes and len(value) not in sizes:
            (size,) = sizes
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: {len(value)} expecting: {size}"
            )
        sizes[len(value)] = name
    columns = {name: lists(name, value) for name, value in outputs.items()}
    if len(columns) == 1:
        yield from next(iter(columns.values()))
        return
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def lists(name, array):
    """An array as nested lists; strings of an output named `..._bytes` in base 64."""
    if array.dtype == object:
        text = (
            (lambda value: {"b64": base64.b64encode(value).decode()})
            if name.endswith("_bytes")
            else (lambda value: value.decode(errors="surrogateescape"))
        )
    elif array.dtype.kind == "f":
        text = decimal
    else:
        text = int if array.dtype.kind in "iu" else bool
    values = [text(value) for value in array.ravel()]
    for size in reversed(array.shape[1:]):
        chunks = iter(values)
        many = len(values) // size if size else int(np.prod(array.shape[: array.ndim - 1]))
        values = [list(itertools.islice(chunks, size)) for _ in range(many)]
    return values if array.ndim else values[0]


def decimal(value):
    """A number with six digits, or nine (seventeen) where it needs them: 0.2, not 0.200000003."""
    if not np.isfinite(value):
        return float(value)
    text = f"{value:g}"
    if type(value)(text) != value:
        text = f"{value:.{9 if value.dtype == np.float32 else 17}g}"
    return float(text)
