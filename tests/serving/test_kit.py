"""The files of `serving/`: read by the server's own messages, and by a server."""

import re

import pytest

from tests.serving.model_server import configs
from tests.serving.model_server.batching import Batcher

# The flags of the real server that the kit uses, as its `main.cc` has them.
FLAGS = {
    "port",
    "rest_api_port",
    "model_config_file",
    "model_config_file_poll_wait_seconds",
    "allow_version_labels_for_unavailable_models",
    "enable_batching",
    "batching_parameters_file",
    "monitoring_config_file",
    "max_num_load_retries",
    "load_retry_interval_micros",
    "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism",
}


@pytest.fixture(scope="module")
def yaml():
    return pytest.importorskip("yaml", reason="needs pyyaml, of the extra `dev`")


@pytest.fixture(scope="module")
def compose(kit, yaml):
    return yaml.safe_load((kit / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def manifest(kit, yaml):
    documents = yaml.safe_load_all((kit / "kubernetes" / "serve.yaml").read_text())
    return {(one["kind"], one["metadata"]["name"]): one for one in documents}


def flags(words):
    """`{flag: value}` of a command line."""
    return dict(word.removeprefix("--").split("=", 1) for word in words)


def test_every_model_has_its_folder_and_both_labels(kit):
    models = configs.read(kit / "models.config", configs.ModelServerConfig).model_config_list.config
    assert [one.name for one in models] == ["tv_script", "translation", "word2vec"]
    for one in models:
        assert one.base_path == f"/models/{one.name}"
        assert one.model_platform == "tensorflow"
        assert one.model_version_policy.latest.num_versions == 2
        assert dict(one.version_labels) == {"stable": 1, "canary": 1}


def test_batching_is_what_a_server_takes(kit):
    parameters = configs.read(kit / "batching.config", configs.BatchingParameters)
    batcher = Batcher(None, parameters)
    batcher.close()
    assert parameters.max_execution_batch_size.value <= parameters.max_batch_size.value
    assert batcher.most_at_once == parameters.max_execution_batch_size.value


def test_prometheus_reads_where_the_server_writes(kit, yaml):
    written = configs.read(kit / "monitoring.config", configs.MonitoringConfig).prometheus_config
    (job,) = yaml.safe_load((kit / "prometheus.yaml").read_text())["scrape_configs"]
    assert written.enable
    assert job["metrics_path"] == written.path
    assert job["static_configs"] == [{"targets": ["serving:8501"]}]


def test_compose_mounts_what_the_server_reads(kit, compose):
    serving = compose["services"]["serving"]
    assert serving["image"].startswith("tensorflow/serving:")
    assert serving["entrypoint"] == ["tensorflow_model_server"]
    given = flags(serving["command"])
    assert given.keys() <= FLAGS
    mounts = dict(volume.rsplit(":", 2)[:2][::-1] for volume in serving["volumes"])
    for name in ("model_config_file", "batching_parameters_file", "monitoring_config_file"):
        assert (kit / mounts[given[name]]).is_file()
    assert mounts["/models"] == "${EXPORTS:-../exports}"


def test_the_page_stands_before_the_server(kit, compose):
    page = compose["services"]["page"]
    mounts = dict(volume.split(":")[:2][::-1] for volume in page["volumes"])
    conf = (kit / mounts["/etc/nginx/conf.d/default.conf"]).read_text()
    assert page["ports"] == ["127.0.0.1:8080:80"]
    assert page["depends_on"] == {"serving": {"condition": "service_healthy"}}
    assert re.search(r"location /v1/ \{\s*proxy_pass http://serving:8501;", conf)
    assert f"root {next(iter(mounts))};" in conf


def test_the_pods_are_ready_when_the_models_are_and_are_scaled(manifest):
    deployment = manifest["Deployment", "tfseq-serving"]["spec"]
    (container,) = deployment["template"]["spec"]["containers"]
    scaler = manifest["HorizontalPodAutoscaler", "tfseq-serving"]["spec"]
    assert container["readinessProbe"]["httpGet"] == {
        "path": "/v1/models/tv_script",
        "port": "rest",
    }
    assert scaler["scaleTargetRef"]["name"] == "tfseq-serving"
    assert 1 < scaler["minReplicas"] < scaler["maxReplicas"]
    assert "replicas" not in deployment  # else each `kubectl apply` would undo the scaling
    labels = deployment["template"]["metadata"]["labels"]
    for kind, name in (("Service", "tfseq-serving"), ("Service", "tfseq-serving-grpc")):
        assert manifest[kind, name]["spec"]["selector"] == labels
    assert manifest["PodDisruptionBudget", "tfseq-serving"]["spec"]["selector"] == {
        "matchLabels": labels
    }


def test_pods_and_compose_start_the_server_alike(compose, manifest):
    deployment = manifest["Deployment", "tfseq-serving"]["spec"]["template"]["spec"]
    (container,) = deployment["containers"]
    given = flags(container["args"])
    assert given.keys() <= FLAGS
    alone = {"tensorflow_intra_op_parallelism", "tensorflow_inter_op_parallelism"}
    serving = compose["services"]["serving"]
    assert {key: value for key, value in given.items() if key not in alone} == flags(
        serving["command"]
    )
    version = re.search(r":-([\d.]+)\}", serving["image"])[1]
    assert container["image"] == f"tensorflow/serving:{version}"


def test_a_server_on_the_very_files_answers_all_models(rest):
    for model, rows in (
        ("tv_script", ["Ada: Is"]),
        ("translation/labels/stable", ["The cat sleeps."]),
        ("word2vec/labels/canary", ["soup"]),
    ):
        status, answer = rest.predict(model, {"instances": rows})
        assert status == 200
        assert len(answer["predictions"]) == 1
    status, _, page = rest.send("GET", "/monitoring/prometheus/metrics")
    assert status == 200
    assert b':tensorflow:serving:request_count{model_name="word2vec",status="OK"}' in page
