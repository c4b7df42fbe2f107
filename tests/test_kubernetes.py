"""The Job that trains on several hosts, and the `TF_CONFIG` that its pods make of their index."""

import importlib
import os
import pathlib
import subprocess

import pytest

from tfseq.cluster import read_cluster
from tfseq.parsing import parse
from tfseq.watch import GONE, WRONG

MANIFEST = pathlib.Path(__file__).parents[1] / "serving" / "kubernetes" / "train.yaml"
PYTHON = """#!/bin/sh
printf '%s\\n' "$TF_CONFIG" "$@"
"""


@pytest.fixture(scope="module")
def documents():
    yaml = pytest.importorskip("yaml", reason="needs pyyaml, of the extra `dev`")
    service, job = yaml.safe_load_all(MANIFEST.read_text())
    return service, job


def test_each_pod_is_a_worker_that_the_service_names(documents, tmp_path):
    service, job = documents
    name, spec = job["metadata"]["name"], job["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    for index in range(spec["completions"]):
        found = subprocess.run(
            [*container["command"], *container["args"]],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "JOB_COMPLETION_INDEX": str(index),
                **variables,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        cluster = read_cluster(found[0])
        assert cluster.index == index
        host = f"{name}-{index}.{service['metadata']['name']}"
        assert cluster.addresses[index] == f"{host}:{service['spec']['ports'][0]['port']}"
        assert len(cluster.addresses) == spec["completions"] == spec["parallelism"]
    module, application, verb, *words = found[1:]
    assert (module, verb) == ("-m", "train")
    options = importlib.import_module(f"{application}.__main__").VERBS["train"].options
    given = parse(options, words, {})
    assert given.strategy == "multi_worker"
    assert given.batch_size % spec["completions"] == 0


def test_a_pod_starts_again_but_for_wrong_options(documents):
    _, job = documents
    rules = job["spec"]["podFailurePolicy"]["rules"]
    codes = {
        rule["action"]: rule["onExitCodes"]["values"] for rule in rules if "onExitCodes" in rule
    }
    assert codes == {"FailJob": [WRONG], "Ignore": [GONE]}
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert job["spec"]["completionMode"] == "Indexed"
