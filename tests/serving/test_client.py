"""The client: one answer from an export, over REST and over gRPC; tries, deadlines, errors."""

import http.server
import json
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import threading
import time

import numpy as np
import pytest

from tfseq.serving import Client, ServingError, rest, retries

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINES = ["Ada: Is", "", "Cy: Who took", "Bob_Cole: (sighs) \N{SNOWMAN}", "\N{HEBREW LETTER ALEF}b"]
OPTIONS = {"seed": [1, 2, 3, 4, 5], "max_words": [3, 9, 4, 2, 7], "temperature": 0.9}


@pytest.fixture(scope="module")
def targets(exports, server):
    """A function from a model's name to its three targets."""

    def of(name, version=""):
        path = f"v1/models/{name}{version}"
        return {
            "local": exports / name,
            "REST": f"http://127.0.0.1:{server.rest_api_port}/{path}",
            "gRPC": f"grpc://127.0.0.1:{server.port}/{path}",
        }

    return of


def same(answer, other):
    assert answer.keys() == other.keys()
    for name, value in answer.items():
        assert value.dtype == other[name].dtype
        if value.dtype == object:
            assert value.tolist() == other[name].tolist()
        else:
            np.testing.assert_allclose(value, other[name], rtol=1e-5)


@pytest.mark.parametrize(
    ("model", "signature", "inputs"),
    [
        ("tv_script", "generate", {"prompt": LINES, **OPTIONS}),
        ("tv_script", "score", {"text": LINES}),
        ("translation", "align", {"text": LINES}),
        ("translation", "translate_beam", {"text": LINES[:3]}),
        ("word2vec", "nearest", {"word": ["soup", "nobody", "hot?"], "count": [2, 3, 1]}),
        ("word2vec", "vector", {"word": "soup"}),
    ],
)
def test_every_way_to_ask_gives_the_same_answer(model, signature, inputs, targets):
    answers = []
    for target in targets(model).values():
        with Client(target, batch_size=2) as client:
            answers.append(client.predict(inputs, signature))
    same(answers[0], answers[1])
    same(answers[0], answers[2])


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_what_is_left_out_has_the_applications_default(way, targets):
    from apps.tv_script.config import Generate

    with Client(targets("tv_script")[way]) as client:
        defaults = client.signatures["generate"].defaults
        assert defaults == pytest.approx(
            {
                name: getattr(Generate, name)
                for name in client.signatures["generate"].inputs
                if name != "prompt"
            }
        )
        answer = client.predict({"prompt": ["Ada: Is"]}, "generate")
        same({"text": answer["text"]}, {"text": client.predict({"prompt": ["Ada: Is"]})["text"]})


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_parts_come_back_in_order(way, targets):
    words = [f"w{i} soup" for i in range(7)]
    with Client(targets("tv_script")[way], batch_size=3) as client:
        parts = client.predict({"text": words}, "score")
    with Client(targets("tv_script")[way]) as client:
        same(parts, client.predict({"text": words}, "score"))
        for row, word in enumerate(words):
            alone = client.predict({"text": word}, "score")
            np.testing.assert_allclose(
                alone["log_probability"][0], parts["log_probability"][row], rtol=1e-5
            )


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_no_rows_have_an_answer_without_rows(way, targets):
    with Client(targets("word2vec")[way]) as client:
        answer = client.predict({"word": []}, "nearest")
        assert {"words", "cosines", "known"} <= answer.keys()
        assert {len(value) for value in answer.values()} == {0}
        assert answer["words"].ndim == 2


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_bytes_that_are_no_utf_8_are_answered(way, targets):
    with Client(targets("tv_script")[way]) as client:
        answer = client.predict({"text": [b"Ada: \xff\xfe soup", b"a\x00b"]}, "score")
        assert np.isfinite(answer["log_probability"]).all()


