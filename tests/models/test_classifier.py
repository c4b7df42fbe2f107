"""A text as one vector: each pooling by hand, and what padding may not change."""

import keras
import numpy as np
import pytest

from tfseq.cells import CELLS
from tfseq.models import ENCODERS, POOLINGS, Classifier, Embedding, Encoder, encoder_cells
from tfseq.models.pooling import highest_annotation, mean_annotation

IDS = np.array([[4, 2, 6, 1], [3, 5, 0, 0]], np.int32)
MASK = IDS != 0
RANDOM = np.random.default_rng(1)
ANNOTATIONS = RANDOM.normal(size=(3, 4, 2)).astype("f") - 3  # below 0: padding is not the highest
REAL = np.array([[True] * 4, [True, True, False, False], [False] * 4])


def make(pooling="last", kind="bidirectional", cell="gru", merge="concat", layers=1, **options):
    keras.utils.set_random_seed(1)
    cells = encoder_cells(kind, cell, 8, layers)
    encoder = Encoder(Embedding(7, 3, limit=1.0, seed=1), cells, merge=merge)
    made = Classifier(encoder, 4, pooling=pooling, **options)
    made.build()
    return made


def test_the_mean_and_the_highest_are_over_real_words():
    annotations = ANNOTATIONS * REAL[..., None]
    mean, highest = (f(annotations, REAL) for f in (mean_annotation, highest_annotation))
    np.testing.assert_allclose(mean[0], ANNOTATIONS[0].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(mean[1], ANNOTATIONS[1, :2].mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(highest[0], ANNOTATIONS[0].max(axis=0))
    np.testing.assert_array_equal(highest[1], ANNOTATIONS[1, :2].max(axis=0))
    for pooled in (mean, highest):
        np.testing.assert_array_equal(pooled[2], 0)
    for pool in (mean_annotation, highest_annotation):
        np.testing.assert_allclose(pool(ANNOTATIONS), pool(ANNOTATIONS, np.ones_like(REAL)))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_logits_are_a_softmax_layer_over_what_is_pooled(pooling):
    made = make(pooling)
    reading = made.encoder.read(IDS, MASK)
    vectors = {
        "last": np.asarray(reading.last),
        "mean": np.sum(reading.annotations, axis=1) / [[4], [2]],
        "max": np.stack(
            [row[:n].numpy().max(0) for row, n in zip(reading[0], (4, 2), strict=True)]
        ),
    }
    vectors["mean_max"] = np.concatenate([vectors["mean"], vectors["max"]], axis=1)
    kernel, bias = (np.asarray(weight) for weight in made.softmax.weights)
    np.testing.assert_allclose(made(IDS, mask=MASK), vectors[pooling] @ kernel + bias, atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("merge", ["concat", "sum"])
@pytest.mark.parametrize("kind", ENCODERS)
def test_a_row_is_the_same_alone_and_beside_a_longer_one(kind, merge, pooling):
    """The lesson of packed sequences."""
    made = make(pooling, kind, merge=merge, layers=2)
    np.testing.assert_allclose(
        made(IDS, mask=MASK)[1:], made(IDS[1:, :2], mask=MASK[1:, :2]), atol=1e-6
    )
    assert np.abs(made(IDS, mask=MASK)[1] - made(IDS)[1]).max() > 1e-3  # unmasked it is not


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_any_cell_of_the_registry_reads_a_text(cell):
    made = make("max", cell=cell)
    both = made(IDS, mask=MASK)
    np.testing.assert_allclose(both[1:], made(IDS[1:, :2], mask=MASK[1:, :2]), atol=1e-6)
    assert np.isfinite(both).all()


def test_dropout_is_for_training():
    made = make("last", rate=0.5, seed=3)
    kept = np.asarray(made(IDS, mask=MASK))
    np.testing.assert_array_equal(made(IDS, mask=MASK), kept)
    assert np.abs(made(IDS, mask=MASK, training=True) - kept).max() > 1e-3


def test_keras_trains_and_saves_it(tmp_path):
    """A rule that can be learnt: the label is the first word, read last."""
    made = Classifier(
        Encoder(Embedding(7, 8, limit=1.0, seed=1), encoder_cells("unidirectional", "gru", 9, 1)), 3
    )
    ids = RANDOM.integers(1, 7, [60, 5])
    labels = ids[:, 0] % 3
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    made.compile(keras.optimizers.Adam(0.03), loss)
    made.fit(ids, labels, epochs=25, verbose=0)
    assert np.mean(np.argmax(made(ids), axis=1) == labels) > 0.95
    made.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(ids), made(ids), atol=1e-6)


def test_in_mixed_precision_the_logits_are_float32():
    encoder = Encoder(Embedding(7, 3), encoder_cells("bidirectional", "gru", 5, 1))
    assert Classifier(encoder, 4, dtype="mixed_bfloat16")(IDS, mask=MASK).dtype == "float32"


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match="`pooling` must be one of last, mean, max"):
        make("first")
    with pytest.raises(ValueError, match="`classes` must be a positive integer"):
        Classifier(make().encoder, 0)
