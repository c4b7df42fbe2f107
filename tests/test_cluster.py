"""Who is in a cluster, and what the workers find out about each other before they begin."""

import json
import threading

import pytest

from tfseq.cluster import Cluster, call_roll, own_socket, read_cluster
from tfseq.config import OptionError
from tfseq.launch import free_addresses


def config(cluster, kind="worker", index=0):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_a_chief_comes_before_the_workers():
    cluster = {"chief": ["a:1"], "worker": ["b:2", "[::1]:3"]}
    assert read_cluster(config(cluster, "chief")) == Cluster(("a:1", "b:2", "[::1]:3"), 0)
    last = read_cluster(config(cluster, "worker", 1))
    assert (last.index, last.host(2), last.port(2)) == (2, "::1", 3)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (None, "must be JSON such as"),
        ("{worker}", "must be JSON such as"),
        ('{"cluster": ["a:1"], "task": {"type": "worker", "index": 0}}', "must be JSON such as"),
        (config({"worker": ["a:1"], "ps": ["b:1"]}), "only a chief and workers. Received: 'ps'"),
        (config({"worker": ["a:1", "b"]}), "as host:port. Received: 'b'"),
        (config({"worker": ["a:1", "b:70000"]}), "as host:port. Received: 'b:70000'"),
        (config({"worker": ["a:1", "a:1"]}), "each worker once"),
        (config({"worker": ["a:1"]}, index=1), "a task that its cluster names"),
        (config({"worker": ["a:1"]}, "evaluator"), "a task that its cluster names"),
    ],
)
def test_what_is_wrong_with_tf_config_is_one_line(text, part):
    with pytest.raises(OptionError, match="`TF_CONFIG`") as error:
        read_cluster(text)
    assert part in str(error.value)
    assert "\n" not in str(error.value)


def met(clusters, facts, seconds=10.0):
    """What each worker found, connections or the text of an error, all calling at once."""
    found = [None] * len(clusters)

    def call(place):
        try:
            found[place] = call_roll(clusters[place], facts[place], seconds)
        except OptionError as error:
            found[place] = str(error)

    threads = [threading.Thread(target=call, args=(place,)) for place in range(len(clusters))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_workers_that_are_alike_meet():
    addresses = tuple(free_addresses(3))
    found = met([Cluster(addresses, n) for n in (2, 0, 1)], [{"--seed": "1"}] * 3)
    assert [sorted(connections) for connections in found] == [[0], [1, 2], [0]]
    found[1][2].send({"to": "the last"})
    assert found[0][0].receive(5) == {"to": "the last"}
    found[2][0].close()
    assert found[1][1].receive(5) is None
    close(found)


def close(found):
    for connection in (one for connections in found for one in connections.values()):
        connection.close()


def test_workers_that_differ_are_told_so_on_each_host():
    addresses = tuple(free_addresses(2))
    alike = [Cluster(addresses, n) for n in range(2)]
    a, b = met(alike, [{"program": "1", "--seed": "1"}, {"program": "1", "--seed": "2"}])
    assert a == b
    assert "`--seed` must be the same on each host: worker 0 has 1, worker 1 has 2 (in all" in a
    a, b = met([alike[0], Cluster((*addresses, "c:1"), 1)], [{}, {}])
    assert a == b
    assert "must name the same cluster on each host" in a


def test_two_workers_with_one_index_are_told_so():
    three = tuple(free_addresses(3))
    found = met([Cluster(three, n) for n in (0, 1, 1)], [{}] * 3)
    assert found[0] == found[1] == found[2]
    assert found[0].startswith("`TF_CONFIG` must give each worker an index of its own: two came")


def test_who_does_not_come_and_who_does_not_answer_is_named():
    addresses = tuple(free_addresses(2))
    (alone,) = met([Cluster(addresses, 0)], [{}], seconds=0.3)
    assert f"worker 1 did not. Received: '{addresses[1]}'" in alone
    (alone,) = met([Cluster(addresses, 1)], [{}], seconds=0.3)
    assert f"Received: '{addresses[0]}'" in alone


def test_a_port_that_is_taken_is_named():
    addresses = tuple(free_addresses(2))
    with own_socket(Cluster(addresses, 1)):
        (found,) = met([Cluster(addresses, 1)], [{}])
    assert "must name a port that is free" in found
    assert addresses[1] in found
