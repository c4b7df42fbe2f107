"""The loop against what TensorFlow 1.15's `dynamic_decode` recorded with each of its helpers.

Two things differ by design. TensorFlow 1 reported the ids its helper had drawn even where others
were fed; here a sampler's ids are those that are fed, so its draws are compared as the greatest of
the watched logits. And without `impute_finished` TensorFlow 1 went on computing rows that had
ended; such cases are replayed twice, with rows that never end and with rows that do.
"""

import dataclasses
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.oracles.decoders import RecordedDecoder, short
from tests.oracles.recorded import Recorded, assert_near, cases
from tfseq.decoding import GreedySampler, ScheduledSampler, TeacherSampler, decode

GREEDY = [
    "GreedyEmbeddingHelper",
    "GreedyEmbeddingHelper.callable",
    "GreedyEmbeddingHelper.impute",
    "InferenceHelper.ids",
]
FORCED = [
    "TrainingHelper.attention",
    "TrainingHelper.attention_impute",
    "TrainingHelper.helper_time_major",
    "TrainingHelper.impute",
    "TrainingHelper.max_iterations",
    "TrainingHelper.no_output_layer",
    "TrainingHelper.output_time_major",
    "TrainingHelper.plain",
]
SCHEDULED_IDS = [
    "ScheduledEmbeddingTrainingHelper.p0",
    "ScheduledEmbeddingTrainingHelper.p05",
    "ScheduledEmbeddingTrainingHelper.p1",
    "ScheduledEmbeddingTrainingHelper.p1_peaked",
]
SCHEDULED_OUTPUTS = [
    "ScheduledOutputTrainingHelper.p0",
    "ScheduledOutputTrainingHelper.p05",
    "ScheduledOutputTrainingHelper.p05_aux",
    "ScheduledOutputTrainingHelper.p1",
    "ScheduledOutputTrainingHelper.p1_aux_fn",
]
OWN = ["CustomHelper", "InferenceHelper.continuous"]


def test_each_recorded_case_is_replayed(oracle):
    assert set(cases(oracle("decode"))) == {
        *GREEDY, *FORCED, *SCHEDULED_IDS, *SCHEDULED_OUTPUTS, *OWN
    }  # fmt: skip


@dataclasses.dataclass(frozen=True, eq=False)
class Endless:
    """Another sampler whose rows never end."""

    sampler: Any

    def start(self):
        ids, ended, state = self.sampler.start()
        return ids, tf.zeros_like(ended), state

    def choose(self, logits, time, state):
        ids, ended, state = self.sampler.choose(logits, time, state)
        return ids, tf.zeros_like(ended), state


@dataclasses.dataclass(frozen=True, eq=False)
class RecordedSampler:
    """What was drawn in a recorded run: `draws [batch, time]`, for rows of the given lengths."""

    draws: Any
    lengths: Any

    def start(self):
        ids = tf.zeros_like(self.lengths)
        return ids, tf.equal(self.lengths, 0), ()

    def choose(self, logits, time, state):
        return tf.gather(self.draws, time, batch_dims=1), time + 1 >= self.lengths, state


@dataclasses.dataclass(frozen=True, eq=False)
class CustomSampler:
    """The record's `CustomHelper`: at odd times some other ids are fed than were drawn."""

    start_ids: Any
    end_id: Any
    forced: Any

    def start(self):
        return self.start_ids, tf.zeros_like(self.start_ids, tf.bool), ()

    def choose(self, logits, time, state):
        drawn = tf.argmax(logits, axis=-1, output_type=tf.int32)
        forced = tf.gather(self.forced, time, batch_dims=1)
        return tf.where(time % 2 == 0, drawn, forced), tf.equal(drawn, self.end_id), state


@dataclasses.dataclass(frozen=True, eq=False)
class ContinuousSampler:
    """The record's `InferenceHelper` without ids: the outputs themselves are fed, by the states."""

    batch: int

    def start(self):
        return tf.zeros([self.batch], tf.int32), tf.zeros([self.batch], tf.bool), ()

    def choose(self, logits, time, state):
        return tf.zeros([self.batch], tf.int32), tf.reduce_mean(logits, axis=-1) > 0.25, state


def by_batch(recorded, name):
    """A recorded output, batch first."""
    values = recorded[f"out/{name}"]
    is_time_major = recorded.config.get("dynamic_decode", {}).get("output_time_major", False)
    return np.swapaxes(values, 0, 1) if is_time_major else values


def imputes(recorded):
    options = recorded.config.get("dynamic_decode", recorded.config)
    return options.get("impute_finished", False)


def final_states(recorded, decoder):
    """The recorded last states in the structure of ours."""
    size = decoder.inner.state_size
    if decoder.cell is decoder.inner:
        return recorded.states("out/final_state", size)
    found = [recorded[f"out/final_state/{name}"] for name in ("attention", "alignments")]
    return (recorded.states("out/final_state/cell_state", size), *found)


