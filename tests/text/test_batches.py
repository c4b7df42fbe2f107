"""Scenes, held-out documents, and batches that can be read by eye."""

import collections

import numpy as np
import pytest

from tfseq.files import read_text
from tfseq.text.batches import LanguageModelBatches, scenes, split_at_random, split_held_out
from tfseq.text.words import WordTokenizer

DOCUMENTS = [np.arange(10, 17), np.arange(20, 22), np.arange(30, 30), np.arange(40, 45)]  # 14 ids


def all_of(batches, epoch=0):
    """Inputs, targets and weights of an epoch, each `[steps, batch, window]`."""
    first = epoch * batches.steps_per_epoch
    steps = [batches.batch(first + step) for step in range(batches.steps_per_epoch)]
    return [np.stack(arrays) for arrays in list(zip(*steps, strict=True))[:3]]


def test_batches_are_those_of_the_notes_where_nothing_is_left_over():
    batches = LanguageModelBatches([np.arange(1, 19)], batch_size=3, window=2, shuffle=False)
    inputs, targets, weights = all_of(batches)
    np.testing.assert_array_equal(
        inputs,
        [
            [[1, 2], [7, 8], [13, 14]],
            [[3, 4], [9, 10], [15, 16]],
            [[5, 6], [11, 12], [17, 18]],
        ],
    )
    np.testing.assert_array_equal(
        targets,
        [
            [[2, 3], [8, 9], [14, 15]],
            [[4, 5], [10, 11], [16, 17]],
            [[6, 7], [12, 13], [18, 1]],
        ],
    )
    assert (inputs.dtype, targets.dtype, weights.dtype) == (np.int32, np.int32, np.float32)
    assert weights.min() == 1


def test_what_is_left_over_is_padded_at_weight_0():
    batches = LanguageModelBatches(DOCUMENTS, batch_size=3, window=4, shuffle=False)
    inputs, targets, weights = all_of(batches)
    np.testing.assert_array_equal(
        inputs,
        [
            [[10, 11, 12, 13], [14, 15, 16, 20], [40, 41, 42, 43]],
            [[0, 0, 0, 0], [21, 0, 0, 0], [44, 0, 0, 0]],
        ],
    )
    np.testing.assert_array_equal(
        targets,
        [
            [[11, 12, 13, 14], [15, 16, 20, 21], [41, 42, 43, 44]],
            [[0, 0, 0, 0], [40, 0, 0, 0], [10, 0, 0, 0]],
        ],
    )
    np.testing.assert_array_equal(weights, (targets > 0).astype(np.float32))


@pytest.mark.parametrize("batch_size", [1, 2, 5, 20])
@pytest.mark.parametrize("window", [1, 3, 40])
@pytest.mark.parametrize("epoch", [0, 3])
def test_every_id_is_an_input_and_a_target_once_in_an_epoch(batch_size, window, epoch):
    batches = LanguageModelBatches(DOCUMENTS, batch_size, window)
    inputs, targets, weights = all_of(batches, epoch)
    assert inputs.shape == (batches.steps_per_epoch, batch_size, window)
    once = collections.Counter(np.concatenate(DOCUMENTS).tolist())
    assert collections.Counter(inputs[weights == 1].tolist()) == once
    assert collections.Counter(targets[weights == 1].tolist()) == once
    assert weights.sum() == batches.size == 14


def test_a_lane_goes_on_from_window_to_window():
    batches = LanguageModelBatches(DOCUMENTS, batch_size=2, window=3)
    inputs, targets, weights = all_of(batches)
    for lane in range(2):
        real = weights[:, lane].ravel() == 1
        np.testing.assert_array_equal(
            inputs[:, lane].ravel()[real][1:], targets[:, lane].ravel()[real][:-1]
        )


def test_documents_stay_whole_and_their_order_changes_with_epoch_and_seed():
    documents = [np.arange(10 * n, 10 * n + 3) for n in range(1, 9)]

    def order(seed, epoch):
        inputs = all_of(LanguageModelBatches(documents, 1, 24, seed), epoch)[0].reshape(8, 3)
        np.testing.assert_array_equal(inputs - inputs[:, :1], [[0, 1, 2]] * 8)
        return tuple(inputs[:, 0].tolist())

    assert len({order(0, 0), order(0, 1), order(1, 0), order(1, 1)}) == 4


def test_without_shuffling_all_epochs_are_the_same():
    batches = LanguageModelBatches(DOCUMENTS, batch_size=2, window=3, shuffle=False)
    np.testing.assert_array_equal(all_of(batches, 0), all_of(batches, 5))


