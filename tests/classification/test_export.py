"""The exported model: texts in, labels and probabilities out, the same from every way to run it."""

import numpy as np
import pytest

from apps.classification.data import load_run
from apps.classification.labeller import Labeller
from tfseq import serving
from tfseq.command import main
from tfseq.serving.__main__ import VERBS

TEXTS = ["where is the dog ?", "", "Who took it", "bring tea , and more tea , here , please ."]


@pytest.fixture(scope="module")
def export(run_dir, tmp_path_factory, classification):
    directory = tmp_path_factory.mktemp("export")
    assert classification("export", f"--run_dir={run_dir}", f"--export_dir={directory}") == 0
    return directory


@pytest.fixture(scope="module")
def labeller(run_dir):
    return Labeller(load_run(run_dir))


def serve(*words):
    return main("python -m tfseq.serving", VERBS, [str(word) for word in words])


def test_a_session_of_a_clean_process_gives_the_same_labels(export, labeller):
    requests = {name: {"text": TEXTS} for name in ("serving_default", "classify")}
    answers = serving.run_in_session(export / "1", requests)
    found = labeller.of_ids(labeller_ids(labeller))
    assert answers["serving_default"]["label"] == labeller.names(found)
    np.testing.assert_allclose(
        answers["serving_default"]["probability"], found.max(axis=1), atol=1e-5
    )
    order = np.argsort(-found, axis=1, kind="stable")
    np.testing.assert_allclose(
        answers["classify"]["probabilities"], np.take_along_axis(found, order, axis=1), atol=1e-5
    )
    names = np.array(labeller.labels.names)[order]
    assert np.array(answers["classify"]["labels"])[[0, 2, 3]].tolist() == names[[0, 2, 3]].tolist()


def labeller_ids(labeller):
    ids = labeller.vocabulary.ids(labeller.tokenizer.tokenize(TEXTS))
    return [np.array(row, np.int32) for row in ids.to_list()]


def test_of_nothing_nothing_is_said(labeller):
    answer = labeller.classify(["", " "])
    assert answer["labels"].numpy().tolist() == [[b""] * 3] * 2
    np.testing.assert_array_equal(answer["probabilities"], 0)
    assert labeller.serving_default(["", "who"])["label"].numpy()[0] == b""


def test_a_row_is_the_same_alone_and_among_others(labeller):
    together = labeller.classify(TEXTS)
    for row, text in enumerate(TEXTS):
        alone = labeller.classify([text])
        assert alone["labels"].numpy()[0].tolist() == together["labels"].numpy()[row].tolist()
        np.testing.assert_allclose(
            alone["probabilities"][0], together["probabilities"][row], atol=1e-6
        )


def test_probabilities_sum_to_one_and_fall(labeller):
    probabilities = labeller.classify(TEXTS[2:])["probabilities"].numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (np.diff(probabilities, axis=1) <= 0).all()


def test_what_is_no_utf_8_and_what_is_long_is_read_as_far_as_it_goes(labeller):
    text = [b"caf\xe9 who \x00", b"who " * 5000, b"who " * labeller.most_tokens]
    labels = labeller.serving_default(text)
    assert (labels["probability"].numpy() > 0).all()
    np.testing.assert_array_equal(labels["probability"][1], labels["probability"][2])


def test_the_check_takes_it_and_call_asks_it(export, labeller, capsys):
    assert serve("check", export) == 0
    assert "A server takes it." in capsys.readouterr().out
    assert serve("call", export, f"--text={TEXTS[0]}", f"--text={TEXTS[2]}") == 0
    label = labeller.serving_default(TEXTS)["label"].numpy()
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("label")] == [
        f"label: {label[0].decode()}",
        f"label: {label[2].decode()}",
    ]


def test_a_client_gets_all_labels(export, labeller):
    with serving.Client(export) as client:
        answer = client.predict({"text": TEXTS}, "classify")
    expected = labeller.classify(TEXTS)
    np.testing.assert_allclose(answer["probabilities"], expected["probabilities"], atol=1e-6)
    assert answer["labels"][0].tolist() == [x.decode() for x in expected["labels"].numpy()[0]]
