"""REST as TensorFlow Serving answers it; the texts of errors are those of its source."""

import base64
import json

import numpy as np
import pytest

from tests.serving.asking import Rest
from tests.serving.model_server import configs, json_answers
from tests.serving.model_server.models import Models
from tests.serving.model_server.server import ModelServer


@pytest.fixture(scope="module")
def running(sample):
    config = configs.one_model("sample", sample)
    config.model_config_list.config[0].version_labels["stable"] = 1
    models = Models(config, labels_may_wait=True)
    with ModelServer(models, cors=True, metrics_path="/metrics") as server:
        yield server


@pytest.fixture(scope="module")
def rest(running):
    with Rest(running.rest_api_port) as rest:
        yield rest


def mixed(**document):
    return {"signature_name": "mixed", **document}


def test_rows_of_one_input_may_be_plain_values(rest):
    asked = {"signature_name": "half", "instances": [[1.0, 3], [2, 0.2]]}
    assert rest.predict("sample", asked) == (200, {"predictions": [[0.5, 1.5], [1.0, 0.1]]})


def test_rows_of_several_inputs_are_objects(rest):
    asked = mixed(instances=[{"text": "a", "count": 1}, {"count": -2, "text": "é"}])
    assert rest.predict("sample", asked) == (
        200,
        {
            "predictions": [
                {"text": "a", "copy_bytes": {"b64": "YQ=="}, "count": 1, "rows": 2},
                {"text": "é", "copy_bytes": {"b64": "w6k="}, "count": -2, "rows": 2},
            ]
        },
    )


def test_columns_come_back_as_columns(rest):
    asked = mixed(inputs={"text": ["a", "b"], "count": [1, 2]})
    answer = {
        "text": ["a", "b"],
        "copy_bytes": [{"b64": "YQ=="}, {"b64": "Yg=="}],
        "count": [1, 2],
        "rows": [2, 2],
    }
    assert rest.predict("sample", asked) == (200, {"outputs": answer})


def test_one_column_needs_no_name(rest):
    asked = {"signature_name": "half", "inputs": [[1.0], [4.0]]}
    assert rest.predict("sample", asked) == (200, {"outputs": [[0.5], [2.0]]})


def test_columns_may_have_no_rows(rest):
    assert rest.predict("sample", mixed(inputs={"text": [], "count": []})) == (
        200,
        {"outputs": {"text": [], "copy_bytes": [], "count": [], "rows": []}},
    )


