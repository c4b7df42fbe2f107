"""Keras's Adam and gradient descent with fewer passes over the weights.

Weights and their moments are larger than a processor's cache, so an update costs what it reads and
writes. Keras's Adam is twelve operations on whole matrices; here it is one.
"""

import keras
import tensorflow as tf


class ClippedOnce:
    """Clipping by the global norm that touches the gradients only where it must."""

    def _clip_gradients(self, grads):
        if not self.global_clipnorm:
            return super()._clip_gradients(grads)
        norm, limit = global_norm(grads), tf.constant(self.global_clipnorm, tf.float32)
        return tf.cond(
            norm > limit, lambda: [scaled(x, limit / norm) for x in grads], lambda: list(grads)
        )


@keras.saving.register_keras_serializable("tfseq")
class Adam(ClippedOnce, keras.optimizers.Adam):
    """`keras.optimizers.Adam`, its arguments and its arithmetic.

        m' = m + (1 - beta_1) (g - m),    v' = v + (1 - beta_2) (g^2 - v)
        w' = w - rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m' / (sqrt(v') + epsilon)

    Reference: Kingma and Ba, 2015, arXiv:1412.6980.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its moments, all rows of it."""
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index].value, self._velocities[index].value
        kind = variable.dtype
        step = tf.cast(self.iterations.value + 1, kind)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=momentum.handle,
            v=velocity.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, kind), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, kind), step),
            lr=tf.cast(learning_rate, kind),
            beta1=tf.cast(self.beta_1, kind),
            beta2=tf.cast(self.beta_2, kind),
            epsilon=tf.cast(self.epsilon, kind),
            grad=tf.cast(tf.convert_to_tensor(gradient), kind),
        )


@keras.saving.register_keras_serializable("tfseq")
class LazyAdam(Adam):
    """Adam that leaves the rows of an embedding alone which a step has not looked up.

        m_r = b1 m_r + (1 - b1) g_r,    v_r = b2 v_r + (1 - b2) g_r^2          for each such row r
        w_r = w_r - rate sqrt(1 - b2^t) / (1 - b1^t) m_r / (sqrt(v_r) + epsilon)

    Adam itself moves all rows, also by the momentum of steps long past, so that a step costs as
    much as the whole vocabulary is large. Dense gradients are followed as by Adam. A row must stand
    once in a gradient, as `tfseq.training.Trainer` gives them.

    Reference: `tf.contrib.opt.LazyAdamOptimizer` of TensorFlow 1.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Follow one gradient."""
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        rows, values = gradient.indices, gradient.values
        place = self._get_variable_index(variable)
        averages = []
        for kept, new, decay in (
            (self._momentums[place].value, values, self.beta_1),
            (self._velocities[place].value, values * values, self.beta_2),
        ):
            old = tf.gather(kept, rows)
            averages.append(old + (new - old) * (1 - decay))
            kept.scatter_update(tf.IndexedSlices(averages[-1], rows))
        step = tf.cast(self.iterations.value + 1, values.dtype)
        rate = tf.cast(learning_rate, values.dtype)
        rate *= tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        change = rate * averages[0] / (tf.sqrt(averages[1]) + self.epsilon)
        variable.scatter_sub(tf.IndexedSlices(change, rows))


@keras.saving.register_keras_serializable("tfseq")
class SGD(ClippedOnce, keras.optimizers.SGD):
    """`keras.optimizers.SGD`, its arguments and its arithmetic.

        w' = w - rate min(1, limit / |all g|) g

    Without momentum the clip is a factor of the rate, and of an embedding only the rows that were
    looked up are touched.
    """

    def _clip_gradients(self, grads):
        if self.global_clipnorm and not self.momentum:
            return grads  # `_backend_update_step` does it
        return super()._clip_gradients(grads)

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        if self.global_clipnorm and not self.momentum:
            limit = tf.constant(self.global_clipnorm, tf.float32)
            share = limit / tf.maximum(global_norm(grads), limit)
            learning_rate = tf.cast(learning_rate, tf.float32) * share
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable, or those rows of it that have a gradient."""
        if self.momentum:
            super().update_step(gradient, variable, learning_rate)
            return
        rate = tf.cast(learning_rate, variable.dtype)
        if isinstance(gradient, tf.IndexedSlices):
            variable.scatter_sub(scaled(gradient, rate))
            return
        tf.raw_ops.ResourceApplyGradientDescent(
            var=variable.handle, alpha=rate, delta=tf.cast(gradient, variable.dtype)
        )


def global_norm(gradients):
    """The root of the sum of all squares, in float32."""
    values = [x.values if isinstance(x, tf.IndexedSlices) else x for x in gradients]
    return tf.sqrt(2 * tf.add_n([tf.cast(tf.nn.l2_loss(x), tf.float32) for x in values]))


def scaled(gradient, factor):
    """A gradient, or its rows, times a number."""
    if isinstance(gradient, tf.IndexedSlices):
        values = gradient.values * tf.cast(factor, gradient.values.dtype)
        return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
    return gradient * tf.cast(factor, gradient.dtype)
