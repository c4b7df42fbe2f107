"""Beam search against what TensorFlow 1.15 recorded, case by case."""

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.decoders import RecordedDecoder
from tests.oracles.recorded import Recorded, assert_near, cases
from tfseq.decoding import beam_search
from tfseq.decoding.beam_search import tile_batch
from tfseq.decoding.beams import trace_back
from tfseq.decoding.hypotheses import Hypotheses, Penalties, grow
from tfseq.decoding.penalties import length_penalty

SEARCHES = [
    "BeamSearchDecoder.all_finish_early",
    "BeamSearchDecoder.callable_embedding",
    "BeamSearchDecoder.coverage",
    "BeamSearchDecoder.gru_no_attention",
    "BeamSearchDecoder.history",
    "BeamSearchDecoder.length_penalty",
    "BeamSearchDecoder.length_penalty1",
    "BeamSearchDecoder.multi_cell",
    "BeamSearchDecoder.plain",
    "BeamSearchDecoder.time_major",
]
STEPS = ["beam_search_step.penalties", "beam_search_step.plain"]
PENALTIES = ["length_penalty.0.2", "length_penalty.1"]
OTHERS = ["gather_tree", "gather_tree_from_array", "tile_batch"]


def test_each_recorded_case_is_replayed(oracle):
    assert set(cases(oracle("beam_search"))) == {*SEARCHES, *STEPS, *PENALTIES, *OTHERS}


def replay(recorded):
    """Our `Beams` for a recorded search; the weights of the attention are watched."""
    decoder = RecordedDecoder(recorded, recorded["in/embedding"].shape[1])
    states, memory = decoder.start()
    config, embedding = recorded.config, tf.constant(recorded["in/embedding"])

    def step(ids, states, memory):
        return decoder.step(tf.gather(embedding, ids), states, memory)

    return beam_search(
        step,
        tf.constant(recorded["in/start_tokens"]),
        recorded["in/end_token"],
        states,
        memory,
        width=config["beam_width"],
        max_steps=config["maximum_iterations"],
        length_penalty=config["length_penalty_weight"],
        coverage_penalty=config["coverage_penalty_weight"],
        watch=(lambda logits, states: states.weights) if config["attention"] else None,
    )


def by_batch(recorded, name):
    """`[batch, steps, width]`, whatever the case had asked for."""
    values = recorded[f"out/{name}"]
    return np.swapaxes(values, 0, 1) if recorded.config["output_time_major"] else values


def ended_with(beams, end_id):
    """Ids as TensorFlow 1 gives them, `[batch, steps, width]`, with ends after the end."""
    is_real = tf.sequence_mask(beams.lengths, beams.ids.shape[-1])
    return np.swapaxes(np.where(is_real, beams.ids, end_id), 1, 2)


@pytest.mark.parametrize("case", SEARCHES)
def test_a_search_finds_the_recorded_hypotheses(oracle, case):
    recorded = Recorded(oracle("beam_search"), case)
    beams = replay(recorded)
    ids = by_batch(recorded, "predicted_ids")
    assert ended_with(beams, recorded["in/end_token"]).tolist() == ids.tolist()
    assert beams.lengths.numpy().tolist() == recorded["out/lengths"].tolist()
    assert beams.finished.numpy().tolist() == recorded["out/finished"].tolist()
    assert_near(beams.log_probabilities, recorded["out/log_probs"], 2e-5)
    assert_near(beams.scores, by_batch(recorded, "scores")[:, -1], 2e-5)


@pytest.mark.parametrize("case", SEARCHES)
def test_the_recorded_parents_lead_to_the_recorded_hypotheses(oracle, case):
    recorded = Recorded(oracle("beam_search"), case)
    parents, ids = (
        np.swapaxes(by_batch(recorded, name), 0, 1)
        for name in ("step_parent_ids", "step_predicted_ids")
    )
    _, after = trace_back(tf.constant(parents), parents.shape[2])
    found = np.take_along_axis(ids, after.numpy(), axis=2)
    assert np.swapaxes(found, 0, 1).tolist() == by_batch(recorded, "predicted_ids").tolist()


def test_attention_is_summed_up_to_the_end(oracle):
    recorded = Recorded(oracle("beam_search"), "BeamSearchDecoder.coverage")
    beams = replay(recorded)
    sums = tf.reduce_sum(beams.watched, axis=2)
    assert_near(sums, recorded["out/accumulated_attention_probs"])


def test_last_weights_are_those_of_the_recorded_states(oracle):
    recorded = Recorded(oracle("beam_search"), "BeamSearchDecoder.multi_cell")
    beams = replay(recorded)
    runs = ~recorded["out/finished"]
    assert runs.any()
    assert_near(beams.watched[:, :, -1][runs], recorded["out/cell_state/alignments"][runs], 2e-5)


