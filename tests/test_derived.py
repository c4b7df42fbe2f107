"""What follows from weights: computed once, and anew when an export is loaded."""

import numpy as np
import tensorflow as tf

from tfseq.derived import Derived


class Squares(tf.Module):
    def __init__(self):
        super().__init__()
        self.weights = tf.Variable([1.0, 2.0, 3.0])
        self.ahead = Derived(lambda: {"squares": self.weights**2, "sum": self.sum()})

    def sum(self):
        return tf.reduce_sum(self.weights)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "places")])
    def share(self, places):
        found = self.ahead.read()
        return {"share": tf.gather(found["squares"], places) / found["sum"]}


def test_it_is_computed_once():
    module = Squares()
    module.weights.assign([5.0, 5.0, 5.0])
    np.testing.assert_allclose(module.share([2, 0])["share"], [9 / 6, 1 / 6], rtol=1e-6)


def test_it_is_not_on_disk_and_computed_when_an_export_is_loaded(tmp_path):
    module = Squares()
    tf.saved_model.save(module, tmp_path, {"share": module.share})
    held = tf.train.list_variables(str(tmp_path / "variables" / "variables"))
    assert [shape for name, shape in held if "weights" in name] == [[3]]
    assert not any("ahead" in name for name, _ in held)
    loaded = tf.saved_model.load(tmp_path).signatures["share"](places=tf.constant([1]))
    np.testing.assert_allclose(loaded["share"], [4 / 6], rtol=1e-6)
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        graph = tf.compat.v1.saved_model.load(session, ["serve"], str(tmp_path))
        signature = graph.signature_def["share"]
        fetched = signature.outputs["share"].name
        found = session.run(fetched, {signature.inputs["places"].name: [0, 2]})
    np.testing.assert_allclose(found, [1 / 6, 9 / 6], rtol=1e-6)