@pytest.mark.parametrize("way", ["local", "REST", "gRPC"])
def test_what_cannot_be_asked_is_one_line(way, targets):
    with Client(targets("translation")[way]) as client:
        known = "align, score, serving_default, translate, translate_beam"
        with pytest.raises(ValueError, match=f"`signature` must be one of {known}. Received: x"):
            client.predict({"text": "a"}, "x")
        with pytest.raises(ValueError, match=r"`inputs` must hold target\. Received: source"):
            client.predict({"source": "a"}, "score")


@pytest.mark.parametrize("way", ["REST", "gRPC"])
def test_an_unknown_model_is_one_line_and_not_asked_again(way, targets, monkeypatch):
    monkeypatch.setattr(retries, "sleep", lambda seconds: pytest.fail("a wait"))
    target = targets("nobody")[way]
    with Client(target) as client, pytest.raises(ServingError) as error:
        client.predict({"text": "a"})
    assert error.value.code == "NOT_FOUND"
    assert str(error.value).startswith(f"{target}: NOT_FOUND: ")
    assert "nobody" in error.value.said


@pytest.mark.parametrize("way", ["REST", "gRPC"])
def test_a_version_and_a_label_are_part_of_the_target(way, targets):
    for version in ("/versions/1", "/labels/stable"):
        with Client(targets("word2vec", version)[way]) as client:
            assert client.predict({"word": "soup"}, "vector")["known"].tolist() == [True]
    for version in ("/versions/3", "/labels/canary"):
        with Client(targets("word2vec", version)[way]) as client, pytest.raises(ServingError):
            client.predict({"word": "soup"}, "vector")


def test_threads_share_a_client_and_get_their_own_answers(targets):
    for target in targets("word2vec").values():
        with Client(target) as client:
            alone = {word: client.predict({"word": word}, "vector") for word in ("soup", "Is")}
            found = []

            def ask(word, client=client, alone=alone, found=found):
                answer = client.predict({"word": word}, "vector")
                found.append(np.array_equal(answer["vector"], alone[word]["vector"]))

            threads = [threading.Thread(target=ask, args=(w,)) for w in ["soup", "Is"] * 6]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == [True] * 12


def test_a_path_without_a_version_is_one_line(tmp_path):
    with pytest.raises(ServingError, match="NOT_FOUND: there is no version, a folder named 1, 2"):
        Client(tmp_path)


@pytest.mark.parametrize(
    "target", ["http://localhost:8501", "grpc://localhost:8500/translation", "http://h/v1/models/"]
)
def test_a_url_without_a_model_is_one_line(target):
    with pytest.raises(ValueError, match="`target` must name a model: http://HOST:8501/v1/models"):
        Client(target)


def test_without_the_extra_grpc_names_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tfseq.serving.rpc", None)
    monkeypatch.delitem(__import__("sys").modules, "tfseq.serving.rpc")
    monkeypatch.setitem(__import__("sys").modules, "grpc", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs gRPC: pip install 'tfseq\[serve\]'"):
        Client("grpc://localhost:8500/v1/models/x")


# Servers that fail

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


MANUALS = [(ROOT / name).read_text(encoding="utf-8") for name in ("BUILD.md", "serving/README.md")]


def test_the_example_of_the_manual_runs(server, capsys):
    (example,) = re.findall(
        r"```python\n(from tfseq\.serving import Client.*?)```", MANUALS[0], re.S
    )
    exec(example.replace("localhost:8501", f"127.0.0.1:{server.rest_api_port}"), {})
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("line", re.findall(r"^ +(curl -d .*)$", "\n".join(MANUALS), re.M))
def test_the_lines_of_curl_in_the_manuals_run(line, server):
    words = shlex.split(line.replace("localhost:8501", f"127.0.0.1:{server.rest_api_port}"))
    answer = subprocess.run([*words, "--silent"], capture_output=True, text=True, check=True)
    (text,) = json.loads(answer.stdout)["predictions"]
    assert isinstance(text, str)