def test_bytes_come_in_base_64_and_go_out_so_by_name(rest):
    binary = b"\xff\x00\xfe"
    row = {"text": {"b64": base64.b64encode(binary).decode()}, "count": 0}
    body = json.dumps(mixed(instances=[row])).encode()
    status, _, answer = rest.send("POST", "/v1/models/sample:predict", body)
    assert status == 200
    assert b'"text": "\xff\\u0000\xfe"' in answer  # as it is: no client can read that as UTF-8
    assert (
        json.loads(answer.decode(errors="replace"))["predictions"][0]["copy_bytes"] == row["text"]
    )


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"instances": []}, "No values in 'instances' array"),
        ({"instances": {"text": "a"}}, "Excepting 'instances' to be an list/array"),
        ({"instances": ["a"], "inputs": ["a"]}, "expecting only one of 'inputs' or 'instances'"),
        ({"signature_name": 3, "instances": ["a"]}, "'signature_name' key must be a string value."),
        (
            {"signature_name": "nope", "instances": ["a"]},
            'Serving signature name: "nope" not found in signature def',
        ),
        (mixed(inputs={"text": ["a"]}), "Missing named input: count in 'inputs' object."),
        (mixed(inputs=["a"]), "inputs is a plain value/list, but expecting an object"),
        (mixed(instances=["a"]), "instances is a plain list, but expecting list of objects"),
        (mixed(instances=[{"text": "a"}]), "keys must be equal to: count,text"),
        (
            mixed(instances=[{"text": "a", "count": 1, "seed": 2}]),
            "key: seed of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have "
            "named input: seed",
        ),
        (
            mixed(instances=[{"text": "a", "count": 1.5}]),
            "1.5 Type: Number is not of expected type",
        ),
        (mixed(instances=[{"text": "a", "count": 2**31}]), "is not of expected type: int32"),
        (mixed(instances=[{"text": "a", "count": True}]), "Type: True is not of expected type"),
        (
            mixed(instances=[{"text": 7, "count": 1}]),
            "Type: Number is not of expected type: string",
        ),
        (mixed(instances=[{"text": {"b64": "?"}, "count": 1}]), "Unable to base64 decode"),
        (
            mixed(instances=[{"text": {"b65": "eA=="}, "count": 1}]),
            "not formatted correctly for base64 data",
        ),
        ({"instances": ["a", ["b"]]}, "Expecting shape [] but got: [1]"),
        ({"instances": ["a", {"text": "b"}]}, "Expecting value/list but got object at item 1"),
        (
            {"signature_name": "half", "instances": [[1], [2, 3]]},
            "Expecting tensor size: 1 but got: 2",
        ),
        (
            {"signature_name": "half", "inputs": [[1, 2], [3]]},
            "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        ),
        (
            {"signature_name": "half", "inputs": [[1, [2]]]},
            "Encountered list at unexpected level: 2",
        ),
        (
            {"signature_name": "half", "inputs": [[1], 2]},
            "found at incorrect level: 2 in the JSON DOM",
        ),
        ({"signature_name": "half", "inputs": [[2**24]]}, "to float without loss of precision."),
        ({"signature_name": "scalar", "instances": [1]}, "Tensor name: y has no shape information"),
        ({"signature_name": "checked", "instances": [0]}, "x is not positive"),
        (b"", "JSON Parse error: The document is empty"),
        (b"[1]", "Is not object"),
        (b'{"instances": ["\xc3\xa9", }', "JSON Parse error: Invalid value. at offset: 21"),
        (b'{"instances": ["\\ud83d"]}', "The surrogate pair in string is invalid. at offset: 16"),
        (b'{"inputs": ' + b"[" * 100_000, "JSON Parse error"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_request_is_told_what_is_wrong(rest, document, error):
    status, answer = rest.predict("sample", document)
    assert status == 400
    assert error in answer["error"]


@pytest.mark.parametrize(
    ("model", "status", "error"),
    [
        ("other", 404, "Servable not found for request: Latest(other)"),
        ("sample/versions/7", 404, "Servable not found for request: Specific(sample, 7)"),
        ("sample/labels/canary", 400, "Unrecognized servable version label: canary"),
        ("sample/versions/x", 400, "Malformed request: POST /v1/models/sample/versions/x:predict"),
    ],
)
def test_what_is_not_served_is_told(rest, model, status, error):
    assert rest.predict(model, {"instances": ["a"]}) == (status, {"error": error})


@pytest.mark.parametrize("path", ["sample", "sample/versions/1", "sample/labels/stable"])
def test_a_version_is_named_by_number_label_or_not_at_all(rest, path):
    answer = rest.predict(path, {"instances": ["a"]})
    assert answer == (200, {"predictions": [{"version": 1, "text": "a"}]})


def test_the_state_of_a_model(rest):
    version = {
        "version": "1",
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    assert rest.get("/v1/models/sample") == (200, {"model_version_status": [version]})
    assert rest.get("/v1/models/sample/labels/stable")[1]["model_version_status"] == [version]
    assert rest.get("/v1/models/other") == (
        404,
        {"error": "Could not find any versions of model other"},
    )
    assert rest.get("/v1/models")[0] == 400


def test_the_signatures_of_a_version(rest):
    status, answer = rest.get("/v1/models/sample/versions/1/metadata")
    assert status == 200
    assert answer["model_spec"]["name"] == "sample"
    assert answer["model_spec"]["version"] == "1"
    count = answer["metadata"]["signature_def"]["signature_def"]["mixed"]["inputs"]["count"]
    assert count["dtype"] == "DT_INT32"
    assert [size["size"] for size in count["tensor_shape"]["dim"]] == ["-1"]


def test_numbers_that_are_none_go_in_and_out(rest):
    asked = b'{"signature_name": "half", "instances": [[NaN, Infinity, -Infinity, 1e-3]]}'
    status, answer = rest.predict("sample", asked)
    assert status == 200
    np.testing.assert_array_equal(answer["predictions"], [[np.nan, np.inf, -np.inf, 0.0005]])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.333333343"),
        (2.0, "2.0"),
        (1e-7, "1e-07"),
        (16777215.0, "16777215.0"),
    ],
)
def test_numbers_have_no_digits_of_noise(number, text):
    assert json_answers.answer({"y": np.array([number], np.float32)}, False).decode().split() == [
        *["{", '"outputs":', "["],
        text,
        *["]", "}"],
    ]


def test_pages_of_other_places_may_ask_where_the_option_says_so(rest):
    status, headers, _ = rest.send("OPTIONS", "/v1/models/sample:predict")
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "POST, GET"
    assert headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_prometheus_reads_what_was_asked(rest):
    rest.predict("sample", {"instances": ["a"]})
    rest.predict("other", {"instances": ["a"]})
    status, headers, page = rest.send("GET", "/metrics")
    lines = dict(line.rsplit(" ", 1) for line in page.decode().splitlines())
    assert (status, headers["Content-Type"]) == (200, "text/plain")
    answered = int(lines[':tensorflow:serving:request_count{model_name="sample",status="OK"}'])
    assert answered > 0
    labels = 'model_name="sample",API="predict",entrypoint="REST"'
    assert int(lines[f":tensorflow:serving:request_latency_count{{{labels}}}"]) >= answered
    refused = ':tensorflow:serving:request_count{model_name="other",status="NOT_FOUND"}'
    assert int(lines[refused]) > 0
