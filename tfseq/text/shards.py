"""Ids on the disk: a directory of shards and the manifest that says what is in them.

A shard is a TFRecord file without compression, a record for each item: little-endian int32, of a
document its ids, of a pair the length of the source and then the ids of both. Beside it stand the
lengths, so that a reader finds any item without reading what is before it. `docs/data.md` has the
whole format.
"""

import hashlib
import json
import os
import pathlib
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfseq.files import written_aside

MANIFEST = "manifest.json"
FORMAT = "tfseq shards"
VERSION = 1
ID = np.dtype("<i4")
HEAD, TAIL = 3, 1  # int32 of a record before and behind its content: length, checksum; checksum


class Shard(NamedTuple):
    """What the manifest says of a shard.

    Attributes:
        file: The name of its records; `lengths_file` is that of their lengths.
        bytes: The size of the first.
        sha256: Of the first.
        lengths_sha256: Of the second.
        items: How many documents or pairs.
        tokens: How many ids, side by side.
    """

    file: str
    bytes: int
    sha256: str
    lengths_sha256: str
    items: int
    tokens: list[int]

    @property
    def lengths_file(self) -> str:
        """The name of the file of lengths."""
        return pathlib.Path(self.file).with_suffix(".lengths").name


def write_shard(directory: pathlib.Path, number: int, ids, lengths) -> Shard:
    """Write a shard; each of its two files is there as a whole or not at all.

    Args:
        directory: Of the data.
        number: The shard's.
        ids: int32, those of all items in a row, of a pair first the source's.
        lengths: int `[items, sides]`.
    """
    ids, lengths = np.asarray(ids, ID), np.asarray(lengths, ID)
    path = directory / f"shard-{number:05}.tfrecord"
    aside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    ends = np.cumsum(lengths.sum(axis=1, dtype=np.int64)).tolist()
    with tf.io.TFRecordWriter(str(aside)) as writer:
        for start, end, row in zip([0, *ends], ends, lengths, strict=False):
            head = row[:-1].tobytes()  # what the lengths of the sides before the last one are
            writer.write(head + ids[start:end].tobytes())
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    with written_aside(path.with_suffix(".lengths"), "wb") as file:
        file.write(lengths.tobytes())
    return Shard(
        path.name,
        path.stat().st_size,
        sha256(path),
        sha256(path.with_suffix(".lengths")),
        len(lengths),
        lengths.sum(axis=0, dtype=np.int64).tolist(),
    )


def check_shard(directory: pathlib.Path, shard: Shard) -> None:
    """Read a shard once, and find that it is what was written.

    Raises:
        OSError: A file is not there, or cannot be read.
        ValueError: It is not what was written.
    """
    for name, digest in ((shard.lengths_file, shard.lengths_sha256), (shard.file, shard.sha256)):
        if sha256(_existing(directory / name)) != digest:
            raise ValueError(
                "A shard must be as it was written, to the checksum in the manifest. Received: "
                f"{directory / name}, changed"
            )


