"""Runs a SavedModel as a model server does: in a session, with no Python of the project at hand.

    python -I saved_model_session.py SAVED_MODEL [MODULE ...] < requests.json > answers.json

`requests.json` is `{signature: {input: nested lists}}`, the answers likewise with outputs. This
file can be run by its path and imports nothing of the project; run so, nor can the model.
"""

import importlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow.compat.v1 as tf  # pyright: ignore[reportMissingImports]


def main(saved_model, requests):
    """The answers to all requests."""
    session, signatures = opened(saved_model)
    with session:
        answers = {name: run(session, signatures[name], value) for name, value in requests.items()}
    return {
        name: {key: as_lists(value) for key, value in outputs.items()}
        for name, outputs in answers.items()
    }


def opened(saved_model):
    """A session that holds the model, and `{name: SignatureDef}`."""
    verbosity = tf.logging.get_verbosity()
    tf.logging.set_verbosity(tf.logging.ERROR)  # that sessions are old is no news
    session = tf.Session(graph=tf.Graph())
    try:
        with session.graph.as_default():
            return session, tf.saved_model.load(session, ["serve"], saved_model).signature_def
    except BaseException:
        session.close()
        raise
    finally:
        tf.logging.set_verbosity(verbosity)


def run(session, signature, inputs, options=None):
    """The outputs of one signature, `{name: array}`."""
    feeds = {
        signature.inputs[key].name: np.array(
            value, tf.as_dtype(signature.inputs[key].dtype).as_numpy_dtype
        )
        for key, value in inputs.items()
    }
    return session.run({key: info.name for key, info in signature.outputs.items()}, feeds, options)


def as_lists(array):
    """An array as nested lists, its bytes as text."""
    if array.dtype == object:
        return [item.decode() if isinstance(item, bytes) else as_lists(item) for item in array]
    return array.tolist()


if __name__ == "__main__":
    for name in ("tfseq", "apps"):
        sys.modules[name] = None  # pyright: ignore[reportArgumentType] importing it fails from now on
    for module in sys.argv[2:]:  # for their operations, which a stock server has
        importlib.import_module(module)
    json.dump(main(sys.argv[1], json.load(sys.stdin)), sys.stdout)
