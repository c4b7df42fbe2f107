"""LiteRT files: the same ids and numbers, by operations that every interpreter has."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.cells import stack_cells
from tfseq.decoding import GreedySampler, decode, read_and_write
from tfseq.models import LanguageModel
from tfseq.serving import lite

SPECS = [tf.TensorSpec([1, None], tf.int32, "ids"), tf.TensorSpec([], tf.int32, "max_words")]
WORDS = 12


@pytest.fixture(scope="module")
def model():
    """Weights far from zero, so that what follows depends on all that was read."""
    keras.utils.set_random_seed(3)
    model = LanguageModel(40, stack_cells("basic_lstm", 32, 2), 24)
    model.build((None, None))
    for variable in model.trainable_variables:
        variable.assign(3 * variable)
    return model


@pytest.fixture(scope="module")
def write(model):
    @tf.function(input_signature=SPECS, autograph=False)
    def write(ids, max_words):
        states = model.get_initial_state(1)
        ids, total = read_and_write(model.step, ids, states, max_words=max_words)
        return {"ids": ids, "log_probability": total}

    return write


@pytest.fixture(scope="module")
def contents(write):
    return {int8: lite.convert(write, int8) for int8 in (False, True)}


@pytest.mark.parametrize("start", [7, 21, 33])
def test_a_file_writes_what_decode_writes(model, contents, start):
    sampler = GreedySampler([start], -1)
    decoded, _ = decode(model.step, sampler, model.get_initial_state(1), max_steps=WORDS)
    answer = lite.Lite(contents[False])(ids=[[start]], max_words=WORDS)
    np.testing.assert_array_equal(answer["ids"], decoded.ids)
    assert len(set(answer["ids"][0])) > 3


def test_what_is_given_has_the_log_probability_of_the_whole_sequence(model, contents):
    ids = np.array([[5, 8, 39, 2, 17, 30]], np.int32)
    logits = tf.nn.log_softmax(model(ids[:, :-1])).numpy()[0]
    expected = sum(logits[time, following] for time, following in enumerate(ids[0, 1:]))
    answer = lite.Lite(contents[False])(ids=ids, max_words=WORDS)
    np.testing.assert_allclose(answer["log_probability"], [expected], rtol=1e-5)


def test_eight_bits_are_smaller_and_nearly_the_same(contents):
    assert len(contents[True]) < 0.6 * len(contents[False])
    ids = np.array([[5, 8, 39, 2, 17, 30]], np.int32)
    whole, eighths = (
        lite.Lite(contents[int8])(ids=ids, max_words=WORDS)["log_probability"]
        for int8 in (False, True)
    )
    assert whole != eighths
    np.testing.assert_allclose(eighths, whole, rtol=0.05)


def test_what_a_device_cannot_run_is_refused():
    @tf.function(input_signature=[tf.TensorSpec([1], tf.string, "text")])
    def length(text):
        return {"length": tf.strings.length(text)}

    with pytest.raises(ValueError, match="`function` must have operations of LiteRT alone"):
        lite.convert(length)
