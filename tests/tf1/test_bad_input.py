"""What TensorFlow 1 refused is refused, by exceptions of the types that 1.15.5 raised."""

import numpy as np
import pytest
import tensorflow as tf

from tests.tf1.test_own_cells import LeakyCell
from tfseq import tf1

BATCH, TIME, DEPTH, UNITS, POSITIONS = 3, 4, 2, 5, 6
INPUTS = np.random.default_rng(0).normal(size=(BATCH, TIME, DEPTH)).astype("float32")
AtRun = tf.errors.InvalidArgumentError


def zeros(*shape):
    return tf.zeros(shape)


def loop(cell, **options):
    return tf1.dynamic_rnn(cell, INPUTS, **options)


def of_lengths(lengths, loop=tf1.dynamic_rnn, cells=1):
    return loop(*[tf1.GRUCell(UNITS) for _ in range(cells)], INPUTS, lengths, dtype=tf.float32)


def stack():
    return tf1.MultiRNNCell([tf1.GRUCell(UNITS), tf1.GRUCell(UNITS)])


def attending(units=UNITS, lengths=None, **options):
    memory = tf.ones([BATCH, POSITIONS, 3])
    mechanism = tf1.LuongAttention(units, memory, memory_sequence_length=lengths)
    return tf1.AttentionWrapper(tf1.GRUCell(UNITS), mechanism, **options)


def attend(cell):
    return cell(INPUTS[:, 0], cell.zero_state(BATCH, tf.float32))


def search(cell, state):
    start_tokens = tf.zeros([BATCH], tf.int32)
    embedding = tf.zeros([UNITS, DEPTH])
    decoder = tf1.BeamSearchDecoder(cell, embedding, start_tokens, 1, state, 2)
    return tf1.dynamic_decode(decoder, maximum_iterations=3)


def decode(cell, state, lengths=(4, 2, 1)):
    helper = tf1.TrainingHelper(INPUTS, lengths)
    return tf1.dynamic_decode(tf1.BasicDecoder(cell, helper, state))


def loss(logits=(BATCH, TIME, 7), targets=(BATCH, TIME), weights=(BATCH, TIME)):
    return tf1.sequence_loss(zeros(*logits), tf.zeros(targets, tf.int32), zeros(*weights))


