"""Warm-up: the requests a server runs before it says that it is ready, in a file of the export."""

import functools

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from tfseq.serving.layout import WARM_UP

MOST_RECORDS = 1000  # more of them make the server refuse the model
# What is used of `tensorflow_serving/apis/{prediction_log,predict,model}.proto`, so that neither
# an export nor a check needs the serving package: the fields' numbers, names and kinds.
MESSAGES = {
    "ModelSpec": {3: ("signature_name", "string")},
    "Input": {1: ("key", "string"), 2: ("value", ".tensorflow.TensorProto")},  # an entry of a map
    "PredictRequest": {1: ("model_spec", "ModelSpec"), 2: ("inputs", "Input*")},
    "PredictLog": {1: ("request", "PredictRequest")},
    "PredictionLog": {6: ("predict_log", "PredictLog")},
}


@functools.cache
def message_class(name):
    """The class of one of the `MESSAGES`."""
    tensor = tf.make_tensor_proto(0).DESCRIPTOR.file
    file = descriptor_pb2.FileDescriptorProto(
        name="tfseq/warm_up.proto", package="tfseq", syntax="proto3", dependency=[tensor.name]
    )
    for each, fields in MESSAGES.items():
        described = file.message_type.add(name=each)
        for number, (field, kind) in fields.items():
            described.field.add(name=field, number=number, **described_kind(kind))
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tfseq.{name}"))


def described_kind(kind):
    """How a descriptor says what a field holds."""
    described = descriptor_pb2.FieldDescriptorProto
    if kind == "string":
        return {"type": described.TYPE_STRING, "label": described.LABEL_OPTIONAL}
    label = described.LABEL_REPEATED if kind.endswith("*") else described.LABEL_OPTIONAL
    name = kind.removesuffix("*")
    full = name if name.startswith(".") else f".tfseq.{name}"
    return {"type": described.TYPE_MESSAGE, "type_name": full, "label": label}


def write_warm_up(version, examples):
    """Write requests, `{signature: {input: array}}`, as TFRecords of `PredictionLog`."""
    path = version / WARM_UP
    path.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for name, inputs in examples.items():
            log = message_class("PredictionLog")()
            request = log.predict_log.request
            request.model_spec.signature_name = name
            for key, value in inputs.items():
                request.inputs.add(key=key, value=tf.make_tensor_proto(value))
            writer.write(log.SerializeToString())


def read_warm_up(version):
    """Yield the requests as `(signature, {input: array})`.

    Raises:
        ValueError: The file is no TFRecord file, holds too many records, or one that is no request
            for a prediction.
    """
    number = 1
    try:
        for record in tf.data.TFRecordDataset(str(version / WARM_UP)):
            if number > MOST_RECORDS:
                raise ValueError(f"there may be {MOST_RECORDS} at most")
            log = message_class("PredictionLog").FromString(bytes(record.numpy()))
            if not log.HasField("predict_log"):
                raise ValueError("it is no request for a prediction")
            request = log.predict_log.request
            inputs = {entry.key: tf.make_ndarray(entry.value) for entry in request.inputs}
            yield request.model_spec.signature_name or "serving_default", inputs
            number += 1
    except (tf.errors.OpError, message.DecodeError, TypeError, ValueError) as error:
        raise ValueError(f"record {number}: {error}") from error