def test_a_batch_depends_on_seed_and_step_alone():
    straight = LanguageModelBatches(DOCUMENTS, batch_size=2, window=3, seed=7)
    walked = [straight.batch(step) for step in range(12)]
    for step in (11, 0, 5):
        fresh = LanguageModelBatches(DOCUMENTS, batch_size=2, window=3, seed=7)
        for array, again, once_more in zip(
            walked[step], fresh.batch(step), straight.batch(step), strict=True
        ):
            np.testing.assert_array_equal(again, array)
            np.testing.assert_array_equal(once_more, array)


def test_the_state_is_fresh_at_the_beginning_of_each_epoch():
    batches = LanguageModelBatches(DOCUMENTS, batch_size=2, window=3)
    assert batches.steps_per_epoch == 3
    fresh = [bool(batches.batch(step).fresh) for step in range(5)]
    assert fresh == [True, False, False, True, False]


def test_impossible_batches_are_refused():
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        LanguageModelBatches(DOCUMENTS, 0, 3)
    with pytest.raises(ValueError, match="`window` must be a positive integer"):
        LanguageModelBatches(DOCUMENTS, 2, -1)
    with pytest.raises(ValueError, match="`documents` must hold ids"):
        LanguageModelBatches([np.arange(0)], 2, 3)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a\nb\n\n\nc\n", ["a\nb\n\n\n", "c\n"]),
        ("a\r\nb\r\n\r\nc", ["a\r\nb\r\n\r\n", "c"]),
        ("a\n\nb\n\n", ["a\n\n", "b\n\n"]),
        ("\n\n\na\n\nb", ["\n\n\na\n\n", "b"]),
        ("\n\n", ["\n\n"]),
        ("a\n \t\nb\n", ["a\n \t\n", "b\n"]),
        ("one line", ["one line"]),
        ("", []),
    ],
)
def test_scenes_end_at_blank_lines_and_join_to_the_text(text, parts):
    assert scenes(text) == parts


def test_the_last_documents_are_held_out():
    assert split_held_out([1, 2, 3, 4, 5], 0.25) == ([1, 2, 3], [4, 5])
    assert split_held_out(list(range(30)), 0.1) == (list(range(27)), [27, 28, 29])
    assert split_held_out(["a", "b"], 0.99) == (["a"], ["b"])


def test_what_cannot_be_split_is_refused():
    with pytest.raises(ValueError, match=r"`documents` must be at least two.*Received: 1"):
        split_held_out(["a"], 0.5)
    with pytest.raises(ValueError, match="`share` must lie between 0 and 1"):
        split_held_out(["a", "b"], 1.0)


def test_a_real_script_splits_as_it_was_counted_elsewhere(shared):
    text = read_text(shared("data/udacity_tv_script/moes_tavern_lines.txt"))[81:].lstrip("\n")
    documents = scenes(text)
    training, held_out = split_held_out(documents, 0.1)
    assert "".join(documents) == text
    assert (len(documents), len(training), len(held_out)) == (262, 235, 27)
    tokens = WordTokenizer().tokenize(["".join(held_out).rstrip("\n") + "\n"])
    assert tokens.row_lengths().numpy().tolist() == [4870]


def test_ids_of_a_ragged_tensor_are_documents():
    tokens = WordTokenizer().tokenize(["a b", "c", "d e f"]).with_flat_values(np.arange(1, 7))
    inputs = all_of(LanguageModelBatches(tokens.numpy(), 1, 6, shuffle=False))[0]
    np.testing.assert_array_equal(inputs, [[[1, 2, 3, 4, 5, 6]]])


def test_texts_that_are_drawn_to_be_held_out_stand_in_one_part():
    texts = [f"text {number % 17}" for number in range(40)]
    training, held_out = split_at_random(texts, 0.3, seed=1)
    assert sorted([*training, *held_out]) == list(range(40))
    assert not {texts[place] for place in training} & {texts[place] for place in held_out}
    assert 12 <= len(held_out) <= 14
    np.testing.assert_array_equal(split_at_random(texts, 0.3, seed=1)[1], held_out)
    assert split_at_random(texts, 0.3, seed=2)[1].tolist() != held_out.tolist()
    with pytest.raises(ValueError, match=r"Received: share=0.3 of 1 different texts"):
        split_at_random(["a", "a"], 0.3, seed=1)
