"""The exported model: tokens in, labels and probabilities out, from every way to run it."""

import numpy as np
import pytest

from apps.tagging.data import load_run
from apps.tagging.labeller import Labeller
from tfseq import serving
from tfseq.command import main
from tfseq.serving.__main__ import VERBS

TEXTS = ["the black cat sleeps .", "", "Rome", " cat waits for  a Zebra that sleeps in Rome "]
LENGTHS = [5, 0, 1, 9]


@pytest.fixture(scope="module")
def export(run_dir, tmp_path_factory, tagging):
    directory = tmp_path_factory.mktemp("export")
    assert tagging("export", f"--run_dir={run_dir}", f"--export_dir={directory}") == 0
    return directory


@pytest.fixture(scope="module")
def labeller(run_dir):
    return Labeller(load_run(run_dir))


@pytest.fixture(scope="module")
def found(labeller):
    return labeller.of_sentences([text.split() for text in TEXTS])


def serve(*words):
    return main("python -m tfseq.serving", VERBS, [str(word) for word in words])


def test_a_session_of_a_clean_process_gives_the_same_labels(export, found):
    requests = {name: {"text": TEXTS} for name in ("serving_default", "tag")}
    answers = serving.run_in_session(export / "1", requests)
    labels, probabilities = found
    assert answers["serving_default"]["labels"] == [" ".join(row) for row in labels]
    for row, length in enumerate(LENGTHS):
        assert answers["tag"]["labels"][row] == labels[row] + [""] * (9 - length)
        assert answers["tag"]["tokens"][row] == TEXTS[row].split() + [""] * (9 - length)
        np.testing.assert_allclose(
            answers["tag"]["probabilities"][row],
            np.pad(probabilities[row], [0, 9 - length]),
            atol=1e-5,
        )


def test_a_row_is_the_same_alone_and_among_others(labeller, found):
    together = labeller.serving_default(TEXTS)
    for row, text in enumerate(TEXTS):
        alone = labeller.tag([text])
        length = LENGTHS[row]
        assert [x.decode() for x in alone["labels"].numpy()[0][:length]] == found[0][row]
        np.testing.assert_allclose(alone["probabilities"][0][:length], found[1][row], atol=1e-6)
        alone = labeller.serving_default([text])
        assert alone["labels"].numpy()[0] == together["labels"].numpy()[row]
        np.testing.assert_allclose(alone["probability"][0], together["probability"][row], atol=1e-6)


def test_of_nothing_nothing_is_said(labeller):
    answer = labeller.serving_default(["", " "])
    assert answer["labels"].numpy().tolist() == [b"", b""]
    np.testing.assert_array_equal(answer["probability"], 1)
    assert labeller.tag(np.zeros([0], object))["labels"].shape == (0, 1)


def test_a_text_that_is_too_long_is_told_and_harms_no_other(labeller):
    texts = ["the cat", "cat " * (labeller.most_tokens + 1), "cat " * labeller.most_tokens]
    answer = labeller.tag(texts)
    assert [error.decode() for error in answer["error"].numpy()] == [
        "",
        "`text` must have at most 1000 tokens. Received: 1001",
        "",
    ]
    counts = (answer["labels"].numpy() != b"").sum(axis=1)
    assert counts.tolist() == [2, 0, 1000]


def test_any_bytes_are_read(labeller):
    answer = labeller.tag([b"caf\xe9 \x00 the"])
    assert [token.decode() for token in answer["tokens"].numpy()[0]] == [
        "caf\ufffd",
        "\ufffd",
        "the",
    ]
    assert (answer["labels"].numpy() != b"").all()


def test_the_check_takes_it_and_call_asks_it(export, found, capsys):
    assert serve("check", export) == 0
    assert "A server takes it." in capsys.readouterr().out
    assert serve("call", export, f"--text={TEXTS[0]}") == 0
    assert f"labels: {' '.join(found[0][0])}" in capsys.readouterr().out.splitlines()


def test_a_client_gets_labels_token_by_token(export, found):
    with serving.Client(export) as client:
        answer = client.predict({"text": TEXTS[:1]}, "tag")
    assert answer["labels"][0].tolist() == found[0][0]
