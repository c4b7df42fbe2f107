"""Checkpoints: all of a run's state, in files that are whole or are not used."""

import json
import os
import pathlib
import resource
import warnings
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.checkpoint import Checkpoints, digest, raw_variables, restore

BFLOAT16 = tf.bfloat16.as_numpy_dtype
ARRAYS = {
    "cell/kernel": np.arange(6, dtype="float32").reshape(2, 3),
    "cell/kernel#1": np.asfortranarray(np.arange(6, dtype="float64").reshape(2, 3)),
    "half": np.array([1.5, -2.0, np.nan], BFLOAT16),
    "scalar": np.array(2.5, BFLOAT16),
    "seed": np.array([7, 2**32 - 1], "uint32"),
    "iteration": np.array(2**40, "int64"),
    "flag": np.array([True, False]),
    "file": np.zeros((0, 4), "int8"),  # empty, and an argument's name of numpy.savez
}
STATE = {"history": [{"epoch": 1, "loss": 0.1 + 0.2}], "best": None}


class Killed(BaseException):
    """Stands for the end of the process."""


def die(*_):
    raise Killed


def save_steps(checkpoints, *steps):
    for step in steps:
        checkpoints.save(step, {"step": np.array(step)}, {})


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_arrays_come_back_with_their_names_dtypes_shapes_and_bits(tmp_path):
    Checkpoints(tmp_path).save(123, ARRAYS, STATE)
    assert names(tmp_path) == ["step-00000123.npz"]
    saved = Checkpoints(tmp_path).latest()
    assert (saved.step, saved.state, list(saved.variables)) == (123, STATE, list(ARRAYS))
    for name, array in ARRAYS.items():
        read = saved.variables[name]
        assert (read.dtype, read.shape) == (array.dtype, array.shape)
        assert read.tobytes() == array.tobytes()
    assert digest(saved.variables) == digest(ARRAYS)


def test_numpy_opens_the_file_without_pickle(tmp_path):
    Checkpoints(tmp_path).save(1, ARRAYS, STATE)
    with np.load(tmp_path / "step-00000001.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["cell/kernel"], ARRAYS["cell/kernel"])
        assert json.loads(file["checkpoint.json"])["state"] == STATE


def test_equal_contents_make_equal_files(tmp_path):
    for folder in ("a", "b"):
        Checkpoints(tmp_path / folder).save(5, ARRAYS, STATE)
    assert len({(tmp_path / f / "step-00000005.npz").read_bytes() for f in ("a", "b")}) == 1


def test_an_empty_or_absent_directory_has_no_checkpoint(tmp_path):
    checkpoints = Checkpoints(tmp_path / "absent")
    assert checkpoints.latest() is None
    assert checkpoints.weights("best") is None


def test_only_the_newest_are_kept_and_the_best_beside_them(tmp_path):
    checkpoints = Checkpoints(tmp_path, keep=2)
    checkpoints.save_weights("best", 1, ARRAYS, STATE)
    save_steps(checkpoints, 1, 9, 100_000_000)  # the last has a digit more
    assert names(tmp_path) == ["best.npz", "step-00000009.npz", "step-100000000.npz"]
    assert checkpoints.latest().step == 100_000_000
    assert checkpoints.weights("best").step == 1


def test_a_later_step_is_removed_when_the_run_has_gone_back(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    save_steps(checkpoints, 10, 20)
    save_steps(checkpoints, 15)
    assert names(tmp_path) == ["step-00000010.npz", "step-00000015.npz"]


def test_keep_must_be_at_least_one(tmp_path):
    with pytest.raises(ValueError, match=r"`keep` must be at least 1. Received: keep=0"):
        Checkpoints(tmp_path, keep=0)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_skipped_with_one_line_that_names_it(tmp_path, share):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, ARRAYS, STATE)
    checkpoints.save(2, ARRAYS, STATE)
    path = tmp_path / "step-00000002.npz"
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.warns(UserWarning, match=r"step-00000002\.npz is skipped") as caught:
        assert checkpoints.latest().step == 1
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)


