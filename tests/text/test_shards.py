"""What is wrong with data is named; what is the same has the same digest."""

import pytest

from tests.text.prepared import (
    documents_in,
    epoch_of,
)
from tfseq.text import (
    ShardedLanguageModelBatches,
    Shards,
    shards,
)


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
