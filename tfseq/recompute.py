"""Less memory for more time: what a gradient needs is computed again when it is asked for."""

import tensorflow as tf
from tensorflow.python.eager import record


def recomputed(function, tensors, seeds=()):
    """`function(*tensors)`, of which nothing but `tensors` is kept for the gradient.

    Backward, the function is run once more, with the noise that it drew before.

    Args:
        function: From tensors to a nest of tensors; it may read variables and draw noise.
        tensors: Nest of tensors, the function's arguments.
        seeds: The variables that its noise is drawn by, each of which a draw changes.

    Reference: Chen et al., 2016, "Training deep nets with sublinear memory cost", arXiv:1604.06174.
    """
    structure = []

    def flat(*values):
        result = function(*tf.nest.pack_sequence_as(tensors, values))
        structure[:] = [result]
        return tf.nest.flatten(result)

    @tf.custom_gradient
    def run(*values):
        before = [tf.identity(seed) for seed in seeds]
        with record.stop_recording():  # or a graph of its own would hand out all that is in it
            outputs = flat(*values)

        def gradient(*by, variables=()):
            # Only now, and not along with the first time, with which it would otherwise be merged.
            with tf.control_dependencies(by):
                again = [tf.identity(value) for value in values]
                after = [tf.identity(seed) for seed in seeds]
            with tf.control_dependencies([*again, *after]):
                set_all(seeds, before)
                with tf.GradientTape() as tape:
                    tape.watch(again)
                    outputs = flat(*again)
                found = tape.gradient(outputs, [*again, *variables], list(by))
            with tf.control_dependencies(outputs):
                set_all(seeds, after)
            own, others = found[: len(values)], found[len(values) :]
            return (own, others) if variables else own

        return outputs, gradient

    found = run(*(tf.convert_to_tensor(value) for value in tf.nest.flatten(tensors)))
    return tf.nest.pack_sequence_as(structure[0], tf.nest.flatten(found))


def set_all(variables, values):
    """Give variables their values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def seeds_of(layer):
    """The variables that a layer's noise is drawn by."""
    return [v.value for v in layer.variables if v.path.endswith("seed_generator_state")]