def test_a_flipped_bit_anywhere_is_seen_or_does_no_harm(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, ARRAYS, STATE)
    path = tmp_path / "step-00000001.npz"
    whole = path.read_bytes()
    skipped = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            saved = checkpoints.latest()
        skipped += saved is None
        assert saved is None or (digest(saved.variables), saved.state) == (digest(ARRAYS), STATE)
    assert skipped > len(whole) / 7 / 2


def test_a_missing_member_is_seen(tmp_path):
    Checkpoints(tmp_path).save(1, ARRAYS, STATE)
    path = tmp_path / "step-00000001.npz"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "seed.npy"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    with pytest.warns(UserWarning, match="its members are not those it was written with"):
        assert Checkpoints(tmp_path).latest() is None


def test_the_best_falls_back_on_the_latest(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    save_steps(checkpoints, 4)
    with pytest.warns(UserWarning, match="the latest checkpoint, of step 4"):
        assert checkpoints.weights("best").step == 4
    checkpoints.save_weights("best", 3, ARRAYS, STATE)
    assert checkpoints.weights("best").step == 3
    os.truncate(tmp_path / "best.npz", 100)
    with pytest.warns(UserWarning, match=r"best\.npz") as caught:
        assert checkpoints.weights("best").step == 4
    assert len(caught) == 2  # it cannot be read, and what is used instead


def test_a_kill_before_the_rename_leaves_the_old_file_and_the_next_save_cleans_up(
    tmp_path, monkeypatch
):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, ARRAYS, STATE)
    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "replace", die)
        patch.setattr(pathlib.Path, "unlink", lambda *_, **__: None)  # the dead do not tidy up
        with pytest.raises(Killed):
            checkpoints.save(2, ARRAYS, STATE)
    assert len([name for name in names(tmp_path) if name.endswith(".partial")]) == 1
    assert checkpoints.latest().step == 1
    checkpoints.save(3, ARRAYS, STATE)
    assert names(tmp_path) == ["step-00000001.npz", "step-00000003.npz"]


