"""What an attention mechanism of TensorFlow 1 is: it holds a memory, and is asked.

The arithmetic is that of `tfseq.attention`; the mechanisms by name are in `tfseq.tf1.mechanisms`.
"""

import tensorflow as tf

from tfseq.attention import Memory
from tfseq.tf1.cells import snake_case
from tfseq.tf1.checks import require, vector


class AttentionMechanism(tf.Module):
    """What looks at a memory; subclass it to have one of your own.

    A subclass has `values`, `alignments_size`, `state_size`, and
    `__call__(query, state) -> (alignments, next_state)`.
    """

    @property
    def values(self):
        """`[batch, time, depth]`, what a context is made of."""
        raise NotImplementedError("A mechanism must have `values`.")

    @property
    def alignments_size(self):
        """How long the memory is."""
        return self.values.shape[1] or tf.shape(self.values)[1]

    @property
    def state_size(self):
        """How long the state is: as the alignments."""
        return self.alignments_size

    def initial_alignments(self, batch_size, dtype):
        """Zeros, `[batch_size, alignments_size]`."""
        return tf.zeros([batch_size, self.alignments_size], dtype)

    def initial_state(self, batch_size, dtype):
        """The state before the first look: the initial alignments."""
        return self.initial_alignments(batch_size, dtype)

    def __call__(self, query, state):
        """`(alignments, next_state)`."""
        raise NotImplementedError("A mechanism must define `__call__(query, state)`.")


class LibraryMechanism(AttentionMechanism):
    """A mechanism of `tfseq.attention` with a memory.

    Args:
        mechanism: The mechanism.
        memory: `[batch, time, depth]`; `None`: `setup_memory` gives it later.
        memory_sequence_length: Integers `[batch]`; `None`: all of the memory is real.
        custom_key_value_fn: `f(keys, values) -> (keys, values)`, what is looked at instead.
        name: Scope of the variables' names.
    """

    def __init__(
        self, mechanism, memory, memory_sequence_length=None, custom_key_value_fn=None, name=None
    ):
        super().__init__(name=snake_case(name or type(self).__name__))
        self.mechanism = mechanism
        self._custom_key_value_fn = custom_key_value_fn
        self.memory = None
        if memory is not None:
            self.setup_memory(memory, memory_sequence_length)

    def setup_memory(self, memory, memory_sequence_length=None, memory_mask=None):
        """Look at another memory from now on, with the same variables.

        TensorFlow 1 built its graph once, and fed it. Where the same code runs for each batch,
        make the mechanism once and call this for each.

        Args:
            memory: `[batch, time, depth]`.
            memory_sequence_length: Integers `[batch]`; `None`: all of the memory is real.
            memory_mask: Boolean `[batch, time]`, in place of lengths, as in TensorFlow Addons; it
                may have gaps.

        Raises:
            ValueError: Both lengths and a mask; `memory_sequence_length` is no vector of as many
                rows as the memory has.
            InvalidArgumentError: In eager code, a row without a real position.
        """
        memory = tf.convert_to_tensor(memory)
        if memory_mask is not None and memory_sequence_length is not None:
            raise ValueError(
                "`memory_mask` must not be given with `memory_sequence_length`. Received: both"
            )
        mask = None if memory_mask is None else tf.cast(memory_mask, tf.bool)
        if memory_sequence_length is not None:
            lengths = self._checked(memory_sequence_length, memory)
            mask = tf.sequence_mask(lengths, tf.shape(memory)[1])
        elif mask is not None and tf.executing_eagerly():
            real = tf.reduce_all(tf.reduce_any(mask, axis=1))
            require(real, "`memory_mask` must have a real position in each row.")
        keys, values, mask = self.mechanism.memorize(memory, mask)
        if self._custom_key_value_fn is not None:
            keys, values = self._custom_key_value_fn(keys, values)
        self.memory = Memory(keys, values, mask)

    def _checked(self, lengths, memory):
        lengths, rows = vector(lengths, "memory_sequence_length"), memory.shape[0]
        if not lengths.shape.is_compatible_with([rows]):
            raise ValueError(
                "`memory_sequence_length` must have one length for each row of the memory. "
                f"Received: {lengths.shape[0]} lengths for {rows} rows"
            )
        if tf.executing_eagerly():  # a graph gives an empty row no weights, in place of NaN
            require(
                tf.reduce_all(lengths > 0),
                "`memory_sequence_length` must be above 0 in each row. "
                f"Received: memory_sequence_length={lengths.numpy().tolist()}",
            )
        return lengths

    @property
    def keys(self):
        """`[batch, time, num_units]`."""
        return self.memory.keys

    @property
    def values(self):
        """`[batch, time, depth]`, zero past the lengths."""
        return self.memory.values

    @property
    def batch_size(self):
        """Of the memory."""
        return tf.shape(self.memory.keys)[0]

    @property
    def memory_layer(self):
        """From the memory to the keys."""
        return self.mechanism.memory_layer

    @property
    def query_layer(self):
        """From the query to what is compared with the keys; `None` without one."""
        return getattr(self.mechanism, "query_layer", None)

    def initial_alignments(self, batch_size, dtype):
        """As the mechanism has them."""
        return tf.cast(self.mechanism.initial_weights(batch_size, self.memory), dtype)

    def __call__(self, query, state):
        """`(alignments, alignments)`."""
        self.ensure_built(query.shape)
        _, weights = self.mechanism(query, self.memory, state, training=True)
        return weights, weights

    def ensure_built(self, query_shape):
        """Make the variables for such queries."""
        if not self.mechanism.built:
            with tf.init_scope():
                self.mechanism.build(tuple(query_shape))
                self.mechanism.built = True

    def named_variables(self, suffix=""):
        """`{TF1 name: variable}`."""
        found = {}
        for variable in self.mechanism.trainable_variables:
            layer = variable.path.split("/")[-2] if "/" in variable.path else ""
            if variable is self.memory_layer.kernel:
                found[f"memory_layer{suffix}/kernel"] = variable.value
            elif layer == "query_layer":
                found[f"{self.name}/query_layer/kernel"] = variable.value
            else:
                found[f"{self.name}/{variable.name}"] = variable.value
        return found
