"""A model behind the gRPC interface of TensorFlow Serving, by its official stubs.

They are the package `tensorflow-serving-api`, the extra `serve`, and need TensorFlow.
"""

import urllib.parse

import grpc
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tfseq.serving.errors import ServingError
from tfseq.serving.rest import model_of
from tfseq.serving.signatures import signatures_of

# Answers may be larger than the 4 MB that a client takes by itself; retries are ours.
OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_retries", 0),
]


class Rpc:
    """A model at `grpc://HOST:PORT/v1/models/NAME`, perhaps `.../versions/N` or `.../labels/L`.

    All threads share one channel. `grpcs` is gRPC over TLS.
    """

    def __init__(self, url):
        self.url = url
        self.name, self.version, self.label = model_of(url)
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "grpcs":
            credentials = grpc.ssl_channel_credentials()
            self.channel = grpc.secure_channel(parts.netloc, credentials, OPTIONS)
        else:
            self.channel = grpc.insecure_channel(parts.netloc, OPTIONS)
        self.stub = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)

    def signatures(self, deadline):
        """`{name: Signature}` of the model."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        self.address(request.model_spec)
        response = self.ask(self.stub.GetModelMetadata, request, deadline)
        found = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(found)
        return signatures_of(
            {
                name: json_format.MessageToDict(definition, preserving_proto_field_name=True)
                for name, definition in found.signature_def.items()
            }
        )

    def run(self, name, signature, batch, deadline):
        """The outputs of one batch, `{name: array}`."""
        request = predict_pb2.PredictRequest()
        self.address(request.model_spec)
        request.model_spec.signature_name = name
        for key, value in batch.items():
            dtype = signature.inputs[key].dtype
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value, dtype, value.shape))
        response = self.ask(self.stub.Predict, request, deadline)
        return {key: tf.make_ndarray(value) for key, value in response.outputs.items()}

    def close(self):
        """Close the channel."""
        self.channel.close()

    def address(self, model_spec):
        """Say which model and which of its versions is meant."""
        model_spec.name = self.name
        if self.version is not None:
            model_spec.version.value = self.version
        if self.label is not None:
            model_spec.version_label = self.label

    def ask(self, method, request, deadline):
        """The response of one call."""
        try:
            return method(request, timeout=deadline.left())
        except grpc.RpcError as error:
            raise ServingError(self.url, error.code().name, error.details() or "") from error