def assert_replayed(recorded, decoder, sampler, step, states, memory):
    """Rows that end as they should; and, as they were computed, rows that never do.

    `step` takes and gives `(states of the decoder, others)`. Returns what was decoded.
    """
    outputs, lengths = by_batch(recorded, "rnn_output"), recorded["out/final_sequence_lengths"]
    steps = outputs.shape[1]
    is_real = np.arange(steps) < lengths[:, None]
    options = {"max_steps": steps, "watch": lambda logits, states: logits}
    decoded, progress = decode(step, sampler, states, memory, **options)
    assert decoded.lengths.numpy().tolist() == lengths.tolist()
    assert_near(decoded.watched, np.where(is_real[..., None], outputs, 0), 2e-5)
    wanted = final_states(recorded, decoder)
    if imputes(recorded):
        assert_states(progress.states[0], wanted, slice(None))
    else:
        assert_states(progress.states[0], wanted, lengths == steps)
        endless, progress = decode(step, Endless(sampler), states, memory, **options)
        assert_near(endless.watched, outputs, 2e-5)
        assert_states(progress.states[0], wanted, slice(None))
    return decoded


def assert_states(states, wanted, rows):
    pairs = zip(tf.nest.flatten(states), tf.nest.flatten(wanted), strict=True)
    for found, expected in pairs:
        np.testing.assert_allclose(found.numpy()[rows], expected[rows], atol=2e-5)


def assert_drawn(recorded, decoded):
    """The recorded draws are the greatest outputs, up to the end."""
    drawn = by_batch(recorded, "sample_id")
    lengths = recorded["out/final_sequence_lengths"]
    found = np.argmax(decoded.watched, axis=-1)
    is_real = np.arange(drawn.shape[1]) < lengths[:, None]
    assert np.where(is_real, found, 0).tolist() == np.where(is_real, drawn, 0).tolist()


@pytest.mark.parametrize("case", GREEDY)
def test_greedy_choice_is_the_recorded_one(oracle, case):
    recorded = Recorded(oracle("decode"), case)
    embedding = recorded["in/embedding"] * (2 if case.endswith("callable") else 1)
    decoder = RecordedDecoder(recorded, embedding.shape[1])
    states, memory = decoder.start()

    def step(ids, states, memory):
        outputs, new = decoder.step(tf.gather(embedding, ids), states[0], memory)
        return outputs, (new,)

    sampler = GreedySampler(recorded["in/start_tokens"], recorded["in/end_token"])
    decoded = assert_replayed(recorded, decoder, sampler, step, (states,), memory)
    is_real = tf.sequence_mask(decoded.lengths, decoded.ids.shape[1])
    wanted = np.where(is_real, recorded["out/sample_id"], 0)
    assert decoded.ids.numpy().tolist() == wanted.tolist()


def at(values, time):
    """`values[row, time[row]]`, the last one after the last."""
    return tf.gather(values, tf.minimum(time, values.shape[1] - 1), batch_dims=1)


def truth(recorded):
    """The recorded inputs, `[batch, time, depth]`."""
    inputs = recorded["in/x"]
    inputs = np.swapaxes(inputs, 0, 1) if recorded.config.get("helper_time_major") else inputs
    if "in/auxiliary_inputs" in recorded:
        inputs = np.concatenate([inputs, recorded["in/auxiliary_inputs"]], axis=-1)
    return tf.constant(inputs)


def forced(recorded):
    """Everything for `decode`: a decoder whose inputs are the truth of its time, and the teacher.

    The truth of these cases is no embedding of ids: the step reads it by the time in its states.
    """
    inputs = truth(recorded)
    decoder = RecordedDecoder(recorded, inputs.shape[-1])
    states, memory = decoder.start()

    def step(ids, states, memory):
        states, time = states
        outputs, states = decoder.step(at(inputs, time), states, memory)
        return outputs, (states, time + 1)

    start_ids = tf.zeros([inputs.shape[0]], tf.int32)
    ids = np.pad(by_batch(recorded, "sample_id"), [(0, 0), (0, 3)])
    sampler = TeacherSampler(start_ids, tf.constant(ids), recorded["in/sequence_length"])
    return decoder, sampler, step, (states, tf.zeros_like(start_ids)), memory


@pytest.mark.parametrize("case", FORCED)
def test_teacher_forcing_gives_the_recorded_outputs(oracle, case):
    recorded = Recorded(oracle("decode"), case)
    decoded = assert_replayed(recorded, *forced(recorded))
    assert_drawn(recorded, decoded)


