"""Batches from shards: what an epoch holds, in which order, and that it depends on nothing else."""

import collections

import numpy as np
import pytest

from tests.text.prepared import (
    a_text,
    documents_in,
    epoch_of,
    pairs_in,
)
from tfseq.text import (
    LanguageModelBatches,
    ParallelBatches,
    ShardedLanguageModelBatches,
    ShardedParallelBatches,
    Vocabulary,
    WhitespaceTokenizer,
    scenes,
)


def test_without_shuffling_windows_are_those_of_memory(tmp_path):
    data = documents_in(tmp_path)
    vocabulary = Vocabulary.load(data.directory / "vocabulary.txt")
    ids = vocabulary.ids(WhitespaceTokenizer().tokenize(scenes(a_text())[:54]))
    memory = LanguageModelBatches(ids.numpy(), 5, 3, shuffle=False)
    ours = ShardedLanguageModelBatches(data, 5, 3, shuffle=False, stretch=20)
    assert ours.steps_per_epoch == memory.steps_per_epoch
    for step in (0, 1, 2, 40, memory.steps_per_epoch - 1, memory.steps_per_epoch, 5):
        for mine, wanted in zip(ours.batch(step), memory.batch(step), strict=True):
            np.testing.assert_array_equal(mine, wanted)
            assert mine.dtype == wanted.dtype


@pytest.mark.parametrize(("batch_size", "stretch"), [(1, 10**6), (4, 1), (7, 25)])
def test_each_id_comes_once_in_an_epoch_and_lanes_read_on(batch_size, stretch, tmp_path):
    data = documents_in(tmp_path)
    batches = ShardedLanguageModelBatches(data, batch_size, 4, seed=2, stretch=stretch)
    counts = data.counts("text")
    orders = []
    for epoch in (0, 1):
        inputs, targets, weights, fresh = zip(*epoch_of(batches, epoch), strict=True)
        inputs, targets, weights = (np.concatenate(x, 1) for x in (inputs, targets, weights))
        real = weights == 1
        assert fresh == (True, *[False] * (batches.steps_per_epoch - 1))
        np.testing.assert_array_equal(np.bincount(inputs[real], minlength=len(counts)), counts)
        np.testing.assert_array_equal(np.bincount(targets[real], minlength=len(counts)), counts)
        for lane in range(batch_size):
            np.testing.assert_array_equal(
                inputs[lane][real[lane]][1:], targets[lane][real[lane]][:-1]
            )
        orders.append(inputs[real].tolist())
    assert orders[0] != orders[1]
    documents = {tuple(row) for n, s in enumerate(data.shards) for row in rows_of(data, n, s)}
    if batch_size == 1:  # documents stay whole
        lengths = [len(document) for document in documents]
        assert max(lengths) > 3
        text = " ".join(map(str, orders[0])) + " "
        assert all(" ".join(map(str, document)) + " " in text for document in documents)


def rows_of(data, number, shard):
    ids, lengths = data.read(number, 0, shard.items, 0)
    return [row.tolist() for row in np.split(ids, np.cumsum(lengths.ravel())[:-1])]


def test_a_batch_depends_on_seed_and_step_alone(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "p").mkdir()
    documents, pairs = documents_in(tmp_path / "d"), pairs_in(tmp_path / "p")[0]

    def windows(seed=1):
        return ShardedLanguageModelBatches(documents, 3, 2, seed, stretch=30)

    def sentences(seed=1):
        return ShardedParallelBatches(pairs, 4, seed, pairs=16, pool=2)

    for make in (windows, sentences):
        straight = make()
        walked = [straight.batch(step) for step in range(3 * straight.steps_per_epoch)]
        for step in (len(walked) - 1, 0, 7, straight.steps_per_epoch):
            for batches in (make(), straight):
                for again, wanted in zip(batches.batch(step), walked[step], strict=True):
                    np.testing.assert_array_equal(again, wanted)
        other = make(seed=2).batch(0)
        assert any(
            a.shape != b.shape or (a != b).any() for a, b in zip(other, walked[0], strict=True)
        )


def test_every_pair_comes_once_in_an_epoch_with_those_of_like_length(tmp_path):
    data, kept = pairs_in(tmp_path)
    batches = ShardedParallelBatches(data, 4, seed=3, pairs=20, pool=5)
    assert batches.steps_per_epoch == ParallelBatches(kept, kept, 4).steps_per_epoch
    wanted = collections.Counter()
    for number, shard in enumerate(data.shards):
        rows = rows_of(data, number, shard)
        wanted.update(zip(map(tuple, rows[::2]), map(tuple, rows[1::2]), strict=True))
    orders = set()
    for epoch in (0, 1):
        found = epoch_of(batches, epoch)
        seen = collections.Counter(
            (tuple(s[s > 0][:-1].tolist()), tuple(t[t > 0][:-1].tolist()))
            for batch in found
            for s, t in zip(batch.source, batch.targets, strict=True)
        )
        assert seen == wanted
        orders.add(tuple(batch.source[0, 0] for batch in found))
        assert sorted(len(batch.source) for batch in found)[1:] == [4] * (len(found) - 1)
        padding = np.mean(np.concatenate([batch.weights.ravel() for batch in found]) == 0)
        assert padding < 0.15
    assert len(orders) == 2
