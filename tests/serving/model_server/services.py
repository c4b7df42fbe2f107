"""gRPC: the official servicers, filled in."""

import contextlib
from concurrent import futures

import grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tests.serving.model_server.status import StatusError, invalid, raised_as_status
from tests.serving.model_server.versions import from_proto, to_proto

OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # two servers must not share a port unseen
]


def start(port, models, metrics, threads):
    """A running server of both services, and the port it listens on (that of `port=0`: any)."""
    pool = futures.ThreadPoolExecutor(threads)
    server = grpc.server(pool, options=OPTIONS)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(models, metrics), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(models), server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


@contextlib.contextmanager
def told(context):
    """A `StatusError` inside is what the client is told."""
    try:
        with raised_as_status():
            yield
    except StatusError as error:
        context.abort(error.code, error.message)


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Predict and GetModelMetadata; the models have no Classify, Regress or MultiInference."""

    def __init__(self, models, metrics):
        self.models, self.metrics = models, metrics

    def Predict(self, request, context):  # noqa: N802 the protocol's name
        """Tensors in, tensors out."""
        spec = request.model_spec
        with told(context), self.metrics.measured(spec.name, "GRPC"), raised_as_status():
            inputs = {name: from_proto(value) for name, value in request.inputs.items()}
            with self.models.lease(spec) as version:
                outputs = version.predict(
                    spec.signature_name, inputs, request.output_filter, context.time_remaining()
                )
            response = predict_pb2.PredictResponse()
            response.model_spec.CopyFrom(resolved(version, spec.signature_name))
            for name, array in outputs.items():
                response.outputs[name].CopyFrom(to_proto(array))
            return response

    def GetModelMetadata(self, request, context):  # noqa: N802
        """The signatures of a version."""
        with told(context):
            return metadata(self.models, request)


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """What is loaded, and another configuration."""

    def __init__(self, models):
        self.models = models

    def GetModelStatus(self, request, context):  # noqa: N802
        """The states of a model's versions."""
        with told(context):
            if not request.HasField("model_spec"):
                raise invalid("Missing ModelSpec")
            return self.models.status(request.model_spec)

    def HandleReloadConfigRequest(self, request, context):  # noqa: N802
        """Serve other models from now on."""
        response = model_management_pb2.ReloadConfigResponse()
        try:
            with raised_as_status():
                self.models.configure(request.config)
        except StatusError as error:
            response.status.error_code = error.code.value[0]
            response.status.error_message = error.message
        return response


def resolved(version, signature_name=""):
    """The `ModelSpec` that says who has answered."""
    spec = predict_pb2.PredictRequest().model_spec
    spec.name = version.name
    spec.version.value = version.number
    spec.signature_name = signature_name
    return spec


def metadata(models, request):
    """A `GetModelMetadataResponse`."""
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")
    if not request.metadata_field:
        raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != "signature_def":
            raise invalid(f"Metadata field {field} is not supported")
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    with models.lease(request.model_spec) as version:
        for name, signature in version.signatures.items():
            signatures.signature_def[name].CopyFrom(signature)
        response.model_spec.CopyFrom(resolved(version))
    response.metadata["signature_def"].Pack(signatures)
    return response
