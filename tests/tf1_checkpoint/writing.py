"""Checkpoints of TensorFlow 1 that a test writes itself."""

import tensorflow as tf

v1 = tf.compat.v1


def write(path, arrays):
    """Write arrays by name, as `tf.train.Saver` does; return the prefix."""
    tensors = [tf.convert_to_tensor(array) for array in arrays.values()]
    tf.raw_ops.SaveV2(
        prefix=str(path),
        tensor_names=list(arrays),
        shape_and_slices=[""] * len(arrays),
        tensors=tensors,
    )
    return str(path)


def train_and_save(path, make_loss, step=lambda loss: [], variables=None, **options):
    """Build a graph, run one step in a session, save with `tf.train.Saver`.

    Args:
        path: Prefix of the checkpoint.
        make_loss: Makes variables, returns a loss.
        step: From the loss to operations that are run once, in order.
        variables: A function that says what is saved; by default all variables are.
        **options: Of the saver.

    Returns:
        `(prefix, {name: value})` with the values of all variables afterwards.
    """
    with tf.Graph().as_default(), v1.Session() as session:
        v1.set_random_seed(7)
        operations = step(make_loss())
        session.run(v1.global_variables_initializer())
        for operation in operations:
            session.run(operation)
        saver = v1.train.Saver(None if variables is None else variables(), **options)
        values = {v.op.name: session.run(v) for v in v1.global_variables()}
        return saver.save(session, str(path)), values