def test_weights_belong_to_the_hypothesis_that_had_them(oracle):
    # TensorFlow 1 wrote a step's weights by the places before it and read them by those after it.
    recorded = Recorded(oracle("beam_search"), "BeamSearchDecoder.history")
    beams = replay(recorded)
    batch, width, steps, source = beams.watched.shape
    history = recorded["out/alignment_history"].reshape(steps, batch, width, source)
    parents = tf.constant(np.swapaxes(recorded["out/step_parent_ids"], 0, 1))
    before, after = (places.numpy() for places in trace_back(parents, width))
    written = np.full_like(history, np.nan)
    for time, row, hypothesis in np.ndindex(steps, batch, width):
        if time < beams.lengths[row, hypothesis]:
            place = before[time, row, hypothesis]
            written[time, row, place] = beams.watched[row, hypothesis, time]
    read = np.take_along_axis(written, after[..., None], axis=2)
    is_known = ~np.isnan(read)
    assert is_known.mean() > 0.8
    np.testing.assert_allclose(read[is_known], history[is_known], atol=1e-5)
    own = beams.watched.numpy().transpose(2, 0, 1, 3)
    assert np.abs(own - history)[before != after].max() > 0.3


def in_graph(run, arguments):
    """A function in a graph that knows no sizes but those of the last axis."""
    specs = [
        tf.TensorSpec([*[None] * (x.ndim - 1), *x.shape[-1:]], tf.as_dtype(x.dtype))
        for x in arguments
    ]
    return tf.function(run, input_signature=specs)


compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])


@compiled_or_not
@pytest.mark.parametrize("case", STEPS)
def test_one_step_gives_the_recorded_numbers(oracle, case, compiled):
    recorded = Recorded(oracle("beam_search"), case)
    weights = [recorded.config[f"{kind}_penalty_weight"] for kind in ("length", "coverage")]
    names = "log_probs", "lengths", "finished", "accumulated_attention_probs"
    fed = [recorded[f"in/{name}"] for name in names]
    fed += [recorded[f"in/{name}"].reshape(6, -1) for name in ("logits", "alignments")]

    def run(log_probabilities, lengths, finished, attended, logits, attention):
        hypotheses = Hypotheses(
            log_probabilities=log_probabilities,
            scores=log_probabilities,
            lengths=tf.cast(lengths, tf.int32),
            finished=finished,
            attended=attended if weights[1] else (),
        )
        end_id = recorded.config["end_token"]
        return grow(hypotheses, logits, end_id, Penalties(*weights), attention)

    grown, parents, ids = (in_graph(run, fed) if compiled else run)(*map(tf.constant, fed))
    found = {
        "predicted_ids": ids,
        "parent_ids": parents,
        "log_probs": grown.log_probabilities,
        "scores": grown.scores,
        "lengths": grown.lengths,
        "finished": grown.finished,
        "accumulated_attention_probs": grown.attended,
    }
    for name, wanted in recorded.group("out").items():
        np.testing.assert_allclose(found[name], wanted, rtol=1e-6, atol=1e-6)


@compiled_or_not
@pytest.mark.parametrize("case", PENALTIES)
def test_the_length_penalty_is_the_recorded_one(oracle, case, compiled):
    recorded = Recorded(oracle("beam_search"), case)
    lengths = recorded["in/sequence_lengths"]

    def run(lengths):
        return length_penalty(lengths, recorded.config["penalty_factor"])

    found = (in_graph(run, [lengths]) if compiled else run)(lengths)
    assert_near(found, recorded["out/penalty"], 1e-6)


def test_tile_batch_is_the_recorded_one(oracle):
    recorded = Recorded(oracle("beam_search"), "tile_batch")
    tiled = tile_batch(recorded["in"], recorded.config["multiplier"])
    tf.nest.map_structure(np.testing.assert_array_equal, tiled, recorded["out"])


def traced(parents, lengths):
    """`trace_back` from each row's own last step; the steps after it keep their places."""
    steps, _, width = parents.shape
    runs = np.arange(steps)[:, None, None] < lengths.reshape(1, -1, 1)
    _, after = trace_back(tf.constant(np.where(runs, parents, np.arange(width))), width)
    return after.numpy()


def test_gather_tree_follows_from_trace_back(oracle):
    recorded = Recorded(oracle("beam_search"), "gather_tree")
    lengths, end_id = recorded["in/max_sequence_lengths"], recorded["in/end_token"]
    after = traced(recorded["in/parent_ids"], lengths)
    ids = np.take_along_axis(recorded["in/step_ids"], after, axis=2)
    has_ended = np.cumsum(ids == end_id, axis=0) - (ids == end_id) > 0
    is_beyond = np.arange(len(ids))[:, None, None] >= lengths[:, None]
    found = np.where(has_ended | is_beyond, end_id, ids)
    assert found.tolist() == recorded["out/beams"].tolist()


def test_gather_tree_from_array_follows_from_trace_back(oracle):
    recorded = Recorded(oracle("beam_search"), "gather_tree_from_array")
    lengths, values = recorded["in/sequence_length"], recorded["in/t"]
    after = traced(recorded["in/parent_ids"], lengths.max(axis=1))
    is_real = np.arange(len(values))[:, None, None] < lengths
    after = np.where(is_real, after, np.arange(values.shape[2]))
    found = np.take_along_axis(values, after[..., None], axis=2)
    np.testing.assert_array_equal(found, recorded["out/sorted"])
