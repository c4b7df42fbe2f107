"""The torch translator: the same model as ours, decoded step by step and by enumeration."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the benchmark's other side needs torch")

from benchmarks.torch_translator import TorchTranslator, arrays_of, beam, greedy  # noqa: E402
from tfseq.attention import BahdanauAttention, ConditionalCell  # noqa: E402
from tfseq.cells import GRUCell  # noqa: E402
from tfseq.models import Decoder, Embedding, Encoder, Seq2Seq, encoder_cells  # noqa: E402
from tfseq.text import END, START  # noqa: E402

SOURCE = np.array([[5, 6, 7, 4, 3], [8, 3, 0, 0, 0], [4, 4, 3, 0, 0]], np.int32)


@pytest.fixture
def model():
    """Vocabularies of 9 and 7 words, vectors of width 5, 6 units; weights far from each other."""
    torch.manual_seed(2)
    translator = TorchTranslator(9, 7, embedding_size=5, units=6)
    for parameter in translator.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return translator


@torch.inference_mode()
def log_probability(model, source, words):
    """The sum of the log-probabilities of a row's words."""
    state, memory = model.encode(torch.from_numpy(source[None]).long())
    total = 0.0
    for previous, word in itertools.pairwise([START, *words]):
        logits, state = model.step(torch.tensor([previous]), state, memory)
        total += torch.log_softmax(logits, dim=-1)[0, word].item()
    return total


def until_end(row):
    words = row.tolist()
    return words[: words.index(END) + 1] if END in words else words


def test_in_torch_it_is_our_model_where_the_candidates_do_not_depend_on_the_state():
    embedding = Embedding(7, 5, tied=True, seed=1)
    cell = ConditionalCell(GRUCell(6), BahdanauAttention(6), GRUCell(6))
    encoder = Encoder(Embedding(9, 5, seed=2), encoder_cells("bidirectional", "gru", 6, 1))
    ours = Seq2Seq(encoder, Decoder(embedding, cell, readout_units=5), "mean")
    ours.build()
    random = np.random.default_rng(3)
    for variable in ours.trainable_variables:
        values = random.normal(size=variable.shape, scale=0.5)
        if variable.name == "candidate_kernel":
            values[-6:] = 0  # the rows that read the state
        variable.assign(values)
    theirs = TorchTranslator(9, 7, embedding_size=5, units=6)
    theirs.set_weights(arrays_of(ours))
    targets = np.array([[START, 4, 5, 6]] * 3)
    logits = ours((SOURCE, targets), source_mask=SOURCE != 0).numpy()
    with torch.inference_mode():
        state, memory = theirs.encode(torch.from_numpy(SOURCE).long())
        for time in range(4):
            there, state = theirs.step(torch.from_numpy(targets[:, time]), state, memory)
            np.testing.assert_allclose(there.numpy(), logits[:, time], rtol=1e-4, atol=1e-5)


def test_greedy_takes_the_likeliest_word_and_stops_when_all_rows_have_ended(model):
    words = greedy(model, SOURCE, 12)
    for row, source in zip(words, SOURCE, strict=True):
        kept = until_end(row)
        assert (row[len(kept) :] == 0).all()
        for length in range(len(kept)):
            scores = [log_probability(model, source, [*kept[:length], word]) for word in range(7)]
            assert int(np.argmax(scores)) == kept[length]
    np.testing.assert_array_equal(beam(model, SOURCE, 12, width=1)[:, : words.shape[1]], words)


def test_a_wide_beam_finds_the_best_of_all_translations(model):
    found = beam(model, SOURCE, 3, width=7 * 7 * 7, length_penalty=0.7)
    ended = [
        (*words, END) for n in range(3) for words in itertools.product([0, 1, 2, 4, 5, 6], repeat=n)
    ]
    cut = list(itertools.product([0, 1, 2, 4, 5, 6], repeat=3))
    for row, source in zip(found, SOURCE, strict=True):
        scores = {
            words: log_probability(model, source, words) / len(words) ** 0.7
            for words in (*ended, *cut)
        }
        assert tuple(until_end(row)) == max(scores, key=scores.__getitem__)


def test_rows_end_where_they_are_told_to(model):
    ends = np.array([4, 0, 2])
    for words in (greedy(model, SOURCE, 9, ends), beam(model, SOURCE, 9, 3, end_at=ends)):
        assert words.shape == (3, 5)
        assert [until_end(row)[-1] for row in words] == [END] * 3
        assert [len(until_end(row)) for row in words] == [5, 1, 3]
