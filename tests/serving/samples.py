"""SavedModels of a few operations, to try the server's own rules on."""

import shutil

import numpy as np
import tensorflow as tf


class Sample(tf.Module):
    """What comes in goes out, with the number of the version.

    Args:
        number: Of the version.
    """

    def __init__(self, number):
        super().__init__()
        self.number = tf.Variable(number)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def version(self, text):
        return {"version": tf.zeros_like(text, tf.int32) + self.number, "text": text}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, "x")])
    def half(self, x):
        return {"y": x / 2}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([None], tf.int32, "count"),
        ]
    )
    def mixed(self, text, count):
        return {
            "text": text,
            "copy_bytes": text,
            "count": count,
            "rows": tf.fill(tf.shape(count), tf.size(count)),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "x")])
    def checked(self, x):
        with tf.control_dependencies([tf.debugging.assert_positive(x, "x is not positive")]):
            return {"y": tf.identity(x)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "x")])
    def slow(self, x):
        (left,) = tf.while_loop(lambda left: left > 0, lambda left: left - 1, [tf.reduce_max(x)])
        return {"y": x + left}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "x")])
    def scalar(self, x):
        return {"y": tf.reduce_sum(x)}


SIGNATURES = ("half", "mixed", "checked", "slow", "scalar")


def write_version(base, number):
    """One version of the sample, written aside and then named, as an export is."""
    sample = Sample(number)
    signatures = {"serving_default": sample.version}
    signatures.update({name: getattr(sample, name) for name in SIGNATURES})
    aside = base.parent / f"{base.name}-{number}.partial"
    tf.saved_model.save(sample, aside, signatures=signatures)
    base.mkdir(exist_ok=True)
    return aside.rename(base / str(number))


def copy_version(old, new, damage=None):
    """One version's folder under another number; `damage(folder)` before it is named so."""
    aside = new.parent.parent / f"{new.parent.name}-{new.name}.partial"
    shutil.copytree(old, aside)
    if damage:
        damage(aside)
    new.parent.mkdir(exist_ok=True)
    return aside.rename(new)


def cut_graph(folder):
    """Half of a graph: a copy that was broken off."""
    graph = folder / "saved_model.pb"
    content = graph.read_bytes()
    graph.write_bytes(content[: len(content) // 2])


def wrong_weights(folder):
    """Weights that do not belong to the graph."""
    (folder / "variables" / "variables.index").write_bytes(np.arange(99, dtype="u1").tobytes())


def wrong_warm_up(folder):
    """A warm-up request that the model cannot answer."""
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.inputs["no_such"].CopyFrom(tf.make_tensor_proto(["x"]))
    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(log.SerializeToString())
