"""Learning rates at the steps where they can be told by heart."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.optimizers import Warmup, cosine, make_optimizer


def rates(steps=(0, 5, 10), **options):
    optimizer = make_optimizer("sgd", 0.8, total_steps=10, **options)
    found = []
    for step in steps:
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return found


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.8, 0.8, 0.8]),
        ("linear", [0.8, 0.4, 0.0]),
        ("cosine", [0.8, 0.4, 0.0]),
        ("exponential", [0.8, 0.08, 0.008]),
    ],
)
def test_schedules_go_where_they_say(schedule, expected):
    np.testing.assert_allclose(rates(schedule=schedule), expected, atol=1e-7)


def test_the_learning_rate_rises_first():
    found = rates(range(5), schedule="constant", warmup_steps=4)
    np.testing.assert_allclose(found, [0.2, 0.4, 0.6, 0.8, 0.8], rtol=1e-6)


def test_a_schedule_comes_back_from_its_config():
    schedule = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(Warmup(cosine(0.8, 10), 4))
    )
    np.testing.assert_allclose(schedule(1), Warmup(cosine(0.8, 10), 4)(1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, [3.0, 4.0]), ({"clip_norm": 1.0}, [0.6, 0.8]), ({"clip_value": 1.0}, [1.0, 1.0])],
)
def test_gradients_are_clipped_by_norm_or_by_element(options, expected):
    variable = keras.Variable(np.zeros(2, "f"))
    optimizer = make_optimizer("sgd", 1.0, total_steps=10, **options)
    optimizer.apply([keras.ops.array([3.0, 4.0])], [variable])
    np.testing.assert_allclose(-variable.numpy(), expected, rtol=1e-6)


def followed(name, gradients, **options):
    """Where five rows are after some steps."""
    variable = keras.Variable(np.arange(10, dtype="f").reshape(5, 2))
    optimizer = make_optimizer(name, 0.1, total_steps=10, **options)
    for gradient in gradients:
        optimizer.apply([gradient], [variable])
    return variable.numpy()


DENSE = [np.random.default_rng(step).normal(size=[5, 2]).astype("f") for step in range(3)]


@pytest.mark.parametrize("options", [{}, {"clip_norm": 0.5}, {"clip_value": 0.2}])
def test_lazy_adam_is_adam_where_each_row_is_looked_up(options):
    expected = followed("adam", [tf.constant(g) for g in DENSE], **options)
    order = np.array([3, 0, 4, 1, 2])
    slices = [tf.IndexedSlices(g[order], tf.constant(order), [5, 2]) for g in DENSE]
    np.testing.assert_allclose(followed("lazy_adam", slices, **options), expected, rtol=1e-4)
    same = followed("lazy_adam", [tf.constant(g) for g in DENSE], **options)
    np.testing.assert_allclose(same, expected, rtol=1e-4)


def test_lazy_adam_leaves_other_rows_alone():
    rows = [[3, 1], [1], [1, 3]]
    slices = [
        tf.IndexedSlices(g[chosen], tf.constant(chosen), [5, 2])
        for g, chosen in zip(DENSE, rows, strict=True)
    ]
    found = followed("lazy_adam", slices)
    np.testing.assert_array_equal(found[[0, 2, 4]], [[0, 1], [4, 5], [8, 9]])
    expected = followed("adam", [tf.constant(g) for g in DENSE])[1]
    np.testing.assert_allclose(found[1], expected, rtol=1e-4)
    # By hand: row 3 is as if its second gradient had not been, but for the time that has passed.
    m, v, weights = np.zeros(2), np.zeros(2), np.array([6.0, 7.0])
    for step, gradient in ((1, DENSE[0][3]), (3, DENSE[2][3])):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        rate = 0.1 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        weights = weights - rate * m / (np.sqrt(v) + 1e-7)
    np.testing.assert_allclose(found[3], weights, rtol=1e-6)


def test_unknown_names_are_answered_with_the_known():
    with pytest.raises(ValueError, match=r"`name` must be one of \['adam', 'lazy_adam', 'sgd'\]"):
        make_optimizer("adagrad", 1.0, total_steps=1)
    with pytest.raises(ValueError, match=r"`schedule` must be one of .*'linear'"):
        make_optimizer("sgd", 1.0, schedule="step", total_steps=1)
