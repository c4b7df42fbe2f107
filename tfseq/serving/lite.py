"""Models for small devices: LiteRT files, ids in and ids out, by built-in operations alone."""

import contextlib
import os
import tempfile
import warnings

import numpy as np
import tensorflow as tf


def convert(function, int8=False):
    """A traced function as the bytes of a LiteRT file.

    Args:
        function: A `tf.function` with an input signature, returning a dict.
        int8: Whether the matrices are kept in 8 bits, each with scales of its own ("dynamic
            range"): a quarter of the size. Inputs, outputs and states stay as they are.

    Raises:
        ValueError: The function needs operations that LiteRT does not have.
    """
    with tempfile.TemporaryDirectory() as directory, quiet():
        module = tf.Module()
        module.weights = list(function.get_concrete_function().variables)
        tf.saved_model.save(module, directory, signatures={"serving_default": function})
        converter = tf.lite.TFLiteConverter.from_saved_model(directory)
        converter.optimizations = [tf.lite.Optimize.DEFAULT] if int8 else []
        try:
            return converter.convert()
        except Exception as error:
            raise ValueError(f"`function` must have operations of LiteRT alone. {error}") from error


class Lite:
    """A LiteRT file in TensorFlow's own interpreter.

    Args:
        content: Its bytes.
    """

    def __init__(self, content):
        with warnings.catch_warnings():
            # TensorFlow says that its interpreter goes on as the package `ai-edge-litert`.
            warnings.simplefilter("ignore")
            self.interpreter = tf.lite.Interpreter(model_content=content)
        self.signature = self.interpreter.get_signature_runner()
        self.inputs = self.signature.get_input_details()

    def __call__(self, **inputs):
        """The outputs, `{name: array}`."""
        arrays = {
            name: np.asarray(value, self.inputs[name]["dtype"]) for name, value in inputs.items()
        }
        return self.signature(**arrays)


@contextlib.contextmanager
def quiet():
    """The converter writes notes of its own to the process's error stream; not those."""
    sink = os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(2)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)