def sha256(path: pathlib.Path) -> str:
    """The checksum of a file, read a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _existing(path):
    if not path.is_file():
        raise FileNotFoundError(f"A shard of the manifest must be there. Received: {path}, missing")
    return path


class Shards:
    """Prepared data, opened to be read.

    What is small is checked at once, and that each shard is there and has its size. The content of
    a shard is checked against its checksum when it is first read.

    Args:
        directory: What `prepare` wrote.
        kind: `documents` or `pairs`.

    Attributes:
        manifest: What the manifest says.
        shards: A `Shard` each.
        digest: Two directories with the same digest hold the same data.

    Raises:
        OSError: A file is not there, or cannot be read.
        ValueError: The directory holds something else, another version, or a shard cut off.
    """

    def __init__(self, directory: str | pathlib.Path, kind: str):
        self.directory = pathlib.Path(directory)
        self.manifest = _read_manifest(self.directory, kind)
        self.shards = [Shard(**shard) for shard in self.manifest["shards"]]
        self.digest = digest_of(self.manifest)
        self._checked, self._places = set(), {}
        for name, digest in self.manifest["files"].items():
            if sha256(_existing(self.directory / name)) != digest:
                raise ValueError(
                    "Each file of the data must be as it was written. Received: "
                    f"{self.directory / name}, changed"
                )
        for shard in self.shards:
            _existing(self.directory / shard.lengths_file)
            size = _existing(self.directory / shard.file).stat().st_size
            if size != shard.bytes:
                raise ValueError(
                    f"A shard must have the {shard.bytes:,} bytes that the manifest says. "
                    f"Received: {self.directory / shard.file} with {size:,}"
                )

    @property
    def items(self) -> int:
        """How many documents or pairs there are."""
        return sum(shard.items for shard in self.shards)

    @property
    def tokens(self) -> list[int]:
        """How many ids there are, side by side."""
        return [sum(side) for side in zip(*(shard.tokens for shard in self.shards), strict=True)]

    def counts(self, side: str) -> np.ndarray:
        """How often each id stands on a side: int64 `[vocabulary]`."""
        return np.load(self.directory / f"{side}.counts.npy")

    def lengths(self, number: int, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The lengths of a shard's items, `[items, sides]`."""
        shard = self._readable(number)
        count = (shard.items if stop is None else stop) - start
        width = len(self.manifest["sides"])
        path = self.directory / shard.lengths_file
        flat = np.fromfile(path, ID, count * width, offset=start * width * ID.itemsize)
        return flat.reshape(-1, width)

    def places(self, number: int, size: int) -> np.ndarray:
        """Where stretches of some `size` ids begin: `[stretches + 1, 3]`.

        Columns: the item, its first id among those of the shard, its record's place in the file in
        int32. The last row is the end of the shard.
        """
        if (number, size) not in self._places:
            lengths = self.lengths(number)
            ids = np.concatenate([[0], np.cumsum(lengths.sum(axis=1, dtype=np.int64))])
            items = np.arange(len(ids))
            firsts = np.flatnonzero(np.diff(ids[:-1] // size, prepend=-1))
            records = ids + (HEAD + TAIL + lengths.shape[1] - 1) * items
            table = np.stack([items, ids, records], axis=1)
            self._places[number, size] = table[[*firsts, -1]]
        return self._places[number, size]

    def read(self, number: int, start: int, stop: int, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Items of a shard: their ids in a row, and their lengths `[items, sides]`.

        Args:
            number: The shard's.
            start: The first item.
            stop: The one behind the last.
            place: Where the first one's record stands in the file, in int32.
        """
        lengths = self.lengths(number, start, stop)
        head = HEAD + lengths.shape[1] - 1
        sizes = lengths.sum(axis=1) + head + TAIL
        path = self.directory / self.shards[number].file
        content = np.fromfile(path, ID, int(sizes.sum()), offset=place * ID.itemsize)
        begins = np.cumsum(sizes) - sizes
        if len(content) != sizes.sum() or (content[begins] != (sizes - HEAD - TAIL) * 4).any():
            raise ValueError(f"A shard must be as it was written. Received: {path}, changed")
        real = np.ones(len(content), bool)
        for offset in range(head):
            real[begins + offset] = False
        real[begins + sizes - TAIL] = False
        return content[real].astype(np.int32), lengths

    def _readable(self, number):
        if number not in self._checked:
            check_shard(self.directory, self.shards[number])
            self._checked.add(number)
        return self.shards[number]


def digest_of(manifest: dict[str, Any]) -> str:
    """One checksum for all that the data is: not for where its text came from, or in what way."""
    content = {name: value for name, value in manifest.items() if name != "settings"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def write_manifest(directory: pathlib.Path, manifest: dict[str, Any], shards: list[Shard]) -> None:
    """Write the manifest, which makes of a directory data that can be read."""
    content = {"format": FORMAT, "version": VERSION, **manifest}
    content["shards"] = [shard._asdict() for shard in shards]
    with written_aside(directory / MANIFEST) as file:
        file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _read_manifest(directory, kind):
    path = directory / MANIFEST
    if not path.is_file():
        begun = (directory / "preparing").is_dir()
        hint = ": `prepare` has not finished; the same command goes on" if begun else ""
        raise FileNotFoundError(f"There must be a {MANIFEST}. Received: {directory}{hint}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"The manifest must be JSON: {path}: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError(f"The manifest must be of `prepare`. Received: {path}")
    if manifest.get("version") != VERSION:
        raise ValueError(
            f"The manifest must have version {VERSION}. Received: {path} with version "
            f"{manifest.get('version')!r}: prepare the data again"
        )
    if manifest["kind"] != kind:
        raise ValueError(f"The data must be {kind}. Received: {path} with {manifest['kind']}")
    return manifest
