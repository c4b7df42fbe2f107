"""Pairs of sentences: files with every kind of line, and batches that can be read by eye."""

import collections
import gzip

import numpy as np
import pytest

from tfseq.text.parallel import (
    ParallelBatches,
    batches_of_like_length,
    cut,
    read_parallel,
    read_parallel_file,
)
from tfseq.text.vocabulary import END, START

# Each id names its sentence by its tens: pair 1 has two source ids and three target ids, and so on.
SOURCES = [[11, 12], [21, 22, 23, 24], [31], [41, 42, 43], [51, 52]]
TARGETS = [[11, 12, 13], [21], [31, 32, 33, 34], [41], [51, 52, 53]]


def pairs(seed=5, count=97):
    """Sentences of 1 to 12 ids with translations of like length; every id names its pair."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 13, count)
    sources = [np.full(size, 10 + row, np.int32) for row, size in enumerate(sizes)]
    lengths = np.maximum(1, sizes + random.integers(-2, 3, count))
    return sources, [np.full(n, 10 + row, np.int32) for row, n in enumerate(lengths)]


def epoch_of(batches, epoch=0):
    first = epoch * batches.steps_per_epoch
    return [batches.batch(first + step) for step in range(batches.steps_per_epoch)]


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_lines_of_two_files_belong_together(tmp_path):
    sources = write(tmp_path / "en", "\ufeffa man\r\n\n b \nc\x0b\u2028d\ne\n")
    targets = write(tmp_path / "fr", gzip.compress("un homme\nrien\n \t\nc\u00a0!\r\né".encode()))
    parallel = read_parallel(sources, targets)
    assert parallel.sources == ["a man", "c\x0b\u2028d", "e"]
    assert parallel.targets == ["un homme", "c\u00a0!", "é"]
    assert parallel.dropped == 2


def test_files_of_unequal_length_name_both_counts(tmp_path):
    sources = write(tmp_path / "en", "a\nb\nc\n")
    targets = write(tmp_path / "fr", "a\nb\n")
    with pytest.raises(ValueError, match=r"`source_path` and .*en with 3 and .*fr with 2"):
        read_parallel(sources, targets)


def test_columns_are_parted_by_tabs_and_further_ones_left_out(tmp_path):
    path = write(tmp_path / "pairs.tsv", "a man\tun homme\r\n\nb\t\n\tc\nd e\td\tby Tom\tCC\r\n")
    parallel = read_parallel_file(path)
    assert parallel == (["a man", "d e"], ["un homme", "d"], 3)


def test_a_line_without_a_tab_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"`path` must have a tab .* line 3: 'c d'"):
        read_parallel_file(write(tmp_path / "pairs.tsv", "a\tb\n\nc d\ne\tf\n"))


def test_files_without_a_whole_pair_are_refused(tmp_path):
    with pytest.raises(ValueError, match="text on both sides"):
        read_parallel_file(write(tmp_path / "pairs.tsv", "a\t\n\tb\n"))
    with pytest.raises(ValueError, match="text on both sides"):
        read_parallel(write(tmp_path / "en", "a\n\n"), write(tmp_path / "fr", "\nb\n"))


def test_what_cannot_be_read_is_refused(tmp_path):
    good = write(tmp_path / "en", "a\n")
    with pytest.raises(FileNotFoundError, match="fr"):
        read_parallel(good, tmp_path / "fr")
    with pytest.raises(ValueError, match="UTF-8"):
        read_parallel(good, write(tmp_path / "latin", "é\n".encode("latin-1")))
    with pytest.raises(ValueError, match="empty"):
        read_parallel_file(write(tmp_path / "nothing.tsv", ""))


def test_real_corpora_are_read_whole(shared):
    folder = shared("data/multi30k_tok")
    captions = read_parallel(folder / "val.lc.norm.tok.en.gz", folder / "val.lc.norm.tok.de.gz")
    assert (len(captions.sources), len(captions.targets), captions.dropped) == (1014, 1014, 0)
    sentences = read_parallel_file(shared("data/tatoeba_en_fr/dev.tsv.gz"))
    assert (len(sentences.sources), sentences.dropped) == (3001, 0)


def test_long_sentences_are_cut_and_counted():
    sentences, count = cut([np.arange(5), np.arange(3), np.arange(2), np.arange(4)], 3)
    assert [row.tolist() for row in sentences] == [[0, 1, 2], [0, 1, 2], [0, 1], [0, 1, 2]]
    assert count == 2
    with pytest.raises(ValueError, match="`maximum` must be a positive integer"):
        cut(sentences, 0)


def test_a_batch_has_its_special_tokens_and_weights():
    batches = ParallelBatches(SOURCES, TARGETS, batch_size=3, shuffle=False)
    assert batches.steps_per_epoch == 2
    first, second = epoch_of(batches)
    # By target length, then source length: pairs 4 and 2, then 1, 5 and 3.
    np.testing.assert_array_equal(
        first.source, [[41, 42, 43, END, 0], [21, 22, 23, 24, END], [11, 12, END, 0, 0]]
    )
    np.testing.assert_array_equal(
        first.target_inputs, [[START, 41, 0, 0], [START, 21, 0, 0], [START, 11, 12, 13]]
    )
    np.testing.assert_array_equal(
        first.targets, [[41, END, 0, 0], [21, END, 0, 0], [11, 12, 13, END]]
    )
    np.testing.assert_array_equal(first.weights, [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]])
    np.testing.assert_array_equal(second.source, [[51, 52, END], [31, END, 0]])
    np.testing.assert_array_equal(second.targets, [[51, 52, 53, END, 0], [31, 32, 33, 34, END]])
    assert [array.dtype for array in first] == [np.int32, np.int32, np.int32, np.float32]


@pytest.mark.parametrize("batch_size", [1, 4, 97, 200])
@pytest.mark.parametrize("epoch", [0, 2])
def test_every_pair_comes_once_in_an_epoch(batch_size, epoch):
    sources, targets = pairs()
    batches = ParallelBatches(sources, targets, batch_size, seed=3, pool=5)
    seen = collections.Counter()
    for batch in epoch_of(batches, epoch):
        for source, target, weights in zip(batch.source, batch.targets, batch.weights, strict=True):
            row = source[0] - 10
            seen[row] += 1
            np.testing.assert_array_equal(source[source > 0], [*sources[row], END])
            np.testing.assert_array_equal(target[weights == 1], [*targets[row], END])
            assert target[weights == 0].sum() == 0
    assert seen == dict.fromkeys(range(97), 1)


def test_all_batches_are_full_but_one():
    sizes = [len(batch.source) for batch in epoch_of(ParallelBatches(*pairs(), 10, pool=3))]
    assert collections.Counter(sizes) == {10: 9, 7: 1}


def test_a_batch_depends_on_seed_and_step_alone():
    straight = ParallelBatches(*pairs(), batch_size=20, seed=7, pool=2)
    walked = [straight.batch(step) for step in range(12)]
    for step in (11, 0, 5):
        fresh = ParallelBatches(*pairs(), batch_size=20, seed=7, pool=2)
        for array, again, once_more in zip(
            walked[step], fresh.batch(step), straight.batch(step), strict=True
        ):
            np.testing.assert_array_equal(again, array)
            np.testing.assert_array_equal(once_more, array)


def test_the_order_changes_with_epoch_and_seed_and_not_without_shuffling():
    def order(seed, epoch, shuffle=True):
        batches = ParallelBatches(*pairs(), 20, seed, shuffle, pool=2)
        return tuple(row for batch in epoch_of(batches, epoch) for row in batch.source[:, 0])

    assert len({order(0, 0), order(0, 1), order(1, 0), order(1, 1)}) == 4
    assert order(0, 0, shuffle=False) == order(1, 4, shuffle=False)


def test_batches_do_not_come_by_length():
    lengths = [batch.source.shape[1] for batch in epoch_of(ParallelBatches(*pairs(), 5))]
    assert lengths != sorted(lengths)


def test_sorting_larger_pools_leaves_less_padding():
    def padding(pool):
        batches = epoch_of(ParallelBatches(*pairs(count=400), 10, pool=pool))
        return np.mean(np.concatenate([batch.weights.ravel() for batch in batches]) == 0)

    assert padding(1) > 0.3  # lengths of 1 to 14 as they come
    assert padding(40) < 0.05
    assert padding(1) > padding(4) > padding(40)


def test_lengths_are_rounded_up_on_request():
    for batch in epoch_of(ParallelBatches(*pairs(), 10, multiple=4)):
        assert (batch.source.shape[1] % 4, batch.targets.shape[1] % 4) == (0, 0)
        assert (batch.weights.sum(axis=1).max() + 3) // 4 * 4 == batch.targets.shape[1]


def test_impossible_batches_are_refused():
    for name in ("batch_size", "pool", "multiple"):
        with pytest.raises(ValueError, match=f"`{name}` must be a positive integer"):
            ParallelBatches(SOURCES, TARGETS, **{"batch_size": 2, name: 0})
    with pytest.raises(ValueError, match=r"`sources` and `targets` .* Received: 5 and 4"):
        ParallelBatches(SOURCES, TARGETS[:4], 2)
    with pytest.raises(ValueError, match="one at least"):
        ParallelBatches([], [], 2)
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        list(batches_of_like_length(SOURCES, 0))


def test_sentences_to_translate_come_by_length_and_their_order_can_be_restored():
    batches = list(batches_of_like_length([*SOURCES, []], 4))
    assert [rows.tolist() for rows, _ in batches] == [[5, 2, 0, 4], [3, 1]]
    np.testing.assert_array_equal(
        batches[0][1], [[END, 0, 0], [31, END, 0], [11, 12, END], [51, 52, END]]
    )
    np.testing.assert_array_equal(batches[1][1], [[41, 42, 43, END, 0], [21, 22, 23, 24, END]])
    assert list(batches_of_like_length([], 4)) == []
    widths = [source.shape[1] for _, source in batches_of_like_length(SOURCES, 3, multiple=3)]
    assert widths == [3, 6]
