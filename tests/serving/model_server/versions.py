"""One version of a model: its SavedModel in a session, warmed before anyone may ask it."""

import pathlib

import tensorflow as tf
import tensorflow_text  # noqa: F401 its operations are linked into the stock server
from tensorflow_serving.apis import prediction_log_pb2

from tests.serving.model_server.batching import Batcher
from tests.serving.model_server.status import Code, StatusError, invalid, raised_as_status

WARM_UP = pathlib.Path("assets.extra", "tf_serving_warmup_requests")
DEFAULT = "serving_default"


class Version:
    """A loaded version.

    Args:
        name: The model's.
        number: Of the version.
        path: Its folder.
        batching: A `BatchingParameters`; None where each request runs alone.
        warms_up: Whether the requests of its warm-up file are run before it is given out.
    """

    def __init__(self, name, number, path, batching=None, warms_up=True):
        self.name, self.number = name, number
        self.users = 0  # requests that it is answering; counted by its model
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        self.batcher = None
        try:
            graph = tf.compat.v1.saved_model.load(self.session, ["serve"], str(path))
            self.signatures = dict(graph.signature_def)
            if warms_up and (path / WARM_UP).exists():
                self.warm_up(path / WARM_UP)
            if batching is not None:
                self.batcher = Batcher(self.run, batching)
        except BaseException:
            self.close()
            raise

    def warm_up(self, path):
        """Run each record of the warm-up file."""
        for record in tf.compat.v1.io.tf_record_iterator(str(path)):
            request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
            inputs = {name: from_proto(value) for name, value in request.inputs.items()}
            self.predict(request.model_spec.signature_name, inputs)

    def close(self):
        """Give back what it holds."""
        if self.batcher:
            self.batcher.close()
        self.session.close()

    def predict(self, signature_name, inputs, output_filter=(), timeout=None):
        """The outputs by name, of inputs by name (`predict_util.cc`)."""
        signature = self.signatures.get(signature_name or DEFAULT)
        if signature is None:
            raise StatusError(
                Code.FAILED_PRECONDITION,
                f'Serving signature key "{signature_name or DEFAULT}" not found.',
            )
        feeds = checked_feeds(signature, inputs)
        names = checked_filter(signature, output_filter) or sorted(signature.outputs)
        fetches = [signature.outputs[name].name for name in names]
        with raised_as_status():
            run = self.batcher.run if self.batcher else self.run
            return dict(zip(names, run(feeds, fetches, timeout), strict=True))

    def run(self, inputs, fetches, timeout):
        """One run of the session; a deadline of 0 seconds or none at all is no deadline."""
        options = tf.compat.v1.RunOptions(timeout_in_ms=int(1000 * (timeout or 0)))
        return self.session.run(fetches, inputs, options=options)


def checked_feeds(signature, inputs):
    """The inputs by their tensors' names, the signature's defaults where the request has none."""
    asked, known = set(inputs), set(signature.inputs)
    if len(asked) > len(known) or (len(asked) < len(known) and not signature.defaults):
        extra, missing = asked - known, known - asked
        raise invalid(
            f"input size does not match signature: {len(asked)}!={len(known)} "
            f"len({listed(asked)}) != len({listed(known)}). Sent extra: {listed(extra)}. "
            f"Missing but required: {listed(missing)}."
        )
    for name in sorted(asked - known):
        raise invalid(
            f"input tensor alias not found in signature: {name}. Inputs expected to be in the set "
            f"{listed(known)}."
        )
    arrays = {name: from_proto(value) for name, value in signature.defaults.items()} | inputs
    for place, name in enumerate(sorted(known)):
        info = signature.inputs[name]
        if name not in arrays:
            raise invalid(
                f"Signature input alias: {name}(feed name: {info.name}) not found in request and "
                f"no default value provided. Inputs expected to be in the request {listed(asked)}"
            )
        wanted, given = tf.as_dtype(info.dtype), tf.as_dtype(arrays[name].dtype)
        if given != wanted:
            raise invalid(f"Expects arg[{place}] to be {wanted.name} but {given.name} is provided")
    return {signature.inputs[name].name: array for name, array in arrays.items()}


def checked_filter(signature, output_filter):
    """The names of the outputs asked for, each known and once."""
    seen = []
    for name in output_filter:
        if name not in signature.outputs:
            raise invalid(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the "
                f"set {listed(signature.outputs)}."
            )
        if name in seen:
            raise invalid(f"duplicate output tensor alias: {name}")
        seen.append(name)
    return seen


def listed(names):
    """Names as the server lists them."""
    return "{" + ",".join(sorted(names)) + "}"


def from_proto(tensor):
    """A `TensorProto` as an array.

    Raises:
        StatusError: Its parts contradict each other.
    """
    try:
        return tf.make_ndarray(tensor)
    except Exception as error:
        raise invalid(f"tensor parsing error: {error}") from error


def to_proto(array):
    """An array as a `TensorProto`."""
    return tf.make_tensor_proto(array)
