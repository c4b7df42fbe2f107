"""A model behind the REST interface of TensorFlow Serving, by the standard library alone.

The form is by column, `{"inputs": {name: [row, ...]}}`, which also holds batches without rows.
Strings that are no UTF-8 go as `{"b64": ...}`; those of outputs named `..._bytes` come so.
"""

import base64
import collections
import contextlib
import http.client
import json
import re
import urllib.parse

import numpy as np

from tfseq.serving.errors import ServingError
from tfseq.serving.signatures import signatures_of

CODES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
CHUNK = 1 << 16
PATH = re.compile(r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?/?")


def model_of(url):
    """`(name, version or None, label or None)`, as the path of a URL says.

    Raises:
        ValueError: The path is another.
    """
    found = PATH.fullmatch(urllib.parse.urlsplit(url).path)
    if not found:
        raise ValueError(
            "`target` must name a model: http://HOST:8501/v1/models/NAME, and behind it "
            f"/versions/NUMBER or /labels/LABEL where it is not the newest. Received: {url}"
        )
    name, version, label = found.groups()
    unquoted = urllib.parse.unquote
    return unquoted(name), version and int(version), label and unquoted(label)


class Rest:
    """A model at `http://HOST:PORT/v1/models/NAME`, perhaps `.../versions/N` or `.../labels/L`.

    Connections are kept for the next request, whichever thread sends it.
    """

    def __init__(self, url):
        model_of(url)
        parts = urllib.parse.urlsplit(url)
        self.url = url
        self.host, self.path = parts.netloc, parts.path.rstrip("/")
        secure = parts.scheme == "https"
        self.connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.idle = collections.deque()

    def signatures(self, deadline):
        """`{name: Signature}` of the model."""
        document = self.request("GET", f"{self.path}/metadata", None, deadline)
        try:
            return signatures_of(document["metadata"]["signature_def"]["signature_def"])
        except (KeyError, TypeError) as error:
            raise self.strange(document) from error

    def run(self, name, signature, batch, deadline):
        """The outputs of one batch, `{name: array}`."""
        request = {
            "signature_name": name,
            "inputs": {key: as_json(value) for key, value in batch.items()},
        }
        body = json.dumps(request).encode()
        document = self.request("POST", f"{self.path}:predict", body, deadline)
        try:
            outputs = document["outputs"]
            if len(signature.outputs) == 1:
                outputs = dict.fromkeys(signature.outputs, outputs)
            return {key: from_json(outputs[key], t) for key, t in signature.outputs.items()}
        except (KeyError, TypeError, ValueError) as error:
            raise self.strange(document) from error

    def close(self):
        """Close the connections that no request is using."""
        while self.idle:
            self.idle.pop().close()

    def request(self, method, path, body, deadline):
        """The JSON of an answer."""
        status, content = self.exchange(method, path, body, deadline)
        text = content.decode(errors="surrogateescape")
        with contextlib.suppress(ValueError):
            document = json.loads(text)
            if status == 200:
                return document
            if "error" in document:
                raise ServingError(self.url, CODES.get(status, "INTERNAL"), document["error"])
        raise ServingError(
            self.url, CODES.get(status, "UNKNOWN"), f"HTTP {status}, and no JSON of a model server"
        )

    def exchange(self, method, path, body, deadline):
        """Status and content, over a connection that is kept only if all went well."""
        connection = self.idle.pop() if self.idle else self.connect(self.host)
        try:
            answer = self.exchange_over(connection, method, path, body, deadline)
        except BaseException as error:
            connection.close()
            if isinstance(error, TimeoutError):
                raise deadline.passed() from error
            if isinstance(error, OSError | http.client.HTTPException):
                message = str(error) or type(error).__name__
                raise ServingError(self.url, "UNAVAILABLE", message) from error
            raise
        self.idle.append(connection)
        return answer

    def exchange_over(self, connection, method, path, body, deadline):
        """Status and content; each wait ends at the deadline."""
        connection.timeout = deadline.left()
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(deadline.left())
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response, content = connection.getresponse(), b""
        while chunk := response.read1(CHUNK):
            content, left = content + chunk, deadline.left()
            if connection.sock is not None:  # gone where the server closes behind each answer
                connection.sock.settimeout(left)
        response.close()  # or the connection takes no other request
        return response.status, content

    def strange(self, document):
        """The error of an answer that no model server gives."""
        return ServingError(
            self.url, "UNKNOWN", f"an answer of another form: {str(document)[:200]}"
        )


def as_json(array):
    """An array as nested lists; bytes as text, or in base 64 where they are none."""
    if array.dtype != object:
        return array.tolist()
    texts = np.empty(array.size, dtype=object)
    texts[:] = [as_json_string(item) for item in array.ravel()]
    return texts.reshape(array.shape).tolist()


def as_json_string(item):
    """Bytes as the server reads them from JSON."""
    try:
        return item.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(item).decode()}


def from_json(lists, tensor):
    """Nested lists of an answer as the array of an output."""
    if tensor.dtype != "string":
        array = np.array(lists, dtype=tensor.numpy_dtype)
    else:
        nested = np.array(lists, dtype=object)
        array = np.empty(nested.size, dtype=object)
        array[:] = [from_json_string(item) for item in nested.ravel()]
        array = array.reshape(nested.shape)
    if tensor.shape is not None and array.ndim < len(tensor.shape) and not array.size:
        return array.reshape(array.shape + (0,) * (len(tensor.shape) - array.ndim))
    return array


def from_json_string(item):
    """The bytes of a string in an answer."""
    if isinstance(item, dict):
        return base64.b64decode(item["b64"])
    return item.encode(errors="surrogateescape")