BAD = {
    "states": {
        "a tensor for a pair, in a loop": (
            lambda: loop(tf1.BasicLSTMCell(UNITS), initial_state=zeros(BATCH, UNITS)),
            TypeError,
            "`initial_state` must have the structure",
        ),
        "a tensor for a pair, in a step": (
            lambda: tf1.LSTMCell(UNITS)(INPUTS[:, 0], zeros(BATCH, UNITS)),
            TypeError,
            r"`state` of LSTMCell must be LSTMStateTuple\(c, h\)",
        ),
        "a tensor for a pair, in a decoder": (
            lambda: decode(tf1.BasicLSTMCell(UNITS), zeros(BATCH, UNITS)),
            TypeError,
            "LSTMStateTuple",
        ),
        "a tuple for an LSTMStateTuple": (
            lambda: loop(tf1.BasicLSTMCell(UNITS), initial_state=(zeros(BATCH, UNITS),) * 2),
            TypeError,
            "`initial_state` must have the structure",
        ),
        "three for a pair": (
            lambda: tf1.LSTMCell(UNITS)(INPUTS[:, 0], (zeros(BATCH, UNITS),) * 3),
            ValueError,
            "LSTMStateTuple",
        ),
        "a pair for a tensor, in a loop": (
            lambda: loop(tf1.GRUCell(UNITS), initial_state=(zeros(BATCH, UNITS),) * 2),
            ValueError,
            "`initial_state` must have the structure",
        ),
        "a pair for a tensor, in a step": (
            lambda: tf1.GRUCell(UNITS)(INPUTS[:, 0], (zeros(BATCH, UNITS),) * 2),
            ValueError,
            "must be one tensor",
        ),
        "a list for a tuple": (
            lambda: loop(stack(), initial_state=[zeros(BATCH, UNITS)] * 2),
            TypeError,
            "`initial_state` must have the structure",
        ),
        "one for two": (
            lambda: stack()(INPUTS[:, 0], (zeros(BATCH, UNITS),)),
            ValueError,  # an IndexError there, of the line that read the second
            "tuple of length 2",
        ),
        "another width": (
            lambda: loop(tf1.GRUCell(UNITS), initial_state=zeros(BATCH, UNITS + 1)),
            ValueError,
            "widths",
        ),
        "another width of a clone": (
            lambda: attending().zero_state(BATCH, tf.float32).clone(cell_state=zeros(BATCH, 9)),
            ValueError,
            "the shape that it had",
        ),
        "another nest of a clone": (
            lambda: attending().zero_state(BATCH, tf.float32).clone(cell_state=(zeros(3, 5),)),
            ValueError,
            "the structure that it had",
        ),
        "no state of attention": (
            lambda: attending()(INPUTS[:, 0], zeros(BATCH, UNITS)),
            TypeError,
            "AttentionWrapperState",
        ),
        "neither state nor dtype": (lambda: loop(tf1.GRUCell(UNITS)), ValueError, "`dtype` must"),
        "neither state nor dtype for a list": (
            lambda: tf1.static_rnn(tf1.GRUCell(UNITS), tf.unstack(INPUTS, axis=1)),
            ValueError,
            "`dtype` must",
        ),
    },
    "lengths": {
        "longer than time": (lambda: of_lengths([4, 5, 1]), AtRun, "at most the time"),
        "longer than time, both ways": (
            lambda: of_lengths([4, 5, 1], tf1.bidirectional_dynamic_rnn, 2),
            AtRun,
            "at most the time",
        ),
        "longer than time, in a helper": (
            lambda: decode(tf1.GRUCell(UNITS), zeros(BATCH, UNITS), [5, 2, 1]),
            AtRun,
            "at most the time",
        ),
        "too few": (lambda: of_lengths([4, 1]), ValueError, "one length for each row"),
        "a matrix": (lambda: of_lengths([[4, 1, 1]]), ValueError, "must be a vector"),
        "a number": (lambda: of_lengths(3), ValueError, "must be a vector"),
        "a matrix for a helper": (
            lambda: tf1.TrainingHelper(INPUTS, [[4, 1, 1]]),
            ValueError,
            "must be a vector",
        ),
        "too few of a memory": (
            lambda: attending(lengths=[6, 1]),
            ValueError,
            "one length for each row of the memory",
        ),
        "inputs without time": (
            lambda: tf1.dynamic_rnn(tf1.GRUCell(UNITS), INPUTS[:, 0], dtype=tf.float32),
            ValueError,
            "rank 3 or more",
        ),
    },
    "cells": {
        "one twice": (
            lambda: tf1.MultiRNNCell([tf1.GRUCell(3)] * 2),
            ValueError,
            "different objects",
        ),
        "one of one's own twice": (
            lambda: tf1.MultiRNNCell([LeakyCell(3)] * 2),
            ValueError,
            "different objects",
        ),
        "none": (lambda: tf1.MultiRNNCell([3]), TypeError, "not an RNNCell"),
        "no list": (lambda: tf1.MultiRNNCell(tf1.GRUCell(3)), TypeError, "list or tuple"),
        "an empty list": (lambda: tf1.MultiRNNCell([]), ValueError, "at least one"),
        "a class": (
            lambda: tf1.dynamic_rnn(tf1.GRUCell, INPUTS, dtype=tf.float32),
            TypeError,
            "not an RNNCell",
        ),
        "to keep nothing": (
            lambda: tf1.DropoutWrapper(tf1.GRUCell(3), output_keep_prob=0.0),
            ValueError,
            "output_keep_prob",
        ),
        "reuse": (lambda: tf1.GRUCell(3, reuse=True), ValueError, "variable scopes"),
        "no list over time": (
            lambda: tf1.static_rnn(tf1.GRUCell(3), INPUTS),
            TypeError,
            "sequence",
        ),
        "an empty list over time": (
            lambda: tf1.static_rnn(tf1.GRUCell(3), []),
            ValueError,
            "empty",
        ),
        "no function": (lambda: tf1.raw_rnn(tf1.GRUCell(3), 3), TypeError, "callable"),
        "layers that differ": (
            lambda: tf1.stack_bidirectional_dynamic_rnn(
                [tf1.GRUCell(3)], [tf1.GRUCell(3), tf1.GRUCell(3)], INPUTS, dtype=tf.float32
            ),
            ValueError,
            "as many",
        ),
        "a skip connection": (
            lambda: tf1.ConvLSTMCell(1, [6, 2], 3, [3], skip_connection=True),
            ValueError,
            "skip_connection",
        ),
    },
    "attention and decoders": {
        "query and memory of different depth": (
            lambda: attend(attending(UNITS + 1)),
            ValueError,
            "query of width 5, keys of width 6",
        ),
        "a memory of another batch": (
            lambda: attending().zero_state(BATCH + 1, tf.float32),
            AtRun,
            "`memory` must have as many rows.*`tile_batch`",
        ),
        "a first state of another batch": (
            lambda: attending(initial_cell_state=zeros(9, UNITS)).zero_state(BATCH, tf.float32),
            AtRun,
            "`initial_cell_state` must have as many rows",
        ),
        "no mechanism": (
            lambda: tf1.AttentionWrapper(tf1.GRUCell(3), 3),
            TypeError,
            "AttentionMechanism",
        ),
        "a state without tile_batch": (
            lambda: search(tf1.GRUCell(UNITS), zeros(BATCH, UNITS)),
            ValueError,
            r"tile_batch\(state, 2\)",
        ),
        "a state of attention without tile_batch": (
            lambda: search(attending(), attending().zero_state(BATCH, tf.float32)),
            ValueError,
            r"tile_batch\(state, 2\)",
        ),
        "a scalar to tile": (lambda: tf1.tile_batch(tf.constant(1.0), 2), ValueError, "rank 1"),
        "no decoder": (lambda: tf1.dynamic_decode(3), TypeError, "type Decoder"),
        "logits of a matrix": (lambda: loss(logits=(BATCH, 7)), ValueError, "`logits` must"),
        "targets of a vector": (lambda: loss(targets=(BATCH,)), ValueError, "`targets` must"),
        "weights of a vector": (lambda: loss(weights=(BATCH,)), ValueError, "`weights` must"),
    },
}
CASES = {f"{kind}: {name}": case for kind, found in BAD.items() for name, case in found.items()}


