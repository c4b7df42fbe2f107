"""Two servers behind one balancer: no state is kept between requests, so either may answer."""

import http.server
import itertools
import threading

import numpy as np
import pytest

from tests.serving.asking import Grpc, Rest
from tests.serving.processes import ServerProcess

REQUESTS = [
    (
        "tv_script",
        {
            "signature_name": "generate",
            "inputs": {
                "prompt": [f"Ada: {number}"],
                "seed": [number],
                "temperature": [1.0],
                "top_k": [0],
                "top_p": [0.9],
                "repetition_penalty": [1.1],
                "max_words": [9],
            },
        },
    )
    for number in range(6)
] + [
    ("translation", {"instances": ["The black cat sleeps."]}),
    ("translation", {"signature_name": "align", "instances": ["The small dog waits."]}),
    ("word2vec", {"instances": ["soup"]}),
]


@pytest.fixture(scope="module")
def both(kit_server, exports, tmp_path_factory):
    other = ServerProcess(exports, tmp_path_factory.mktemp("other")).wait_until_ready()
    yield kit_server, other
    assert other.close() == 0


class Balancer:
    """Each request goes to the next of the servers."""

    def __init__(self, ports):
        self.backends = backends = [Rest(port) for port in ports]
        turns, lock = itertools.cycle(range(len(ports))), threading.Lock()
        self.counts = counts = [0] * len(ports)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    turn = next(turns)
                    counts[turn] += 1
                status, headers, answer = backends[turn].send("POST", self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", headers["Content-Type"])
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        for backend in self.backends:
            backend.__exit__()


def test_rest_behind_a_balancer_answers_as_one_server_does(both, rest):
    expected = [rest.predict(*request) for request in REQUESTS]
    assert all(status == 200 for status, _ in expected)
    ports = [server.rest_api_port for server in both]
    with Balancer(ports) as balancer, Rest(balancer.server.server_port) as client:
        for _ in range(3):  # an odd number of requests, so that each server gets each of them
            assert [client.predict(*request) for request in REQUESTS] == expected
    assert min(balancer.counts) > len(REQUESTS)


def test_grpc_takes_turns_by_itself(both, client):
    inputs = {"word": np.array(["soup", "spoon"], object)}
    expected = client.predict("word2vec", inputs)
    before = [answered(server) for server in both]
    addresses = ",".join(f"127.0.0.1:{server.port}" for server in both)
    with Grpc(f"ipv4:{addresses}", ("grpc.lb_policy_name", "round_robin")) as balanced:
        for _ in range(20):
            answer = balanced.predict("word2vec", inputs)
            np.testing.assert_array_equal(answer["words"], expected["words"])
            np.testing.assert_allclose(answer["cosines"], expected["cosines"], rtol=1e-6)
    assert min(answered(server) - old for server, old in zip(both, before, strict=True)) >= 5


def answered(server):
    """How many gRPC requests of word2vec a server counts."""
    with Rest(server.rest_api_port) as rest:
        page = rest.send("GET", "/monitoring/prometheus/metrics")[2].decode()
    counts = [
        line.rsplit(" ", 1)[1]
        for line in page.splitlines()
        if "request_latency_count" in line and 'word2vec",API="predict",entrypoint="GRPC"' in line
    ]
    return int(*counts) if counts else 0
