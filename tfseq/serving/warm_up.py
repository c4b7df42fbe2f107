"""Warm-up: the requests a server runs before it says that it is ready, beside the model."""

import pathlib

import tensorflow as tf

WARM_UP = pathlib.Path("assets.extra", "tf_serving_warmup_requests")


def write_warm_up(path, examples):
    """Write requests, `{signature: {input: array}}`, as TFRecords of `PredictionLog`.

    The few fields are written by hand, so that an export needs no serving package; the numbers are
    those of `tensorflow_serving/apis/{prediction_log,predict,model}.proto`.
    """
    path.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for name, inputs in examples.items():
            writer.write(prediction_log(name, inputs))


def prediction_log(signature, inputs):
    """A serialised `PredictionLog` of one `PredictRequest`."""
    model_spec = field(3, signature.encode())
    request = field(1, model_spec)
    for key, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += field(
            2, field(1, key.encode()) + field(2, tensor)
        )  # an entry of the map `inputs`
    return field(6, field(1, request))  # predict_log.request


def field(number, payload):
    """A length-delimited field of a protocol buffer."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value):
    """A whole number, seven bits to a byte, the lowest first."""
    head = b""
    while value > 127:
        head += bytes([value & 127 | 128])
        value >>= 7
    return head + bytes([value])
