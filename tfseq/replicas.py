"""One step on several devices: each takes its rows of the batch, and all know the sums.

A *replica* is a model on one device. All of them, on all hosts, are given the whole batch, which is
a function of the step; replica `r` of `n` takes rows `rows * r // n` to `rows * (r + 1) // n`.
"""

import hashlib
import warnings

import keras
import numpy as np
import tensorflow as tf

from tfseq.config import OptionError

GOLDEN = 0x9E3779B9  # 2^32 over the golden ratio: its multiples lie far from each other

SAMPLES = 16  # batches that a fingerprint is made of


class Replicas:
    """The devices of a strategy, and what a training loop asks of them.

    With one device nothing is cut, summed or sent.

    Args:
        strategy: A `tf.distribute` strategy; default: the current one.

    Attributes:
        strategy: That strategy.
        count: How many replicas there are, on all hosts.
        are_remote: Whether some are on other hosts.
        is_chief: Whether this process writes: checkpoints, logs and progress.
    """

    def __init__(self, strategy=None):
        self.strategy = strategy or tf.distribute.get_strategy()
        self.count = self.strategy.num_replicas_in_sync
        self.are_remote = isinstance(
            self.strategy, tf.distribute.MultiWorkerMirroredStrategy
        ) and self.count > len(self.strategy.extended.worker_devices)
        self.is_chief = is_chief(self.strategy)

    def run(self, function, *args):
        """The value of `function(*args)` on this host's first replica; all of them run it."""
        if self.count == 1:
            return function(*args)
        values = self.strategy.run(function, args=args)
        return tf.nest.map_structure(
            lambda x: self.strategy.experimental_local_results(x)[0], values
        )

    def share(self, batch):
        """Inside `run`: this replica's rows of each tensor of a batch; scalars are for all."""
        return batch if self.count == 1 else rows_of(batch, replica_number(), self.count)

    def sum(self, value):
        """Inside `run`: the sum over all replicas, of a nest of tensors or sparse rows."""
        if self.count == 1:
            return value
        return tf.distribute.get_replica_context().all_reduce("sum", value)

    def gather(self, value):
        """Inside `run`: the rows of all replicas, in their order; of a nest of tensors."""
        if self.count == 1:
            return value
        context = tf.distribute.get_replica_context()
        return tf.nest.map_structure(
            lambda x: context.all_gather(x, axis=0) if x.shape.rank else x, value
        )

    def summed(self, function, signature=None):
        """`function(batch)`, which returns sums, as one graph over the shares of all replicas."""
        return self.traced(lambda batch: self.sum(function(self.share(batch))), signature)

    def traced(self, function, signature=None):
        """`function(batch)`, which calls the methods above, as one graph.

        Args:
            function: What each replica does.
            signature: What batches are alike in, as nested `tf.TensorSpec`s.
        """
        return tf.function(
            lambda batch: self.run(function, batch),
            input_signature=None if signature is None else [signature],
            autograph=False,
            reduce_retracing=signature is None,
        )

    def agree(self, name, text):
        """Compare a text of at most 64 bytes, such as a digest, with that of the other hosts.

        Raises:
            OptionError: They differ: the same error on each host, with both texts.
        """
        if not self.are_remote:
            return
        own = np.frombuffer(text.encode().ljust(64)[:64], np.uint8).astype(np.int32)
        gather = tf.function(
            lambda: self.run(lambda: self.gather(tf.constant(own)[None])), autograph=False
        )
        rows = gather().numpy().astype(np.uint8)
        texts = [row.tobytes().decode(errors="replace").strip() for row in rows]
        for number, other in enumerate(texts):
            if other != texts[0]:
                raise OptionError(
                    name,
                    f"must be the same on each host: replica 0 has {texts[0]}, "
                    f"replica {number} has {other}",
                )

    def wait(self):
        """Come back when all hosts have come here."""
        self.agree("TF_CONFIG", "here")

    def compare_count(self, before):
        """Warn where a run goes on that was made by another number of replicas."""
        if before != self.count:
            warnings.warn(
                f"Going on with {self.count} devices in place of {before}: the same data in the "
                "same order, though not the same numbers to the last bit.",
                stacklevel=3,
            )

    def components(self, variable):
        """`(replica, variable)` for each replica of this host."""
        variable = variable.value if isinstance(variable, keras.Variable) else variable
        if not isinstance(variable, tf.distribute.DistributedValues):
            return [(0, variable)]
        own = self.strategy.experimental_local_results(variable)
        return list(zip(self.own_replicas(len(own)), own, strict=True))

    def own_replicas(self, count):
        """The numbers of this host's replicas, which are `count`."""
        if not self.are_remote:
            return range(count)
        first = count * self.strategy.extended._id_in_cluster  # it is told nowhere else
        return range(first, first + count)

    def draw_apart(self, variables):
        """Let each replica draw noise of its own: a function of seed, step and replica.

        Keras keeps `[seed, number of the draw]`; the seed of replica `r` becomes
        `seed + r * GOLDEN`. Replica 0, whose variables are the ones saved, keeps the seed. To be
        called once after the variables were made or read.
        """
        for variable in variables:
            if self.count > 1 and getattr(variable, "path", "").endswith("seed_generator_state"):
                for replica, component in self.components(variable):
                    component.assign_add(tf.constant([replica * GOLDEN, 0], component.dtype))


