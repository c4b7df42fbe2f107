"""Errors as both protocols send them: a code and a line of text."""

import contextlib

import grpc
import tensorflow as tf

Code = grpc.StatusCode
CODES = {code.value[0]: code for code in Code}
HTTP = {  # http_server.cc; what is not here is 500
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.UNAVAILABLE: 503,
    Code.UNAUTHENTICATED: 401,
}


class StatusError(Exception):
    """A request that cannot be answered.

    Args:
        code: A `grpc.StatusCode`.
        message: What the client is told.
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def http(self):
        """The status of HTTP that stands for the code."""
        return HTTP.get(self.code, 500)


def invalid(message):
    """The error that most errors are."""
    return StatusError(Code.INVALID_ARGUMENT, message)


@contextlib.contextmanager
def raised_as_status():
    """Whatever goes wrong inside leaves as a `StatusError`; a server answers, it does not die."""
    try:
        yield
    except StatusError:
        raise
    except tf.errors.OpError as error:
        raise StatusError(CODES.get(error.error_code, Code.UNKNOWN), error.message) from error
    except (TypeError, ValueError) as error:  # of a feed: the session's own checks
        raise invalid(str(error)) from error
    except Exception as error:
        raise StatusError(Code.INTERNAL, f"{type(error).__name__}: {error}") from error
