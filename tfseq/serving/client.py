"""A client of a model: in an export, behind REST or behind gRPC, asked in the same words."""

import functools
import importlib
from collections.abc import Mapping

from tfseq.serving import rows
from tfseq.serving.errors import RETRIED, ServingError
from tfseq.serving.retries import Deadline, retried
from tfseq.serving.signatures import Signature

TRANSPORTS = {  # by what a target begins with; each needs no more than it uses
    "http://": ("tfseq.serving.rest", "Rest"),
    "https://": ("tfseq.serving.rest", "Rest"),
    "grpc://": ("tfseq.serving.rpc", "Rpc"),
    "grpcs://": ("tfseq.serving.rpc", "Rpc"),
}
LOCAL = ("tfseq.serving.local", "Local")


class Client:
    """Asks a model.

        client = Client("http://localhost:8501/v1/models/translation")
        client.predict({"text": ["He saw a truck.", "A man is sleeping."]})["text"]

    A target is one of

        exports/translation                              a local export: the newest version
        exports/translation/2                            a version of it
        http://HOST:8501/v1/models/NAME                  REST; https likewise
        grpc://HOST:8500/v1/models/NAME                  gRPC (the extra `serve`); grpcs likewise
        .../v1/models/NAME/versions/2                    another version than the newest
        .../v1/models/NAME/labels/stable                 the version that has a label

    A request that the server has not looked at (`UNAVAILABLE`, `RESOURCE_EXHAUSTED`; HTTP 503, 429;
    no connection) is sent again after a wait that doubles and is drawn at random below that. A
    model keeps nothing between requests, so sending one twice does no harm. What the server has
    refused is never sent again.

    Threads may share a client.

    Args:
        target: Where the model is.
        timeout: Seconds for a call of `predict`, with all its parts and tries.
        batch_size: Most rows of a request; more go as several. A server that batches refuses
            requests of more than its `max_batch_size`.
        attempts: How often a request is sent at most.

    Raises:
        ServingError: A local export cannot be loaded.
        ValueError: The URL names no model.
        ModuleNotFoundError: The target needs an extra that is not installed.
    """

    def __init__(self, target, timeout=60.0, batch_size=32, attempts=5):
        for name, value in {"batch_size": batch_size, "attempts": attempts}.items():
            if value < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {name}={value}")
        self.target = str(target)
        self.timeout = timeout
        self.batch_size = batch_size
        self.attempts = attempts
        self.transport = opened(self.target)
        self._signatures: Mapping[str, Signature] | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Let connections, or the loaded model, go."""
        self.transport.close()

    @property
    def signatures(self):
        """`{name: Signature}`: what can be asked. The server is asked once, and after a refusal."""
        return self._known(self._deadline(None))

    def predict(self, inputs, signature="serving_default", timeout=None):
        """The outputs of a signature: `{name: array}`, a row for each row of the inputs.

        Args:
            inputs: `{name: value}`. A value is a list or an array with an entry for each row, or
                one entry for all rows; what has a default can be left out. Text is `str`, or
                `bytes`.
            signature: Its name; `signatures` has them all.
            timeout: Seconds, in place of the client's own.

        Returns:
            Arrays. Text is `str`, with U+FFFD for what is no UTF-8; outputs named `..._bytes` are
            bytes. Where an axis has as many entries as the longest row of the batch (words,
            beams), the other rows are filled up behind with zeros or empty strings.

        Raises:
            ValueError: The signature or an input is unknown, or a value does not fit.
            ServingError: The server's refusal, or `DEADLINE_EXCEEDED`.
        """
        deadline = self._deadline(timeout)
        known = self.signature(signature, deadline)
        batch = rows.batch_of(inputs, known)
        try:
            answers = [
                self._retried(
                    functools.partial(self.transport.run, signature, known, part), deadline
                )
                for part in rows.parts_of(batch, self.batch_size)
            ]
        except ServingError as error:
            if error.code not in RETRIED:
                self._signatures = None  # perhaps another version is served by now
            raise
        return {
            name: rows.as_text(value)
            if known.outputs[name].dtype == "string" and not name.endswith("_bytes")
            else value
            for name, value in rows.joined(answers).items()
        }

    def stream(self, inputs, timeout=None):
        """Yield a text as it is written, for one row: what stood there before, then word by word.

        The signature `start` gives what `step` needs, and each `step` what the next one needs. So
        a server keeps nothing, and each request may be answered by another one. Joined, the words
        are the text of the signature `generate`.

        Args:
            inputs: `{name: value}`, those of `start` and `step`; what has a default can be left
                out. `words` is how many a request brings.
            timeout: Seconds for each request, in place of the client's own.

        Raises:
            ValueError: As `predict`; nor has every model a `start` and a `step`.
            ServingError: As `predict`; or an option breaks a rule, `INVALID_ARGUMENT`.
        """
        first, step = self.signature("start"), self.signature("step")
        asked = {name: value for name, value in inputs.items() if name in first.inputs}
        options = {name: value for name, value in inputs.items() if name not in first.inputs}
        answer = self.predict(asked, "start", timeout)
        yield answer["text"][0]
        done = False
        while not done:
            progress = {name: value for name, value in answer.items() if name in step.inputs}
            answer = self.predict({**options, **progress}, "step", timeout)
            if answer["error"][0]:
                raise ServingError(self.target, "INVALID_ARGUMENT", answer["error"][0])
            yield from answer["pieces"][0]
            done = answer["done"][0]

    def signature(self, name, deadline=None):
        """One `Signature`; raises `ValueError`, which lists the others, where there is none."""
        known = self._known(deadline or self._deadline(None))
        if name not in known:
            raise ValueError(f"`signature` must be one of {', '.join(known)}. Received: {name}")
        return known[name]

    def _known(self, deadline):
        known = self._signatures or self._retried(self.transport.signatures, deadline)
        self._signatures = known
        return known

    def _deadline(self, timeout):
        return Deadline(self.target, self.timeout if timeout is None else timeout)

    def _retried(self, attempt, deadline):
        return retried(attempt, deadline, self.attempts)


def opened(target):
    """The transport of a target."""
    prefix = next((p for p in TRANSPORTS if target.startswith(p)), "")
    module, name = TRANSPORTS.get(prefix, LOCAL)
    try:
        return getattr(importlib.import_module(module), name)(target)
    except ModuleNotFoundError as error:
        if error.name not in ("grpc", "tensorflow_serving"):
            raise
        message = f"`target` {target} needs gRPC: pip install 'tfseq[serve]'"
        raise ModuleNotFoundError(message, name=error.name) from error
