"""REST: the paths of `http_rest_api_util.cc`, and the page that Prometheus reads."""

import contextlib
import http.server
import json
import re
import threading
import urllib.parse

from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2

from tests.serving.model_server import json_answers, json_requests, services
from tests.serving.model_server.status import StatusError, invalid, raised_as_status

PREDICT = re.compile(
    r"(?i)/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?:(classify|regress|predict)"
)
STATUS = re.compile(
    r"(?i)/v1/models(?:/([^/:]+))?(?:/versions/(\d+)|/labels/([^/:]+))?(/metadata)?"
)
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}


def start(port, models, metrics, timeout=30.0, cors=False, metrics_path=None):
    """A running server.

    Args:
        port: Where it listens; 0: on any port, `server.server_port`.
        models: The `Models`.
        metrics: The `Metrics`.
        timeout: Seconds that a request may take.
        cors: Whether pages of other places may ask.
        metrics_path: Where Prometheus reads; None: nowhere.
    """
    server = Server(("127.0.0.1", port), Handler)
    server.models, server.metrics = models, metrics
    server.timeout_of_requests, server.cors, server.metrics_path = timeout, cors, metrics_path
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Server(http.server.ThreadingHTTPServer):
    """A thread for each connection."""

    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that has gone is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection, kept for many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def do_GET(self):
        """Metrics, states, signatures."""
        if self.path == self.server.metrics_path:
            self.send(200, self.server.metrics.page().encode(), "text/plain")
        else:
            self.respond(self.state)

    def do_POST(self):
        """Predictions."""
        self.respond(self.prediction)

    def do_OPTIONS(self):
        """What a browser asks before it posts to another place."""
        self.respond(lambda: b"") if self.server.cors else self.respond(self.malformed)

    def log_message(self, *_):
        """Nothing is logged."""

    def respond(self, body):
        """Send what `body()` gives, or its error as JSON."""
        try:
            with raised_as_status():
                code, content = 200, body()
        except StatusError as error:
            document = {"error": error.message}
            text = json.dumps(document, indent=4, ensure_ascii=False)
            code, content = error.http, text.encode(errors="surrogateescape")
        self.send(code, content, "application/json")

    def send(self, code, content, kind):
        """One response."""
        with contextlib.suppress(ConnectionError):
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in CORS.items() if self.server.cors else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    def malformed(self):
        """The answer to any other path or method."""
        raise invalid(f"Malformed request: {self.command} {self.path}")

    def prediction(self):
        """The answer to `...:predict`."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = PREDICT.fullmatch(self.path)
        if not path or path[4].lower() != "predict":
            self.malformed()
        spec = model_spec(path)
        with self.server.metrics.measured(spec.name, "REST"), raised_as_status():
            document = json_requests.parsed(body)
            name = json_requests.signature_name(document)
            with self.server.models.lease(spec) as version:
                signature = version.signatures.get(name or "serving_default")
                if signature is None:
                    raise invalid(
                        f'Serving signature name: "{name or "serving_default"}" not found in '
                        "signature def"
                    )
                inputs, in_rows = json_requests.tensors(document, signature.inputs)
                outputs = version.predict(name, inputs, (), self.server.timeout_of_requests)
            return json_answers.answer(outputs, in_rows)

    def state(self):
        """The answer to a GET: which versions there are, or what can be asked of one."""
        path = STATUS.fullmatch(self.path)
        if not path:
            self.malformed()
        if not path[1]:
            raise invalid("Missing model name in request.")
        spec = model_spec(path)
        if not path[4]:
            return as_json(self.server.models.status(spec))
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=spec, metadata_field=["signature_def"]
        )
        response = services.metadata(self.server.models, request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        return b'{\n"model_spec":%s,\n"metadata": {"signature_def": %s}\n}\n' % (
            as_json(response.model_spec),
            as_json(signatures),
        )


def model_spec(path):
    """The `ModelSpec` that a path names."""
    spec = predict_pb2.PredictRequest().model_spec
    spec.name = urllib.parse.unquote(path[1])
    if path[2]:
        spec.version.value = int(path[2])
    elif path[3]:
        spec.version_label = urllib.parse.unquote(path[3])
    return spec


def as_json(message):
    """A message as JSON, its empty fields too."""
    return json_format.MessageToJson(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    ).encode()