@pytest.mark.parametrize("case", [f"TrainingHelper.{name}" for name in (
    "attention", "attention_impute", "impute", "plain"
)])  # fmt: skip
def test_gradients_through_the_loop_are_the_recorded_ones(oracle, case):
    recorded = Recorded(oracle("decode"), case)
    with tf.GradientTape() as tape:
        decoder, sampler, step, states, memory = forced(recorded)
        sampler = sampler if imputes(recorded) else Endless(sampler)
        decoded, _ = decode(
            step, sampler, states, memory, max_steps=6, watch=lambda logits, states: logits
        )
        loss = tf.reduce_sum(decoded.watched * recorded["in/cotangent/rnn_output"])
    np.testing.assert_allclose(loss, recorded["out/loss"], rtol=1e-4)
    wanted = {short(name): value for name, value in recorded.group("grad/weights").items()}
    assert set(wanted) == set(decoder.weights)
    values = [weight.value for weight in decoder.weights.values()]
    for name, gradient in zip(decoder.weights, tape.gradient(loss, values), strict=True):
        assert_near(gradient, wanted[name], 1e-4)


@pytest.mark.parametrize("case", SCHEDULED_IDS)
def test_recorded_draws_are_fed_where_they_were(oracle, case):
    recorded = Recorded(oracle("decode"), case)
    embedding, inputs = recorded["in/embedding"], truth(recorded)
    # -1 is TensorFlow 1's sign for the truth.
    draws = tf.constant(np.pad(recorded["out/sample_id"], [(0, 0), (1, 0)], constant_values=-1))
    decoder = RecordedDecoder(recorded, embedding.shape[1])
    states, memory = decoder.start()

    def step(ids, states, memory):
        states, time = states
        is_drawn = at(draws, time) >= 0
        fed = tf.where(is_drawn[:, None], tf.gather(embedding, ids), at(inputs, time))
        outputs, states = decoder.step(fed, states, memory)
        return outputs, (states, time + 1)

    lengths = tf.constant(recorded["in/sequence_length"])
    states = (states, tf.zeros_like(lengths))
    sampler = RecordedSampler(tf.maximum(draws[:, 1:], 0), lengths)
    assert_replayed(recorded, decoder, sampler, step, states, memory)
    if case.endswith("p1_peaked"):  # so likely that any random numbers draw these
        own = ScheduledSampler(tf.zeros_like(lengths), tf.zeros([3, 6]), lengths, 1.0, tf.range(3))
        decoded = assert_replayed(recorded, decoder, own, step, states, memory)
        assert_drawn(recorded, decoded)


@pytest.mark.parametrize("case", SCHEDULED_OUTPUTS)
def test_outputs_are_fed_back_where_they_were(oracle, case):
    recorded = Recorded(oracle("decode"), case)
    inputs = truth(recorded)
    decoder = RecordedDecoder(recorded, inputs.shape[-1])
    states, memory = decoder.start()
    width = decoder.cell.output_size

    def again(outputs, auxiliary):
        if recorded.config["next_inputs_fn"]:
            outputs = 0.5 * tf.tanh(outputs)
        return tf.concat([outputs, auxiliary], axis=-1)

    def step(ids, states, memory):
        states, time, outputs = states
        true = at(inputs, time)
        fed = tf.where(tf.equal(ids, 1)[:, None], again(outputs, true[:, width:]), true)
        outputs, states = decoder.step(fed, states, memory)
        return outputs, (states, time + 1, outputs)

    lengths = tf.constant(recorded["in/sequence_length"])
    states = (states, tf.zeros_like(lengths), tf.zeros([3, width]))
    sampler = RecordedSampler(recorded["out/sample_id"], lengths)
    assert_replayed(recorded, decoder, sampler, step, states, memory)


def test_a_sampler_of_ones_own_is_a_custom_helper(oracle):
    recorded = Recorded(oracle("decode"), "CustomHelper")
    embedding = recorded["in/embedding"]
    decoder = RecordedDecoder(recorded, embedding.shape[1])
    states, memory = decoder.start()

    def step(ids, states, memory):
        outputs, states = decoder.step(tf.gather(embedding, ids), states[0], memory)
        return outputs, (states,)

    sampler = CustomSampler(
        recorded["in/start_tokens"], recorded["in/end_token"], recorded["in/forced_ids"]
    )
    decoded = assert_replayed(recorded, decoder, sampler, step, (states,), memory)
    assert_drawn(recorded, decoded)


def test_what_is_fed_need_not_be_ids(oracle):
    recorded = Recorded(oracle("decode"), "InferenceHelper.continuous")
    decoder = RecordedDecoder(recorded, recorded["in/start_inputs"].shape[1])
    states, memory = decoder.start()

    def step(ids, states, memory):
        outputs, states = decoder.step(states[1], states[0], memory)
        return outputs, (states, outputs)

    states = (states, recorded["in/start_inputs"])
    assert_replayed(recorded, decoder, ContinuousSampler(3), step, states, memory)
