"""The page for those who come from TensorFlow 1: its blocks run, its tables name what there is."""

import importlib.util
import logging
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles import guide
from tfseq import tf1

# Printed by TensorFlow 1.15.5 from the blocks of the page, whose weights and batches are those of
# `tests/oracles/guide.py`: losses of the steps, and what is found after the last of them.
LANGUAGE_LOSSES = [2.413585, 2.4866817, 2.3829298]
LANGUAGE_CELL = [
    -0.0882794,
    -0.43285829,
    1.28707016,
    0.11925192,
    -0.50622702,
    -0.66140264,
    0.22210203,
]
TAGGER_LOSSES = [1.7283585, 1.6878337, 1.6605091, 1.6395396]
TAGGER_LOGITS = [0.00948247, 0.24869214, 0.21505114, -0.0191413]
TAGS = [[1, 1, 1, 1, 1, 1, 1], [2, 1, 1, 2, 2, 2, 2], [1, 1, 1, 1, 2, 2, 2]]
TRANSLATIONS = {
    "BahdanauAttention": (
        [2.276872, 2.1594648, 2.0055115, 1.8251733, 1.7248212, 1.6155453],
        [1.4816, 1.3650101, 1.282741, 1.2141874, 1.1464684, 1.089898],
        [
            [3, 3, 3, 3, 6, 6, 6],
            [3, 3, 6, 6, 6, 6, 6],
            [8, 5, 7, 7, 7, 7, 7],
            [8, 5, 7, 7, 7, 7, 7],
        ],
        [
            [[3, 3, 3, 3, 6, 6, 6], [3, 3, 3, 3, 3, 6, 6], [3, 3, 3, 3, 6, 5, 6]],
            [[3, 3, 6, 6, 6, 6, 6], [3, 3, 6, 5, 6, 6, 6], [3, 3, 3, 6, 6, 6, 6]],
            [[8, 5, 7, 7, 7, 7, 7], [8, 2, 2, 2, 2, 2, 2], [8, 7, 7, 7, 7, 7, 7]],
            [[8, 2, 2, 2, 2, 2, 2], [8, 5, 7, 7, 7, 7, 7], [8, 7, 7, 7, 7, 7, 7]],
        ],
        [
            [-6.324095726, -6.470649719, -6.578812599],
            [-7.383095741, -7.506850242, -7.594829082],
            [-2.256232261, -1.764164090, -3.224417924],
            [-1.634351730, -2.935202121, -3.761767864],
        ],
    ),
    "LuongAttention": (
        [2.2768672, 2.1592488, 2.0050626, 1.8246667, 1.7242284, 1.6130576],
        [1.4789386, 1.3632355, 1.2800558, 1.2120402, 1.1461718, 1.0901667],
        [
            [3, 3, 3, 3, 6, 5, 2],
            [3, 3, 6, 6, 6, 6, 6],
            [8, 5, 7, 7, 7, 7, 7],
            [8, 5, 7, 7, 7, 7, 7],
        ],
        [
            [[3, 3, 3, 3, 6, 6, 6], [3, 3, 3, 3, 3, 6, 6], [3, 3, 3, 3, 6, 5, 6]],
            [[3, 3, 6, 6, 6, 6, 6], [3, 3, 3, 6, 6, 6, 6], [3, 3, 6, 5, 6, 6, 6]],
            [[8, 5, 7, 7, 7, 7, 7], [8, 2, 2, 2, 2, 2, 2], [8, 7, 7, 7, 7, 7, 7]],
            [[8, 2, 2, 2, 2, 2, 2], [8, 5, 7, 7, 7, 7, 7], [8, 7, 7, 7, 7, 7, 7]],
        ],
        [
            [-6.481680393, -6.532564163, -6.587048530],
            [-7.618194103, -7.672179222, -7.685911178],
            [-2.279065132, -1.704336881, -3.168803691],
            [-1.582515120, -2.805735588, -3.468738079],
        ],
    ),
}


@pytest.fixture(autouse=True)
def warnings_of_tensorflow():
    """What TensorFlow's logger says, such as AutoGraph where it gives up: nothing."""
    records = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = records.append
    tf.get_logger().addHandler(handler)
    yield
    tf.get_logger().removeHandler(handler)
    assert [record.getMessage() for record in records] == []


def integers(arrays):
    return [tf.constant(array, tf.int32) for array in arrays]


def load(variables):
    """Give each variable, by its name in TensorFlow 1, its drawn weights."""
    for name, variable in variables.items():
        variable.assign(guide.drawn(name, tuple(variable.shape)))


def named(scope, obj):
    """The variables of a cell or a layer, by their names in TensorFlow 1."""
    found = {v.name: v for v in obj.variables} if isinstance(obj, keras.Layer) else {}
    return {f"{scope}/{name}": v for name, v in (found or tf1.variables_by_name(obj)).items()}


def test_the_moved_language_model_finds_what_tensorflow_1_found():
    block = guide.run("Moved: language model")
    batches = [integers(batch) for batch in guide.language_batches()]
    block["loss_of"](*batches[0], block["cell"].zero_state(3, tf.float32))
    load(
        {
            "embedding": block["embedding"],
            **named("rnn", block["cell"]),
            **named("logits", block["to_logits"]),
        }
    )
    losses, state = block["run_epoch"](batches, 1.0)
    np.testing.assert_allclose(losses, LANGUAGE_LOSSES, rtol=1e-5)
    np.testing.assert_allclose(state[1].c[0], LANGUAGE_CELL, atol=1e-5)
    losses, _ = block["run_epoch"](batches * 8, 0.8)
    assert losses[-1] < 0.9 * losses[0]


