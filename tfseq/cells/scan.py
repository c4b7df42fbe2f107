"""A loop over time whose gradient is written by hand, and what such a gradient is made of.

A loop of steps multiplies small matrices. What does not depend on the step before is done for all
steps in one product: before the loop forward the inputs with their weights, after the loop backward
the gradients of weights, biases and inputs. The loop backward multiplies with transposed weights,
which are laid out once.

Values and first derivatives are those of the steps. Second derivatives are refused.
"""

import tensorflow as tf

from tfseq.products import matmul, rounded

CLOSED, OPEN = -1e4, 1e4  # where a sigmoid is exactly 0 and exactly 1, also in float16


def scan(step, inputs, states, widths, reverse=False):
    """A loop over time that keeps nothing for a gradient.

        written[t], states = step(t, states)

    Args:
        step: `step(time, states) -> (written, states)`, two lists.
        inputs: `[time, batch, ...]`: how many steps there are, and how many rows.
        states: List of `[batch, ...]`.
        widths: The width of each tensor that a step writes.
        reverse: Whether to go from the last step to the first.

    Returns:
        `(written, states)`: for each width a tensor `[time, batch, width]`, in the order of time,
        and the states after the last step taken.
    """
    steps, rows = leading_sizes(inputs)
    kind = inputs.dtype
    # Raw lists: a `TensorArray` without a single step cannot be stacked where rows are dynamic.
    lists = [
        tf.raw_ops.TensorListReserve(
            element_shape=[rows, width], num_elements=steps, element_dtype=kind
        )
        for width in widths
    ]

    def body(count, lists, states):
        time = steps - 1 - count if reverse else count
        written, states = step(time, states)
        lists = [
            tf.raw_ops.TensorListSetItem(input_handle=handle, index=time, item=item)
            for handle, item in zip(lists, written, strict=True)
        ]
        return count + 1, lists, states

    start = (tf.constant(0), lists, list(states))
    _, lists, states = tf.while_loop(
        lambda count, *_: count < steps, body, start, maximum_iterations=steps
    )
    written = [
        tf.raw_ops.TensorListStack(
            input_handle=handle,
            element_shape=[rows, width],
            element_dtype=kind,
            num_elements=steps if isinstance(steps, int) else -1,
        )
        for handle, width in zip(lists, widths, strict=True)
    ]
    return written, states


def leading_sizes(inputs):
    """The first two sizes of a tensor, as integers where they are known."""
    dynamic = tf.shape(inputs)
    return [dynamic[i] if size is None else size for i, size in enumerate(inputs.shape[:2])]


def multiplier(matrix, transpose=False):
    """`rows -> rows W` or `rows -> rows W^T`, for every step: the matrix is laid out once."""
    matrix = tf.transpose(matrix) if transpose else matrix
    width, matrix = matrix.shape[1], rounded(spaced(matrix))
    return lambda rows: tf.cast(tf.matmul(rounded(rows), matrix), rows.dtype)[:, :width]


def project(inputs, kernel, transpose=False):
    """All steps times one matrix: `[time, batch, depth]` to `[time, batch, width]`."""
    width = kernel.shape[0 if transpose else 1]
    rows = tf.reshape(inputs, [-1, inputs.shape[-1]])
    products = matmul(rows, kernel, transpose_b=transpose)
    return tf.reshape(products, [*leading_sizes(inputs), width])


def kernel_gradient(inputs, gradients):
    """The sum over time and rows of `x^T dz`: the gradient of a matrix that each step used."""
    rows, gradients = (tf.reshape(x, [-1, x.shape[-1]]) for x in (inputs, gradients))
    width = gradients.shape[1]
    return matmul(rows, spaced(gradients), transpose_a=True)[:, :width]


def spaced(matrix):
    """The matrix; beside it columns of zeros, if a product would take up to twice as long.

    Rows a multiple of 2048 bytes apart fall on the same few lines of a processor's cache.
    """
    return matrix if matrix.shape[1] % 512 else tf.pad(matrix, [[0, 0], [0, 16]])


def bias_gradient(gradients):
    """The sum over time and rows."""
    return tf.reduce_sum(gradients, [0, 1])


def first_state(inputs, state):
    """The state, which must have a row for each row of the inputs."""
    return tf.reshape(state, [leading_sizes(inputs)[1], state.shape[-1]])


def entries(mask, width):
    """A mask `[time, batch]` as `[time, batch, width]`, which a step need not spread anew."""
    return None if mask is None else tf.tile(mask[:, :, None], [1, 1, width])


def first_derivatives(*gradients):
    """The gradients, which refuse to be differentiated: the rule by hand holds no second ones."""
    message = "A whole sequence has first derivatives only. For second ones: RNN(stepwise=True)."
    return tuple(tf.raw_ops.PreventGradient(input=x, message=message) for x in gradients)
