"""Products in bfloat16: nearly those of float32, refused where the processor lacks them."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq import products
from tfseq.cells import stack_cells
from tfseq.models import LanguageModel
from tfseq.optimizers import make_optimizer

IDS = np.array([[1, 2, 3, 4, 5, 6], [3, 4, 5, 6, 7, 8]])


@pytest.fixture
def bfloat16(monkeypatch):
    """Products in bfloat16 while a test lasts, also where they are only imitated."""
    monkeypatch.setattr(products, "_chosen", products.matmul_precision())
    monkeypatch.setattr(products, "has_bfloat16", lambda: True)
    products.set_matmul_precision("bfloat16")


def test_operands_are_rounded_and_the_result_is_not_half_as_wide(bfloat16):
    a, b = tf.constant([[1.0, 2**-9]]), tf.constant([[1 + 2**-9], [1.0]])
    found = products.matmul(a, b)
    assert found.dtype == tf.float32
    assert found.numpy() == 1.0  # 1 + 2^-9 has nine bits; its sum with 2^-9 is rounded to eight
    assert products.matmul(tf.cast(a, tf.float64), tf.cast(b, tf.float64)).dtype == tf.float64


def test_float32_is_exact_and_the_default():
    assert products.matmul_precision() == "float32"
    a, b = tf.constant([[1.0, 2**-9]]), tf.constant([[1 + 2**-9], [1.0]])
    assert products.matmul(a, b).numpy() == 1 + 2**-8


def losses():
    """Of a small model that learns two rows by heart."""
    tf.keras.utils.set_random_seed(3)
    model = LanguageModel(9, stack_cells("basic_lstm", 24, 2), 16, seed=1)
    model.build((None, None))
    optimizer = make_optimizer("adam", 0.02, total_steps=1, clip_norm=1.0)
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            ones = tf.ones([2, 5])
            found, words, _ = model.cross_entropy(IDS[:, :-1], IDS[:, 1:], ones, training=True)
            loss = found / words
        gradients = tape.gradient(loss, variables)
        assert {gradient.dtype for gradient in gradients} == {tf.float32}
        optimizer.apply(gradients, variables)
        return loss

    return np.array([step() for _ in range(80)])


def test_a_model_converges_as_in_float32(bfloat16):
    rough = losses()
    products.set_matmul_precision("float32")
    exact = losses()
    assert not np.array_equal(rough, exact)
    assert exact[0] > 2
    np.testing.assert_allclose(rough[:10], exact[:10], rtol=0.02)
    assert rough[-1] < 0.1
    assert abs(rough[-1] - exact[-1]) < 0.02


def test_another_name_and_a_processor_without_it_are_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"`precision` must be one of float32, bfloat16. Received"):
        products.set_matmul_precision("float16")
    monkeypatch.setattr(products, "has_bfloat16", lambda: False)
    with pytest.raises(ValueError, match=r"`precision` may be 'bfloat16' where .* Received"):
        products.set_matmul_precision("bfloat16")
    assert products.matmul_precision() == "float32"
