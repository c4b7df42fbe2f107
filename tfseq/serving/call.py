"""`call`: one question to an export or a server, and its answer as text."""

import contextlib
import json

from tfseq.command import quiet_start
from tfseq.config import OptionError
from tfseq.serving.client import Client
from tfseq.serving.errors import ServingError


def run(options):
    """Print the answer, or what can be asked where nothing is; 1 where a row has an `error`."""
    with asked(options), client_of(options) as client:
        if not options.inputs:
            for name, signature in client.signatures.items():
                print(f"--signature={name} {signature}")
            return None
        if options.stream:
            return stream(options, client)
        values = inputs_of(options, client.signature(options.signature))
        answer = client.predict(values, options.signature)
    if options.json:
        lists = {name: value.tolist() for name, value in answer.items()}
        print(json.dumps(lists, ensure_ascii=False))
        return None
    for row in range(len(next(iter(answer.values())))):
        print("\n".join(lines_of({name: value[row] for name, value in answer.items()})))
    return int("error" in answer and any(answer["error"]))


def stream(options, client):
    """Print the text of one row as it is written."""
    for piece in client.stream(inputs_of(options, client.signature("step"))):
        print(piece, end="", flush=True)
    print()


def client_of(options, **rest):
    """The client of a target."""
    with quiet_start():  # an export and gRPC need TensorFlow
        return Client(options.target, options.timeout, options.batch_size, **rest)


@contextlib.contextmanager
def asked(options):
    """While a model is asked: what goes wrong is one line about it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise OptionError(options.target, f"cannot be asked: {error}") from error
    except ServingError as error:
        raise OptionError(options.target, f"gives no answer: {error.code}: {error.said}") from error
    except ValueError as error:
        if isinstance(error, OptionError):
            raise
        raise OptionError(options.target, f"cannot be asked so: {error}") from error


def inputs_of(options, signature):
    """`{name: value}` or `{name: [value, ...]}`, from the words of the command line."""
    values = {}
    for name, text in options.inputs:
        values.setdefault(name, []).append(value_of(name, text, signature))
    return {name: rows if len(rows) > 1 else rows[0] for name, rows in values.items()}


def value_of(name, text, signature):
    """One input of one row: text as it stands, or JSON."""
    tensor = signature.inputs.get(name)
    if tensor is None or tensor.dtype == "string":
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise OptionError(f"--{name}", f"must be {tensor.dtype}", text) from error


def lines_of(row):
    """The outputs of one row: text as it is, all else as JSON; named where there are more.

    An `error` says why there are no others, and is left out where it is empty.
    """
    if row.get("error"):
        return [f"error: {row['error']}"]
    written = {
        name: value if isinstance(value, str) else json_of(value)
        for name, value in row.items()
        if name != "error"
    }
    if len(written) == 1:
        return written.values()
    return [f"{name}: {value}" for name, value in written.items()]


def json_of(value):
    """Numbers, lists and bytes in one line."""
    if isinstance(value, bytes):
        return repr(value)
    return json.dumps(value.tolist(), ensure_ascii=False)
