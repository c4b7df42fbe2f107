"""Exports for TensorFlow Serving: a new version beside the old ones, checked before it is named."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf

from tfseq.serving.layout import GRAPH, versions
from tfseq.serving.operations import read_graphs
from tfseq.serving.warm_up import write_warm_up

CHECKER = pathlib.Path(__file__).with_name("saved_model_session.py")


def export(module, signatures, directory, examples, operations=(), defaults=None):
    """Write `directory/<next version>/` and return its path.

    The SavedModel is written aside, its signatures are run on `examples` in a session of a clean
    process, as a model server runs them, and only if that gives what they give here does the
    version get its name. A server that watches `directory` never sees half a model.

    Args:
        module: A `tf.Module` that tracks each variable and table the signatures use.
        signatures: `{name: tf.function with an input signature, returning a dict}`.
        directory: The parent of the versions.
        examples: `{name: {input: array}}`; they also become the server's warm-up requests.
        operations: Modules whose operations the model needs beside TensorFlow's own.
        defaults: `{signature: {input: value}}`, what a client may leave out.

    Raises:
        OSError: The directory cannot be written.
        RuntimeError: The exported model fails, or answers otherwise than this process.
    """
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    aside = pathlib.Path(tempfile.mkdtemp(prefix=".", suffix=".partial", dir=directory))
    aside.chmod(0o755)  # the server is another user
    try:
        tf.saved_model.save(module, aside, signatures=signatures)
        write_defaults(aside, defaults or {})
        write_warm_up(aside, examples)
        check(aside, signatures, examples, operations)
        version = directory / str(1 + max(versions(directory), default=0))
        aside.rename(version)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return version


def write_defaults(version, defaults):
    """Say in the signatures what stands for an input of a row that does not say otherwise.

    A server tells its clients so; see `docs/decisions/008-defaults.md`.
    """
    saved_model = read_graphs(version)
    (graph,) = saved_model.meta_graphs
    for name, values in defaults.items():
        signature = graph.signature_def[name]
        for key, value in values.items():
            tensor = tf.make_tensor_proto([value], signature.inputs[key].dtype)
            signature.defaults[key].CopyFrom(tensor)
    (version / GRAPH).write_bytes(saved_model.SerializeToString(deterministic=True))


def check(saved_model, signatures, examples, operations=(), interpreter=sys.executable):
    """Compare the SavedModel's answers in a clean process's session with those of `signatures`."""
    answers = run_in_session(saved_model, examples, operations, interpreter)
    for name, inputs in examples.items():
        expected = signatures[name](**{key: tf.constant(value) for key, value in inputs.items()})
        for key, value in expected.items():
            answer = np.asarray(answers[name][key])
            value = np.asarray(as_json(value.numpy()))
            same = (
                np.array_equal
                if value.dtype.kind == "U"
                else lambda a, b: np.allclose(a, b, 1e-4, 1e-5)
            )
            if not same(answer, value):
                raise RuntimeError(
                    f"The exported `{name}` gives another `{key}` than the model. "
                    f"Exported: {answer}; model: {value}"
                )


def run_in_session(saved_model, examples, operations=(), interpreter=sys.executable):
    """`{signature: {output: nested lists}}`, from a process that holds none of our code.

    Another `interpreter` has another TensorFlow.
    """
    result = subprocess.run(
        [str(interpreter), "-I", str(CHECKER), str(saved_model), *operations],
        input=json.dumps(
            {
                name: {key: as_json(value) for key, value in inputs.items()}
                for name, inputs in examples.items()
            }
        ),
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise RuntimeError(f"The exported model fails in a clean session:\n{result.stderr[-2000:]}")
    return json.loads(result.stdout)


def as_json(array):
    """An array as nested lists, its bytes as text."""
    array = np.asarray(array)
    if array.dtype.kind in "OS":
        return np.vectorize(lambda b: b.decode() if isinstance(b, bytes) else b, otypes=[object])(
            array
        ).tolist()
    return array.tolist()
