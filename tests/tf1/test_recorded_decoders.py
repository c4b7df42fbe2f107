"""Every recorded decode and beam search of TensorFlow 1.15, eagerly and in a graph.

Draws of TensorFlow 1's own are put in the place of the helper's: the record holds them.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conftest import SHARED
from tests.oracles.recorded import Recorded, assert_near, cases, weighted_sum
from tests.tf1.building import make, state_like
from tfseq import tf1

compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])


def cases_of(archive, kind=""):
    path = SHARED / f"oracle/{archive}.npz"
    found = (
        [case for case in cases(np.load(path)) if case.startswith(kind)] if path.exists() else []
    )
    return found or [f"{archive} is absent"]


def test_the_archives_hold_as_many_cases_as_they_should(oracle):
    assert len(cases(oracle("decode"))) == 23
    assert len(cases(oracle("beam_search"))) == 17
    assert len(cases_of("beam_search", "BeamSearchDecoder")) == 10


def replayed(kind, sample_ids):
    """A helper class whose samples are those of the record, `[batch, time]`."""

    class Replayed(kind):
        def sample(self, time, outputs, state, name=None):
            return tf.gather(sample_ids, time, axis=1)

    return Replayed


def make_helper(config, recorded):
    """The helper of a case, from what was fed to it."""
    name = config.get("helper", recorded.case.split(".")[0])
    fed = {key: tf.constant(value) for key, value in recorded.group("in").items()}
    x, lengths, table = fed.get("x"), fed.get("sequence_length"), fed.get("embedding")
    if "embedding" in config:
        table = lambda ids: 2 * tf.gather(fed["embedding"], ids)  # noqa: E731
    if name == "TrainingHelper":
        return tf1.TrainingHelper(x, lengths, time_major=config["helper_time_major"])
    if name == "ScheduledEmbeddingTrainingHelper":
        kind = replayed(tf1.ScheduledEmbeddingTrainingHelper, recorded["out/sample_id"])
        return kind(x, lengths, table, config["sampling_probability"])
    if name == "ScheduledOutputTrainingHelper":
        kind = replayed(tf1.ScheduledOutputTrainingHelper, recorded["out/sample_id"])
        follow = (lambda y: 0.5 * tf.tanh(y)) if config["next_inputs_fn"] else None
        auxiliary = fed.get("auxiliary_inputs")
        return kind(
            x,
            lengths,
            config["sampling_probability"],
            next_inputs_fn=follow,
            auxiliary_inputs=auxiliary,
        )
    if name == "GreedyEmbeddingHelper":
        return tf1.GreedyEmbeddingHelper(table, fed["start_tokens"], fed["end_token"])
    if name == "InferenceHelper" and config["sample_fn"] == "argmax":
        return tf1.InferenceHelper(
            lambda outputs: tf.argmax(outputs, -1, output_type=tf.int32),
            [],
            tf.int32,
            tf.gather(table, fed["start_tokens"]),
            lambda ids: tf.equal(ids, fed["end_token"]),
            lambda ids: tf.gather(table, ids),
        )
    if name == "InferenceHelper":
        return tf1.InferenceHelper(
            lambda outputs: outputs,
            [4],
            tf.float32,
            fed["start_inputs"],
            lambda sample: tf.reduce_mean(sample, -1) > 0.25,
        )
    assert name == "CustomHelper"
    return custom_helper(fed)


def custom_helper(fed):
    """The record's three functions."""

    def first():
        start = tf.gather(fed["embedding"], fed["start_tokens"])
        return tf.zeros_like(fed["start_tokens"], tf.bool), start

    def follow(time, outputs, state, sample_ids):
        forced = tf.gather(fed["forced_ids"], time, axis=1)
        ids = tf.where(time % 2 == 0, sample_ids, forced)
        finished = tf.equal(sample_ids, fed["end_token"])
        return finished, tf.gather(fed["embedding"], ids), state

    return tf1.CustomHelper(
        first,
        lambda time, outputs, state: tf.argmax(outputs, -1, output_type=tf.int32),
        follow,
    )


