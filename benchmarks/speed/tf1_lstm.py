"""TensorFlow 1.15 as its tutorials had it: `dynamic_rnn`, `MultiRNNCell`, `BasicLSTMCell`."""

# ruff: noqa: B905, UP031 this runs under Python 3.7

import tensorflow as tf

from benchmarks.speed.contender import CLIP, RATE, serve


def make(task, threads):
    """Embedding, LSTM layers, softmax; clip by global norm, gradient descent; state carried."""
    ids = tf.constant(task["ids"])
    rows, units = task["ids"].shape[0], task["bias_0"].shape[0] // 4
    layers = sum(name.startswith("kernel_") for name in task)
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(units) for _ in range(layers)])
    embedding = tf.Variable(task["embedding"])
    zeros = tf.zeros([rows, units])
    kept = [[tf.Variable(zeros, trainable=False) for _ in range(2)] for _ in range(layers)]
    before = tuple(tf.nn.rnn_cell.LSTMStateTuple(*pair) for pair in kept)
    inputs = tf.nn.embedding_lookup(embedding, ids[:, :-1])
    outputs, after = tf.nn.dynamic_rnn(cell, inputs, initial_state=before)
    kernel, bias = tf.Variable(task["softmax_kernel"]), tf.Variable(task["softmax_bias"])
    logits = tf.nn.xw_plus_b(tf.reshape(outputs, [-1, units]), kernel, bias)
    targets = tf.reshape(ids[:, 1:], [-1])
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    loss = tf.reduce_mean(losses)
    variables = tf.compat.v1.trainable_variables()
    gradients, _ = tf.clip_by_global_norm(tf.gradients(loss, variables), CLIP)
    optimizer = tf.compat.v1.train.GradientDescentOptimizer(RATE)
    updates = [optimizer.apply_gradients(zip(gradients, variables))]
    with tf.control_dependencies(gradients[:1]):
        for old, new in zip(kept, after):
            updates += [old[0].assign(new.c), old[1].assign(new.h)]
    session = tf.compat.v1.Session(
        config=tf.compat.v1.ConfigProto(
            intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
        )
    )
    session.run(tf.compat.v1.global_variables_initializer())
    for layer, one in enumerate(cell._cells):
        session.run(
            [
                one.weights[i].assign(task["%s_%d" % (name, layer)])
                for i, name in enumerate(("kernel", "bias"))
            ]
        )
    return lambda: session.run([loss, *updates])[0]


if __name__ == "__main__":
    serve(make)
