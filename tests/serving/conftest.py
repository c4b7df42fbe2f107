"""One small export of each application, and servers on them, for every test of serving."""

import pytest

from apps.translation.__main__ import VERBS as TRANSLATION
from apps.tv_script.__main__ import VERBS as TV_SCRIPT
from apps.word2vec.__main__ import VERBS as WORD2VEC
from tests import tiny
from tests.serving import samples
from tests.serving.asking import Grpc, Rest
from tests.serving.model_server import configs
from tests.serving.model_server.models import Models
from tests.serving.model_server.server import ModelServer
from tests.serving.processes import KIT, ServerProcess
from tfseq.command import main


def run(application, verbs, verb, *words):
    """A command line of an application, which must go well."""
    assert main(f"python -m apps.{application}", verbs, [verb, *words]) == 0


@pytest.fixture(scope="session")
def kit():
    """The folder of the serving kit."""
    return KIT


@pytest.fixture(scope="session")
def exports(started_tensorflow, tmp_path_factory):
    """A folder with the exports `tv_script`, `translation` and `word2vec`, one version of each."""
    work, exports = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("exports")
    runs = [f"--run_dir={work / 'tv_script'}", f"--run_dir={work / 'translation'}"]
    text = f"--text_file={tiny.write_script(work)}"
    source, target = tiny.write_pairs(work)
    pairs = [f"--source_file={source}", f"--target_file={target}"]
    run("tv_script", TV_SCRIPT, "train", runs[0], text, *tiny.SCRIPT_OPTIONS)
    run("tv_script", TV_SCRIPT, "export", runs[0], f"--export_dir={exports / 'tv_script'}")
    run("translation", TRANSLATION, "train", runs[1], *pairs, *tiny.PAIRS_OPTIONS)
    into = f"--export_dir={exports / 'translation'}"
    run("translation", TRANSLATION, "export", runs[1], into, "--beam_width=3")
    vectors = f"--vectors={work / 'vectors.txt'}"
    run("word2vec", WORD2VEC, "train", vectors, text, "--dim=5", "--epochs=1")
    run("word2vec", WORD2VEC, "export", vectors, f"--export_dir={exports / 'word2vec'}")
    return exports


@pytest.fixture(scope="session")
def config_of(exports):
    """A function from names of models to a `ModelServerConfig` of their exports."""

    def make(*names):
        config = configs.ModelServerConfig()
        for name in names:
            one = configs.one_model(name, exports / name).model_config_list
            config.model_config_list.MergeFrom(one)
        return config

    return make


@pytest.fixture(scope="session")
def server(config_of):
    """A server of all exports in this process, as the real one answers without batching."""
    config = config_of("tv_script", "translation", "word2vec")
    for one in config.model_config_list.config:
        one.version_labels["stable"] = 1
    models = Models(config, labels_may_wait=True)
    with ModelServer(models, cors=True, metrics_path="/monitoring/prometheus/metrics") as running:
        yield running


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The folder of a small model with version 1, to be copied from."""
    base = tmp_path_factory.mktemp("models") / "sample"
    samples.write_version(base, 1)
    return base


@pytest.fixture(scope="session")
def kit_server(exports, tmp_path_factory):
    """A process that serves all exports, as the kit's files say: with batching, labels, metrics."""
    running = ServerProcess(exports, tmp_path_factory.mktemp("server")).wait_until_ready()
    yield running
    assert running.runs, "the server has crashed"
    assert running.close() == 0


@pytest.fixture(scope="module")
def client(kit_server):
    """GRPC to that process."""
    with Grpc(kit_server.port) as client:
        yield client


@pytest.fixture(scope="module")
def rest(kit_server):
    """REST to that process."""
    with Rest(kit_server.rest_api_port) as rest:
        yield rest
