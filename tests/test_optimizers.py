"""Learning rates at the steps where they can be told by heart."""

import keras
import numpy as np
import pytest

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


def test_unknown_names_are_answered_with_the_known():
    with pytest.raises(ValueError, match=r"`name` must be one of \['adam', 'sgd'\]"):
        make_optimizer("adagrad", 1.0, total_steps=1)
    with pytest.raises(ValueError, match=r"`schedule` must be one of .*'linear'"):
        make_optimizer("sgd", 1.0, schedule="step", total_steps=1)
