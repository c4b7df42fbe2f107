"""How tests ask a server: plain HTTP of the standard library, and the official stubs."""

import http.client
import json
import threading

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

NO_LIMIT = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Rest:
    """Connections to a REST port, one for each thread, open until the end of the `with`."""

    def __init__(self, port):
        self.port = port
        self.local = threading.local()
        self.opened = []

    def send(self, method, path, body=None, headers=()):
        """Status, headers and bytes of one answer."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.opened.append(self.local.connection)
        self.local.connection.request(method, path, body, dict(headers))
        response = self.local.connection.getresponse()
        return response.status, response.headers, response.read()

    def get(self, path):
        """Status and JSON of a GET."""
        status, _, body = self.send("GET", path)
        return status, json.loads(body)

    def predict(self, model, document):
        """Status and JSON of a prediction; `model` may go on with `/versions/2`."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        status, _, answer = self.send("POST", f"/v1/models/{model}:predict", body)
        return status, json.loads(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.opened:
            connection.close()


class Grpc:
    """A channel to a gRPC port, or to an address, open until the end of the `with`."""

    def __init__(self, port, *options):
        place = port if isinstance(port, str) else f"127.0.0.1:{port}"
        self.channel = grpc.insecure_channel(place, options=[*NO_LIMIT, *options])
        self.stub = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)

    def predict(self, model, inputs, signature="", timeout=60, **spec):
        """The outputs as arrays.

        Args:
            model: Its name.
            inputs: `{name: array}`.
            signature: Its name.
            timeout: The deadline, in seconds.
            **spec: `version` or `version_label`; `output_filter`.
        """
        request = predict_pb2.PredictRequest(output_filter=spec.pop("output_filter", ()))
        request.model_spec.name, request.model_spec.signature_name = model, signature
        if "version" in spec:
            request.model_spec.version.value = spec["version"]
        if "version_label" in spec:
            request.model_spec.version_label = spec["version_label"]
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        answer = self.stub.Predict(request, timeout=timeout)
        return {name: tf.make_ndarray(value) for name, value in answer.outputs.items()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
