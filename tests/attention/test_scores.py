"""Each score against its equation in NumPy, and what all mechanisms make of scores."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.attention import ATTENTIONS, Memory, make_attention

BATCH, TIME, DEPTH, UNITS, WIDTH = 3, 5, 4, 6, 7
MASK = np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)


def softmax_over_real(scores, mask):
    """Row by row over the real positions alone; zeros where there is none."""
    weights = np.zeros_like(scores)
    for row, real in enumerate(mask):
        if real.any():
            grown = np.exp(scores[row, real] - scores[row, real].max())
            weights[row, real] = grown / grown.sum()
    return weights


def dot(w, query, value):
    return query @ value


def scaled_dot(w, query, value):
    return query @ value / np.sqrt(len(value))


def luong(w, query, value):
    return query @ (value @ w["memory_layer"])


def scaled_luong(w, query, value):
    return w["attention_g"] * luong(w, query, value)


def bilinear(w, query, value):
    return query @ w["query_layer"] @ value


def bahdanau(w, query, value):
    hidden = np.tanh(value @ w["memory_layer"] + query @ w["query_layer"])
    return w["attention_v"] @ hidden


def concat(w, query, value):
    joined = np.vstack([w["query_layer"], w["memory_layer"]])
    hidden = np.tanh(np.hstack([query, value]) @ joined + w["attention_b"])
    return w["attention_v"] @ hidden


def normalized_bahdanau(w, query, value):
    hidden = np.tanh(value @ w["memory_layer"] + query @ w["query_layer"] + w["attention_b"])
    direction = w["attention_v"] / np.linalg.norm(w["attention_v"])
    return w["attention_g"] * direction @ hidden


#             equation             units  width of the query
EQUATIONS = {
    "dot": (dot, None, DEPTH),
    "scaled_dot": (scaled_dot, DEPTH, DEPTH),
    "luong": (luong, UNITS, UNITS),
    "scaled_luong": (scaled_luong, UNITS, UNITS),
    "bilinear": (bilinear, None, WIDTH),
    "concat": (concat, UNITS, WIDTH),
    "bahdanau": (bahdanau, UNITS, WIDTH),
    "normalized_bahdanau": (normalized_bahdanau, UNITS, WIDTH),
}
each_score = pytest.mark.parametrize("name", EQUATIONS)


def some_values(seed=0):
    """Values with nonsense on the padding, which nobody must see."""
    values = np.random.default_rng(seed).normal(size=(BATCH, TIME, DEPTH)).astype("float32")
    return np.where(MASK[:, :, None], values, np.nan)


def some_queries(name, rows=BATCH, seed=1):
    width = EQUATIONS[name][2]
    return np.random.default_rng(seed).normal(size=(rows, width)).astype("float32")


def make(name, seed=2, **options):
    """A mechanism with weights that are not what they are at first, and the weights by name."""
    _, units, width = EQUATIONS[name]
    mechanism = make_attention(name, units, **options)
    mechanism.build_memory(DEPTH)
    mechanism.build((None, width))
    random, weights = np.random.default_rng(seed), {}
    for variable in mechanism.weights:
        variable.assign(random.normal(size=variable.shape))
        names = variable.path.split("/")
        weights[names[-2] if names[-1] == "kernel" else names[-1]] = variable.numpy()
    return mechanism, weights


def test_each_name_has_an_equation_or_is_monotonic():
    assert set(ATTENTIONS) == {*EQUATIONS, "luong_monotonic", "bahdanau_monotonic"}


@each_score
def test_weights_and_context_are_those_of_the_equation(name):
    mechanism, weights = make(name)
    values, queries = some_values(), some_queries(name)
    scores = np.array(
        [
            [EQUATIONS[name][0](weights, query, value) for value in np.nan_to_num(row)]
            for query, row in zip(queries, values, strict=True)
        ]
    )
    wanted = softmax_over_real(scores, MASK)
    context, found = mechanism(queries, mechanism.memorize(values, MASK))
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    np.testing.assert_allclose(
        context, np.einsum("bt,btd->bd", wanted, np.nan_to_num(values)), atol=1e-5
    )


@each_score
def test_weights_are_exactly_zero_on_padding_and_sum_to_one_over_real_positions(name):
    mechanism, _ = make(name)
    context, weights = mechanism(some_queries(name), mechanism.memorize(some_values(), MASK))
    assert np.all(np.asarray(weights)[~MASK] == 0)
    np.testing.assert_allclose(np.sum(weights, axis=-1), MASK.any(axis=-1), atol=1e-6)
    assert not np.any(context[1])


@each_score
@pytest.mark.parametrize("probability", ["softmax", "hardmax"])
def test_gradients_stay_finite_beside_a_source_without_a_real_position(name, probability):
    mechanism, _ = make(name, probability=probability)
    values, queries = tf.constant(some_values()), tf.constant(some_queries(name))
    with tf.GradientTape() as tape:
        tape.watch([values, queries])
        context, weights = mechanism(queries, mechanism.memorize(values, MASK))
        loss = tf.reduce_sum(context**2) + tf.reduce_sum(weights**2)
    watched = [values, queries, *(weight.value for weight in mechanism.trainable_weights)]
    gradients = tape.gradient(loss, watched, unconnected_gradients="zero")
    assert all(np.all(np.isfinite(gradient)) for gradient in gradients)
    assert np.any(gradients[0][2])
    assert not np.any(np.asarray(gradients[0])[~MASK])
    assert np.any(gradients[1]) == (probability == "softmax")


@each_score
def test_hardmax_takes_the_value_with_the_highest_weight(name):
    queries, values = some_queries(name), some_values()
    soft, hard = make(name)[0], make(name, probability="hardmax")[0]
    _, weights = soft(queries, soft.memorize(values, MASK))
    context, choice = hard(queries, hard.memorize(values, MASK))
    best = np.argmax(weights, axis=-1)
    for row in (0, 2):
        assert np.array_equal(choice[row], np.eye(TIME)[best[row]])
        np.testing.assert_array_equal(context[row], values[row, best[row]])
    assert not np.any(choice[1])
    assert not np.any(context[1])


@each_score
@pytest.mark.parametrize("beams", [1, 3])
def test_the_beams_of_a_source_see_what_they_would_see_with_a_copy_each(name, beams):
    mechanism, _ = make(name)
    queries = some_queries(name, rows=BATCH * beams)
    memory = mechanism.memorize(some_values(), MASK)
    copies = Memory(*(tf.repeat(part, beams, axis=0) for part in memory))
    wanted = mechanism(queries, copies)
    for found in (mechanism(queries, memory), in_graph(mechanism)(queries, *memory)):
        np.testing.assert_allclose(found[0], wanted[0], atol=1e-6)
        np.testing.assert_allclose(found[1], wanted[1], atol=1e-6)


def in_graph(mechanism):
    """A look in a graph that knows no size but the widths."""

    @tf.function
    def look(query, keys, values, mask):
        return mechanism(query, Memory(keys, values, mask))

    def call(query, keys, values, mask):
        specs = [
            tf.TensorSpec([None] * (len(x.shape) - 1) + list(x.shape[-1:]), x.dtype)
            for x in (query, keys, values)
        ]
        concrete = look.get_concrete_function(*specs, tf.TensorSpec((None, None), tf.bool))
        return concrete(tf.constant(query), keys, values, mask)

    return call


def test_shapes_are_static_where_those_of_query_and_memory_are():
    mechanism, _ = make("bahdanau")
    memory = mechanism.memorize(some_values(), MASK)

    @tf.function
    def look(query):
        context, weights = mechanism(query, memory)
        assert context.shape == (2 * BATCH, DEPTH)
        assert weights.shape == (2 * BATCH, TIME)
        return context

    look(some_queries("bahdanau", rows=2 * BATCH))


@each_score
def test_its_config_makes_the_same_mechanism(name):
    mechanism, _ = make(name, probability="hardmax")
    again = type(mechanism).from_config(mechanism.get_config())
    assert again.get_config() == mechanism.get_config()
    again.build_from_config(mechanism.get_build_config())
    names = [weight.path for weight in mechanism.weights]
    assert [weight.path for weight in again.weights] == names


@each_score
def test_scores_become_weights_in_float32_under_mixed_precision(name):
    mechanism, _ = make(name, dtype="mixed_float16")
    memory = mechanism.memorize(some_values(), MASK)
    context, weights = mechanism(some_queries(name), memory)
    assert {x.dtype for x in (memory.keys, memory.values, context, weights)} == {tf.float16}
    seen = []
    mechanism.weigh = lambda scores, *_, **__: seen.append(scores.dtype) or scores
    mechanism(some_queries(name), memory)
    assert seen == [tf.float32]
    assert {weight.dtype for weight in mechanism.weights} <= {"float32"}
    exact, _ = make(name)
    wanted = exact(some_queries(name), exact.memorize(some_values(), MASK))
    np.testing.assert_allclose(weights, wanted[1], atol=0.02)


def test_bilinear_is_luong_with_the_projection_on_the_other_side():
    bilinear, weights = make("bilinear")
    luong = make_attention("luong", WIDTH)
    luong.build_memory(DEPTH)
    luong.memory_layer.kernel.assign(weights["query_layer"].T)
    queries, values = some_queries("bilinear"), some_values()
    wanted = luong(queries, luong.memorize(values, MASK))
    found = bilinear(queries, bilinear.memorize(values, MASK))
    np.testing.assert_allclose(found[1], wanted[1], atol=1e-5)


def test_weights_start_where_tensorflow_1_starts_them():
    mechanism = make_attention("normalized_bahdanau", UNITS)
    mechanism(some_queries("bahdanau"), mechanism.memorize(some_values(), MASK))
    assert float(mechanism.attention_g) == pytest.approx(np.sqrt(1 / UNITS))
    assert not np.any(mechanism.attention_b)
    scaled = make_attention("scaled_luong", UNITS)
    scaled(some_queries("luong"), scaled.memorize(some_values(), MASK))
    assert float(scaled.attention_g) == 1


def test_a_product_of_unequal_widths_is_refused_with_both():
    for name, units in (("luong", UNITS), ("dot", None)):
        mechanism = make_attention(name, units)
        memory = mechanism.memorize(some_values(), MASK)
        with pytest.raises(ValueError, match=f"width {WIDTH}, keys of width {units or DEPTH}"):
            mechanism(np.zeros((BATCH, WIDTH), "float32"), memory)


def test_units_must_be_the_depth_where_the_keys_are_the_values():
    for name in ("dot", "bilinear"):
        with pytest.raises(ValueError, match=f"units={UNITS}, values of depth {DEPTH}"):
            make_attention(name, UNITS).memorize(some_values(), MASK)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"bahdanau, bahdanau_monotonic.*name='badanau'"):
        make_attention("badanau", UNITS)
