"""Runs a SavedModel as a model server does: in a session, with no Python of the project at hand.

    python -I saved_model_session.py SAVED_MODEL [MODULE ...] < requests.json > answers.json

`requests.json` is `{signature: {input: nested lists}}`, the answers likewise with outputs. This
file is run by its path and imports nothing of the project; nor can the model.
"""

import importlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for name in ("tfseq", "apps"):
    sys.modules[name] = None  # pyright: ignore[reportArgumentType] importing it fails from now on

import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402  # pyright: ignore[reportMissingImports]


def main(saved_model, requests):
    """The answers to all requests."""
    with tf.Session(graph=tf.Graph()) as session:
        signatures = tf.saved_model.load(session, ["serve"], saved_model).signature_def
        return {name: run(session, signatures[name], inputs) for name, inputs in requests.items()}


def run(session, signature, inputs):
    """The outputs of one signature, as nested lists."""
    feeds = {
        signature.inputs[key].name: np.array(
            value, tf.as_dtype(signature.inputs[key].dtype).as_numpy_dtype
        )
        for key, value in inputs.items()
    }
    fetches = {key: info.name for key, info in signature.outputs.items()}
    return {key: as_lists(value) for key, value in session.run(fetches, feeds).items()}


def as_lists(array):
    """An array as nested lists, its bytes as text."""
    if array.dtype == object:
        return [item.decode() if isinstance(item, bytes) else as_lists(item) for item in array]
    return array.tolist()


if __name__ == "__main__":
    for module in sys.argv[2:]:  # for their operations, which a stock server has
        importlib.import_module(module)
    tf.logging.set_verbosity(tf.logging.ERROR)
    json.dump(main(sys.argv[1], json.load(sys.stdin)), sys.stdout)
