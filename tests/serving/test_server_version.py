"""Exports in the newest server's TensorFlow, which is older than the one that writes them.

    make test-server-version

makes an environment with that TensorFlow and names its interpreter in `SERVER_PYTHON`.
"""

import os
import subprocess

import pytest
import tensorflow as tf

from tfseq.serving import exports as writing
from tfseq.serving.warm_up import read_warm_up

NEWEST_SERVER = "2.20."


@pytest.fixture(scope="module")
def interpreter():
    path = os.environ.get("SERVER_PYTHON")
    if not path:
        pytest.skip("SERVER_PYTHON names no interpreter: run by `make test-server-version`")
    command = "import importlib.metadata as m; print(m.version('tensorflow'))"
    version = subprocess.run([path, "-c", command], capture_output=True, text=True, check=True)
    assert version.stdout.startswith(NEWEST_SERVER)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "operations"),
    [("tv_script", []), ("word2vec", []), ("translation", ["tensorflow_text"])],
)
def test_every_signature_answers_in_the_servers_tensorflow_as_in_ours(
    interpreter, exports, model, operations
):
    version = exports / model / "1"
    requests = dict(read_warm_up(version))
    signatures = tf.saved_model.load(version).signatures
    assert set(requests) == set(signatures)
    writing.check(version, signatures, requests, operations, interpreter)
