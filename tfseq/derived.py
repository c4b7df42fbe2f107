"""Tensors that follow from weights: computed once, and again when an export is loaded.

An export has the weights on disk and not what follows from them. What loads it computes that right
after it has read the weights, by the same initialisation that fills lookup tables.
"""

import uuid

import tensorflow as tf


class Derived(tf.Module):
    """A nest of tensors that follow from weights which change no more.

        loop_weights = Derived(lambda: model.loop_weights())
        step = model.loop_step(loop_weights.read())          in any graph

    They live as long as the process: who holds a signature alone of what he has loaded has them.

    Args:
        compute: A function of no arguments that returns the nest. An export's module must track
            the variables that it reads.
    """

    def __init__(self, compute):
        super().__init__()
        values = tf.function(compute, autograph=False)()
        self.tensors = [
            _DerivedTensor(lambda place=place: tf.nest.flatten(compute())[place], value)
            for place, value in enumerate(tf.nest.flatten(values))
        ]
        # Not as an attribute: what a module holds is tracked, and this need not be.
        self.read = lambda: tf.nest.pack_sequence_as(values, [x.read() for x in self.tensors])


class _DerivedTensor(tf.saved_model.experimental.TrackableResource):
    """One of them: a variable that no checkpoint knows."""

    def __init__(self, compute, value):
        super().__init__()
        self.compute = compute
        self.shape, self.dtype = value.shape, value.dtype
        self.name = f"derived_{uuid.uuid4()}"
        self.assign(value)

    def assign(self, value):
        """Hold this value."""
        tf.raw_ops.AssignVariableOp(resource=self.resource_handle, value=value)

    def read(self):
        """The value."""
        value = tf.raw_ops.ReadVariableOp(resource=self.resource_handle, dtype=self.dtype)
        return tf.ensure_shape(value, self.shape)

    def _create_resource(self):
        return tf.raw_ops.VarHandleOp(dtype=self.dtype, shape=self.shape, shared_name=self.name)

    def _initialize(self):
        self.assign(self.compute())
