"""One step of training: losses, gradients and the update, on one device or several."""

import numpy as np
import tensorflow as tf

from tfseq.optimizers import inner_optimizer
from tfseq.replicas import Rows, rows_of


class GradientStep:
    """Follows the gradient of the mean loss of a word, `sum(losses) / sum(weights)`.

    Both sums are over all replicas, so that one with fewer words does not count for more. The
    gradients are summed before they are clipped, and each replica makes the same update.

    Args:
        model: The Keras model to train.
        optimizer: A built Keras optimizer.
        loss: `loss(batch, states, training) -> (sum of losses, sum of weights, new states)`.
        replicas: A `Replicas`.
        states: What the loss carries from step to step, at the first one.
        signature: What batches are alike in, as nested `tf.TensorSpec`s.
        pieces: Rows are read in so many pieces one after the other, which takes less memory; the
            gradient is that of all of them.

    Attributes:
        states: The states as variables, by `replicas.Rows`.
        sums: `[losses, weights]` since it was last set to zero, a variable.
    """

    def __init__(self, model, optimizer, loss, replicas, states=(), signature=None, pieces=1):
        self.model = model
        self.optimizer = optimizer
        self.loss = loss
        self.replicas = replicas
        self.pieces = pieces
        self.states = tf.nest.map_structure(lambda x: Rows(replicas, x), states)
        with replicas.strategy.scope():
            self.sums = tf.Variable(tf.zeros(2), trainable=False)
        if replicas.count > 1:
            keep_sums(optimizer)
        self.traced = tf.function(
            lambda batch, due: replicas.run(self.update, batch, due),
            input_signature=None
            if signature is None
            else [signature, tf.TensorSpec([], tf.float32)],
            autograph=False,
            reduce_retracing=signature is None,
        )

    def __call__(self, batch, due=False):
        """Make one step: `(losses, weights, due)`, the sums as they are now.

        With `due` the chief asks for what all must do together; all are told.
        """
        asked = np.float32(due and self.replicas.is_chief)
        losses, weights, asked = self.traced(batch, asked).numpy()
        return losses, weights, asked > 0

    def update(self, batch, due):
        """The part of a step that one replica does."""
        batch = self.replicas.share(batch)
        states = tf.nest.map_structure(lambda rows: rows.variable.read_value(), self.states)
        variables = self.model.trainable_variables
        if self.pieces == 1:
            sums, gradients, states = self.whole(batch, states, due)
        else:
            sums, gradients, states = self.in_pieces(batch, states, due)
        self.optimizer.apply(gradients, variables)
        tf.nest.map_structure(lambda rows, new: rows.variable.assign(new), self.states, states)
        return tf.concat([self.sums.assign_add(sums[:2]), sums[2:]], axis=0)

    def whole(self, batch, states, due):
        """`([losses, weights, due], gradients, new states)` of all rows at once."""
        with tf.GradientTape() as tape:
            losses, weights, states = self.loss(batch, states, training=True)
            sums = self.replicas.sum(tf.stack([tf.stop_gradient(losses), weights, due]))
            mean = self.optimizer.scale_loss(tf.math.divide_no_nan(losses, sums[1]))
        gradients = tape.gradient(mean, self.model.trainable_variables)
        return sums, self.over_replicas(gradients), states

    def in_pieces(self, batch, states, due):
        """The same, read a piece after the other: gradients of all variables are dense."""
        flat_states = tf.nest.flatten(states)

        def body(piece, sums, gradients, parts):
            own, old = (rows_of(x, piece, self.pieces) for x in (batch, states))
            own_sums, found, new = self.piece(own, old)
            gradients = [total + x for total, x in zip(gradients, found, strict=True)]
            new = zip(parts, tf.nest.flatten(new), strict=True)
            parts = [part.write(piece, state) for part, state in new]
            return piece + 1, sums + own_sums, gradients, parts

        zeros = [tf.zeros(x.shape, x.dtype) for x in self.model.trainable_variables]
        parts = [parts_of(state, self.pieces) for state in flat_states]
        _, sums, gradients, parts = tf.while_loop(
            lambda piece, *_: piece < self.pieces,
            body,
            (0, tf.zeros(2), zeros, parts),
            parallel_iterations=1,
        )
        new = [
            part.concat() if state.shape.rank else part.read(self.pieces - 1)
            for part, state in zip(parts, flat_states, strict=True)
        ]
        sums = self.replicas.sum(tf.concat([sums, [due]], 0))
        means = [tf.math.divide_no_nan(x, tf.cast(sums[1], x.dtype)) for x in gradients]
        return sums, self.over_replicas(means), tf.nest.pack_sequence_as(states, new)

    def piece(self, batch, states):
        """`([losses, weights], gradients, new states)` of some rows; gradients of the sum."""
        with tf.GradientTape() as tape:
            losses, weights, states = self.loss(batch, states, training=True)
            mean = self.optimizer.scale_loss(tf.math.divide_no_nan(losses, weights))
        none = tf.UnconnectedGradients.ZERO
        found = tape.gradient(mean, self.model.trainable_variables, unconnected_gradients=none)
        found = [tf.cast(weights, x.dtype) * x for x in map(tf.convert_to_tensor, found)]
        return tf.stack([losses, weights]), found, states

    def over_replicas(self, gradients):
        """Each gradient summed over the replicas; an embedding's with each row once."""
        known = [gradient for gradient in gradients if gradient is not None]
        if self.replicas.count > 1:  # fewer rows are sent
            known = [summed_rows(gradient) for gradient in known]
        summed = iter(self.replicas.sum(known))
        return [None if x is None else summed_rows(next(summed)) for x in gradients]


def parts_of(state, pieces):
    """An array for the rows of a state, which the pieces have not as many of."""
    shape = [None, *state.shape[1:]] if state.shape.rank else []
    return tf.TensorArray(state.dtype, pieces, infer_shape=False, element_shape=shape)


def summed_rows(gradient):
    """The gradient, with one entry for a row of an embedding that was looked up several times.

    Keras's optimizers square and clip the entries as they come, where a row's gradient is the sum
    of its entries: the second moment of a frequent word would be too small, and its steps too
    great.
    """
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


def keep_sums(optimizer):
    """Tell a Keras optimizer that the gradients it is given are summed over all replicas."""
    inner_optimizer(optimizer)._all_reduce_sum_gradients = lambda pairs: pairs