@pytest.mark.parametrize(("act", "error", "words"), CASES.values(), ids=CASES)
def test_it_is_refused_by_the_type_that_tensorflow_1_raised(act, error, words):
    with pytest.raises(error, match=words) as refused:
        act()
    message = str(refused.value)
    assert "\n" not in message or message.startswith("Exception encountered")


TRACED = {name: case for name, case in CASES.items() if case[1] is not AtRun}


@pytest.mark.parametrize(("act", "error", "words"), TRACED.values(), ids=TRACED)
def test_it_is_refused_while_a_function_is_traced(act, error, words):
    with pytest.raises(error, match=words):
        tf.function(act, autograph=False).get_concrete_function()


def test_a_row_of_the_memory_without_a_position_is_refused_eagerly_and_ignored_in_a_graph():
    with pytest.raises(AtRun, match=r"above 0 in each row.*\[6, 0, 1\]"):
        attending(lengths=[6, 0, 1])
    cell = tf1.AttentionWrapper(tf1.GRUCell(UNITS), tf1.LuongAttention(UNITS, None))

    @tf.function
    def run(lengths):
        cell._mechanisms[0].setup_memory(tf.ones([BATCH, POSITIONS, 3]), lengths)
        return attend(cell)[1].alignments

    alignments = run(tf.constant([6, 0, 1])).numpy()
    np.testing.assert_allclose(alignments.sum(axis=1), [1, 0, 1], rtol=1e-6)


def test_rows_that_only_the_run_knows_are_refused_by_the_run():
    cell = tf1.GRUCell(UNITS)
    cell(INPUTS[:, 0], zeros(BATCH, UNITS))

    @tf.function(input_signature=[tf.TensorSpec([None, UNITS])])
    def run(state):
        return search(cell, state)[0].predicted_ids

    with pytest.raises(AtRun, match="tile_batch"):
        run(zeros(BATCH, UNITS))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def read(lengths):
        return tf1.dynamic_rnn(cell, INPUTS, lengths, dtype=tf.float32)[0]

    with pytest.raises(AtRun, match="one length for each row"):
        read(tf.constant([4, 1]))
