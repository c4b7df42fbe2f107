"""Every recorded decode and beam search of TensorFlow 1.15, eagerly and in a graph.

Draws of TensorFlow 1's own are put in the place of the helper's: the record holds them.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near, cases, weighted_sum
from tests.tf1.building import cases_of, loosely, make, nest_at, state_like
from tfseq import tf1

compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])


DECODES = [case for _, case in cases_of("decode")]
SEARCHES = [case for _, case in cases_of("beam_search") if case.startswith("BeamSearchDecoder")]
FUNCTIONS = {
    "gather_tree": tf1.gather_tree,
    "gather_tree_from_array": tf1.gather_tree_from_array,
    "tile_batch": lambda **nest: tf1.tile_batch(nest, 3),
}
# Steps and penalties that TensorFlow 1 kept to itself are those of `tfseq.decoding`: see
# `tests/decoding/test_recorded_beams.py`.
WALKED = {
    *(("decode", case) for case in DECODES),
    *(("beam_search", case) for case in (*SEARCHES, *FUNCTIONS)),
}


def test_the_archives_hold_as_many_cases_as_they_should(oracle):
    assert len(cases(oracle("decode"))) == len(DECODES) == 23
    assert len(cases(oracle("beam_search"))) == 17
    assert len(SEARCHES) == 10


def replayed(kind, sample_ids):
    """A helper class whose samples are those of the record, `[batch, time]`."""

    class Replayed(kind):
        def sample(self, time, outputs, state, name=None):
            return tf.gather(sample_ids, time, axis=1)

    return Replayed


def make_helper(name, config, recorded, fed):
    """The helper of a case, from what is fed to it."""
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


KINDS = {
    "lstm": ["LSTMCell", 4],
    "gru": ["GRUCell", 4],
    "multi": ["MultiRNNCell", [["LSTMCell", 4], ["GRUCell", 4]]],
}
STATES = ("initial_cell_state", "initial_state", "encoder_final_state")


class Model:
    """The decoder's cell, with attention where there is any, and the layer on its outputs.

    Args:
        recorded: The case.
        width: How many beams there are.

    Attributes:
        fed: What was fed, by name: tensors.
    """

    def __init__(self, recorded, width=1):
        config = recorded.config
        self.recorded, self.width = recorded, width
        self.fed = {
            name: tf.constant(value)
            for name, value in recorded.group("in").items()
            if not name.startswith("cotangent") and name != "end_token"
        }
        spec = config["cell"]
        self.cell = self.inner = make(KINDS[spec] if isinstance(spec, str) else spec)
        self.mechanism = None
        if config.get("attention"):
            options = (
                {"scale": True} if (config.get("attention_wrapper") or {}).get("scale") else {}
            )
            self.mechanism = tf1.LuongAttention(4, self.fed["memory"], **options)
            history = config.get("alignment_history", False)
            self.cell = tf1.AttentionWrapper(
                self.inner, self.mechanism, 4, alignment_history=history
            )
        self.layer = None
        if any("projection" in name for name in recorded.group("weights")):
            self.layer = keras.layers.Dense(config["vocab"], name="projection")

    def start(self, fed):
        """The state before the first step, the memory memorized: its keys have other weights."""

        def tiled(nest):
            return tf1.tile_batch(nest, self.width) if self.width > 1 else nest

        below = {key.split("/")[0] for key in fed}
        (name,) = below.intersection(STATES)
        state = tiled(state_like(self.inner.state_size, nest_at(fed, name)))
        if self.mechanism is None:
            return state
        self.mechanism.setup_memory(*tiled((fed["memory"], fed["memory_sequence_length"])))
        rows = tf.shape(tf.nest.flatten(state)[0])[0]
        return self.cell.zero_state(rows, tf.float32).clone(cell_state=state)

    def load(self, decoder):
        """Give the variables their recorded values, and return them by name."""
        decoder.initialize()
        own, weights = decoder.named_variables(), self.recorded.group("weights")
        assert set(own) == set(weights)
        for name, value in weights.items():
            own[name].assign(value)
        return own


def assert_states_near(found, recorded, path):
    """The last states of the cell, at the end of a long chain, are those below a path."""
    if not isinstance(found, tf1.AttentionWrapperState):
        assert_near(found, state_like(found, recorded[path]), 1e-4)
        return
    for name in ("alignments", "attention", "cell_state"):
        part = getattr(found, name)
        assert_near(part, state_like(part, recorded[f"{path}/{name}"]), 1e-4)


@compiled_or_not
@pytest.mark.parametrize("case", DECODES)
def test_a_decode_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("decode"), case)
    config, model = recorded.config, Model(recorded)
    options = dict(config.get("dynamic_decode", {}))
    for name in ("impute_finished", "maximum_iterations"):
        if name in config:
            options[name] = config[name]

    def decoder(fed):
        fed = {**fed, "end_token": recorded.get("in/end_token")}
        name = config.get("helper", case.split(".")[0])
        helper = make_helper(name, config, recorded, fed)
        return tf1.BasicDecoder(model.cell, helper, model.start(fed), model.layer)

    own = model.load(decoder(model.fed))

    def run(**fed):
        with tf.GradientTape() as tape:
            outputs, final, lengths = tf1.dynamic_decode(decoder(fed), **options)
            loss = 0.0
            if "in/cotangent/rnn_output" in recorded:
                loss = weighted_sum([outputs.rnn_output], [recorded["in/cotangent/rnn_output"]])
        gradients = tape.gradient(loss, own) if "grad" in recorded else {}
        return outputs, final, lengths, gradients

    run = loosely(run, model.fed) if compiled else run
    outputs, final, lengths, gradients = run(**model.fed)
    assert_near(outputs.rnn_output, recorded["out/rnn_output"], 2e-5)
    ids = recorded["out/sample_id"]
    if ids.dtype.kind == "f":
        assert_near(outputs.sample_id, ids, 2e-5)
    else:
        assert np.asarray(outputs.sample_id).tolist() == ids.tolist()
    assert lengths.numpy().tolist() == recorded["out/final_sequence_lengths"].tolist()
    assert_states_near(final, recorded, "out/final_state")
    for name, wanted in recorded.group("grad/weights").items():
        assert_near(tf.convert_to_tensor(gradients[name]), wanted, 1e-4)


@compiled_or_not
@pytest.mark.parametrize("case", SEARCHES)
def test_a_beam_search_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("beam_search"), case)
    config, width = recorded.config, recorded.config["beam_width"]
    model = Model(recorded, width)

    def decoder(fed):
        table = fed["embedding"]
        return tf1.BeamSearchDecoder(
            model.cell,
            (lambda ids: tf.gather(table, ids)) if "callable" in case else table,
            fed["start_tokens"],
            recorded["in/end_token"],
            model.start(fed),
            width,
            model.layer,
            config["length_penalty_weight"],
            config["coverage_penalty_weight"],
        )

    model.load(decoder(model.fed))

    def run(**fed):
        return tf1.dynamic_decode(
            decoder(fed),
            maximum_iterations=config["maximum_iterations"],
            output_time_major=config["output_time_major"],
        )[:2]

    outputs, final = (loosely(run, model.fed) if compiled else run)(**model.fed)
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
    if "out/alignment_history" in recorded:
        history = final.cell_state.alignment_history
        assert_near(history, recorded["out/alignment_history"], 2e-5)
    assert_states_near(final.cell_state, recorded, "out/cell_state")


@compiled_or_not
@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("beam_search"), case)
    fed = recorded["in"]
    signature = tf.nest.map_structure(
        lambda value: tf.TensorSpec([None] * value.ndim, value.dtype), fed
    )
    run = lambda fed: FUNCTIONS[case](**fed)  # noqa: E731
    found = (tf.function(run, input_signature=[signature]) if compiled else run)(fed)
    wanted = recorded["out"]
    if case != "tile_batch":
        (wanted,) = wanted.values()
    assert recorded.config.get("multiplier", 3) == 3
    tf.nest.map_structure(np.testing.assert_array_equal, found, wanted)
