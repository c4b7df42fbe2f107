"""The client in front of servers that fail: tries, deadlines, refusals; what it writes to them."""

import http.server
import json
import socket
import threading
import time

import numpy as np
import pytest

from tfseq.serving import Client, ServingError, rest, retries

METADATA = {
    "metadata": {
        "signature_def": {
            "signature_def": {
                "serving_default": {
                    "inputs": {
                        "text": {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}}
                    },
                    "outputs": {
                        "raw_bytes": {
                            "dtype": "DT_STRING",
                            "tensor_shape": {"dim": [{"size": "-1"}]},
                        },
                        "text": {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}},
                    },
                }
            }
        }
    }
}
GOOD = {"outputs": {"raw_bytes": [{"b64": "/wA="}], "text": ["yes"]}}


@pytest.fixture
def failing():
    """A function from the answers to come, `(status, body)` or a function, to a target."""
    servers = []

    def start(*answers):
        left = list(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                server.connections += 1
                super().setup()

            def do_GET(self):
                server.described += 1
                self.send(200, METADATA)

            def do_POST(self):
                server.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                answer = left.pop(0) if left else (200, GOOD)
                answer(self) if callable(answer) else self.send(*answer)

            def send(self, status, document):
                content = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.seen, server.connections, server.described = [], 0, 0
        server.target = f"http://127.0.0.1:{server.server_port}/v1/models/m"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def waits(monkeypatch):
    """The seconds that were waited between tries; nobody waits."""
    seconds = []
    monkeypatch.setattr(retries, "sleep", seconds.append)
    return seconds


def hang_up(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def test_a_request_that_was_not_looked_at_is_sent_again(failing, waits):
    busy = {"error": "too busy"}
    server = failing((503, busy), (429, busy), hang_up)
    with Client(server.target) as client:
        answer = client.predict({"text": "a"})
    assert answer["text"].tolist() == ["yes"]
    assert answer["raw_bytes"].tolist() == [b"\xff\x00"]
    assert len(server.seen) == 4
    assert all(0 <= wait <= limit for wait, limit in zip(waits, [0.05, 0.1, 0.2], strict=True))


def test_a_connection_is_kept_for_the_next_request(failing):
    server = failing()
    with Client(server.target, attempts=1) as client:
        for _ in range(3):
            client.predict({"text": "a"})
        assert len(server.seen) == 3
        assert server.connections == 1


def test_tries_end(failing, waits):
    server = failing(*[(503, {"error": "too busy"})] * 9)
    with (
        Client(server.target, attempts=3) as client,
        pytest.raises(ServingError, match="UNAVAILABLE: too busy"),
    ):
        client.predict({"text": "a"})
    assert len(server.seen) == 3
    assert len(waits) == 2


def test_after_a_refusal_the_server_is_asked_anew_what_there_is(failing):
    server = failing((200, GOOD), (400, {"error": "missing: style"}))
    with Client(server.target) as client:
        client.predict({"text": "a"})
        with pytest.raises(ServingError, match="INVALID_ARGUMENT: missing: style"):
            client.predict({"text": "a"})
        assert server.described == 1
        client.predict({"text": "a"})
        assert server.described == 2


@pytest.mark.parametrize("status", [400, 404, 500, 501])
def test_a_refusal_is_final(status, failing, waits):
    server = failing((status, {"error": "no\n {{node x}} way"}))
    with (
        Client(server.target) as client,
        pytest.raises(ServingError, match=f"^{server.target}: [A-Z_]+: no way$"),
    ):
        client.predict({"text": "a"})
    assert len(server.seen) == 1
    assert waits == []


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ((200, b"<html>"), "UNKNOWN: HTTP 200, and no JSON of a model server"),
        ((502, b"<html>"), "UNKNOWN: HTTP 502, and no JSON of a model server"),
        ((200, {"outputs": ["x"]}), "UNKNOWN: an answer of another form: "),
        ((200, {"predictions": ["x"]}), "UNKNOWN: an answer of another form: "),
    ],
)
def test_what_is_no_model_servers_answer_is_one_line(answer, complaint, failing):
    with Client(failing(answer).target) as client, pytest.raises(ServingError, match=complaint):
        client.predict({"text": "a"})


def drip(handler):
    """Send a byte now and then: each wait is short, and all of them are long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("slow", [lambda handler: time.sleep(2), drip])
def test_a_deadline_ends_the_wait(slow, failing):
    with Client(failing(slow).target) as client:
        assert list(client.signatures) == ["serving_default"]
        start = time.monotonic()
        with pytest.raises(ServingError, match=r"DEADLINE_EXCEEDED: no answer within 0\.3 seconds"):
            client.predict({"text": "a"}, timeout=0.3)
        assert time.monotonic() - start < 1.5


def test_a_deadline_ends_tries_on_a_closed_port_over_grpc_too():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for scheme in ("http", "grpc"):
        client = Client(f"{scheme}://127.0.0.1:{port}/v1/models/m", timeout=2, attempts=3)
        with pytest.raises(ServingError, match=r"UNAVAILABLE|DEADLINE_EXCEEDED"):
            client.predict({"text": "a"})
        client.close()


def test_the_parts_of_a_long_batch_are_requests_of_their_own(failing):
    server = failing(*[(200, {"outputs": {"raw_bytes": ["", ""], "text": ["x", "y"]}})] * 2)
    with Client(server.target, batch_size=2) as client:
        answer = client.predict({"text": ["a", "b", "c", "d"]})
    assert [request["inputs"]["text"] for request in server.seen] == [["a", "b"], ["c", "d"]]
    assert answer["text"].tolist() == ["x", "y", "x", "y"]


def test_bytes_and_text_are_written_as_the_server_reads_them():
    assert rest.as_json(np.array([b"a\xc3\xa9", b"\xff", b"\x00"], object)) == [
        "aé",
        {"b64": "/w=="},
        "\x00",
    ]