def test_a_failed_write_names_the_path_and_loses_nothing(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    save_steps(checkpoints, 1, 2)
    checkpoints.save_weights("best", 1, ARRAYS, STATE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # as on a disk that fills up
    try:
        with pytest.raises(OSError, match=r"best\.npz"):
            checkpoints.save_weights("best", 3, {"large": np.ones(10_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert names(tmp_path) == ["best.npz", "step-00000001.npz", "step-00000002.npz"]
    assert digest(checkpoints.weights("best").variables) == digest(ARRAYS)


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"file/below/step-00000001\.npz"):
        Checkpoints(tmp_path / "file" / "below").save(1, ARRAYS, STATE)


def test_a_state_that_json_cannot_hold_loses_nothing(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, ARRAYS, STATE)
    with pytest.raises(TypeError, match="float32"):
        checkpoints.save(2, ARRAYS, {"loss": np.float32(1)})
    assert names(tmp_path) == ["step-00000001.npz"]


class Network:
    """A small model with dropout and normalization, Adam, and a counter of its own."""

    def __init__(self):
        keras.utils.set_random_seed(5)
        layers = [
            keras.layers.Dense(3),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3),
        ]
        self.model = keras.Sequential([keras.Input((2,)), *layers])
        self.optimizer = keras.optimizers.Adam(0.01)
        self.optimizer.build(self.model.trainable_variables)
        self.counter = tf.Variable(0, dtype="int64", name="counter")
        self.variables = raw_variables(self.model, [self.optimizer, (self.counter,)])

    def train(self, steps):
        inputs = np.arange(8, dtype="float32").reshape(4, 2)
        for _ in range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(self.model(inputs, training=True) ** 2)
            variables = self.model.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            self.counter.assign_add(1)


def test_a_run_goes_on_from_a_checkpoint_bit_for_bit(tmp_path):
    whole = Network()
    whole.train(6)
    first = Network()
    first.train(2)
    Checkpoints(tmp_path).save(2, first.variables, STATE)
    second = Network()
    second.train(3)  # to be forgotten
    restore(second.variables, Checkpoints(tmp_path).latest().variables)
    assert digest(second.variables) == digest(first.variables)
    second.train(4)
    assert digest(second.variables) == digest(whole.variables)
    assert digest(first.variables) != digest(whole.variables)


def test_the_model_alone_is_read_from_a_whole_run(tmp_path):
    trained = Network()
    trained.train(1)
    Checkpoints(tmp_path).save(1, trained.variables, STATE)
    model = raw_variables(Network().model)
    restore(model, Checkpoints(tmp_path).latest().variables, allow_unknown=True)
    assert digest(model) == digest(raw_variables(trained.model))


def test_names_are_the_same_for_each_copy_of_a_model_and_cover_all_that_changes():
    network, copy = Network(), Network()
    assert list(network.variables) == list(copy.variables)
    assert len(network.variables) == 4 + 4 + 1 + 2 + 2 * 6 + 1
    for name in (
        "sequential/dense/kernel",
        "sequential/dense/kernel#1",
        "sequential/batch_normalization/moving_mean",
        "seed_generator/seed_generator_state",
        "adam/iteration",
        "adam/sequential_dense_kernel_momentum#1",
        "counter",
    ):
        assert name in network.variables


def test_a_variable_reached_twice_is_named_once():
    model = Network().model
    assert raw_variables(model, model.layers[0]) == raw_variables(model)


def test_a_tf_module_is_a_source_of_variables():
    module = tf.Module()
    module.table = tf.Variable([1.0, 2.0], name="table")
    assert list(raw_variables(module)) == ["table"]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64", "uint32", "int64", "bool"])
def test_a_variable_of_each_dtype_is_restored(tmp_path, dtype):
    variables = {"a": tf.Variable(tf.cast([0, 1, 1], dtype))}
    Checkpoints(tmp_path).save(1, variables, {})
    before = digest(variables)
    variables["a"].assign(tf.cast([1, 0, 0], dtype))
    assert digest(variables) != before
    restore(variables, Checkpoints(tmp_path).latest().variables)
    assert digest(variables) == before


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"a": np.ones(2, "f4"), "c": np.ones(1)},
            "`arrays` must have the names of `variables`. Missing: b. Unknown: c.",
        ),
        (
            {"a": np.ones(2, "f4"), "b": np.ones((2, 3), "f4"), **{str(i): 0 for i in range(5)}},
            "`arrays` must have the names of `variables`. "
            "Missing: none. Unknown: 0, 1, 2 and 2 more.",
        ),
        (
            {"a": np.ones(2, "f4"), "b": np.ones((3, 2), "f4")},
            "`b` must be float32 (2, 3). Received: float32 (3, 2)",
        ),
        (
            {"a": np.ones(2, "f4"), "b": np.ones((2, 3))},
            "`b` must be float32 (2, 3). Received: float64 (2, 3)",
        ),
    ],
)
def test_restore_refuses_what_does_not_fit_and_changes_nothing(arrays, message):
    variables = {"a": tf.Variable([0.0, 0.0]), "b": tf.Variable(tf.zeros((2, 3)))}
    before = digest(variables)
    with pytest.raises(ValueError, match="must") as caught:
        restore(variables, arrays)
    assert str(caught.value) == message
    assert digest(variables) == before


def test_a_digest_depends_on_name_dtype_shape_and_bytes():
    arrays = [
        {"a": np.zeros((2, 3), "f4")},
        {"b": np.zeros((2, 3), "f4")},
        {"a": np.zeros((2, 3), "i4")},
        {"a": np.zeros((3, 2), "f4")},
        {"a": np.full((2, 3), -0.0, "f4")},
    ]
    assert len({digest(each) for each in arrays}) == 5
    assert digest({"a": np.ones(1), "b": np.ones(2)}) == digest({"b": np.ones(2), "a": np.ones(1)})
