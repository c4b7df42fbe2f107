"""gRPC as TensorFlow Serving answers it; the texts of errors are those of its source."""

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
)

from tests.serving.asking import Grpc
from tests.serving.model_server import configs
from tests.serving.model_server.models import Models
from tests.serving.model_server.server import ModelServer
from tests.serving.samples import copy_version


@pytest.fixture(scope="module")
def running(sample):
    with ModelServer(Models(configs.one_model("sample", sample)), rest_api_port=None) as server:
        yield server


@pytest.fixture(scope="module")
def client(running):
    with Grpc(running.port) as client:
        yield client


def texts(*values):
    return np.array(values, object)


def complaint(client, *args, **spec):
    """Code and text of the error of a prediction."""
    with pytest.raises(grpc.RpcError) as caught:
        client.predict(*args, **spec)
    return caught.value.code().name, caught.value.details()


def test_tensors_go_in_and_out(client):
    answer = client.predict(
        "sample", {"text": texts(b"\xff\x00", b""), "count": np.array([1, 2], "i4")}, "mixed"
    )
    assert answer["text"].tolist() == answer["copy_bytes"].tolist() == [b"\xff\x00", b""]
    np.testing.assert_array_equal(answer["rows"], [2, 2])


def test_only_the_outputs_asked_for_come_back(client):
    assert client.predict("sample", {"text": texts("a")}, output_filter=["version"]) == {
        "version": 1
    }


@pytest.mark.parametrize(
    ("inputs", "signature", "spec", "code", "text"),
    [
        (
            {"text": texts("a")},
            "mixed",
            {},
            "INVALID_ARGUMENT",
            "input size does not match signature: 1!=2 len({text}) != len({count,text}). "
            "Sent extra: {}. Missing but required: {count}.",
        ),
        ({"words": texts("a")}, "", {}, "INVALID_ARGUMENT", "alias not found in signature: words"),
        (
            {"x": np.array([1], "i8")},
            "checked",
            {},
            "INVALID_ARGUMENT",
            "Expects arg[0] to be int32 but int64 is provided",
        ),
        ({"x": np.array([0], "i4")}, "checked", {}, "INVALID_ARGUMENT", "x is not positive"),
        ({"x": np.ones([2, 2], "i4")}, "checked", {}, "INVALID_ARGUMENT", "Cannot feed value"),
        (
            {"text": texts("a")},
            "nope",
            {},
            "FAILED_PRECONDITION",
            'Serving signature key "nope" not found.',
        ),
        (
            {"text": texts("a")},
            "",
            {"output_filter": ["y"]},
            "INVALID_ARGUMENT",
            "output tensor alias not found in signature: y Outputs expected to be in the set "
            "{text,version}.",
        ),
        (
            {"text": texts("a")},
            "",
            {"output_filter": ["text", "text"]},
            "INVALID_ARGUMENT",
            "duplicate output tensor alias: text",
        ),
        (
            {"text": texts("a")},
            "",
            {"version": 7},
            "NOT_FOUND",
            "Servable not found for request: Specific(sample, 7)",
        ),
        (
            {"text": texts("a")},
            "",
            {"version_label": "stable"},
            "INVALID_ARGUMENT",
            "Unrecognized servable version label: stable",
        ),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(client, inputs, signature, spec, code, text):
    found = complaint(client, "sample", inputs, signature, **spec)
    assert found[0] == code
    assert text in found[1]


def test_a_model_needs_a_name_and_must_be_there(client):
    assert complaint(client, "", {})[1] == "ModelSpec has no name specified."
    assert complaint(client, "other", {}) == (
        "NOT_FOUND",
        "Servable not found for request: Latest(other)",
    )


def test_a_deadline_ends_the_run(client):
    code, _ = complaint(client, "sample", {"x": np.array([10**9], "i4")}, "slow", timeout=0.3)
    assert code == "DEADLINE_EXCEEDED"
    assert client.predict("sample", {"x": np.array([3], "i4")}, "slow")["y"] == [3]


def test_the_signatures_of_a_model(client):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "sample"
    answer = client.stub.GetModelMetadata(request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    answer.metadata["signature_def"].Unpack(signatures)
    assert answer.model_spec.version.value == 1
    assert signatures.signature_def["half"].inputs["x"].dtype == tf.float32.as_datatype_enum
    request.metadata_field.append("more")
    with pytest.raises(grpc.RpcError, match="Metadata field more is not supported"):
        client.stub.GetModelMetadata(request)


def test_another_configuration_goes_live_without_a_restart(sample, tmp_path):
    config = configs.one_model("sample", tmp_path / "sample")
    for number in ("1", "2"):
        copy_version(sample / "1", tmp_path / "sample" / number)
    models = Models(config)
    with ModelServer(models, rest_api_port=None) as server, Grpc(server.port) as client:
        service = model_service_pb2_grpc.ModelServiceStub(client.channel)
        assert available(service) == [2]
        request = model_management_pb2.ReloadConfigRequest(config=config)
        one = request.config.model_config_list.config[0]
        one.model_version_policy.specific.versions.extend([1, 2])
        assert service.HandleReloadConfigRequest(request).status.error_code == 0
        assert available(service) == [2, 1]
        one.version_labels["canary"] = 2
        assert service.HandleReloadConfigRequest(request).status.error_code == 0
        assert client.predict("sample", {"text": texts("a")}, version_label="canary")["text"] == [
            b"a"
        ]
        one.version_labels["next"] = 3
        refused = service.HandleReloadConfigRequest(request).status
        assert refused.error_code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
        assert "label to version 3 of model sample, which is not currently" in refused.error_message
        one.version_labels.clear()
        one.name = "renamed"
        assert service.HandleReloadConfigRequest(request).status.error_code == 0
        assert complaint(client, "sample", {})[0] == "NOT_FOUND"
        assert client.predict("renamed", {"text": texts("a")})["text"] == [b"a"]


def available(service):
    """The versions that can be asked."""
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "sample"
    states = service.GetModelStatus(request).model_version_status
    return [one.version for one in states if one.state == one.AVAILABLE]


def test_a_request_of_nothing_is_an_error_and_no_crash(client):
    with pytest.raises(grpc.RpcError, match="ModelSpec has no name"):
        client.stub.Predict(predict_pb2.PredictRequest())
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "sample"
    request.inputs["text"].dtype = tf.string.as_datatype_enum
    request.inputs["text"].tensor_shape.dim.add(size=10**12)
    with pytest.raises(grpc.RpcError) as caught:
        client.stub.Predict(request)
    assert caught.value.code().name == "INVALID_ARGUMENT"
