"""While several hosts train together: who stops says why, and who dies is missed at once."""

import os
import select
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tfseq.cluster import Cluster, Connection
from tfseq.config import OptionError

GONE = 75  # the exit code where another host is gone: to be started again (EX_TEMPFAIL)
WRONG = 2  # that where another host has found something wrong with its options
AGAIN = "Start the same command again on each host: it goes on from the last checkpoint."


class Watch:
    """Ends this process when another worker is gone.

    Args:
        cluster: The own one.
        connections: As from `cluster.call_roll`.
        end: What is done with an exit code when another has stopped.
    """

    def __init__(self, cluster: Cluster, connections: dict[int, Connection], end=os._exit):
        self.cluster = cluster
        self.connections = connections
        self.end = end
        self.leaving = False
        self.left = set()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Listen to all until all have left."""
        numbers = {connection.socket: n for n, connection in self.connections.items()}
        while len(self.left) < len(self.connections):
            waiting = [s for s, number in numbers.items() if number not in self.left]
            for ready in select.select(waiting, [], [], 0.2)[0]:
                self.hear(numbers[ready])
        for connection in self.connections.values():
            connection.close()

    def hear(self, number: int) -> None:
        """Take what a worker says, or its silence."""
        try:
            message = self.connections[number].receive()
        except ValueError:
            message = None
        if message is None:
            address = self.cluster.addresses[number]
            message = {"stopped": f"worker {number} at {address} is gone. {AGAIN}", "code": GONE}
        self.left.add(number)
        if "stopped" in message and not self.leaving:
            self.stop(message, number)

    def stop(self, message: dict, number: int) -> None:
        """Pass on to the others what was heard, say it, and end."""
        self.leaving = True
        for other, connection in self.connections.items():
            if other != number:
                connection.send(message)
        print(f"worker {self.cluster.index}: {message['stopped']}", file=sys.stderr, flush=True)
        self.left.update(self.connections)
        self.end(message["code"])

    def leave(self, error: BaseException | None = None, seconds: float = 60.0) -> None:
        """Say farewell and wait for the others', or say what has gone wrong here.

        Args:
            error: What has gone wrong.
            seconds: How long the others are waited for.
        """
        self.leaving = True
        message = {"bye": True} if error is None else _words(error, self.cluster.index)
        for connection in self.connections.values():
            connection.send(message)
        if error is None:
            end = time.monotonic() + seconds
            while len(self.left) < len(self.connections) and time.monotonic() < end:
                time.sleep(0.01)
        self.left.update(self.connections)
        self.thread.join()


def _words(error, index):
    wrong = isinstance(error, OptionError)
    what = str(error) if wrong else f"{type(error).__name__}. {AGAIN}"
    return {"stopped": f"worker {index} stopped: {what}", "code": WRONG if wrong else GONE}


@contextmanager
def watched(
    cluster: Cluster, connections: dict[int, Connection], patience: float = 20.0
) -> Iterator[None]:
    """While it lasts the workers watch each other.

    Args:
        cluster: The own one.
        connections: As from `cluster.call_roll`.
        patience: How many seconds an error of this process waits for news that explain it: an
            operation may fail before its peer is known to be gone.
    """
    watch = Watch(cluster, connections)
    try:
        yield
    except BaseException as error:
        if type(error).__module__.startswith("tensorflow"):
            time.sleep(patience)  # `Watch` ends the process meanwhile where another is gone
        watch.leave(error)
        raise
    watch.leave()
