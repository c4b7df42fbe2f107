"""`python -m tfseq.tf1_checkpoint`, as a user runs it."""

import os
import pathlib
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near
from tests.tf1_checkpoint.writing import write
from tfseq.command import main
from tfseq.tf1_checkpoint.__main__ import VERBS

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def tf1_checkpoint():
    """A function that runs a command line and returns its exit code."""
    tf.config.list_physical_devices()  # says on stderr that there is no GPU, once
    program = "python -m tfseq.tf1_checkpoint"
    return lambda *words: main(program, VERBS, [str(word) for word in words])


@pytest.fixture
def real(shared):
    """The prefix of the checkpoint that TensorFlow 1.15 wrote."""
    return shared("oracle/tf1_checkpoint") / "model.ckpt-60"


def test_inspect_prints_what_there_is(tf1_checkpoint, real, capsys):
    assert tf1_checkpoint("inspect", real) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "dense units=30 inputs=16  in Model/softmax" in lines
    assert "embedding vocabulary_size=30 units=12  in Model/embedding" in lines


RUN = """
import numpy
ids = numpy.load("ids.npy")
{}
numpy.savez("found.npz", logits, *[s for pair in states for s in pair])
"""


def test_the_lines_that_are_printed_give_the_recorded_numbers(
    tf1_checkpoint, real, oracle, tmp_path, capsys
):
    output = tmp_path / "made" / "lm.keras"
    assert tf1_checkpoint("convert", "--forget_bias=1.0", real, output) == 0
    assert [path.name for path in output.parent.iterdir()] == ["lm.keras"]
    printed = capsys.readouterr().out.split("In Python:\n")[1]
    code = RUN.format("\n".join(line.strip() for line in printed.splitlines()))
    recorded = Recorded(oracle("tf1_checkpoint"), "lm_basic_lstm2")
    whole = recorded["in/sequence_length"] == 8  # the rows without a mask
    assert whole.any()
    np.save(tmp_path / "ids.npy", recorded["in/ids"])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    logits, *states = np.load(tmp_path / "found.npz").values()
    assert_near(logits[whole], recorded["out/logits"][whole])
    for n, name in enumerate(("0/h", "0/c", "1/h", "1/c")):
        assert_near(states[n][whole], recorded[f"out/final_state/{name}"][whole])


def test_names_and_activations_are_options(tf1_checkpoint, tmp_path):
    rng = np.random.default_rng(2)
    shapes = {
        "lm/words": (7, 2),
        "lm/rnn/mine/kernel": (5, 3),
        "lm/rnn/mine/bias": (3,),
        "lm/out/kernel": (3, 7),
        "lm/out/bias": (7,),
    }
    arrays = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    path = write(tmp_path / "model", arrays)
    words = ["convert", path, tmp_path / "lm.keras", "--activation=relu", "--scope=lm"]
    rename = "--rename=lm/rnn/mine=basic_rnn_cell,lm/words=embedding"
    assert tf1_checkpoint(*words, rename) == 0
    model = keras.saving.load_model(tmp_path / "lm.keras")
    h = np.zeros(3)
    for word in (4, 0, 6):
        joint = np.concatenate([arrays["lm/words"][word], h])
        h = np.maximum(joint @ arrays["lm/rnn/mine/kernel"] + arrays["lm/rnn/mine/bias"], 0)
    wanted = h @ arrays["lm/out/kernel"] + arrays["lm/out/bias"]
    np.testing.assert_allclose(model(np.array([[4, 0, 6]]))[0, -1], wanted, rtol=1e-5)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["inspct", "CKPT"], "`inspct` is not a verb; did you mean inspect?"),
        (["inspect"], "`CHECKPOINT` is required"),
        (["inspect", "CKPT", "more"], "`more` is not an option"),
        (["inspect", "nowhere"], "`CHECKPOINT` must be a checkpoint"),
        (["convert", "CKPT"], "`OUTPUT` is required"),
        (["convert", "CKPT", "new.npz", "--forget_bias=1"], "`OUTPUT` must end in .keras"),
        (["convert", "CKPT", "old.keras", "--forget_bias=1"], "`OUTPUT` must not be there yet"),
        (["convert", "CKPT", "new.keras"], "`--forget_bias` must be given"),
        (["convert", "CKPT", "new.keras", "--forget_bias=1", "--residual_from=2"], "the 2 layers"),
        (["convert", "CKPT", "new.keras", "--forget_bias=1", "--cell_clip=2"], "are for LSTMCell"),
        (["convert", "CKPT", "new.keras", "--forget_bias=one"], "`--forget_bias` must be a finite"),
        (["convert", "CKPT", "new.keras", "--forgetbias=1"], "did you mean --forget_bias?"),
        (["convert", "nowhere", "new.keras"], "`CHECKPOINT` must be a checkpoint"),
        (["convert", "CKPT", "new.keras", "--rename=a"], "`--rename` must be OLD=NEW"),
        (["convert", "CKPT", "new.keras", "--rename=a=b"], "`--rename` must name variables"),
        (["convert", "CKPT", "new.keras", "--average"], "`--average` must be False"),
        (["convert", "CKPT", "file/new.keras", "--forget_bias=1"], "`OUTPUT` must be a file that"),
        (
            ["convert", "CKPT", "new.keras", "--scope=Model/rnn", "--forget_bias=1"],
            "`--rename` must",
        ),
        (["convert", "DAMAGED", "new.keras", "--forget_bias=1"], "must be a whole checkpoint"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_writes_nothing(
    complaint_of, tf1_checkpoint, real, tmp_path, monkeypatch, words, complaint
):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("old.keras").write_text("mine")
    pathlib.Path("file").write_text("no directory")
    for path in real.parent.glob("model*"):
        shutil.copy(path, "damaged" + path.name.removeprefix("model.ckpt-60"))
    pathlib.Path("damaged.data-00000-of-00001").write_bytes(b"short")
    before = sorted(path.name for path in tmp_path.iterdir())
    places = {"CKPT": real, "DAMAGED": "damaged"}
    line = complaint_of(tf1_checkpoint, *(places.get(word, word) for word in words))
    assert complaint in line
    assert pathlib.Path("old.keras").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_output_is_replaced_where_that_is_asked_for(tf1_checkpoint, real, tmp_path):
    output = tmp_path / "lm.keras"
    output.write_text("mine")
    words = ["convert", real, output, "--forget_bias=1", "--overwrite"]
    assert tf1_checkpoint(*words) == 0
    assert keras.saving.load_model(output).vocabulary_size == 30
