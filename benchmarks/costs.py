"""The cost of a training step on several workers: what is computed, what is sent, what is kept."""

import dataclasses

from benchmarks.speed import tasks

FLOAT, ID = 4, 4  # bytes
SUMS, GATHERS = 2, 3  # of a step: numbers, dense gradients; lengths, rows and their ids


@dataclasses.dataclass(frozen=True)
class Load:
    """What a step of one worker computes and sends.

    Args:
        seconds: Of the step where nothing is sent.
        tokens: Words that it reads.
        dense: Parameters whose gradients are sent whole.
        width: Of the rows of the embedding, of which one is sent for each word; 0 = none is.
    """

    seconds: float
    tokens: int
    dense: int
    width: int

    @property
    def dense_bytes(self):
        """Of the gradients that are sent whole."""
        return FLOAT * self.dense

    @property
    def sparse_bytes(self):
        """Of the rows, with their ids."""
        return self.tokens * (FLOAT * self.width + ID) if self.width else 0


@dataclasses.dataclass(frozen=True)
class Link:
    """What each worker is connected by.

    Args:
        bandwidth: Bytes by second, in each direction.
        hop: Seconds until the next one has what is sent, however little it is.
    """

    bandwidth: float
    hop: float


def parts(load, link, workers):
    """Seconds of a step by what they are for, one after the other.

        dense = 2 (n - 1) / n bytes / bandwidth,   rows = (n - 1) bytes / bandwidth
        hops = (2 sums + gathers) (n - 1) hop

    A ring sums up in 2 (n - 1) turns of an n-th of the bytes, and gathers in n - 1 turns of all of
    one worker's.

    Reference: Patarasuk and Yuan, 2009, "Bandwidth optimal all-reduce algorithms for clusters of
    workstations"; the terms of latency and bandwidth: Thakur et al., 2005, "Optimization of
    collective communication operations in MPICH".
    """
    others = workers - 1
    return {
        "compute": load.seconds,
        "dense": 2 * others / workers * load.dense_bytes / link.bandwidth,
        "rows": others * load.sparse_bytes / link.bandwidth,
        "hops": (2 * SUMS + GATHERS) * others * link.hop,
    }


def speed(load, link, workers):
    """Words by second of all workers."""
    return workers * load.tokens / sum(parts(load, link, workers).values())


def efficiency(load, link, workers):
    """The share of the time in which a worker computes."""
    return load.seconds / sum(parts(load, link, workers).values())


def half(load, link):
    """The most workers that compute at least half of the time."""
    workers = 1
    while efficiency(load, link, 2 * workers) >= 0.5 and workers < 1 << 20:
        workers *= 2
    step = workers // 2
    while step:
        workers += step if efficiency(load, link, workers + step) >= 0.5 else 0
        step //= 2
    return workers


def ceiling(load, link):
    """Words by second that no number of workers exceeds."""
    return load.tokens / (load.sparse_bytes / link.bandwidth + (2 * SUMS + GATHERS) * link.hop)


def whole_rows_from(load, vocabulary):
    """From how many workers on all rows of the embedding are less to send than those of each word.

    `n bytes of the rows > 2 bytes of the matrix`
    """
    return int(2 * FLOAT * vocabulary * load.width / load.sparse_bytes) + 1


def accumulated(load, pieces, vocabulary):
    """The load of a step that reads so many batches first: the embedding's gradient is dense."""
    return Load(
        load.seconds * pieces, load.tokens * pieces, load.dense + vocabulary * load.width, 0
    )


def memory(load, workers, vocabulary, layers=tasks.LAYERS, positions=512):
    """MB of a worker, by what they are for; each is explained in docs/scale.md."""
    parameters = load.dense + vocabulary * load.width
    floats = {
        "weights, Adam": 3 * parameters,
        "gradients": 2 * load.dense,
        "activations": load.tokens * load.width * (8 * layers + 2) + 2 * positions * vocabulary,
        "rows of all": 2 * workers * load.sparse_bytes / FLOAT,
    }
    return {name: FLOAT * count / 1e6 for name, count in floats.items()}


def vectors(speed, vocabulary, dim=100, words=1 << 18):
    """The load of word vectors between two times that they are put together.

    Args:
        speed: Words by second of one worker.
        vocabulary: Different words; each has an input and an output vector, with its squares.
        dim: Width of the vectors.
        words: That a worker learns from in between.
    """
    return Load(words / speed, words, 2 * vocabulary * (dim + 1), 0)


def tv512(seconds):
    """The load of the generator's model, whose step takes so many seconds."""
    vocabulary, units, rows, steps = tasks.SIZES["tv512"]
    cells = tasks.LAYERS * (2 * units + 1) * 4 * units
    return Load(seconds, rows * steps, cells + (units + 1) * vocabulary, units)
