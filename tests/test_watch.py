"""What a worker does when another stops, is killed, or is done."""

import socket
import threading

import pytest

from tfseq.cluster import Cluster, Connection
from tfseq.config import OptionError
from tfseq.watch import GONE, Watch, watched

CLUSTER = Cluster(("a:1", "b:2", "c:3"), 0)


@pytest.fixture
def pairs():
    """The chief's connections, and the ends that workers 1 and 2 hold."""
    own, theirs = {}, {}
    with socket.create_server(("127.0.0.1", 0)) as server:
        for number in (1, 2):
            theirs[number] = Connection(socket.create_connection(server.getsockname()))
            own[number] = Connection(server.accept()[0])
    yield own, theirs
    for connection in (*own.values(), *theirs.values()):
        connection.close()


def watch_of(connections):
    codes = []
    return Watch(CLUSTER, connections, codes.append), codes


def test_a_worker_that_is_killed_is_named_to_all_others(pairs, capsys):
    own, theirs = pairs
    watch, codes = watch_of(own)
    theirs[2].close()
    watch.thread.join(5)
    assert codes == [GONE]
    assert "worker 0: worker 2 at c:3 is gone. Start the same command" in capsys.readouterr().err
    assert theirs[1].receive(5)["stopped"].startswith("worker 2 at c:3 is gone")


def test_a_worker_that_finds_something_wrong_says_what(pairs, capsys):
    own, theirs = pairs
    watch, codes = watch_of({1: own[1]})
    other = Watch(Cluster(CLUSTER.addresses, 1), {0: theirs[1]}, codes.append)
    other.leave(OptionError("--text_file", "must be there"))
    watch.thread.join(5)
    assert codes == [2]
    assert "worker 1 stopped: `--text_file` must be there." in capsys.readouterr().err


def test_those_who_are_done_wait_for_each_other(pairs, capsys):
    own, theirs = pairs
    codes = []
    others = [
        Watch(Cluster(CLUSTER.addresses, n), {0: connection}, codes.append)
        for n, connection in theirs.items()
    ]
    leaving = [threading.Thread(target=other.leave) for other in others]
    with watched(CLUSTER, own):
        for thread in leaving:
            thread.start()
    for thread in leaving:
        thread.join(5)
    assert codes == []
    assert capsys.readouterr().err == ""
