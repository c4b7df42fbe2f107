"""The server's files in text format, read by the official messages.

`tensorflow-serving-api` has `ModelServerConfig` alone. The other two are declared here with the
fields of `session_bundle_config.proto` and `monitoring_config.proto`: names and types are all that
the text format needs.
"""

import pathlib

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

Field = descriptor_pb2.FieldDescriptorProto
WRAPPERS = wrappers_pb2.DESCRIPTOR.name
BATCHING = {
    "max_batch_size": "Int64Value",
    "batch_timeout_micros": "Int64Value",
    "max_enqueued_batches": "Int64Value",
    "num_batch_threads": "Int64Value",
    "thread_pool_name": "StringValue",
    "enable_large_batch_splitting": "BoolValue",
    "max_execution_batch_size": "Int64Value",
}


def declared():
    """A pool with the two messages that the package lacks."""
    file = descriptor_pb2.FileDescriptorProto(
        name="model_server_configs.proto",
        package="tensorflow.serving",
        syntax="proto3",
        dependency=[WRAPPERS],
    )
    batching = file.message_type.add(name="BatchingParameters")
    for number, (name, kind) in enumerate(BATCHING.items(), 1):
        add_field(batching, number, name, type_name=f".google.protobuf.{kind}")
    add_field(batching, 20, "allowed_batch_sizes", Field.TYPE_INT64, repeated=True)
    add_field(batching, 21, "pad_variable_length_inputs", Field.TYPE_BOOL)
    prometheus = file.message_type.add(name="PrometheusConfig")
    add_field(prometheus, 1, "enable", Field.TYPE_BOOL)
    add_field(prometheus, 2, "path", Field.TYPE_STRING)
    monitoring = file.message_type.add(name="MonitoringConfig")
    kind = ".tensorflow.serving.PrometheusConfig"
    add_field(monitoring, 1, "prometheus_config", type_name=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def add_field(message, number, name, kind=Field.TYPE_MESSAGE, type_name=None, repeated=False):
    """One more field of a message that is being declared."""
    label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
    message.field.add(name=name, number=number, label=label, type=kind, type_name=type_name)


def message_class(pool, name):
    """The class of a declared message."""
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tensorflow.serving.{name}"))


POOL = declared()
BatchingParameters = message_class(POOL, "BatchingParameters")
MonitoringConfig = message_class(POOL, "MonitoringConfig")
ModelServerConfig = model_server_config_pb2.ModelServerConfig


def read(path, kind):
    """A file in text format as a message of `kind`.

    Raises:
        text_format.ParseError: It has a field that the message does not know, or no such form.
    """
    return text_format.Parse(pathlib.Path(path).read_text(), kind())


def one_model(name, base_path):
    """The configuration that `--model_name` and `--model_base_path` stand for."""
    config = ModelServerConfig()
    config.model_config_list.config.add(
        name=name, base_path=str(base_path), model_platform="tensorflow"
    )
    return config
