"""The hosts of a run: who they are, whether they agree, and what happens when one is gone.

`TF_CONFIG` names the hosts, as TensorFlow has it. Before TensorFlow connects them, they call the
roll: worker 0, the chief, waits on its own port for the others, compares what they were started
with, and answers. The connections are kept: where one ends without a farewell, its host is gone,
and the others stop with a line that says so. (TensorFlow's own heartbeats find that later, and say
it as the error of an operation.)
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import socket
import time

from tfseq.config import OptionError

NAME = "TF_CONFIG"


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The addresses of all workers, and which of them this process is; worker 0 is the chief."""

    addresses: tuple[str, ...]
    index: int

    def port(self, index: int) -> int:
        """The port of a worker."""
        return int(self.addresses[index].rpartition(":")[2])

    def host(self, index: int) -> str:
        """The host of a worker."""
        return self.addresses[index].rpartition(":")[0].strip("[]")


def read_cluster(text: str | None) -> Cluster:
    """The cluster that `TF_CONFIG` describes.

        {"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}

    A cluster may have a `chief` too, which comes before the workers.

    Raises:
        OptionError: It is not there, is no JSON, or names no worker that this process could be.
    """
    example = (
        '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
    )
    try:
        config = json.loads(text or "")
        cluster, task = config["cluster"], config["task"]
        kind, index = task["type"], task["index"]
        chiefs, workers = (list(cluster.get(name, [])) for name in ("chief", "worker"))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise OptionError(NAME, f"must be JSON such as {example}", text or "") from error
    if unknown := [name for name in cluster if name not in ("chief", "worker")]:
        raise OptionError(NAME, "may name only a chief and workers", unknown[0])
    addresses = chiefs + workers
    for address in addresses:
        port = str(address).rpartition(":")[2]
        if ":" not in str(address) or not port.isdecimal() or not 0 < int(port) < 65536:
            raise OptionError(NAME, "must name each worker as host:port", address)
    if len(set(addresses)) != len(addresses):
        raise OptionError(NAME, "must name each worker once", ", ".join(addresses))
    own = {"chief": chiefs, "worker": workers}.get(kind, [])
    if not isinstance(index, int) or not 0 <= index < len(own):
        raise OptionError(NAME, "must have a task that its cluster names", f"{kind} {index}")
    return Cluster(tuple(addresses), index + (len(chiefs) if kind == "worker" else 0))


class Connection:
    """Lines of JSON from and to another worker, over a socket that notices a host that is gone."""

    def __init__(self, connected: socket.socket):
        self.socket = connected
        self.rest = b""
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, option):  # not on each system
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def send(self, message: dict) -> None:
        """Send one line; who is gone does not read it."""
        with contextlib.suppress(OSError):
            self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, seconds: float | None = None) -> dict | None:
        """The next line; `None` where the other side is gone.

        Raises:
            TimeoutError: Nothing came in that time.
            ValueError: What came is no such line.
        """
        self.socket.settimeout(seconds)
        while b"\n" not in self.rest:
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                raise
            except OSError:
                return None
            if not piece:
                return None
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        """End it."""
        self.socket.close()


def own_socket(cluster: Cluster) -> socket.socket:
    """A socket on this worker's port, which TensorFlow can take afterwards.

    Raises:
        OptionError: The port is taken.
    """
    family = socket.AF_INET6 if ":" in cluster.host(cluster.index) else socket.AF_INET
    own = socket.socket(family, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind(("", cluster.port(cluster.index)))
        own.listen(len(cluster.addresses))
    except OSError as error:
        own.close()
        raise OptionError(
            NAME,
            f"must name a port that is free: worker {cluster.index} cannot listen on it "
            f"({os.strerror(error.errno or 0).lower()})",
            cluster.addresses[cluster.index],
        ) from error
    return own


def call_roll(cluster: Cluster, facts: dict[str, str], seconds: float) -> dict[int, Connection]:
    """Meet the other workers, and see that all were started alike.

    Args:
        cluster: The own one.
        facts: What must be the same on each host, by name.
        seconds: How long to wait for those that are not there yet.

    Returns:
        Connections by the number of the worker: the chief's to all others, another's to the chief.

    Raises:
        OptionError: A worker did not come, or was started differently; the same on each host.
    """
    words = {"index": cluster.index, "cluster": list(cluster.addresses), "facts": facts}
    listening = own_socket(cluster)
    end = time.monotonic() + seconds
    if cluster.index == 0:
        try:
            return _gather(listening, cluster, words, end)
        finally:
            listening.close()
    listening.close()  # it was free; TensorFlow takes it now
    chief = _connect(cluster, end)
    chief.send(words)
    try:
        answer = chief.receive(max(end - time.monotonic(), 1) + 5)
    except (TimeoutError, ValueError):
        answer = None
    if answer is not None and "welcome" in answer:
        return {0: chief}
    chief.close()
    if answer is None:
        raise OptionError(NAME, f"must name a chief that answers: {cluster.addresses[0]} does not")
    raise OptionError(*answer["error"])


def _connect(cluster, end):
    """To the chief, as soon as it listens."""
    while True:
        try:
            return Connection(
                socket.create_connection((cluster.host(0), cluster.port(0)), timeout=5)
            )
        except OSError as error:
            if time.monotonic() > end:
                raise OptionError(
                    NAME,
                    f"must name a chief that answers within --worker_seconds: worker 0 did not "
                    f"({error})",
                    cluster.addresses[0],
                ) from error
            time.sleep(0.2)


def _gather(listening, cluster, words, end):
    """The chief's side: wait for all, compare, answer."""
    said, connections = {0: words}, {}
    error = None
    while len(said) < len(cluster.addresses) and error is None:
        listening.settimeout(max(end - time.monotonic(), 0.01))
        try:
            connection = Connection(listening.accept()[0])
        except TimeoutError:
            absent = next(n for n in range(len(cluster.addresses)) if n not in said)
            rule = f"must name workers that come within --worker_seconds: worker {absent} did not"
            error = NAME, rule, cluster.addresses[absent]
            break
        try:
            other = connection.receive(5)
        except (TimeoutError, ValueError):
            other = None
        if other is None or "cluster" not in other:
            connection.close()  # somebody else
            continue
        number = other["index"]
        error = _difference(words, other)
        if number in said:
            error = NAME, "must give each worker an index of its own: two came with", number
            number = -number  # it is told, too
        said[number], connections[number] = other, connection
    for connection in connections.values():
        connection.send({"error": error} if error else {"welcome": True})
    if error is None:
        return connections
    for connection in connections.values():
        connection.close()
    raise OptionError(*error)


def _difference(words, other):
    """The arguments of the `OptionError` where two workers differ; `None` where they do not."""
    number = other["index"]
    if words["cluster"] != other["cluster"]:
        rule = "must name the same cluster on each host: worker 0 has {}, worker {} has {}"
        return NAME, rule.format(", ".join(words["cluster"]), number, ", ".join(other["cluster"]))
    ours, theirs = words["facts"], other["facts"]
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        a, b = ours.get(name, "nothing"), theirs.get(name, "nothing")
        if a != b:
            rule = f"must be the same on each host: worker 0 has {a}, worker {number} has {b}"
            return name, f"{rule} (in all, {digest_of(ours)} and {digest_of(theirs)})"
    return None


def digest_of(facts: dict[str, str]) -> str:
    """The first digits of the SHA-256 of what a worker was started with."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
