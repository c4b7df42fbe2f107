"""A model in an export on this machine, run in a session as a model server runs it."""

import tensorflow as tf
from google.protobuf import json_format

from tfseq.serving import saved_model_session
from tfseq.serving.errors import CODES, ServingError
from tfseq.serving.layout import newest_version
from tfseq.serving.operations import import_missing
from tfseq.serving.signatures import signatures_of


class Local:
    """The newest version below a directory, or the version that a path names.

    A deadline holds for what is asked, not for the loading.

    Raises:
        ServingError: `NOT_FOUND` where there is no version, `FAILED_PRECONDITION` where it cannot
            be loaded.
    """

    def __init__(self, path):
        self.path = path
        version = newest_version(path)
        if version is None:
            raise ServingError(path, "NOT_FOUND", "there is no version, a folder named 1, 2, ...")
        try:
            import_missing(version)
            self.session, self.definitions = saved_model_session.opened(str(version))
        except (tf.errors.OpError, ImportError, OSError, RuntimeError, ValueError) as error:
            raise ServingError(path, "FAILED_PRECONDITION", str(error)) from error

    def signatures(self, deadline):
        """`{name: Signature}` of the model."""
        del deadline  # they are here already
        return signatures_of(
            {
                name: json_format.MessageToDict(definition, preserving_proto_field_name=True)
                for name, definition in self.definitions.items()
            }
        )

    def run(self, name, signature, batch, deadline):
        """The outputs of one batch, `{name: array}`."""
        del signature  # the session knows it
        milliseconds = max(1, int(deadline.left() * 1000))
        options = tf.compat.v1.RunOptions(timeout_in_ms=milliseconds)
        try:
            return saved_model_session.run(self.session, self.definitions[name], batch, options)
        except tf.errors.OpError as error:
            raise ServingError(self.path, CODES[error.error_code], error.message) from error

    def close(self):
        """Let the model go."""
        self.session.close()