def make_cell(config, recorded, width=1):
    """`(cell, initial state)`, with attention where there is any, tiled for `width` beams."""
    kinds = {"lstm": ["LSTMCell", 4], "gru": ["GRUCell", 4]}
    kinds["multi"] = ["MultiRNNCell", [["LSTMCell", 4], ["GRUCell", 4]]]
    inner = make(kinds.get(config["cell"], config["cell"]) if width > 1 else config["cell"])
    name = next(
        name
        for name in ("initial_cell_state", "initial_state", "encoder_final_state")
        if f"in/{name}" in recorded
    )
    state = tf.nest.map_structure(tf.constant, state_like(inner.state_size, recorded[f"in/{name}"]))
    state = tf1.tile_batch(state, width) if width > 1 else state
    if not config.get("attention"):
        return inner, state
    memory, lengths = recorded["in/memory"], recorded["in/memory_sequence_length"]
    if width > 1:
        memory, lengths = tf1.tile_batch((tf.constant(memory), tf.constant(lengths)), width)
    options = {"scale": True} if (config.get("attention_wrapper") or {}).get("scale") else {}
    mechanism = tf1.LuongAttention(4, memory, lengths, **options)
    history = config.get("alignment_history", False)
    cell = tf1.AttentionWrapper(inner, mechanism, 4, alignment_history=history)
    rows = tf.shape(tf.nest.flatten(state)[0])[0]
    return cell, cell.zero_state(rows, tf.float32).clone(cell_state=state)


def load(decoder, recorded):
    own, weights = decoder.named_variables(), recorded.group("weights")
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value)
    return own


def projection(config, recorded):
    """The output layer of a case, if it has one."""
    if not any("projection" in name for name in recorded.group("weights")):
        return None
    return keras.layers.Dense(config["vocab"], name="projection")


def rebuilt(cell, recorded, width=1):
    """Memorize again: the keys of an earlier memory had other weights."""
    for mechanism in getattr(cell, "_mechanisms", ()):
        memory, lengths = recorded["in/memory"], recorded["in/memory_sequence_length"]
        if width > 1:
            memory, lengths = tf1.tile_batch((tf.constant(memory), tf.constant(lengths)), width)
        mechanism.setup_memory(memory, lengths)


@compiled_or_not
@pytest.mark.parametrize("case", cases_of("decode"))
def test_a_decode_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("decode"), case)
    recorded.case, config = case, recorded.config
    cell, state = make_cell(config, recorded)
    layer = projection(config, recorded)
    options = dict(config.get("dynamic_decode", {}))
    for name in ("impute_finished", "maximum_iterations"):
        if name in config:
            options[name] = config[name]
    decoder = tf1.BasicDecoder(cell, make_helper(config, recorded), state, layer)
    decoder.initialize()
    own = load(decoder, recorded)

    def run():
        with tf.GradientTape() as tape:
            rebuilt(cell, recorded)
            helper = make_helper(config, recorded)
            fresh = tf1.BasicDecoder(cell, helper, state, layer)
            outputs, final, lengths = tf1.dynamic_decode(fresh, **options)
            loss = 0.0
            if "in/cotangent/rnn_output" in recorded:
                loss = weighted_sum([outputs.rnn_output], [recorded["in/cotangent/rnn_output"]])
        gradients = tape.gradient(loss, own) if "grad" in recorded else {}
        return outputs, final, lengths, gradients

    outputs, final, lengths, gradients = (tf.function(run) if compiled else run)()
    assert_near(outputs.rnn_output, recorded["out/rnn_output"], 2e-5)
    ids = recorded["out/sample_id"]
    if ids.dtype.kind == "f":
        assert_near(outputs.sample_id, ids, 2e-5)
    else:
        assert np.asarray(outputs.sample_id).tolist() == ids.tolist()
    assert lengths.numpy().tolist() == recorded["out/final_sequence_lengths"].tolist()
    if isinstance(final, tf1.AttentionWrapperState):
        for name in ("alignments", "attention", "cell_state"):
            part = getattr(final, name)
            assert_near(part, state_like(part, recorded[f"out/final_state/{name}"]), 2e-5)
    else:
        assert_near(final, state_like(final, recorded["out/final_state"]), 2e-5)
    for name, wanted in recorded.group("grad/weights").items():
        assert_near(tf.convert_to_tensor(gradients[name]), wanted, 1e-4)


