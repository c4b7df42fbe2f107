"""Requests that are run together: joined, taken apart, kept apart."""

import threading
import time
from concurrent import futures

import grpc
import numpy as np
import pytest
from google.protobuf import text_format

from tests.serving.asking import Grpc
from tests.serving.model_server import configs
from tests.serving.model_server.batching import Batcher
from tests.serving.model_server.models import Models
from tests.serving.model_server.server import ModelServer
from tests.serving.model_server.status import StatusError


def parameters(text):
    return text_format.Parse(text, configs.BatchingParameters())


TOGETHER = parameters(
    "max_batch_size { value: 8 } batch_timeout_micros { value: 200000 } "
    "num_batch_threads { value: 1 }"
)


class Runs:
    """A session that doubles, and remembers what it was given."""

    def __init__(self):
        self.seen = []
        self.held = threading.Event()
        self.held.set()

    def __call__(self, inputs, fetches, timeout):
        self.held.wait()
        self.seen.append({name: array.tolist() for name, array in inputs.items()})
        return [2 * inputs["x"] for _ in fetches]


def ask(batcher, *requests, timeout=60):
    """All requests at once, each from a thread of its own; answers or errors in their order."""

    def one(rows):
        try:
            (answer,) = batcher.run({"x": np.array(rows)}, ["y"], timeout)
        except StatusError as error:
            return error
        return answer.tolist()

    with futures.ThreadPoolExecutor(len(requests)) as pool:
        asked = []
        for rows in requests:
            asked.append(pool.submit(one, rows))
            time.sleep(0.01)  # so that their order is known
        return [answer.result() for answer in asked]


def test_requests_of_one_moment_are_one_run_and_each_gets_its_rows():
    runs = Runs()
    assert ask(Batcher(runs, TOGETHER), [1], [2, 3], [4, 5, 6, 7, 8]) == [
        [2],
        [4, 6],
        [8, 10, 12, 14, 16],
    ]
    assert runs.seen == [{"x": [1, 2, 3, 4, 5, 6, 7, 8]}]


def test_a_batch_is_filled_up_to_an_allowed_size_with_its_last_requests_first_row():
    runs, allowed = Runs(), parameters("")
    allowed.CopyFrom(TOGETHER)
    allowed.allowed_batch_sizes.extend([2, 5, 8])
    assert ask(Batcher(runs, allowed), [1], [2, 3]) == [[2], [4, 6]]
    assert runs.seen == [{"x": [1, 2, 3, 2, 2]}]


def test_a_large_request_is_refused_or_run_in_pieces():
    (error,) = ask(Batcher(Runs(), TOGETHER), list(range(9)))
    assert error.message == "Task size 9 is larger than maximum input batch size 8"
    runs = Runs()
    splits = parameters(
        "max_batch_size { value: 8 } enable_large_batch_splitting { value: true } "
        "max_execution_batch_size { value: 3 } num_batch_threads { value: 1 }"
    )
    assert ask(Batcher(runs, splits), list(range(7))) == [[0, 2, 4, 6, 8, 10, 12]]
    assert [run["x"] for run in runs.seen] == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_full_queue_refuses():
    runs = Runs()
    short = parameters(
        "max_batch_size { value: 2 } max_enqueued_batches { value: 1 } "
        "num_batch_threads { value: 1 }"
    )
    runs.held.clear()
    batcher = Batcher(runs, short)
    with futures.ThreadPoolExecutor(1) as pool:
        answers = pool.submit(ask, batcher, [1, 2], [3, 4], [5])
        time.sleep(0.2)
        runs.held.set()
        *served, refused = answers.result()
    assert served == [[2, 4], [6, 8]]
    assert refused.code is grpc.StatusCode.UNAVAILABLE


def test_a_request_gives_up_at_its_deadline():
    runs = Runs()
    runs.held.clear()
    (error,) = ask(Batcher(runs, TOGETHER), [1], timeout=0.3)
    runs.held.set()
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_allowed_sizes_must_end_with_the_largest_batch():
    wrong = parameters("max_batch_size { value: 8 } allowed_batch_sizes: 4")
    with pytest.raises(StatusError, match="Last entry in allowed_batch_sizes must match"):
        Batcher(Runs(), wrong)


@pytest.fixture(scope="module")
def client(sample):
    models = Models(configs.one_model("sample", sample), TOGETHER)
    with ModelServer(models, rest_api_port=None) as server, Grpc(server.port) as client:
        yield client


def test_requests_over_the_wire_are_run_together(client):
    def one(number):
        inputs = {"text": np.array([f"t{number}"], object), "count": np.array([number], "i4")}
        answer = client.predict("sample", inputs, "mixed")
        return answer["text"][0], answer["count"][0], answer["rows"][0]

    with futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert [(text, count) for text, count, _ in answers] == [
        (f"t{number}".encode(), number) for number in range(8)
    ]
    assert max(rows for *_, rows in answers) > 1


@pytest.mark.parametrize(
    ("signature", "shape", "error"),
    [
        ("scalar", [2], "Batched output tensor has 0 dimensions"),
        ("checked", [], "Batching Run() input tensors must have at least one dimension"),
    ],
)
def test_what_cannot_be_batched_is_told(client, signature, shape, error):
    with pytest.raises(grpc.RpcError) as caught:
        client.predict("sample", {"x": np.ones(shape, "i4")}, signature)
    assert error in caught.value.details()
