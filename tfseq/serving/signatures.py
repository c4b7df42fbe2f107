"""What can be asked of a model: the names, kinds, shapes and defaults of its inputs and outputs.

A server says it as JSON or as a message of gRPC, an export as a file; all of them hold
TensorFlow's `SignatureDef`, and its JSON is what is read here. That needs no TensorFlow.
"""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

NAMES = {"float": "float32", "double": "float64", "half": "float16"}  # the others are NumPy's
VALUES = ("int_val", "float_val", "double_val", "int64_val", "bool_val", "string_val")
INTERNAL = "__saved_model"  # how the names begin that are not asked for


class Tensor(NamedTuple):
    """An input or an output.

    Attributes:
        dtype: `string`, or NumPy's name.
        shape: A size or None for each axis, the batch first; None where even the rank is open.
    """

    dtype: str
    shape: tuple[int | None, ...] | None

    def __str__(self):
        if self.shape is None:
            return f"{self.dtype} [...]"
        if not self.shape:
            return self.dtype
        batch, *sizes = ["?" if size is None else str(size) for size in self.shape]
        sizes = ["batch" if batch == "?" else batch, *sizes]
        return f"{self.dtype} [{', '.join(sizes)}]"

    @property
    def numpy_dtype(self):
        """The dtype of its array: objects where it holds strings."""
        return np.dtype(object if self.dtype == "string" else self.dtype)


class Signature(NamedTuple):
    """One thing to ask a model for.

    Attributes:
        inputs: `{name: Tensor}`.
        outputs: `{name: Tensor}`.
        defaults: `{name of an input: its value in a row that does not say otherwise}`.
    """

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    defaults: Mapping[str, Any]

    def __str__(self):
        inputs = (
            f"{name}: {tensor}"
            + (f" = {shown(self.defaults[name])}" if name in self.defaults else "")
            for name, tensor in self.inputs.items()
        )
        outputs = (f"{name}: {tensor}" for name, tensor in self.outputs.items())
        return f"({', '.join(inputs)}) -> {', '.join(outputs)}"


def shown(value):
    """A default as it is written on a command line."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def signatures_of(documents):
    """`{name: Signature}`, in the order of the names.

    Args:
        documents: `{name: SignatureDef}` as the JSON of protocol buffers, with their field names.
    """
    return {
        name: Signature(
            tensors_of(documents[name].get("inputs", {})),
            tensors_of(documents[name].get("outputs", {})),
            {
                key: first_value(value)
                for key, value in sorted(documents[name].get("defaults", {}).items())
            },
        )
        for name in sorted(documents)
        if not name.startswith(INTERNAL)
    }


def tensors_of(infos):
    """`{name: Tensor}` from the JSON of `TensorInfo`s, in the order of the names."""
    return {
        name: Tensor(dtype_of(infos[name]), shape_of(infos[name].get("tensor_shape", {})))
        for name in sorted(infos)
    }


def dtype_of(document):
    """`DT_FLOAT` -> `float32`."""
    name = document["dtype"].removeprefix("DT_").lower()
    return str(NAMES.get(name, name))


def shape_of(document):
    """The sizes; None for one that is open, None in place of all where the rank is open."""
    if document.get("unknown_rank"):
        return None
    sizes = (int(dim.get("size", 0)) for dim in document.get("dim", []))
    return tuple(None if size < 0 else size for size in sizes)


def first_value(document):
    """The first number or string of a `TensorProto` in JSON."""
    values = next(document[field] for field in VALUES if document.get(field))
    dtype = dtype_of(document)
    if dtype == "string":
        return base64.b64decode(values[0])
    return np.dtype(dtype).type(values[0])