def test_the_moved_tagger_finds_what_tensorflow_1_found():
    block = guide.run("Moved: tagger")
    words, lengths, tags = integers(guide.tagged())
    block["logits_of"](words, lengths)
    scope = "tagger/bidirectional_rnn"
    load(
        {
            "tagger/embedding": block["embedding"],
            **named(f"{scope}/fw", block["cell_fw"]),
            **named(f"{scope}/bw", block["cell_bw"]),
            **named("tagger/logits", block["to_logits"]),
        }
    )
    losses = [float(block["train"](words, lengths, tags)) for _ in range(4)]
    np.testing.assert_allclose(losses, TAGGER_LOSSES, rtol=1e-5)
    logits, found = block["tag"](words, lengths)
    np.testing.assert_allclose(logits[1, 1], TAGGER_LOGITS, atol=1e-5)
    assert found.numpy().tolist() == TAGS


@pytest.mark.parametrize("mechanism", TRANSLATIONS)
def test_the_moved_translator_finds_what_tensorflow_1_found(mechanism):
    block = guide.run("Moved: translator", BahdanauAttention=mechanism)
    pairs = integers(guide.translations())
    block["translate"](*pairs[:2])
    decoder = named("translator/decoder", block["cell"])
    load(
        {
            "encoder/embedding": block["source_vectors"],
            "target_embedding": block["target_vectors"],
            **named("encoder/rnn", block["encoder_cell"]),
            **{
                name.replace("decoder/memory_layer", "memory_layer"): v
                for name, v in decoder.items()
            },
            **named("translator/decoder/logits", block["to_logits"]),
        }
    )
    first, then, greedy, beams, log_probabilities = TRANSLATIONS[mechanism]
    losses = [float(block["train"](*pairs)) for _ in range(12)]
    np.testing.assert_allclose(losses[:6], first, rtol=1e-5)
    np.testing.assert_allclose(losses[6:], then, rtol=3e-5)  # twelve steps of Adam
    found = block["translate"](*pairs[:2])
    assert found[0].numpy().tolist() == greedy
    assert found[1].numpy().transpose(0, 2, 1).tolist() == beams
    np.testing.assert_allclose(found[2], log_probabilities, rtol=1e-4)


def test_what_new_code_looks_like_learns():
    keras.utils.set_random_seed(0)
    model = guide.run("New: language model")
    losses = model["run_epoch"]([integers(batch) for batch in guide.language_batches()] * 8)
    assert losses[-1] < 0.8 * losses[0]
    model, batch = guide.run("New: tagger"), integers(guide.tagged())
    model["model"](*batch[:2])
    losses = [float(model["train"](*batch)) for _ in range(9)]
    assert losses[-1] < 0.8 * losses[0]
    model, pairs = guide.run("New: translator"), integers(guide.translations())
    losses = [float(model["train"](*pairs)) for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]
    greedy, beams, scores = model["translate"](*pairs[:2])
    assert greedy.shape[0] == len(beams) == len(scores) == 4
    assert np.all(np.diff(scores.numpy()) <= 0)


def test_two_stacks_share_their_cells():
    block = guide.run("Block: two stacks")
    cell, dropping = block["cell"], block["dropping_cell"]
    inputs = tf.ones([3, 2])
    outputs, _ = cell(inputs, cell.zero_state(3, tf.float32))
    dropped, _ = dropping(inputs, dropping.zero_state(3, tf.float32))
    assert np.any(dropped.numpy() == 0)
    assert not np.any(outputs.numpy() == 0)
    ours, theirs = tf1.variables_by_name(cell), tf1.variables_by_name(dropping)
    assert all(ours[name] is theirs[name] for name in ours | theirs)


def test_what_is_saved_is_restored(tmp_path):
    one, other = guide.run("Block: saving"), guide.run("Block: saving")
    other["restore"](one["save"](str(tmp_path / "weights")))
    ours, theirs = (tf1.variables_by_name(block["cell"]) for block in (one, other))
    assert len(ours) == 7
    for name, variable in ours.items():
        np.testing.assert_array_equal(variable, theirs[name])


def test_each_name_of_ours_on_the_page_is_there_and_none_of_the_face_is_missing():
    text = guide.GUIDE.read_text()
    assert set(re.findall(r"\btf1\.(\w+)", text)) == set(tf1.__all__)
    paths = set(re.findall(r"\b(tfseq\.(?!tf1)[\w.]*\w)", text))
    assert len(paths) > 40
    for path in paths:
        module, _, name = path.rpartition(".")
        found = importlib.import_module(module)
        assert hasattr(found, name) or importlib.util.find_spec(path), path


def test_each_row_of_the_map_of_tensorflow_1_has_its_place(shared):
    _, text = shared("tf1/api-map.md").read_text().split("### 1. ")
    rows = re.findall(r"^\| `([^`|]+)` \|", text, re.MULTILINE)
    assert len(rows) == 145
    lines = [line for line in guide.GUIDE.read_text().splitlines() if line.startswith("|")]
    places = " ".join(line.split("|")[1] for line in lines)
    for row in rows:
        names = re.findall(r"\w*[A-Z]\w+|\w+_\w+|hardmax", re.sub(r"\(.*?\)", "", row))
        assert names
        for name in names:
            assert re.search(rf"\b{name.rstrip('_')}", places), name
