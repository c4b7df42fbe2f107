"""The command line, with the flags of `tensorflow_model_server`."""

import os
import signal
import sys
import threading

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from absl import app, flags

from tests.serving.model_server import configs, metrics
from tests.serving.model_server.models import Models
from tests.serving.model_server.server import ModelServer

FLAGS = flags.FLAGS
flags.DEFINE_integer("port", 8500, "for gRPC")
flags.DEFINE_integer("rest_api_port", 0, "for REST; 0: none")
flags.DEFINE_string("model_name", "default", "of the one model")
flags.DEFINE_string("model_base_path", None, "of the one model")
flags.DEFINE_string("model_config_file", None, "of several models, in text format")
flags.DEFINE_float("model_config_file_poll_wait_seconds", 0, "between two looks at it; 0: one look")
flags.DEFINE_float("file_system_poll_wait_seconds", 1, "between two looks for versions")
flags.DEFINE_bool("allow_version_labels_for_unavailable_models", False, "at the start none is")
flags.DEFINE_bool("enable_batching", False, "run requests together")
flags.DEFINE_string("batching_parameters_file", None, "how, in text format")
flags.DEFINE_string("monitoring_config_file", None, "for Prometheus, in text format")
flags.DEFINE_bool("enable_model_warmup", True, "run warm-up files")
flags.DEFINE_bool("rest_api_enable_cors_support", False, "for pages of other places")
flags.DEFINE_integer("rest_api_timeout_in_ms", 30000, "of one request")
flags.DEFINE_integer("grpc_max_threads", 40, "requests at once")
flags.DEFINE_integer("max_num_load_retries", 5, "of a version that fails")
flags.DEFINE_integer("load_retry_interval_micros", 60_000_000, "between two of them")


def main(_):
    """Serve until a signal says to end."""
    server = ModelServer(
        Models(
            configuration(),
            batching=batching(),
            warms_up=FLAGS.enable_model_warmup,
            labels_may_wait=FLAGS.allow_version_labels_for_unavailable_models,
            retries=FLAGS.max_num_load_retries,
            retry_seconds=FLAGS.load_retry_interval_micros / 1e6,
        ),
        FLAGS.port,
        FLAGS.rest_api_port or None,
        FLAGS.grpc_max_threads,
        FLAGS.file_system_poll_wait_seconds,
        timeout=FLAGS.rest_api_timeout_in_ms / 1000,
        cors=FLAGS.rest_api_enable_cors_support,
        metrics_path=metrics_path(),
    )
    if FLAGS.model_config_file and FLAGS.model_config_file_poll_wait_seconds:
        server.watch(
            lambda: server.models.configure(configuration()),
            FLAGS.model_config_file_poll_wait_seconds,
        )
    print(f"Running gRPC ModelServer at 127.0.0.1:{server.port} ...", file=sys.stderr)
    if server.rest:
        place = f"127.0.0.1:{server.rest_api_port}"
        print(f"Exporting HTTP/REST API at:{place} ...", file=sys.stderr)
    sys.stderr.flush()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    server.close()


def configuration():
    """The models to serve."""
    if FLAGS.model_config_file:
        return configs.read(FLAGS.model_config_file, configs.ModelServerConfig)
    return configs.one_model(FLAGS.model_name, FLAGS.model_base_path)


def batching():
    """How requests are run together, if they are."""
    if not FLAGS.enable_batching:
        return None
    file = FLAGS.batching_parameters_file
    return configs.read(file, configs.BatchingParameters) if file else configs.BatchingParameters()


def metrics_path():
    """Where Prometheus reads, if anywhere."""
    if not FLAGS.monitoring_config_file:
        return None
    found = configs.read(FLAGS.monitoring_config_file, configs.MonitoringConfig).prometheus_config
    return (found.path or metrics.PATH) if found.enable else None


if __name__ == "__main__":
    app.run(main)
