"""Sequence to sequence: one sentence read and written, with every kind of decoder."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.attention import AttentionWrapper, ConditionalCell, make_attention
from tfseq.cells import GRUCell, ResidualWrapper, stack_cells
from tfseq.cells.ahead import ahead_obstacle
from tfseq.decoding import GreedySampler, TeacherSampler, beam_search, decode
from tfseq.losses import cross_entropy
from tfseq.models import Decoder, Embedding, Encoder, Seq2Seq, encoder_cells

PAD, START, END = 0, 2, 3
SOURCE = np.array([[4, 5, 6, 7, 3], [6, 4, 3, 0, 0]], np.int32)
INPUTS = np.array([[2, 7, 6, 5], [2, 4, 6, 0]], np.int32)
TARGETS = np.array([[7, 6, 5, 3], [4, 6, 3, 0]], np.int32)


def plain():
    return stack_cells("gru", 6, 2)


def wrapped():
    return AttentionWrapper(stack_cells("basic_lstm", 6, 2), make_attention("luong", 6), 5)


def with_two_mechanisms():
    mechanisms = [make_attention("luong", 6), make_attention("bahdanau", 4)]
    return AttentionWrapper(GRUCell(6), mechanisms, [5, 3])


def conditional():
    return ConditionalCell(GRUCell(6), make_attention("bahdanau", 4), GRUCell(6))


def monotonic():
    return AttentionWrapper(GRUCell(6), make_attention("bahdanau_monotonic", 4))


CELLS = [plain, wrapped, with_two_mechanisms, conditional, monotonic]


def make(cell=conditional, tied=True, readout_units=4, **options):
    keras.utils.set_random_seed(5)
    source = Embedding(8, 3, limit=1.0, seed=1)
    target = Embedding(9, 4, limit=1.0, tied=tied, seed=2)
    encoder = Encoder(source, encoder_cells("bidirectional", "gru", 6, 1), seed=3)
    model = Seq2Seq(
        encoder, Decoder(target, cell(), readout_units=readout_units, **options), "dense"
    )
    model.build()
    return model


@pytest.mark.parametrize("cell", CELLS)
def test_steps_give_what_the_whole_sequence_gives(cell):
    model = make(cell)
    mask = SOURCE != PAD
    logits = model((SOURCE, INPUTS), source_mask=mask)
    states, memory = model.encode(SOURCE, mask)
    for time in range(INPUTS.shape[1]):
        step, states = model.step(INPUTS[:, time], states, memory)
        np.testing.assert_allclose(step, logits[:, time], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_row_is_the_same_alone_and_beside_a_longer_one(cell):
    model = make(cell)
    logits = model((SOURCE, INPUTS), source_mask=SOURCE != PAD)
    alone = model((SOURCE[1:, :3], INPUTS[1:, :3]))
    np.testing.assert_allclose(logits[1:, :3], alone, atol=1e-5)


def test_the_readout_is_its_equation():
    model = make()
    decoder = model.decoder
    states, memory = model.encode(SOURCE, SOURCE != PAD)
    inputs = decoder.embedding(INPUTS[:, 0])
    output, _ = decoder.cell(inputs, states, memory=memory)
    both = np.concatenate([output, inputs], axis=1)
    kernel, bias = (weight.numpy() for weight in decoder.readout.weights)
    words = decoder.embedding.embeddings.numpy()
    decoder.embedding.bias.assign(np.arange(9.0))
    expected = np.tanh(both @ kernel + bias) @ words.T + np.arange(9.0)
    np.testing.assert_allclose(
        model.step(INPUTS[:, 0], states, memory)[0], expected, rtol=1e-5, atol=1e-5
    )


def test_teacher_forcing_in_decode_scores_what_the_model_scores():
    model = make(wrapped)
    mask = SOURCE != PAD
    lengths = (TARGETS != PAD).sum(axis=1)
    sampler = TeacherSampler(tf.fill([2], START), TARGETS, lengths)
    decoded, _ = decode(model.step, sampler, *model.encode(SOURCE, mask), max_steps=4)
    losses, _ = cross_entropy(
        model((SOURCE, INPUTS), source_mask=mask), TARGETS, (TARGETS != PAD).astype("f")
    )
    np.testing.assert_allclose(-tf.reduce_sum(decoded.log_probabilities), losses, rtol=1e-5)


def residual():
    cell = stack_cells("gru", 6, 2, residual_from=1)
    return AttentionWrapper(cell, make_attention("luong", 6), 5)


@pytest.mark.parametrize("options", [{}, {"tied": False, "readout_units": None}])
@pytest.mark.parametrize("cell", [*CELLS, residual])
def test_a_loops_steps_give_the_same(cell, options):
    model = make(cell, **options)
    states, memory = model.encode(SOURCE, SOURCE != PAD)
    assert model.loop_weights().cell
    for step in (model.loop_step(), model.loop_step(model.loop_weights())):
        own = ahead = states
        for ids in INPUTS.T:
            expected, own = model.step(ids, own, memory)
            logits, ahead = step(ids, ahead, memory)
            np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_what_needs_the_inputs_whole_goes_step_by_step():
    low = ConditionalCell(GRUCell(6), make_attention("luong", 6), keras.layers.GRUCell(6))
    assert "steps of its own" in ahead_obstacle(low)
    cell = AttentionWrapper(ResidualWrapper(GRUCell(9)), make_attention("luong", 9), 5)
    assert ahead_obstacle(cell) == "the lowest cell adds its inputs to its output"
    cell = AttentionWrapper(GRUCell(6), make_attention("luong", 6), cell_input=lambda x, a: x)
    assert ahead_obstacle(cell) == "`cell_input` is given"


@pytest.mark.parametrize("cell", CELLS)
def test_a_beam_of_one_is_greedy(cell):
    model = make(cell)
    states, memory = model.encode(SOURCE, SOURCE != PAD)
    start = tf.fill([2], START)
    step = model.loop_step()
    decoded, _ = decode(step, GreedySampler(start, END), states, memory, max_steps=6)
    found = beam_search(model.step, start, END, states, memory, width=1, max_steps=6)
    np.testing.assert_array_equal(found.ids[:, 0], decoded.ids)


@pytest.mark.parametrize("cell", CELLS)
def test_wide_beams_look_at_the_source_of_their_row(cell):
    model = make(cell)
    mask = SOURCE != PAD
    start = tf.fill([2], START)
    found = beam_search(model.step, start, END, *model.encode(SOURCE, mask), width=3, max_steps=6)
    alone = beam_search(
        model.step,
        start[1:],
        END,
        *model.encode(SOURCE[1:, :3], mask[1:, :3]),
        width=3,
        max_steps=6,
    )
    np.testing.assert_allclose(found.log_probabilities[1:], alone.log_probabilities, rtol=1e-4)


def test_it_learns_to_turn_a_sequence_round():
    random = np.random.default_rng(0)
    source = random.integers(4, 8, (256, 4)).astype(np.int32)
    targets = np.concatenate([source[:, ::-1], np.full((256, 1), END)], axis=1).astype(np.int32)
    inputs = np.concatenate([np.full((256, 1), START), targets[:, :-1]], axis=1).astype(np.int32)
    model = make()
    model.compile(
        keras.optimizers.Adam(0.04),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    model.fit((source, inputs), targets, batch_size=64, epochs=50, verbose=0)
    sampler = GreedySampler(tf.fill([256], START), END)
    decoded, _ = decode(model.step, sampler, *model.encode(source), max_steps=6)
    assert (decoded.ids[:, :5] == targets).numpy().all(axis=1).mean() > 0.95


def test_a_model_is_saved_and_loaded(tmp_path):
    model = make(wrapped)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    mask = SOURCE != PAD
    np.testing.assert_allclose(
        loaded((SOURCE, INPUTS), source_mask=mask),
        model((SOURCE, INPUTS), source_mask=mask),
        atol=1e-6,
    )


def test_a_tied_softmax_needs_outputs_as_wide_as_the_words():
    keras.utils.set_random_seed(5)
    encoder = Encoder(Embedding(8, 3), encoder_cells("bidirectional", "gru", 6, 1))
    with pytest.raises(ValueError, match=r"set `readout_units`\. Received: width 6 .* width 4"):
        Seq2Seq(encoder, Decoder(Embedding(9, 4, tied=True), plain()), "dense").build()
