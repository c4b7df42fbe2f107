"""Batches from shards: the same as from ids in memory, but for what is shuffled with what."""

import math

import numpy as np

from tfseq.text.batches import Batch
from tfseq.text.parallel import SIGNATURE, ParallelBatch, ParallelBatches
from tfseq.text.shards import Shards
from tfseq.text.vocabulary import PAD

STRETCH = 1 << 17  # ids of a shard that are shuffled together, for each lane
AHEAD = 32  # windows that are fetched for all lanes at a time
PAIRS = 1 << 16  # pairs that are shuffled together


class ShardedLanguageModelBatches:
    """Consecutive windows of a stream of ids on the disk, for a model that carries its state along.

    As `LanguageModelBatches`: a stream is cut into `batch_size` lanes of equal length, each lane
    into windows; row `b` of step `n + 1` goes on where row `b` of step `n` ended; each id is an
    input once and a target once in an epoch. The stream of an epoch is all shards in a new order;
    of each shard, stretches of some `stretch` ids in a new order; of each stretch, the documents in
    a new order. So a lane walks through shards of its own, and holds one stretch in memory.

    A batch is a function of `(seed, step)` alone, so training can go on from any step.

    Args:
        shards: A `Shards` of documents.
        batch_size: How many lanes.
        window: How many ids of a lane a step has.
        seed: Which orders are taken.
        shuffle: Whether each epoch has new orders. Otherwise all is as it was written.
        stretch: How many ids are shuffled together. A lane needs twice as much memory.
    """

    def __init__(
        self,
        shards: Shards,
        batch_size: int,
        window: int,
        seed: int = 0,
        shuffle: bool = True,
        *,
        stretch: int = STRETCH,
    ):
        for name, value in (("batch_size", batch_size), ("window", window), ("stretch", stretch)):
            if value < 1:
                raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
        self.shards, self.digest = shards, shards.digest
        (self.size,) = shards.tokens
        self.batch_size = batch_size
        self.window = window
        self.seed = seed
        self.shuffle = shuffle
        self.stretch = stretch
        self._epoch, self._first, self._rows = -1, -1, np.zeros([0, 0], np.int32)
        self._lanes = [(0, np.zeros(0, np.int32))] * batch_size  # each one's stretch
        self._order = self._starts = np.zeros(0, np.int64)

    @property
    def steps_per_epoch(self) -> int:
        """How many windows the longest lane has."""
        return math.ceil(self.size / (self.batch_size * self.window))

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0 over all epochs."""
        epoch, number = divmod(step, self.steps_per_epoch)
        block, place = divmod(number, AHEAD)
        if (epoch, block) != (self._epoch, self._first):
            self._start(epoch)
            self._rows = self._fetch(block * AHEAD * self.window)
            self._first = block
        start = place * self.window
        ids = self._rows[:, start : start + self.window + 1]
        lanes = np.arange(self.batch_size + 1) * self.size // self.batch_size
        left = (lanes[1:] - lanes[:-1])[:, None] - number * self.window
        real = np.arange(self.window) < left
        return Batch(
            np.where(real, ids[:, :-1], PAD),
            np.where(real, ids[:, 1:], PAD),
            real.astype(np.float32),
            np.array(number == 0),
        )

    def _start(self, epoch):
        """Put the shards into the order of an epoch."""
        if epoch == self._epoch:
            return
        count = len(self.shards.shards)
        order = self._random(epoch).permutation(count) if self.shuffle else np.arange(count)
        sizes = [self.shards.shards[number].tokens[0] for number in order]
        self._epoch, self._order = epoch, order
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self._lanes = [(0, np.zeros(0, np.int32))] * self.batch_size

    def _random(self, *place):
        return np.random.default_rng([self.seed, *place])

    def _fetch(self, behind):
        """The ids of each lane from so many behind its beginning: `[batch, AHEAD * window + 1]`."""
        width = AHEAD * self.window + 1
        rows = np.empty([self.batch_size, width], np.int32)
        for lane in range(self.batch_size):
            position = (lane * self.size // self.batch_size + behind) % self.size
            done = 0
            while done < width:
                start, ids = self._lanes[lane]
                if not start <= position < start + len(ids):
                    start, ids = self._lanes[lane] = self._stretch_at(position)
                piece = ids[position - start : position - start + width - done]
                rows[lane, done : done + len(piece)] = piece
                done += len(piece)
                position = (position + len(piece)) % self.size
        return rows

    def _stretch_at(self, position):
        """The stretch of the stream that a position is in: its beginning, and its ids."""
        turn = int(np.searchsorted(self._starts, position, side="right")) - 1
        number = int(self._order[turn])
        places = self.shards.places(number, self.stretch)
        count = len(places) - 1
        random = self._random(self._epoch, number + 1)
        order = random.permutation(count) if self.shuffle else np.arange(count)
        sizes = np.diff(places[:, 1])[order]
        begins = self._starts[turn] + np.cumsum(sizes) - sizes
        which = int(np.searchsorted(begins, position, side="right")) - 1
        (item, _, place), (end, *_) = places[order[which]], places[order[which] + 1]
        ids, lengths = self.shards.read(number, int(item), int(end), int(place))
        if self.shuffle:
            random = self._random(self._epoch, number + 1, int(order[which]) + 1)
            documents = np.split(ids, np.cumsum(lengths[:-1, 0]))
            ids = np.concatenate([documents[i] for i in random.permutation(len(documents))])
        return int(begins[which]), ids


class ShardedParallelBatches:
    """Pairs of like length together, from the disk.

    As `ParallelBatches`: each pair once an epoch, one batch of an epoch may be smaller. The shards
    are put in a new order in each epoch and their pairs joined; this is cut into windows of some
    `pairs` pairs. In a window all is done that `Buckets` does to a corpus: so one window is in
    memory, and pairs of one window stand side by side.

    A batch is a function of `(seed, step)` alone, so training can go on from any step.

    Args:
        shards: A `Shards` of pairs.
        batch_size: How many pairs a step has.
        seed: Which orders are taken.
        shuffle: Whether each epoch has new orders.
        pairs: How many are shuffled together, at least; rounded up to whole pools.
        pool: As for `Buckets`.
        multiple: As for `Buckets`.
    """

    def __init__(
        self,
        shards: Shards,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        *,
        pairs: int = PAIRS,
        pool: int = 100,
        multiple: int = 1,
    ):
        for name, value in (("batch_size", batch_size), ("pairs", pairs), ("pool", pool)):
            if value < 1:
                raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
        self.shards, self.digest = shards, shards.digest
        self.size = shards.items
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.pairs = math.ceil(pairs / (pool * batch_size)) * pool * batch_size
        self.options = {"pool": pool, "multiple": multiple}
        self._window = (-1, -1)
        self._batches: ParallelBatches | None = None

    @property
    def steps_per_epoch(self) -> int:
        """How many batches the pairs make."""
        return math.ceil(self.size / self.batch_size)

    @property
    def signature(self) -> ParallelBatch:
        """What all batches are alike in: `tf.TensorSpec`s of unknown sizes."""
        return SIGNATURE

    def batch(self, step: int) -> ParallelBatch:
        """The batch of a step, counted from 0 over all epochs."""
        epoch, number = divmod(step, self.steps_per_epoch)
        window, place = divmod(number, self.pairs // self.batch_size)
        if (epoch, window) != self._window or self._batches is None:
            self._batches = None  # not two windows in memory
            self._batches = self._load(epoch, window)
            self._window = epoch, window
        return self._batches.batch(place)

    def _load(self, epoch, window):
        """The batches of a window."""
        count = len(self.shards.shards)
        random = np.random.default_rng([self.seed, epoch])
        order = random.permutation(count) if self.shuffle else np.arange(count)
        sizes = [self.shards.shards[number].items for number in order]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        begin, end = window * self.pairs, (window + 1) * self.pairs
        sides = [], []
        for number, start, size in zip(order, starts, sizes, strict=False):
            first, last = max(begin - start, 0), min(end - start, size)
            if first < last:
                for side, rows in zip(sides, self._pairs(int(number), first, last), strict=True):
                    side.extend(rows)
        (seed,) = np.random.SeedSequence([self.seed, epoch, window + 1]).generate_state(1)
        return ParallelBatches(*sides, self.batch_size, int(seed), self.shuffle, **self.options)

    def _pairs(self, number, first, last):
        """Sources and targets of the pairs of a shard, from one place to another."""
        places = self.shards.places(number, STRETCH)
        stretch = int(np.searchsorted(places[:, 0], first, side="right")) - 1
        item, _, place = (int(x) for x in places[stretch])
        ids, lengths = self.shards.read(number, item, int(last), place)
        rows = np.split(ids, np.cumsum(lengths.ravel())[:-1])[2 * int(first - item) :]
        return rows[::2], rows[1::2]
