"""The check of an export: what a server takes, and each reason for which it would not."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from tfseq import serving
from tfseq.command import main
from tfseq.serving.__main__ import VERBS
from tfseq.serving.inspection import inspect
from tfseq.serving.layout import GRAPH, WARM_UP
from tfseq.serving.operations import read_graphs
from tfseq.serving.since import SINCE

NUMBER = tf.TensorSpec([None], tf.float32, "number")
WORD = tf.TensorSpec([None], tf.string, "word")
TIMES = tf.TensorSpec([None], tf.int32, "times")


class Served(tf.Module):
    """Multiplies and repeats: a variable, an input with a default, strings."""

    def __init__(self):
        super().__init__()
        self.weights = tf.Variable(np.arange(600, dtype="f"), name="weights")

    @tf.function(input_signature=[NUMBER])
    def serving_default(self, number):
        return {"product": number * self.weights[2]}

    @tf.function(input_signature=[WORD, TIMES])
    def repeat(self, word, times):
        rows = tf.repeat(word, times)
        return {"text": tf.strings.reduce_join(tf.RaggedTensor.from_row_lengths(rows, times), -1)}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    directory = tmp_path_factory.mktemp("export")
    module = Served()
    signatures = {"serving_default": module.serving_default, "repeat": module.repeat}
    examples = {
        "serving_default": {"number": np.array([1, 2, 3], "f")},
        "repeat": {"word": ["ha", "ho"], "times": [2, 3]},
    }
    serving.export(module, signatures, directory, examples, defaults={"repeat": {"times": 2}})
    return directory


@pytest.fixture
def copy(good, tmp_path):
    return shutil.copytree(good, tmp_path / "export")


def check(export, capsys):
    code = main("python -m tfseq.serving", VERBS, ["check", str(export)])
    return code, capsys.readouterr().out


def test_a_good_export_is_taken_and_described(good, capsys):
    code, text = check(good, capsys)
    assert code == 0
    lines = text.splitlines()
    assert lines[0] == str(good / "1")
    assert lines[-1] == "A server takes it."
    for line in (
        "repeat (times: int32 [batch] = 2, word: string [batch]) -> text: string [batch]",
        "serving_default (number: float32 [batch]) -> product: float32 [batch]",
        f"TensorFlow {tf.__version__}; graph version",
        "kinds; known to TensorFlow and its server from 2.12 on, and perhaps older ones",
        "1 variables, 2.4 kB",
        "2 requests: 1 of serving_default, 1 of repeat",
    ):
        assert line in text
    assert "note:" not in text


def test_a_version_is_checked_like_the_folder_above_it(good, capsys):
    assert check(good / "1", capsys)[0] == 0


def test_the_newest_version_is_the_highest_number(copy):
    for name in ("2", "10", "9", "11.bak"):
        shutil.copytree(copy / "1", copy / name)
    assert inspect(copy).title == str(copy / "10")


def rewrite(version, change):
    """The graph of a version, changed."""
    saved_model = read_graphs(version)
    change(saved_model.meta_graphs[0])
    (version / GRAPH).write_bytes(saved_model.SerializeToString())


def unname(graph):
    graph.signature_def["other"].CopyFrom(graph.signature_def["serving_default"])
    del graph.signature_def["serving_default"]


def fix(kind, *sizes):
    """The first shape of `repeat`'s inputs or outputs becomes another."""

    def change(graph):
        tensors = getattr(graph.signature_def["repeat"], kind)
        shape = tensors[sorted(tensors)[0]].tensor_shape
        del shape.dim[:]
        for size in sizes:
            shape.dim.add(size=size)

    return change


def with_operation(name):
    def change(graph):
        graph.graph_def.library.function[0].node_def.add(name="other", op=name)

    return change


def records(*contents):
    """A warm-up file of such records."""

    def change(version):
        with tf.io.TFRecordWriter(str(version / WARM_UP)) as writer:
            for content in contents:
                writer.write(content)

    return change


def warm_up(name, **inputs):
    def change(version):
        shutil.rmtree(version / WARM_UP.parent)
        serving.warm_up.write_warm_up(version, {name: inputs})

    return change


def cut(path):
    """The last bytes of a file are gone."""

    def change(version):
        (file,) = version.glob(path)
        file.write_bytes(file.read_bytes()[:-9])

    return change


