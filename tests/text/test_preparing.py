"""Shards hold what their text has as ids in memory, whoever writes them, however often killed."""

import collections
import itertools
import json

import numpy as np
import pytest
import tensorflow as tf

from tfseq.text import (
    LanguageModelBatches,
    ParallelBatches,
    ShardedLanguageModelBatches,
    ShardedParallelBatches,
    Shards,
    SubwordTokenizer,
    Vocabulary,
    WhitespaceTokenizer,
    count_tokens,
    encoding,
    load_tokenizer,
    preparing,
    scenes,
    service,
    shards,
)
from tfseq.text.corpora import Documents, Pairs
from tfseq.text.preparing import Preparation, Source
from tfseq.text.vocabularies import Choice

WORDS = [f"w{n}" for n in range(30)]


def one_by_one(function, jobs):
    return map(function, jobs)


def a_text(count=60, seed=3):
    random = np.random.default_rng(seed)
    lines = [" ".join(random.choice(WORDS, random.integers(1, 9))) for _ in range(count)]
    return "".join(f"{line}\n\n" for line in lines)


def documents_in(tmp_path, name="data", text=None, size=180, run=one_by_one, read=None):
    """Data of documents in several shards, cut at blanks."""
    path = tmp_path / "text"
    if text or not path.exists():
        path.write_text(text or a_text())
    source = Source(
        Documents(), [(str(path),)], {"tokenizer": "blanks", "lower_case": False}, size, 0.1, 100
    )
    work = Preparation(tmp_path / name, source, {"minimum_count": 2}, run, lambda line: None)
    work.prepare(Choice(lambda counts: WhitespaceTokenizer(), minimum_count=2), read)
    return Shards(tmp_path / name, "documents")


def pairs_in(tmp_path, tokenizer=None, size=300, count=100, most_tokens=0, joint=False):
    """Data of pairs: `w3 w5` with `v3 v5`, and now and then a word more or less."""
    random = np.random.default_rng(5)
    rows = [random.choice(30, random.integers(1, 9)) for _ in range(count)]
    sides = [
        "".join(" ".join(f"{letter}{n}" for n in row[: len(row) - cut]) + "\n" for row in rows)
        for letter, cut in (("w", 0), ("v", 0))
    ]
    files = tuple(str(tmp_path / name) for name in ("source", "target"))
    for path, side in zip(files, sides, strict=True):
        with open(path, "w") as file:
            file.write(side)
    config = {"tokenizer": "blanks", "lower_case": False}
    subwords = {"tokenizer": "subwords", "lower_case": False, "spacing": "exact"}
    source = Source(
        Pairs(), [files], subwords if tokenizer else config, size, 0.1, 100, most_tokens=most_tokens
    )
    work = Preparation(tmp_path / "data", source, {}, one_by_one, lambda line: None)
    work.prepare(Choice(tokenizer or (lambda counts: WhitespaceTokenizer()), 1, None, joint))
    kept = [
        tuple(side.split("\n")[n] for side in sides)
        for n in range(count)
        if not Pairs().holds_out(work.rule, n, (sides[0].split("\n")[n].encode(),))
    ]
    return Shards(tmp_path / "data", "pairs"), kept


def content(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


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


def epoch_of(batches, epoch):
    steps = range(epoch * batches.steps_per_epoch, (epoch + 1) * batches.steps_per_epoch)
    return [batches.batch(step) for step in steps]


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


def broken(data, what):
    """Damage done to data."""
    shard = data.directory / data.shards[2].file
    manifest = data.directory / shards.MANIFEST
    content = shard.read_bytes()
    if what == "missing":
        shard.unlink()
    elif what == "cut off":
        shard.write_bytes(content[:-5])
    elif what == "changed":
        shard.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
    elif what == "another version":
        manifest.write_text(manifest.read_text().replace('"version": 1', '"version": 2'))
    elif what == "another vocabulary":
        (data.directory / "vocabulary.txt").write_text('"<pad>"\n')
    return shard


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ("missing", "shard-00002.tfrecord, missing"),
        ("cut off", r"must have the [\d,]+ bytes .*shard-00002.tfrecord with"),
        ("changed", "shard-00002.tfrecord, changed"),
        ("another version", "must have version 1.*with version 2"),
        ("another vocabulary", "vocabulary.txt, changed"),
    ],
)
def test_damage_is_named(what, rule, tmp_path):
    data = documents_in(tmp_path)
    broken(data, what)
    with pytest.raises((OSError, ValueError), match=rule):
        epoch_of(ShardedLanguageModelBatches(Shards(data.directory, "documents"), 3, 2), 0)
    with pytest.raises((OSError, ValueError), match="must"):
        Shards(data.directory, "pairs")


def test_the_digest_is_of_the_content_alone(tmp_path):
    data = documents_in(tmp_path)
    other = documents_in(tmp_path, "elsewhere")
    assert data.digest == other.digest
    assert documents_in(tmp_path, "smaller", size=100).digest != data.digest


@pytest.fixture
def dispatcher():
    """The address of a tf.data service with one worker, in this process."""
    from tensorflow.data.experimental import service as tf_service

    server = tf_service.DispatchServer(tf_service.DispatcherConfig(port=0))
    worker = tf_service.WorkerServer(
        tf_service.WorkerConfig(dispatcher_address=server.target.split("://")[1], port=0)
    )
    yield server.target
    del worker, server


def test_a_tf_data_service_gives_the_same_data(dispatcher, tmp_path, monkeypatch):
    wanted = content(documents_in(tmp_path, "whole").directory)
    monkeypatch.setattr(service, "GROUP", 4)
    read = []

    def here(function, jobs):
        read.extend(job for job in jobs if function is encoding.read_job)
        return map(function, jobs)

    def by_service(jobs):
        return service.read_by_service(dispatcher, jobs)

    found = documents_in(tmp_path, "served", run=here, read=by_service)
    assert content(found.directory) == wanted
    assert not read
    assert not list((tmp_path / "served" / "preparing").glob("text-*"))


def test_what_a_dead_worker_had_is_read_here(dispatcher, tmp_path, monkeypatch):
    wanted = content(documents_in(tmp_path, "whole").directory)
    elements, read = service.elements, []

    def lossy(address, jobs):
        """As where a worker dies: parts of two units never come, the others in any order."""
        found = [element for element in elements(address, jobs) if element[0] not in (1, 3)]
        return iter(found[::-1])

    def here(function, jobs):
        read.extend(job.number for job in jobs if function is encoding.read_job)
        return map(function, jobs)

    monkeypatch.setattr(service, "elements", lossy)

    def by_service(jobs):
        return service.read_by_service(dispatcher, jobs)

    found = documents_in(tmp_path, "served", run=here, read=by_service)
    assert content(found.directory) == wanted
    assert read == [1, 3]


def test_a_service_that_does_not_answer_is_named():
    with pytest.raises(OSError, match=r"refused|timed out"):
        service.check_service("grpc://localhost:1", seconds=2)
    with pytest.raises(ValueError, match="grpc://HOST:PORT"):
        service.check_service("localhost:1")
