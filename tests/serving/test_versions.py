"""Versions that come, go and fail while clients ask."""

import threading
import time

import numpy as np
import pytest

from tests.serving.asking import Grpc, Rest
from tests.serving.model_server import configs
from tests.serving.model_server.models import Models
from tests.serving.model_server.server import ModelServer
from tests.serving.samples import (
    copy_version,
    cut_graph,
    write_version,
    wrong_warm_up,
    wrong_weights,
)

POLL = 0.05
SLOW = 200_000  # steps of a loop; they take longer than loading a version


class Asking:
    """Clients of both APIs that ask all the while; what they got, in order."""

    def __init__(self, server, clients=4):
        self.ended = threading.Event()
        self.versions, self.errors = [], []
        self.clients = rest, grpc = Rest(server.rest_api_port), Grpc(server.port)
        ways = [
            lambda: rest.predict("sample", {"instances": ["a"]})[1]["predictions"][0]["version"],
            lambda: int(grpc.predict("sample", {"text": np.array(["a"], object)})["version"][0]),
        ]
        self.threads = [
            threading.Thread(target=self.ask, args=(ways[number % 2],)) for number in range(clients)
        ]

    def ask(self, way):
        while not self.ended.is_set():
            try:
                self.versions.append(way())
            except Exception as error:
                self.errors.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        for client in self.clients:
            client.__exit__()

    def wait_for(self, version, seconds=60):
        """Until a client is answered by that version."""
        until(lambda: version in self.versions, seconds)


def until(holds, seconds=60):
    """Wait for what must come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it has not come"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """A version that says that it is the second."""
    return write_version(tmp_path_factory.mktemp("models") / "second", 2)


@pytest.fixture
def base(sample, tmp_path):
    """A folder of its own with version 1."""
    return copy_version(sample / "1", tmp_path / "sample" / "1").parent


@pytest.fixture
def served(base):
    models = Models(configs.one_model("sample", base), retries=0)
    with ModelServer(models, poll_seconds=POLL) as server:
        yield server


def states(server):
    """`{version: (state, code)}` as REST tells them."""
    with Rest(server.rest_api_port) as rest:
        _, answer = rest.get("/v1/models/sample")
    return {
        int(one["version"]): (one["state"], one["status"]["error_code"])
        for one in answer["model_version_status"]
    }


def test_a_new_version_goes_live_under_load_without_a_failed_request(served, base, second):
    with Asking(served) as clients:
        clients.wait_for(1)
        copy_version(second, base / "2")
        clients.wait_for(2)
        until(lambda: states(served)[1] == ("END", "OK"))
    assert clients.errors == []
    assert set(clients.versions) == {1, 2}


@pytest.mark.parametrize("damage", [cut_graph, wrong_weights, wrong_warm_up])
def test_a_broken_version_is_refused_and_the_old_one_stays(served, base, damage):
    with Asking(served) as clients:
        clients.wait_for(1)
        copy_version(base / "1", base / "3", damage)
        until(lambda: states(served).get(3, ("",))[0] == "END")
        asked = len(clients.versions)
        until(lambda: len(clients.versions) > asked + 8)
    assert clients.errors == []
    assert set(clients.versions) == {1}
    assert states(served)[1] == ("AVAILABLE", "OK")
    assert states(served)[3][1] != "OK"


def test_behind_a_broken_version_a_whole_one_goes_live(served, base):
    copy_version(base / "1", base / "3", cut_graph)
    until(lambda: states(served).get(3, ("",))[0] == "END")
    copy_version(base / "1", base / "4")
    until(lambda: states(served).get(4) == ("AVAILABLE", "OK"))
    assert states(served)[1][0] in ("UNLOADING", "END")


def test_half_copied_folders_of_other_names_are_no_versions(served, base):
    for name in ("5.partial", ".6", "seven"):
        (base / name).mkdir()
    time.sleep(3 * POLL)
    assert list(states(served)) == [1]


def test_a_version_goes_only_when_it_has_answered(served, base):
    client, answers = Grpc(served.port), []
    asked = {"x": np.array([300_000], "i4")}
    thread = threading.Thread(
        target=lambda: answers.append(client.predict("sample", asked, "slow"))
    )
    thread.start()
    until(lambda: served.models.models["sample"].versions[1].users)
    copy_version(base / "1", base / "2")
    until(lambda: states(served).get(2) == ("AVAILABLE", "OK"))
    thread.join()
    assert answers[0]["y"] == [300_000]
    until(lambda: states(served)[1] == ("END", "OK"))


def test_the_two_newest_stay_where_the_policy_says_so(base):
    config = configs.one_model("sample", base)
    config.model_config_list.config[0].model_version_policy.latest.num_versions = 2
    with ModelServer(Models(config), poll_seconds=POLL) as server:
        copy_version(base / "1", base / "2")
        until(lambda: states(server).get(2) == ("AVAILABLE", "OK"))
        assert states(server)[1] == ("AVAILABLE", "OK")
        copy_version(base / "1", base / "3")
        until(lambda: states(server).get(1) == ("END", "OK"))
        assert states(server)[2] == states(server)[3] == ("AVAILABLE", "OK")


def test_a_version_that_fails_is_tried_again(base):
    models = Models(configs.one_model("sample", base), retries=2, retry_seconds=3 * POLL)
    with ModelServer(models, poll_seconds=POLL) as server:
        (base / "2").mkdir()  # empty: a copy that has only begun, without being written aside
        until(lambda: states(server).get(2, ("",))[0] == "LOADING")
        for part in (base / "1").iterdir():
            (base / "2" / part.name).symlink_to(part)
        until(lambda: states(server).get(2) == ("AVAILABLE", "OK"))