class Rows:
    """A variable of which each replica holds its rows; read and written as one array.

    Args:
        replicas: A `Replicas`.
        value: All rows, as many for each replica. A scalar is the same for all.
    """

    def __init__(self, replicas, value):
        value = np.asarray(value)
        self.replicas = replicas
        self.is_cut = replicas.count > 1 and value.ndim > 0
        with replicas.strategy.scope():
            own = value[: len(value) // replicas.count] if self.is_cut else value
            self.variable = tf.Variable(tf.constant(own), trainable=False)
        self.name = self.variable.name
        self.gathered = tf.function(
            lambda: replicas.run(lambda: replicas.gather(self.variable.read_value())),
            autograph=False,
        )
        self.assign(value)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.gathered() if self.is_cut else self.variable, dtype)

    def assign(self, value):
        """Write all rows."""
        for replica, component in self.replicas.components(self.variable):
            rows = rows_of(value, replica, self.replicas.count) if self.is_cut else value
            component.assign(rows)


def replica_number():
    """Inside `Replicas.run`: the number of this replica, among those of all hosts."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group if context else 0


def rows_of(values, part, parts):
    """The rows of one of so many parts, which are as many as possible alike.

    Args:
        values: A nest of tensors. A scalar is in each part; a tuple of which not all tensors have
            rows has a method `rows_of(part, parts)` that says what is.
        part: Which, from 0.
        parts: Of how many.
    """
    if hasattr(values, "rows_of"):
        return values.rows_of(part, parts)
    if isinstance(values, list | tuple):
        own = [rows_of(value, part, parts) for value in values]
        return type(values)(*own) if hasattr(values, "_fields") else type(values)(own)
    if len(values.shape) == 0:
        return values
    rows = values.shape[0]
    if rows is None:
        rows = tf.shape(values)[0]
    elif rows % parts == 0 and tf.is_tensor(values):  # their number stays known
        size = rows // parts
        return tf.ensure_shape(values[size * part : size * (part + 1)], [size, *values.shape[1:]])
    return values[rows * part // parts : rows * (part + 1) // parts]


def fingerprint(batches):
    """A digest of the batches of an epoch: their own, or that of some of them."""
    if hasattr(batches, "digest"):
        return batches.digest
    sha = hashlib.sha256(str(batches.steps_per_epoch).encode())
    for step in np.linspace(0, batches.steps_per_epoch - 1, SAMPLES, dtype=int):
        for array in tf.nest.flatten(batches.batch(int(step))):
            sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


def is_chief(strategy=None):
    """Whether this process writes; it alone does where a run has several hosts.

    Args:
        strategy: A `tf.distribute` strategy; default: the current one.
    """
    strategy = strategy or tf.distribute.get_strategy()
    return bool(strategy.extended.should_checkpoint)
