"""Shards hold what their text has as ids in memory, whoever writes them, however often killed."""

import itertools
import json

import numpy as np
import pytest
import tensorflow as tf

from tests.text.prepared import (
    a_text,
    content,
    documents_in,
    pairs_in,
)
from tfseq.text import (
    Shards,
    SubwordTokenizer,
    Vocabulary,
    WhitespaceTokenizer,
    count_tokens,
    load_tokenizer,
    preparing,
    scenes,
)


def test_shards_hold_the_ids_of_their_text(tmp_path):
    data = documents_in(tmp_path)
    assert len(data.shards) > 5
    training, held_out = scenes(a_text())[:54], scenes(a_text())[54:]
    assert (tmp_path / "data" / "held_out.txt").read_text() == "".join(held_out)
    tokens = WhitespaceTokenizer().tokenize(training)
    vocabulary = Vocabulary.load(tmp_path / "data" / "vocabulary.txt")
    assert vocabulary.words == Vocabulary.build(count_tokens(tokens), 2).words
    wanted = vocabulary.ids(tokens)
    files = [str(data.directory / shard.file) for shard in data.shards]
    records = tf.data.TFRecordDataset(files)  # TensorFlow's own reader, its checksums and all
    found = [np.frombuffer(record.numpy(), "<i4").tolist() for record in records]
    assert found == wanted.to_list()
    assert data.items == 54
    assert data.tokens == [len(wanted.flat_values)]
    np.testing.assert_array_equal(
        data.counts("text"), np.bincount(wanted.flat_values, minlength=len(vocabulary))
    )


def test_any_items_of_a_shard_are_found_without_reading_those_before(tmp_path):
    data = documents_in(tmp_path, size=2000)
    whole = [data.read(0, 0, data.shards[0].items, 0)]
    for size in (1, 7, 50, 10**6):
        places = data.places(0, size)
        rows = itertools.pairwise(places)
        parts = [data.read(0, int(a[0]), int(b[0]), int(a[2])) for a, b in rows]
        for column in (0, 1):
            np.testing.assert_array_equal(
                np.concatenate([part[column] for part in parts]), whole[0][column]
            )
        assert [len(part[0]) for part in parts] == np.diff(places[:, 1]).tolist()


@pytest.mark.parametrize("stop", [1, 4, 7, 12])
def test_work_that_is_stopped_anywhere_goes_on_and_ends_the_same(stop, tmp_path):
    documents_in(tmp_path, "whole")
    done = []

    def until_stopped(function, jobs):
        for job in jobs:
            if len(done) == stop:
                raise KeyboardInterrupt
            done.append(job)
            yield function(job)

    with pytest.raises(KeyboardInterrupt):
        documents_in(tmp_path, "parts", run=until_stopped)
    with pytest.raises(FileNotFoundError, match=r"manifest|has not finished"):
        Shards(tmp_path / "parts", "documents")

    def counted(function, jobs):
        return (done.append(job) or function(job) for job in jobs)

    (tmp_path / "parts" / "preparing" / "unit-00009.1.partial").mkdir()  # as a kill leaves it
    documents_in(tmp_path, "parts", run=counted)
    assert not list((tmp_path / "parts").rglob("*.partial"))
    assert content(tmp_path / "parts") == content(tmp_path / "whole")
    units = len(Shards(tmp_path / "whole", "documents").shards)
    assert len(done) == 1 + 2 * units  # nothing is done twice


def test_a_damaged_shard_is_written_again(tmp_path):
    data = documents_in(tmp_path)
    before = content(data.directory)
    (data.directory / data.shards[1].file).write_bytes(b"other")
    (data.directory / data.shards[2].lengths_file).unlink()
    documents_in(tmp_path)
    assert content(data.directory) == before


def test_other_settings_and_changed_text_are_refused(tmp_path):
    documents_in(tmp_path)
    with pytest.raises(ValueError, match="text, changed"):
        documents_in(tmp_path, text=a_text(61))
    path = tmp_path / "data" / "preparing" / "plan.json"
    plan = json.loads(path.read_text())
    plan["settings"]["minimum_count"] = 3
    path.write_text(json.dumps(plan))
    with pytest.raises(preparing.OtherSettingsError) as error:
        documents_in(tmp_path)
    assert error.value.args == ("--minimum_count=3", "--minimum_count=2")


def test_pieces_of_words_are_those_of_the_tokenizer(tmp_path):
    data, kept = pairs_in(
        tmp_path, lambda counts: SubwordTokenizer.learn_from_counts(counts, 60, False, "exact")
    )
    tokenizer = load_tokenizer(data.directory / "tokenizer.json")
    counts = []
    for place, side in enumerate(("source", "target")):
        tokens = tokenizer.tokenize([pair[place] for pair in kept])
        vocabulary = Vocabulary.load(data.directory / f"{side}_vocabulary.txt")
        assert vocabulary.words == Vocabulary.build(count_tokens(tokens)).words
        counts.append(vocabulary.ids(tokens).to_list())
    found = [[], []]
    for number, shard in enumerate(data.shards):
        ids, lengths = data.read(number, 0, shard.items, 0)
        rows = [row.tolist() for row in np.split(ids, np.cumsum(lengths.ravel())[:-1])]
        found[0] += rows[::2]
        found[1] += rows[1::2]
    assert found == counts


def test_long_sides_are_cut_and_counted_and_one_vocabulary_is_for_both(tmp_path):
    data, kept = pairs_in(tmp_path, most_tokens=3, joint=True)
    longer = sum(len(source.split()) > 3 for source, _ in kept)
    assert data.manifest["cut"] == [longer, longer]
    assert data.lengths(0).max() == 3
    words = [
        (data.directory / f"{side}_vocabulary.txt").read_text() for side in ("source", "target")
    ]
    assert words[0] == words[1]
    assert '"w1"' in words[0]
    assert '"v1"' in words[0]
