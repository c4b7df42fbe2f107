"""The whole server in one object: models, both APIs, and the threads that watch the files."""

import contextlib
import threading

from tests.serving.model_server import rest, services
from tests.serving.model_server.metrics import Metrics


class ModelServer:
    """A server that runs from its making to `close`; a context manager.

    Both APIs open once every model has a version, as those of the real server do.

    Args:
        models: The `Models`.
        port: For gRPC; 0: any.
        rest_api_port: For REST; 0: any; None: none.
        threads: Requests of gRPC that are answered at once.
        poll_seconds: Between two looks at the folders of versions.
        **rest_options: As of `rest.start`.

    Attributes:
        port, rest_api_port: Where it listens.
    """

    def __init__(
        self, models, port=0, rest_api_port=0, threads=40, poll_seconds=1.0, **rest_options
    ):
        self.models, self.metrics = models, Metrics()
        self.ended = threading.Event()
        while not models.all_there:
            self.ended.wait(poll_seconds)
            models.poll()
        self.grpc, self.port = services.start(port, models, self.metrics, threads)
        self.rest = None
        if rest_api_port is not None:
            self.rest = rest.start(rest_api_port, models, self.metrics, **rest_options)
            self.rest_api_port = self.rest.server_port
        self.watchers = []
        self.watch(models.poll, poll_seconds)

    def watch(self, look, seconds):
        """Call `look` again and again; whatever it finds, the server goes on."""

        def repeat():
            while not self.ended.wait(seconds):
                with contextlib.suppress(Exception):
                    look()

        self.watchers.append(threading.Thread(target=repeat, daemon=True))
        self.watchers[-1].start()

    def close(self):
        """Answer what has been asked, then end."""
        self.ended.set()
        for thread in self.watchers:
            thread.join()
        if self.rest:
            self.rest.shutdown()
            self.rest.server_close()
        self.grpc.stop(5).wait()
        self.models.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
