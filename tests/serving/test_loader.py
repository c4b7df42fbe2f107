"""Exports run without Python: a program in C++ on the loader that a model server is built on."""

import pathlib
import shutil
import subprocess

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_text
from tensorflow.core.protobuf import named_tensor_pb2

from tfseq.serving.warm_up import read_warm_up

SOURCE = pathlib.Path(__file__).with_name("loader.cc")
OPERATIONS = pathlib.Path(tensorflow_text.__file__).parent / "python" / "ops"
SUBWORDS = OPERATIONS / "_fast_wordpiece_tokenizer.so"


@pytest.fixture(scope="module")
def loader(tmp_path_factory):
    """The compiled program."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is not there, and nothing else of the set-up needs it")
    program = tmp_path_factory.mktemp("loader") / "loader"
    folder = tf.sysconfig.get_lib()
    subprocess.run(
        [
            *("g++", "-w", *tf.sysconfig.get_compile_flags(), SOURCE, "-o", program),
            "-Wl,--no-as-needed",  # sessions register themselves; no symbol of theirs is asked for
            *tf.sysconfig.get_link_flags(),
            *("-l:libtensorflow_cc.so.2", f"-Wl,-rpath,{folder}"),
        ],
        check=True,
    )
    return program


def run(loader, version, libraries, directory):
    """The answers to the warm-up requests: `{"number/signature/output": array}`."""
    records = directory / "answers"
    done = subprocess.run([loader, version, records, *libraries], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers = {}
    for record in tf.data.TFRecordDataset(str(records)):
        answer = named_tensor_pb2.NamedTensorProto.FromString(record.numpy())
        answers[answer.name] = tf.make_ndarray(answer.tensor)
    return answers


@pytest.mark.parametrize(
    ("model", "libraries", "signatures"),
    [
        ("tv_script", [], 5),
        ("word2vec", [], 3),
        pytest.param("translation", [SUBWORDS], 5, marks=pytest.mark.slow),
    ],
)
def test_every_signature_answers_in_cpp_as_in_python(
    loader, exports, tmp_path, model, libraries, signatures
):
    version = exports / model / "1"
    answers = run(loader, version, libraries, tmp_path)
    loaded = tf.saved_model.load(version)
    asked = set()
    for number, (name, inputs) in enumerate(read_warm_up(version)):
        inputs = {key: tf.constant(value) for key, value in inputs.items()}
        for key, expected in loaded.signatures[name](**inputs).items():
            answer, expected = answers.pop(f"{number}/{name}/{key}"), expected.numpy()
            if expected.dtype == np.float32:
                np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-6)
            else:
                np.testing.assert_array_equal(answer, expected)
        asked.add(name)
    assert answers == {}
    assert asked == set(loaded.signatures)
    assert len(asked) == signatures


def test_without_its_operations_a_model_is_refused(loader, exports, tmp_path):
    command = [loader, exports / "translation" / "1", tmp_path / "answers"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Op type not registered" in done.stderr