BROKEN = {
    "no number": (lambda v: v.rename(v.with_name("new")), "There is no version"),
    "no graph": (lambda v: (v / GRAPH).unlink(), "saved_model.pb cannot be read: there is none"),
    "no protocol buffer": (
        lambda v: (v / GRAPH).write_bytes(b"hello"),
        "saved_model.pb cannot be read: ",
    ),
    "other tags": (
        lambda v: rewrite(v, lambda graph: graph.meta_info_def.tags.append("gpu")),
        "No graph is tagged `serve` and nothing else; the tags are: serve+gpu.",
    ),
    "no index": (lambda v: (v / "variables" / "variables.index").unlink(), "index is missing"),
    "no shard": (
        lambda v: (v / "variables" / "variables.data-00000-of-00001").unlink(),
        "The variables cannot be read: ",
    ),
    "half a shard": (cut("variables/*.data*"), "It cannot be loaded: "),
    "half a warm-up": (cut(str(WARM_UP)), "which a server runs while it loads: record 2: "),
    "no records": (
        lambda v: (v / WARM_UP).write_bytes(b"{} {} {} {} {}"),
        "which a server runs while it loads: record 1: ",
    ),
    "no request": (records(b""), "record 1: it is no request for a prediction"),
    "too many": (lambda v: (v / WARM_UP).write_bytes((v / WARM_UP).read_bytes() * 501), "1000 at"),
    "unknown signature": (warm_up("translate", number=[1.0]), "`translate`, which is no signature"),
    "missing input": (
        warm_up("repeat", word=["x"]),
        "a request of `repeat` must hold times, word. Received: word",
    ),
    "failing request": (warm_up("repeat", word=["x"], times=[-1]), "runs while it loads: "),
    "no default": (
        lambda v: rewrite(v, unname),
        "no signature `serving_default`, which answers where none is named; there is: other, rep",
    ),
    "scalar input": (
        lambda v: rewrite(v, fix("inputs")),
        "The input `times` of `repeat` is int32: batching and REST need an open number of rows",
    ),
    "fixed batch": (
        lambda v: rewrite(v, fix("inputs", 3)),
        "The input `times` of `repeat` is int32 [3]: ",
    ),
    "scalar output": (lambda v: rewrite(v, fix("outputs")), "The output `text` of `repeat` is"),
    "unknown operation": (
        lambda v: rewrite(v, with_operation("FoldProtein")),
        "has linked in knows: FoldProtein.",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_export_is_refused_with_the_reason(kind, copy, capsys):
    breaking, reason = BROKEN[kind]
    breaking(copy / "1")
    code, text = check(copy, capsys)
    assert code == 1
    (line,) = [line for line in text.splitlines() if line.startswith("- ")]
    assert reason in line


def test_a_version_without_a_number_for_a_name_is_refused(copy, capsys):
    (copy / "1").rename(copy / "new")
    code, text = check(copy / "new", capsys)
    assert code == 1
    assert "- The folder is named new: a server takes folders named 1, 2, ..." in text


def saved(tmp_path, function, *tracked):
    """A version whose only signature is a function of numbers, without warm-up."""
    module = tf.Module()
    module.tracked = tracked
    signature = tf.function(function, input_signature=[NUMBER], autograph=False)
    tf.saved_model.save(module, tmp_path / "1", signatures=signature)
    return inspect(tmp_path)


def test_state_between_requests_is_refused(tmp_path):
    counter = tf.Variable(0.0)
    found = saved(tmp_path, lambda number: {"sum": counter.assign_add(1.0) + number}, counter)
    (problem,) = found.problems
    assert "`serving_default` keeps state between requests (AssignAddVariableOp)" in problem


def test_a_call_of_python_is_refused(tmp_path):
    def doubled(number):
        value = tf.numpy_function(lambda array: array * 2, [number], tf.float32)
        return {"value": tf.ensure_shape(value, [None])}

    found = saved(tmp_path, doubled)
    assert "`serving_default` calls Python (PyFunc): a server has none." in found.problems


def test_what_a_server_takes_and_a_person_should_know_is_noted(tmp_path):
    weights = [tf.Variable(np.arange(500, dtype="f")) for _ in range(2)]
    table = tf.constant(np.arange(500, dtype="f"))
    module = tf.Module()
    module.weights = weights
    module.optimizer = {"momentum": tf.Variable(tf.zeros([400]))}

    def noisy(number):
        drawn = tf.random.uniform(tf.shape(number))
        return {"value": number + drawn + weights[0][1] + weights[1][1] + table[1]}

    signature = tf.function(noisy, input_signature=[NUMBER], autograph=False)
    tf.saved_model.save(module, tmp_path / "1", signatures=signature)
    found = inspect(tmp_path)
    notes = "\n".join(found.notes)
    assert found.problems == []
    assert "`serving_default` draws without a seed of the request's (RandomUniform)" in notes
    assert "3 times the same 2,000 bytes: weights/0/.ATTRIBUTES/VARIABLE_VALUE, weights/1" in notes
    assert "1 variables of an optimizer, 1,600 bytes, which no answer needs: optimizer/" in notes
    assert "There is no assets.extra/tf_serving_warmup_requests" in notes


def test_the_oldest_server_that_has_all_operations_is_named(tmp_path):
    def smallest(number):
        rows = tf.zeros_like(number, tf.int32)
        return {"least": tf.raw_ops.SegmentMinV2(data=number, segment_ids=rows, num_segments=1)}

    found = saved(tmp_path, smallest)
    (line,) = [line for line in found.facts if "operations" in line]
    assert line.endswith("known to TensorFlow and its server from 2.13 on")


def test_every_operation_of_the_table_is_in_this_tensorflow():
    names = " ".join(SINCE.values()).split()
    assert len(names) == len(set(names)) == 75
    assert [name for name in names if not hasattr(tf.raw_ops, name)] == []


def test_operations_of_tensorflow_text_are_named(tmp_path):
    import tensorflow_text

    def count(word):
        pieces = tensorflow_text.WhitespaceTokenizer().tokenize(word)
        return {"count": pieces.row_lengths()}

    signature = tf.function(count, input_signature=[WORD], autograph=False)
    tf.saved_model.save(tf.Module(), tmp_path / "1", signatures=signature)
    found = inspect(tmp_path)
    assert found.problems == []
    assert any("of tensorflow-text: linked into the stock server" in note for note in found.notes)


def test_what_is_no_folder_is_one_line(complaint_of, tmp_path):
    def application(*words):
        return main("python -m tfseq.serving", VERBS, list(words))

    line = complaint_of(application, "check", str(tmp_path / "nowhere"))
    assert line.startswith("python -m tfseq.serving check: `EXPORT` must be a folder. Received: ")
