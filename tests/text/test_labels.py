"""Labels by number, and the batches of what has been labelled."""

import numpy as np
import pytest

from tfseq.text import UNK, LabelledBatches, Labels

TEXTS = [np.full(length, 10 + number) for number, length in enumerate([3, 1, 2, 5, 2])]


def test_labels_are_numbered_by_the_alphabet_and_kept(tmp_path):
    labels = Labels.build(["no", "yes", "maybe so", "yes"])
    assert labels.names == ["maybe so", "no", "yes"]
    assert labels.ids(["yes", "maybe so"]).tolist() == [2, 0]
    assert labels.tokens([[2, 1]]).numpy().tolist() == [[b"yes", b"no"]]
    labels.save(tmp_path / "labels.txt")
    assert Labels.load(tmp_path / "labels.txt").names == labels.names


def test_a_label_that_there_is_not_is_told():
    labels = Labels(["no", "yes"])
    assert "yes" in labels
    assert "maybe" not in labels
    with pytest.raises(ValueError, match=r"labels among no, yes\. Received: 'maybe'"):
        labels.ids(["yes", "maybe"])


@pytest.mark.parametrize("names", [[], ["one"], ["a", "b", "a"]])
def test_labels_are_two_at_least_and_each_once(names):
    with pytest.raises(ValueError, match="`names` must be at least two labels, each once"):
        Labels(names)


def test_each_text_comes_once_an_epoch_with_its_label():
    batches = LabelledBatches(TEXTS, [0, 1, 2, 3, 4], 2, seed=3)
    assert batches.steps_per_epoch == 3
    for epoch in range(2):
        seen = {}
        for step in range(3):
            ids, labels = batches.batch(3 * epoch + step)
            for row, label in zip(ids, labels, strict=True):
                seen[label] = row[row != 0]
        assert sorted(seen) == [0, 1, 2, 3, 4]
        for label, text in enumerate(TEXTS):
            np.testing.assert_array_equal(seen[label], text)


def test_a_label_for_each_word_is_padded_as_the_words_are():
    labels = [np.arange(len(text)) for text in TEXTS]
    ids, found = LabelledBatches(TEXTS, labels, 2, shuffle=False).batch(1)
    np.testing.assert_array_equal(ids, [[14, 14, 0], [10, 10, 10]])
    np.testing.assert_array_equal(found, [[0, 1, 0], [0, 1, 2]])


def test_some_of_the_tokens_that_were_seen_once_are_read_as_unknown():
    rng = np.random.default_rng(1)
    texts = [np.concatenate([[5, 6], 10 + 10 * n + rng.permutation(8)]) for n in range(50)]
    batches = LabelledBatches(texts, [0, 1] * 25, 50, seed=1, unknown_rate=0.25)
    ids, _ = batches.batch(3)
    assert 0.2 < np.mean(ids[ids != 5] == UNK) * 9 / 8 < 0.3
    assert np.sum(ids == 5) == np.sum(ids == 6) == 50  # seen often
    np.testing.assert_array_equal(batches.batch(3).ids, ids)
    again = batches.batch(4).ids
    assert np.sum(again == UNK) != np.sum(ids == UNK)


def test_as_many_labels_as_texts_are_needed():
    with pytest.raises(ValueError, match=r"as many each, and one at least\. Received: 5 and 4"):
        LabelledBatches(TEXTS, [0, 1, 2, 3], 2)