@compiled_or_not
@pytest.mark.parametrize("case", cases_of("beam_search", "BeamSearchDecoder"))
def test_a_beam_search_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("beam_search"), case)
    config, width = recorded.config, recorded.config["beam_width"]
    cell, state = make_cell(config, recorded, width)
    layer = projection(config, recorded)
    table = tf.constant(recorded["in/embedding"])
    embedding = (lambda ids: tf.gather(table, ids)) if "callable" in case else table

    def decoder():
        fresh = state
        if isinstance(state, tf1.AttentionWrapperState):  # an array of a graph is of that graph
            rows = tf.shape(state.attention)[0]
            fresh = cell.zero_state(rows, tf.float32).clone(cell_state=state.cell_state)
        return tf1.BeamSearchDecoder(
            cell,
            embedding,
            recorded["in/start_tokens"],
            recorded["in/end_token"],
            fresh,
            width,
            layer,
            config["length_penalty_weight"],
            config["coverage_penalty_weight"],
        )

    first = decoder()
    first.initialize()
    load(first, recorded)

    def run():
        rebuilt(cell, recorded, width)
        return tf1.dynamic_decode(
            decoder(),
            maximum_iterations=config["maximum_iterations"],
            output_time_major=config["output_time_major"],
        )[:2]

    outputs, final = (tf.function(run) if compiled else run)()
    found = outputs.beam_search_decoder_output
    assert_near(found.scores, recorded["out/scores"], 2e-5)
    for value, name in (
        (outputs.predicted_ids, "predicted_ids"),
        (found.predicted_ids, "step_predicted_ids"),
        (found.parent_ids, "step_parent_ids"),
        (final.lengths, "lengths"),
        (final.finished, "finished"),
    ):
        assert np.asarray(value).tolist() == recorded[f"out/{name}"].tolist()
    assert_near(final.log_probs, recorded["out/log_probs"], 2e-5)
    if "out/accumulated_attention_probs" in recorded:
        attended = recorded["out/accumulated_attention_probs"]
        assert_near(final.accumulated_attention_probs, attended, 2e-5)
    states = final.cell_state
    if isinstance(states, tf1.AttentionWrapperState):
        if "out/alignment_history" in recorded:
            assert_near(states.alignment_history, recorded["out/alignment_history"], 2e-5)
        for name in ("alignments", "attention", "cell_state"):
            part = getattr(states, name)
            assert_near(part, state_like(part, recorded[f"out/cell_state/{name}"]), 2e-5)
    else:
        assert_near(states, state_like(states, recorded["out/cell_state"]), 2e-5)


@compiled_or_not
@pytest.mark.parametrize("case", ["gather_tree", "gather_tree_from_array", "tile_batch"])
def test_a_function_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("beam_search"), case)
    fed = recorded.group("in")
    run = {
        "gather_tree": lambda: tf1.gather_tree(**fed),
        "gather_tree_from_array": lambda: tf1.gather_tree_from_array(**fed),
        "tile_batch": lambda: tf1.tile_batch(fed, recorded.config["multiplier"]),
    }[case]
    found = (tf.function(run) if compiled else run)()
    if case == "tile_batch":
        tf.nest.map_structure(np.testing.assert_array_equal, found, recorded["out"])
    else:
        (wanted,) = recorded.group("out").values()
        np.testing.assert_array_equal(found, wanted)
