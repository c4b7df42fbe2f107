"""The exported model: strings in, strings out, the same from every way to run it."""

import numpy as np
import pytest
import tensorflow as tf

from apps.translation.data import load_run
from apps.translation.model import load_model
from apps.translation.translator import Translator
from tfseq import serving
from tfseq.text import START

TEXTS = ["The black cat sleeps.", "", "A zebra waits.", "The small white horse eats, and waits."]
OPTIONS = {
    "length_penalty": np.array([1.0, 0.0, 0.6, 0.0], "f"),
    "coverage_penalty": np.array([0.0, 0.2, 0.2, 0.0], "f"),
    "max_words": np.array([0, 0, 4, 6], np.int32),
}
TEXT_OPERATIONS = ["tensorflow_text"]


@pytest.fixture(scope="module")
def export(run_dir, tmp_path_factory, translation):
    directory = tmp_path_factory.mktemp("export")
    words = [f"--run_dir={run_dir}", f"--export_dir={directory}", "--beam_width=3"]
    assert translation("export", *words) == 0
    return directory


@pytest.fixture(scope="module")
def translator(run_dir):
    run = load_run(run_dir)
    return Translator(run, load_model(run), beam_width=3)


def as_text(strings):
    return np.vectorize(bytes.decode, otypes=[object])(strings.numpy()).tolist()


def test_a_session_of_a_clean_process_gives_the_same_translations(export, translator):
    requests = {
        "serving_default": {"text": TEXTS},
        "translate_beam": {"text": TEXTS, **OPTIONS},
    }
    answers = serving.run_in_session(export / "1", requests, TEXT_OPERATIONS)
    assert answers["serving_default"]["text"] == as_text(translator.serving_default(TEXTS)["text"])
    found = translator.translate_beam(TEXTS, **OPTIONS)
    assert answers["translate_beam"]["texts"] == as_text(found["texts"])
    np.testing.assert_allclose(answers["translate_beam"]["scores"], found["scores"], rtol=1e-4)


def test_every_signature_is_in_the_export(export):
    signatures = tf.saved_model.load(export / "1").signatures
    assert set(signatures) == {"serving_default", "translate", "translate_beam", "score", "align"}
    assert (export / "1" / "assets.extra" / "tf_serving_warmup_requests").stat().st_size > 0


def test_a_row_is_the_same_alone_and_among_others(translator):
    together = translator.translate_beam(TEXTS, **OPTIONS)
    for row in range(len(TEXTS)):
        options = {name: values[row : row + 1] for name, values in OPTIONS.items()}
        alone = translator.translate_beam(TEXTS[row : row + 1], **options)
        assert as_text(alone["texts"])[0] == as_text(together["texts"])[row]
        np.testing.assert_allclose(alone["scores"][0], together["scores"][row], rtol=1e-4)


def test_nothing_is_translated_to_nothing(translator):
    assert as_text(translator.serving_default(["", "The cat."])["text"])[0] == ""
    assert translator.align([""])["weights"].shape[0] == 1


def test_max_words_is_a_limit_of_each_row(translator):
    ids = translator.target_vocabulary.ids
    texts = translator.translate(TEXTS[:1] * 3, np.array([1, 2, 3], np.int32))["text"]
    lengths = ids(translator.tokenizer.tokenize(texts)).row_lengths().numpy()
    assert (lengths <= [1, 2, 3]).all()


def test_a_score_is_the_sum_of_the_steps(translator, run_dir):
    model = load_model(load_run(run_dir))
    targets = ["Le chat noir dort.", "", "zzz"]
    scores = translator.score(TEXTS[:3], targets)
    for row, target in enumerate(targets):
        source = translator.read(TEXTS[row : row + 1])
        states, memory = model.encode(source)
        tokens = translator.tokenizer.tokenize([target])
        ids = [*translator.target_vocabulary.ids(tokens).numpy()[0], 3]
        total, before = 0.0, START
        for word in ids:
            logits, states = model.step(np.array([before]), states, memory)
            total += float(tf.nn.log_softmax(logits)[0, word])
            before = word
        assert scores["tokens"][row] == len(ids)
        np.testing.assert_allclose(scores["log_probability"][row], total, rtol=1e-4, atol=1e-5)


def test_alignments_are_shares_of_the_source(translator):
    answer = translator.align(TEXTS)
    source = np.array(as_text(answer["source_tokens"]))
    target = np.array(as_text(answer["target_tokens"]))
    weights = answer["weights"].numpy()
    assert weights.shape == (4, target.shape[1], source.shape[1])
    np.testing.assert_allclose(weights.sum(axis=2), target != "", atol=1e-5)
    for row in range(4):
        np.testing.assert_array_equal(weights[row][:, source[row] == ""], 0)
    assert "<end>" in source[1]


@pytest.mark.parametrize(
    ("name", "wrong", "rule"),
    [
        ("length_penalty", -1.0, "at least 0 and at most 10. Received: length_penalty=-1"),
        ("coverage_penalty", np.nan, "at least 0 and at most 10. Received: coverage_penalty=nan"),
        ("max_words", 10**9, "at least 0 and at most 1000. Received: max_words=1000000000"),
    ],
)
def test_a_row_with_a_wrong_option_is_told_and_harms_no_other(translator, name, wrong, rule):
    right = translator.translate_beam(TEXTS, **OPTIONS)
    values = OPTIONS[name].copy()
    values[0] = wrong
    answer = translator.translate_beam(TEXTS, **{**OPTIONS, name: values})
    assert as_text(answer["texts"])[1:] == as_text(right["texts"])[1:]
    assert as_text(answer["texts"])[0] == [""] * 3
    assert as_text(answer["error"]) == [f"`{name}` must be {rule}", "", "", ""]


def test_the_best_of_the_beams_has_the_score_that_score_gives(translator):
    options = {
        "length_penalty": np.zeros(1, "f"),
        "coverage_penalty": np.zeros(1, "f"),
        "max_words": np.full(1, 50, np.int32),
    }
    found = translator.translate_beam(TEXTS[:1], **options)
    text = as_text(found["texts"])[0][0]
    score = translator.score(TEXTS[:1], [text])
    tokens = translator.tokenizer.tokenize([text]).row_lengths()[0]
    if tokens < 50:  # it has ended by itself
        np.testing.assert_allclose(
            found["log_probabilities"][0, 0], score["log_probability"][0], rtol=1e-3
        )


def test_a_client_gets_the_score_of_the_model(export, translator):
    with serving.Client(export) as client:
        answer = client.predict({"source": TEXTS, "target": "Le chat noir dort."}, "score")
    score = translator.score(TEXTS, ["Le chat noir dort."] * len(TEXTS))
    np.testing.assert_array_equal(answer["tokens"], score["tokens"])
    np.testing.assert_allclose(answer["perplexity"], score["perplexity"], rtol=1e-4)
