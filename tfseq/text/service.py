"""Text that is cut into tokens by the workers of a tf.data service.

The service promises little: elements come in any order, and what a worker had when it died does not
come at all. So each element says which part of which unit it is, a unit is put together in order,
and one that does not come whole is not written: whoever asked reads it in another way. The readings
are the same as those of `read_unit`, to the byte.
"""

import json
import pathlib
import re
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from tfseq.text.encoding import Job, cutter
from tfseq.text.readings import Numbers, batches_of, kept, write_reading

GROUP = 32  # units whose text is laid out for the workers at a time


def check_service(address: str, seconds: float = 10.0) -> None:
    """Find that a dispatcher answers: TensorFlow itself would wait for one.

    Raises:
        OSError: Nothing answers.
        ValueError: It is no address.
    """
    found = re.fullmatch(r"grpc://\[?([^/\]]+)\]?:(\d+)", address)
    if not found:
        raise ValueError(f"`address` must be grpc://HOST:PORT. Received: {address}")
    socket.create_connection((found[1], int(found[2])), timeout=seconds).close()


def read_by_service(address: str, jobs: Sequence[Job]) -> Iterator[int]:
    """Read units; yield the number of each that has come back whole and is written.

    Args:
        address: Of the dispatcher. Its workers read what is laid out in the jobs' directory.
        jobs: Units of one corpus.
    """
    for start in range(0, len(jobs), GROUP):
        group = {job.number: job for job in jobs[start : start + GROUP]}
        held_out = {number: [] for number in group}
        parts = {number: lay_out(job, held_out[number]) for number, job in group.items()}
        try:
            found = elements(address, list(group.values()))
            for number, numbers in together(found, parts, len(jobs[0].corpus.sides)):
                write_reading(group[number].reading, numbers, held_out[number])
                yield number
        finally:
            for job in group.values():
                laid_out(job).unlink(missing_ok=True)


def laid_out(job: Job) -> pathlib.Path:
    """The file of a unit's text, as workers read it."""
    return job.work / f"text-{job.number:05}.tfrecord"


def lay_out(job: Job, held_out: list) -> int:
    """Write a unit's text for the workers; return in how many parts."""
    items = kept(job.corpus.items(job.unit), job.unit, job.corpus, job.rule, held_out)
    parts = 0
    with tf.io.TFRecordWriter(str(laid_out(job))) as writer:
        for batch in batches_of(items):
            texts = tf.constant([text for item in batch for text in item])
            writer.write(tf.io.serialize_tensor(texts).numpy())
            parts += 1
    return parts


def elements(address: str, jobs: list[Job]) -> Iterator[tuple]:
    """What the workers send, in any order: `(unit, part, words, places, lengths)`."""
    cut = cutter(json.dumps(jobs[0].tokenizer))

    def parts(number, path) -> Any:
        records = tf.data.TFRecordDataset(path).enumerate()
        return records.map(
            lambda part, record: (number, part, *cut(tf.io.parse_tensor(record, tf.string)))
        )

    paths = [str(laid_out(job).resolve()) for job in jobs]
    units = tf.data.Dataset.from_tensor_slices(([job.number for job in jobs], paths))
    service = tf.data.experimental.service.distribute(
        tf.data.experimental.service.ShardingPolicy.DYNAMIC, address
    )
    try:
        for element in units.flat_map(parts).apply(service):  # pyright: ignore
            yield tuple(tensor.numpy() for tensor in element)
    except tf.errors.OpError as error:
        raise OSError(f"The tf.data service at {address} has failed: {error.message}") from error


def together(
    found: Iterator[tuple], parts: dict[int, int], sides: int
) -> Iterator[tuple[int, Numbers]]:
    """Units of which all parts have come, each with its words numbered in their order.

    Args:
        found: As from `elements`.
        parts: How many parts each unit has.
        sides: How many sides an item has.
    """
    waiting = {number: {} for number, count in parts.items() if count}
    yield from ((number, Numbers(sides)) for number in parts.keys() - waiting.keys())
    for number, part, words, places, lengths in found:
        waiting[int(number)][int(part)] = words, places, lengths
        if len(waiting[int(number)]) == parts[int(number)]:
            numbers, come = Numbers(sides), waiting.pop(int(number))
            for place in sorted(come):
                numbers.add(*come[place])
            yield int(number), numbers
