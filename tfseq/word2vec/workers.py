"""Several workers, each learning from a part of the text, and what they found put together.

A worker is a thread, of this host or of another. All begin with the same matrices, learn some
chunks each, and go on from where they are together.
"""

import concurrent.futures

import tensorflow as tf

ALL = 2**31 - 1  # more chunks than there are
MANY = 30.0  # times a word stands in a part, from where its parts are averaged more than added


def side_by_side(function, *columns):
    """`[function(*row) for row in zip(*columns)]`, each in a thread of its own."""
    rows = list(zip(*columns, strict=True))
    if len(rows) == 1:
        return [function(*rows[0])]
    with concurrent.futures.ThreadPoolExecutor(len(rows)) as threads:
        return list(threads.map(lambda row: function(*row), rows))


class Workers:
    """All who learn at the same time: the threads of this host, and those of the others.

    Args:
        replicas: The hosts, a `tfseq.replicas.Replicas` with one device on each.
        threads: Of each host.
        every: After how many chunks what they have learnt is put together; 0 = at the end of what
            each was given.
        times: For each matrix float32 `[rows]`, how often a worker meets a row in between.
    """

    def __init__(self, replicas, threads, every, times):
        self.count = replicas.count * threads
        self.every = every
        self.times = times
        self.added = tf.function(added, jit_compile=True, autograph=False)
        self.together = tf.function(together, jit_compile=True, autograph=False)
        placed = lambda values: tf.nest.map_structure(tf.identity, values)  # noqa: E731
        self.sum = replicas.traced(lambda values: replicas.sum(placed(values)))
        self.gather = replicas.traced(lambda values: replicas.gather(placed(values)))

    def learn(self, function, segments, tables):
        """Let each thread of this host learn from a segment, and the other hosts from theirs.

        Args:
            function: `function(segment, first, last, tables)` learns from the chunks from `first`
                to before `last`, as far as there are any; `(tables, sums)`.
            segments: A `Segment` for each thread.
            tables: A list of matrices, the same on each host.

        Returns:
            The matrices of all workers together, and the sum of the sums of this host's.
        """
        total = 0.0
        for first, last in self.pieces(segments):
            learnt = side_by_side(
                lambda segment: function(segment, first, last, tables),  # noqa: B023 used at once
                segments,
            )
            ends, sums = zip(*learnt, strict=True)
            tables = self.put_together(tables, ends)
            total += tf.add_n(sums)
        return tables, total

    def pieces(self, segments):
        """First chunks and those behind the last, alike on all hosts, for the longest segment."""
        every, most = self.every or ALL, 1
        if self.every:
            chunks = self.gather(tf.stack([segment.chunks for segment in segments]))
            most = max(most, int(tf.reduce_max(chunks)))
        firsts = range(0, most, every)
        return [(tf.constant(first), tf.constant(first + every)) for first in firsts]

    def put_together(self, starts, ends):
        """The matrices of all workers, from those of this host's."""
        if self.count == 1:
            return ends[0]
        sums = self.sum(ends[0] if len(ends) == 1 else self.added(list(ends)))
        return self.together(starts, sums, tf.constant(float(self.count)), self.times)


def next_words(place, length, segment, host, hosts):
    """Which words of the text a host reads next: a segment, or an equal part of what is left.

    Args:
        place: How many segments of the text have been read.
        length: Of the text.
        segment: Words of a segment.
        host: Which, from 0.
        hosts: Of how many.

    Returns:
        The first one, the one behind the last, and how many segments all have read then.
    """
    place, after = place * segment, min((place + hosts) * segment, length)
    words = after - place
    first, last = (place + words * part // hosts for part in (host, host + 1))
    return first, last, -(-after // segment)


def added(ends):
    """The sums of several workers' matrices."""
    return [tf.add_n(parts) for parts in zip(*ends, strict=True)]


def together(starts, sums, count, times):
    """Matrices after several workers went on from the same ones.

        start_r + f_r sum_k (end_kr - start_r),   f_r = 1 - (1 - 1 / K) times_r / (times_r + 30)

    What is learnt of a rare word adds up, as it would one after the other. Of a frequent word all
    `K` workers learn the same; it goes to where they are on average, since the sum would lie
    far beyond.

    Args:
        starts: A list of `[rows, ...]`.
        sums: For each the sum of what `count` workers have made of it.
        count: How many they are, float32.
        times: For each matrix float32 `[rows]`, how often a row is met in a worker's part.

    Returns:
        A list of the same shapes.

    Reference: averaging: Zinkevich et al., 2010, "Parallelized stochastic gradient descent".
    """
    found = []
    for start, sum, met in zip(starts, sums, times, strict=True):
        share = 1 - (1 - 1 / count) * met / (met + MANY)
        share = tf.reshape(share, [-1] + [1] * (len(start.shape) - 1))
        found.append(start + share * (sum - count * start))
    return found
