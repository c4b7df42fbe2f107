"""Monotonic attention: against all ways of reading, and as a mechanism."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.attention import make_attention, monotonic_attention, safe_cumprod

BATCH, TIME, DEPTH, WIDTH = 2, 5, 3, 4
MASK = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], bool)
NAMES = ["luong_monotonic", "bahdanau_monotonic"]
MODES = ["parallel", "recursive", "hard"]
each_name = pytest.mark.parametrize("name", NAMES)


def some_values():
    return np.random.default_rng(0).normal(size=(BATCH, TIME, DEPTH)).astype("float32")


def some_queries():
    return np.random.default_rng(1).normal(size=(BATCH, WIDTH)).astype("float32")


def by_walking(p, previous):
    """The chance to stop at each position, over all starts and all ways on."""
    stopped = np.zeros_like(p)
    for start, chance in enumerate(previous):
        for position in range(start, len(p)):
            stopped[position] += chance * p[position]
            chance *= 1 - p[position]
    return stopped


@pytest.mark.parametrize("mode", ["parallel", "recursive"])
def test_the_weights_are_the_chances_of_all_ways_of_reading(mode):
    random = np.random.default_rng(2)
    p = random.uniform(0.05, 0.95, size=(3, 6)).astype("float32")
    previous = random.dirichlet(np.ones(6), size=3).astype("float32")
    wanted = [by_walking(*row) for row in zip(p, previous, strict=True)]
    np.testing.assert_allclose(monotonic_attention(p, previous, mode), wanted, atol=1e-5)


#          p, which is the choice      stood at   stops at
WALKS = [
    ([0, 1, 0, 1, 0], 0, 1),
    ([0, 1, 0, 1, 0], 1, 1),
    ([0, 1, 0, 1, 0], 2, 3),
    ([0, 1, 0, 1, 0], 4, None),
    ([0, 0, 0, 0, 0], 0, None),
    ([1, 1, 1, 1, 1], 3, 3),
]


@pytest.mark.parametrize("mode", ["hard", "recursive"])
@pytest.mark.parametrize(("choice", "stood", "stops"), WALKS)
def test_a_hard_reader_stops_at_the_first_choice_from_where_it_stood(choice, stood, stops, mode):
    p, previous = np.array([choice], "float32"), np.eye(5, dtype="float32")[[stood]]
    wanted = np.zeros(5) if stops is None else np.eye(5)[stops]
    np.testing.assert_array_equal(monotonic_attention(p, previous, mode)[0], wanted)


def test_the_safe_product_is_the_product_and_has_finite_gradients_at_zero():
    values = tf.constant([[0.5, 0.8, 0.0, 0.25], [1.0, 0.1, 0.2, 0.5]])
    np.testing.assert_allclose(safe_cumprod(values), np.cumprod(values, axis=-1), atol=1e-6)
    with tf.GradientTape() as tape:
        tape.watch(values)
        product = safe_cumprod(values, exclusive=True)
    wanted = [[1, 0.5, 0.4, 0], [1, 1, 0.1, 0.02]]
    np.testing.assert_allclose(product, wanted, atol=1e-6)
    assert np.all(np.isfinite(tape.gradient(product, values)))


@each_name
@pytest.mark.parametrize("mode", MODES)
def test_a_step_walks_on_by_the_sigmoids_of_the_scores(name, mode):
    mechanism = make_attention(name, WIDTH, mode=mode, score_bias_init=-0.5)
    memory = mechanism.memorize(some_values(), MASK)
    first = mechanism.initial_weights(BATCH, memory)
    np.testing.assert_array_equal(first, [[1, 0, 0, 0, 0]] * BATCH)
    context, weights = mechanism(some_queries(), memory, first)
    scores = np.asarray(mechanism.score(some_queries()[:, None], memory.keys))[:, 0]
    p = np.where(MASK, scores > 0 if mode == "hard" else 1 / (1 + np.exp(-scores)), 0.0)
    wanted = [by_walking(*row) for row in zip(p, np.asarray(first), strict=True)]
    np.testing.assert_allclose(weights, wanted, atol=1e-5)
    np.testing.assert_allclose(context, np.einsum("bt,btd->bd", weights, memory.values), atol=1e-6)
    assert np.all(np.asarray(weights)[~MASK] == 0)


@each_name
def test_the_score_bias_is_added_to_each_score(name):
    plain = make_attention(name.removesuffix("_monotonic"), WIDTH)
    biased = make_attention(name, WIDTH, score_bias_init=-4.0)
    for mechanism in (plain, biased):
        mechanism.build_memory(DEPTH)
        mechanism.build((None, WIDTH))
    for weight in plain.weights:
        weight.assign(
            {w.path.split("/", 1)[-1]: w for w in biased.weights}[weight.path.split("/", 1)[-1]]
        )
    keys, query = plain.memorize(some_values()).keys, some_queries()[:, None]
    np.testing.assert_allclose(biased.score(query, keys), plain.score(query, keys) - 4.0, atol=1e-5)


@each_name
@pytest.mark.parametrize("mode", MODES)
def test_beams_walk_on_from_their_own_weights(name, mode):
    mechanism = make_attention(name, WIDTH, mode=mode)
    memory = mechanism.memorize(some_values(), MASK)
    queries = np.random.default_rng(3).normal(size=(BATCH * 3, WIDTH)).astype("float32")
    previous = np.eye(TIME, dtype="float32")[[0, 1, 2, 2, 0, 3]]
    found = mechanism(queries, memory, previous)
    copies = type(memory)(*(tf.repeat(part, 3, axis=0) for part in memory))
    for part, wanted in zip(found, mechanism(queries, copies, previous), strict=True):
        np.testing.assert_allclose(part, wanted, atol=1e-6)


@each_name
@pytest.mark.parametrize("mode", ["parallel", "recursive"])
def test_gradients_are_finite_also_beside_an_empty_source(name, mode):
    check_gradients(name, mode, jit_compile=False)


def test_the_loop_over_the_source_compiles_with_its_gradient():
    check_gradients("luong_monotonic", "recursive", jit_compile=True)


def check_gradients(name, mode, jit_compile):
    mechanism = make_attention(name, WIDTH, mode=mode, sigmoid_noise=1.0)
    mask = MASK & np.array([[False], [True]])
    previous = tf.constant(np.random.default_rng(4).dirichlet(np.ones(TIME), 2), tf.float32)
    mechanism(some_queries(), mechanism.memorize(some_values(), mask), previous)

    @tf.function(jit_compile=jit_compile)
    def step(values, queries, previous):
        with tf.GradientTape() as tape:
            tape.watch([values, queries, previous])
            memory = mechanism.memorize(values, mask)
            context, weights = mechanism(queries, memory, previous, training=True)
            loss = tf.reduce_sum(context**2) + tf.reduce_sum(weights**2)
        watched = [values, queries, previous, *(w.value for w in mechanism.trainable_weights)]
        return tape.gradient(loss, watched), weights

    inputs = tf.constant(some_values()), tf.constant(some_queries()), previous
    gradients, weights = step(*inputs)
    assert all(np.all(np.isfinite(x)) and np.any(x) for x in gradients)
    assert not np.any(weights[0])


@each_name
def test_noise_is_drawn_in_training_only_and_a_seed_repeats_it(name):
    def run(mechanism, training):
        memory = mechanism.memorize(some_values(), MASK)
        first = mechanism.initial_weights(BATCH, memory)
        return mechanism(some_queries(), memory, first, training=training)[1].numpy()

    make = lambda: make_attention(name, WIDTH, sigmoid_noise=2.0, seed=7)  # noqa: E731
    one, other = make(), make()
    still = run(one, False)
    np.testing.assert_array_equal(run(one, False), still)
    for mechanism in (one, other):
        run(mechanism, False)
        mechanism.set_weights(one.get_weights())
        mechanism.seed_generator.state.assign([7, 0])
    noisy = run(one, True)
    assert np.abs(noisy - still).max() > 0.01
    np.testing.assert_array_equal(run(other, True), noisy)
    assert np.abs(run(one, True) - noisy).max() > 0.01


@each_name
def test_its_config_makes_the_same_mechanism(name):
    options = {"mode": "recursive", "sigmoid_noise": 0.5, "score_bias_init": -1.0, "seed": 3}
    mechanism = make_attention(name, WIDTH, **options)
    config = mechanism.get_config()
    assert options.items() <= config.items()
    assert type(mechanism).from_config(config).get_config() == config


def test_bad_options_and_missing_weights_are_refused():
    with pytest.raises(ValueError, match=r"one of parallel, recursive, hard.*mode='soft'"):
        make_attention("luong_monotonic", WIDTH, mode="soft")
    with pytest.raises(ValueError, match="one of parallel, recursive, hard"):
        monotonic_attention(np.ones((1, 2)), np.ones((1, 2)), "soft")
    mechanism = make_attention("luong_monotonic", WIDTH)
    with pytest.raises(ValueError, match="`previous_weights` must be given"):
        mechanism(some_queries(), mechanism.memorize(some_values()))
