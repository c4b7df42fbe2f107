"""A tf.data service cuts the text; the data is that of one process."""

import pytest

from tests.text.prepared import (
    content,
    documents_in,
)
from tfseq.text import (
    encoding,
    service,
)


@pytest.fixture
def dispatcher():
    """The address of a tf.data service with one worker, in this process."""
    from tensorflow.data.experimental import service as tf_service

    server = tf_service.DispatchServer(tf_service.DispatcherConfig(port=0))
    worker = tf_service.WorkerServer(
        tf_service.WorkerConfig(dispatcher_address=server.target.split("://")[1], port=0)
    )
    yield server.target
    del worker, server


def test_a_tf_data_service_gives_the_same_data(dispatcher, tmp_path, monkeypatch):
    wanted = content(documents_in(tmp_path, "whole").directory)
    monkeypatch.setattr(service, "GROUP", 4)
    read = []

    def here(function, jobs):
        read.extend(job for job in jobs if function is encoding.read_job)
        return map(function, jobs)

    def by_service(jobs):
        return service.read_by_service(dispatcher, jobs)

    found = documents_in(tmp_path, "served", run=here, read=by_service)
    assert content(found.directory) == wanted
    assert not read
    assert not list((tmp_path / "served" / "preparing").glob("text-*"))


def test_what_a_dead_worker_had_is_read_here(dispatcher, tmp_path, monkeypatch):
    wanted = content(documents_in(tmp_path, "whole").directory)
    elements, read = service.elements, []

    def lossy(address, jobs):
        """As where a worker dies: parts of two units never come, the others in any order."""
        found = [element for element in elements(address, jobs) if element[0] not in (1, 3)]
        return iter(found[::-1])

    def here(function, jobs):
        read.extend(job.number for job in jobs if function is encoding.read_job)
        return map(function, jobs)

    monkeypatch.setattr(service, "elements", lossy)

    def by_service(jobs):
        return service.read_by_service(dispatcher, jobs)

    found = documents_in(tmp_path, "served", run=here, read=by_service)
    assert content(found.directory) == wanted
    assert read == [1, 3]


def test_a_service_that_does_not_answer_is_named():
    with pytest.raises(OSError, match=r"refused|timed out"):
        service.check_service("grpc://localhost:1", seconds=2)
    with pytest.raises(ValueError, match="grpc://HOST:PORT"):
        service.check_service("localhost:1")
