"""The language model against its equation, one word at a time, and in Keras's own hands."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseq.cells import BasicLSTMCell, DropoutWrapper, MultiRNNCell, stack_cells
from tfseq.losses import cross_entropy
from tfseq.models import LanguageModel

IDS = np.array([[3, 1, 4, 1, 5], [2, 6, 5, 3, 0]])
MASK = np.array([[True] * 5, [True, True, False, False, False]])


def model(tied=False, embedding_size=6, units=4, cell=None, **options):
    made = LanguageModel(
        7, cell or stack_cells("basic_lstm", units, 2), embedding_size, tied=tied, **options
    )
    made.build((None, None))
    return made


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def by_hand(made, ids):
    """Logits of one row, by the equations in NumPy."""
    embeddings = made.embedding.embeddings.numpy()
    kernels = [(cell.kernel.numpy(), cell.bias.numpy()) for cell in made.cell.cells]
    states = [(np.zeros(cell.units), np.zeros(cell.units)) for cell in made.cell.cells]
    rows = []
    for word in ids:
        output = embeddings[word]
        for layer, (kernel, bias) in enumerate(kernels):
            h, c = states[layer]
            i, j, f, o = np.split(np.concatenate([output, h]) @ kernel + bias, 4)
            c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(j)
            states[layer] = (sigmoid(o) * np.tanh(c), c)
            output = states[layer][0]
        if made.projection is not None:
            output = output @ made.projection.kernel.numpy()
        softmax = (embeddings.T, made.embedding.bias) if made.tied else made.softmax.weights
        rows.append(output @ np.asarray(softmax[0]) + np.asarray(softmax[1]))
    return np.array(rows)


@pytest.mark.parametrize(("tied", "embedding_size"), [(False, 6), (True, 4), (True, 6)])
def test_logits_follow_the_equation(tied, embedding_size):
    made = model(tied, embedding_size)
    assert (made.projection is not None) == (tied and embedding_size != 4)
    np.testing.assert_allclose(made(IDS)[1], by_hand(made, IDS[1]), atol=1e-5)


def test_the_state_goes_on_from_window_to_window():
    made = model()
    whole, end = made.unroll(IDS)
    first, states = made.unroll(IDS[:, :2])
    second, states = made.unroll(IDS[:, 2:], states)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, atol=1e-6)
    for a, b in zip(keras.tree.flatten(states), keras.tree.flatten(end), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("cell", [None, BasicLSTMCell(4), keras.layers.GRUCell(4)])
def test_words_one_by_one_give_what_the_whole_gives(cell):
    made = model(cell=cell)
    states = made.get_initial_state(2)
    steps = []
    for column in IDS.T:
        logits, states = made.step(column, states)
        steps.append(logits)
    np.testing.assert_allclose(np.stack(steps, axis=1), made(IDS), atol=1e-6)


@pytest.mark.parametrize("table", [None, False, True])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("name", ["basic_lstm", "lstm", "gru", "basic_rnn", "layer_norm_gru"])
def test_a_loops_steps_give_the_same(name, tied, table):
    made = model(tied, cell=stack_cells(name, 4, 2, output_rate=0.5))
    weights = None if table is None else made.loop_weights(table=table)
    step = made.loop_step(weights)
    assert weights is None or bool(weights.cell) == (name != "layer_norm_gru")
    states = made.get_initial_state(2)
    steps = []
    for column in IDS.T:
        logits, states = step(column, states)
        steps.append(logits)
    np.testing.assert_allclose(np.stack(steps, axis=1), made(IDS), atol=1e-5)


def test_a_table_that_is_too_large_is_left_out(monkeypatch):
    made = model()
    entries = 7 * 16
    monkeypatch.setattr("tfseq.models.loop.MOST_ENTRIES", entries)
    assert made.loop_weights().words.shape == (7, 16)
    monkeypatch.setattr("tfseq.models.loop.MOST_ENTRIES", entries - 1)
    assert made.loop_weights().words == ()


@pytest.mark.parametrize(("tied", "embedding_size"), [(False, 6), (True, 4), (True, 6)])
def test_losses_and_gradients_are_those_of_the_logits_also_in_training(tied, embedding_size):
    made = model(tied, embedding_size)
    targets, weights = IDS[:, ::-1], MASK.astype("f")
    variables = [variable.value for variable in made.trainable_variables]

    def results(loss):
        with tf.GradientTape() as tape:
            losses, words, states = loss()
        gradients = map(tf.convert_to_tensor, tape.gradient(losses, variables))
        return [losses, words, *tf.nest.flatten(states), *gradients]

    def through_logits():
        logits, states = made.unroll(IDS, mask=MASK)
        return *cross_entropy(logits, targets, weights), states

    wanted = results(through_logits)
    for training in (False, True):
        found = results(
            lambda training=training: made.cross_entropy(
                IDS, targets, weights, mask=MASK, training=training
            )
        )
        for value, near in zip(found, wanted, strict=True):
            np.testing.assert_allclose(value, near, atol=1e-5)


def test_the_state_stands_still_where_the_mask_is_false():
    made = model()
    _, states = made.unroll(IDS, mask=MASK)
    _, short = made.unroll(IDS[1:, :2])
    for a, b in zip(keras.tree.flatten(states), keras.tree.flatten(short), strict=True):
        np.testing.assert_allclose(a[1:], b, atol=1e-6)


def test_tied_weights_are_one_matrix():
    tied, loose = model(tied=True, embedding_size=4), model(embedding_size=4)
    assert loose.count_params() - tied.count_params() == 7 * 4


def test_word_dropout_drops_all_places_of_a_word_alike():
    made = model(word_rate=0.5, seed=3)
    vectors = np.asarray(made.embed(np.tile(np.arange(7), (50, 1)), training=True))
    np.testing.assert_array_equal(vectors[0], vectors[49])
    dropped = ~vectors[0].any(axis=1)
    assert 0 < dropped.sum() < 7
    np.testing.assert_allclose(
        vectors[0][~dropped], made.embedding.embeddings.numpy()[~dropped] * 2, rtol=1e-5
    )
    assert np.asarray(made.embed(np.arange(7))).any(axis=1).all()


def test_keras_trains_and_saves_it(tmp_path):
    """A rule that can be learnt: each word is followed by the next id."""
    cell = MultiRNNCell([DropoutWrapper(BasicLSTMCell(8), output_rate=0.1, seed=1)])
    made = LanguageModel(7, cell, 8, seed=1)
    ids = (np.arange(6) + np.arange(7)[:, None]) % 7
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    made.compile(keras.optimizers.Adam(0.05), loss)
    made.fit(ids[:, :-1], ids[:, 1:], epochs=40, verbose=0)
    assert (np.argmax(made(ids[:, :-1]), axis=-1) == ids[:, 1:]).all()
    made.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(ids), made(ids), atol=1e-6)


def test_in_mixed_precision_the_logits_are_float32():
    made = model(tied=True, embedding_size=4, dtype="mixed_bfloat16")
    logits = made(IDS)
    assert logits.dtype == "float32"
    assert made.embedding.embeddings.dtype == "float32"
    np.testing.assert_allclose(logits[0], by_hand(made, IDS[0]), atol=0.05)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((0, 4), "vocabulary_size"), ((7, 0), "embedding_size"), ((7, 4.5), "embedding_size")],
)
def test_sizes_must_be_positive_integers(arguments, name):
    size, width = arguments
    with pytest.raises(ValueError, match=f"`{name}` must be a positive integer"):
        LanguageModel(size, BasicLSTMCell(4), width)
    with pytest.raises(ValueError, match=r"`word_rate` is the probability to drop"):
        LanguageModel(7, BasicLSTMCell(4), 4, word_rate=1.0)
