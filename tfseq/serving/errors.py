"""What goes wrong between a client and a model, in one line each."""

import re

CODES = (  # the statuses of gRPC and TensorFlow, at their numbers
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
RETRIED = ("UNAVAILABLE", "RESOURCE_EXHAUSTED")  # the request was not looked at, or not yet


class ServingError(RuntimeError):
    """A request that has no answer.

    Args:
        where: The model as the caller named it.
        code: A status of gRPC by name, whatever the protocol: `NOT_FOUND`.
        message: What the server said.
    """

    def __init__(self, where, code, message):
        self.where = where
        self.code = code
        self.said = plain(message)
        super().__init__(f"{where}: {code}: {self.said}")


def plain(message):
    """A server's words in one line, without the places in the graph that stand between them."""
    message = re.sub(r"\{\{.*?\}\}|\[\[.*?\]\]", " ", message, flags=re.DOTALL)
    return " ".join(message.split())
