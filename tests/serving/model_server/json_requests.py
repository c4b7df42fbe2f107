"""The JSON of a request as tensors, by the rules of `json_tensor.cc`."""

import base64
import binascii
import json
import re

import numpy as np
import tensorflow as tf

from tests.serving.model_server.status import invalid

# A half of a pair alone: `\ud83d` without `\ude00` behind it, or the other way round.
LONE_SURROGATE = re.compile(
    rb"(?<!\\)(?:\\\\)*(\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F])"
)
FLOATS = {tf.float32, tf.float64}


def parsed(body):
    """The object that a request's bytes are; bytes that are no UTF-8 pass, as they do there."""
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    if lone := LONE_SURROGATE.search(body):
        raise invalid(
            f"JSON Parse error: The surrogate pair in string is invalid. at offset: {lone.start(1)}"
        )
    try:
        document = json.loads(body.decode(errors="surrogateescape"))
    except json.JSONDecodeError as error:
        before = error.doc[: error.pos].encode(errors="surrogateescape")
        raise invalid(f"JSON Parse error: Invalid value. at offset: {len(before)}") from error
    except RecursionError as error:
        raise invalid("JSON Parse error: Terminate parsing due to Handler error.") from error
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {shown(document)} Is not object")
    return document


def signature_name(document):
    """The signature that is asked; "" for the default."""
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(
            f"JSON Value: {shown(document)} not formatted correctly. 'signature_name' key must be "
            "a string value."
        )
    return name


def tensors(document, infos):
    """The inputs by name, and whether they came in rows.

    Args:
        document: The request.
        infos: `{name: TensorInfo}` of the signature's inputs.
    """
    rows, columns = document.get("instances"), document.get("inputs")
    if rows is not None and columns is not None:
        raise invalid(
            f"JSON Value: {shown(document)} Not formatted correctly expecting only one of 'inputs' "
            "or 'instances' keys to exist "
        )
    if columns is not None:
        return from_columns(columns, infos), False
    if rows is None:
        raise invalid("Missing 'inputs' or 'instances' key")
    if not isinstance(rows, list):
        raise invalid(f"JSON Value: {shown(document)} Excepting 'instances' to be an list/array")
    if not rows:
        raise invalid(f"JSON Value: {shown(document)} No values in 'instances' array")
    return from_rows(rows, infos), True


def from_columns(columns, infos):
    """Each input as a whole."""
    if not isinstance(columns, dict) or is_base64(columns):
        if len(infos) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        columns = {next(iter(infos)): columns}
    for name in sorted(infos):
        if name not in columns:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return {name: tensor(columns[name], info) for name, info in infos.items()}


def from_rows(rows, infos):
    """Each input from its value in each row."""
    named = is_object(rows[0])
    if not isinstance(rows[0], dict) and len(infos) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
    parts = {name: [] for name in infos}
    for place, row in enumerate(rows):
        if named != is_object(row):
            wanted, got = ("object", "list") if named else ("value/list", "object")
            raise invalid(f"Expecting {wanted} but got {got} at item {place} of input list")
        for name, value in (row if named else {next(iter(infos)): row}).items():
            try:
                add_to_row(parts, name, value, infos)
            except Exception as error:
                key = f" key: {name}" if named else ""
                raise invalid(
                    f"Failed to process element: {place}{key} of 'instances' list. "
                    f"Error: INVALID_ARGUMENT: {error}"
                ) from error
        if named and row.keys() != infos.keys():
            raise invalid(
                f"Failed to process element: {place} of 'instances' list. "
                f"JSON object: {shown(row)} keys must be equal to: {','.join(sorted(infos))}"
            )
    return {name: np.stack(values) for name, values in parts.items()}


def add_to_row(parts, name, value, infos):
    """Take one value of one row; each row has the shape of the first."""
    if name not in infos:
        raise invalid(f"JSON object: does not have named input: {name}")
    array = tensor(value, infos[name])
    if parts[name] and parts[name][0].size != array.size:
        raise invalid(f"Expecting tensor size: {parts[name][0].size} but got: {array.size}")
    if parts[name] and parts[name][0].shape != array.shape:
        first, this = (str(list(part.shape)).replace(" ", "") for part in (parts[name][0], array))
        raise invalid(f"Expecting shape {first} but got: {this}")
    parts[name].append(array)


def tensor(value, info):
    """A value, or lists of them however deep, as an array of the input's type."""
    kind = tf.as_dtype(info.dtype)
    shape, inner = [], value
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0] if inner else None
    flat = []
    fill(flat, value, 0, shape, kind)
    array = np.empty(len(flat), kind.as_numpy_dtype)
    array[:] = flat
    return array.reshape(shape)


def fill(flat, value, level, shape, kind):
    """Append the values below `value`, which stand at one depth in lists of one length."""
    if not isinstance(value, list):
        if level != len(shape):
            raise invalid(
                f"JSON Value: {shown(value)} found at incorrect level: {level + 1} in the JSON "
                f"DOM. Expected at level: {len(shape)}"
            )
        flat.append(scalar(value, kind))
        return
    if level >= len(shape):
        raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for item in value:
        fill(flat, item, level + 1, shape, kind)


def scalar(value, kind):
    """One value of the input's type; nothing is rounded, nothing is converted."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == tf.string and isinstance(value, str):
        return value.encode(errors="surrogateescape")
    if kind == tf.string and isinstance(value, dict):
        return from_base64(value)
    if kind == tf.bool and isinstance(value, bool):
        return value
    if kind.is_integer and number and isinstance(value, int) and kind.min <= value <= kind.max:
        return value
    if kind in FLOATS and number:
        most = 2**24 - 1 if kind == tf.float32 else 2**53 - 1
        fits = abs(value) <= most if isinstance(value, int) else in_range(value, kind)
        if not fits:
            raise invalid(
                f"Cannot convert JSON value: {shown(value)} to "
                f"{'float' if kind == tf.float32 else 'double'} without loss of precision."
            )
        return value
    raise invalid(
        f"JSON Value: {shown(value)} Type: {type_name(value)} is not of expected type: {kind.name}"
    )


def in_range(value, kind):
    """Whether a number can be one of the type at all; infinities and NaN can."""
    return not np.isfinite(value) or kind.min <= value <= kind.max


def type_name(value):
    """The type of a JSON value, as the server calls it."""
    if value is None or isinstance(value, bool):
        return {None: "Null", True: "True", False: "False"}[value]
    return {dict: "Object", list: "Array", str: "String"}.get(type(value), "Number")


def is_base64(value):
    """`{"b64": "..."}`."""
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def is_object(value):
    """An object that names inputs."""
    return isinstance(value, dict) and not is_base64(value)


def from_base64(value):
    """The bytes of `{"b64": "..."}`."""
    if not is_base64(value):
        raise invalid(f"JSON Value: {shown(value)} not formatted correctly for base64 data")
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("Unable to base64 decode") from error


def shown(value):
    """A value as it stands in an error."""
    return json.dumps(value, indent=4, ensure_ascii=False)
