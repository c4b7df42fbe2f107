"""The loop: ends, limits, held rows, pieces, gradients, and an export run in a session."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import GreedySampler, Progress, RandomSampler, TeacherSampler, decode, seen_ids

#        end   a    b    c
TABLE = [[0.1, 0.7, 0.1, 0.1],   # after end: would go on if it were asked
         [0.1, 0.2, 0.6, 0.1],   # after a: b
         [0.2, 0.1, 0.1, 0.6],   # after b: c
         [0.9, 0.1, 0.0, 0.0]]  # after c: end  # fmt: skip
END, A, B, C = range(4)


def greedy(step, starts, **options):
    options = {"max_steps": 9, **options}
    sampler = GreedySampler(tf.constant(starts), END)
    return decode(step, sampler, tf.zeros([len(starts), 1]), **options)


def random_decode(step, count, max_steps, progress=None):
    """Random choice with everything on, from the start or from where it stopped."""
    sampler = RandomSampler(
        tf.ones([count], tf.int32),
        end_id=0,
        seeds=tf.range(count) + 50,
        temperature=tf.linspace(0.5, 1.5, count),
        top_k=7,
        top_p=0.95,
        repetition_penalty=1.2,
        forbidden=[2],
        seen=tf.zeros([count, 11], tf.bool),
    )
    states = (tf.zeros([count, 3]), [tf.zeros([count], tf.int32)])
    return decode(step, sampler, progress or states, max_steps=max_steps)


def test_rows_end_with_their_end_token_and_emit_pad_after_it(chain):
    decoded, _ = greedy(chain(TABLE), [A, C, B])
    assert decoded.ids.numpy().tolist() == [[B, C, END], [END, 0, 0], [C, END, 0]]
    assert decoded.lengths.numpy().tolist() == [3, 1, 2]
    assert decoded.finished.numpy().tolist() == [True, True, True]


def test_log_probabilities_are_those_of_the_model_and_zero_after_the_end(chain):
    decoded, _ = greedy(chain(TABLE), [A, C, B])
    expected = [[0.6, 0.6, 0.9], [0.9, 1, 1], [0.6, 0.9, 1]]
    np.testing.assert_allclose(tf.exp(decoded.log_probabilities), expected, rtol=1e-5)


def test_log_probabilities_know_no_temperature_and_no_filter(chain):
    sampler = RandomSampler(tf.constant([A]), END, 0, temperature=0.3, forbidden=[B])
    decoded, _ = decode(chain(TABLE), sampler, tf.zeros([1, 1]), max_steps=1)
    expected = TABLE[A][decoded.ids.numpy()[0, 0]]
    np.testing.assert_allclose(tf.exp(decoded.log_probabilities), [[expected]], rtol=1e-5)


def test_a_decode_that_is_compiled_gives_the_same(chain, recurrent):
    for run in (
        lambda: greedy(chain(TABLE), [A, C, B]),
        lambda: random_decode(recurrent, 3, 6),
    ):
        compiled, progress = tf.function(run, jit_compile=True, autograph=False)()
        decoded, expected = run()
        assert compiled.ids.numpy().tolist() == decoded.ids.numpy().tolist()
        near = {"atol": 1e-5}
        np.testing.assert_allclose(compiled.log_probabilities, decoded.log_probabilities, **near)
        for one, other in zip(*map(tf.nest.flatten, (progress, expected)), strict=True):
            np.testing.assert_allclose(one, other, **near)


def test_states_of_a_row_that_has_ended_are_held(chain):
    _, progress = greedy(chain(TABLE), [A, C, B])
    assert progress.states.numpy().tolist() == [[3], [1], [2]]
    assert progress.time.numpy().tolist() == [3, 1, 2]
    assert progress.inputs.numpy().tolist() == [END, END, END]


def test_no_more_steps_are_run_than_the_longest_row_needs(chain):
    count = tf.Variable(0)

    def counting(inputs, states, memory):
        count.assign_add(1)
        return chain(TABLE)(inputs, states, memory)

    greedy(counting, [C, B])
    assert count.numpy() == 2


def test_max_steps_cuts_and_says_so(chain):
    decoded, _ = greedy(chain(TABLE), [A, C], max_steps=tf.constant(2))
    assert decoded.ids.numpy().tolist() == [[B, C], [END, 0]]
    assert decoded.finished.numpy().tolist() == [False, True]


def test_each_row_has_its_own_longest_length(chain):
    decoded, progress = greedy(chain(TABLE), [A, A, A, A], max_lengths=tf.constant([2, 9, 0, 1]))
    assert decoded.ids.numpy().tolist() == [[B, C, 0], [B, C, END], [0, 0, 0], [B, 0, 0]]
    assert decoded.lengths.numpy().tolist() == [2, 3, 0, 1]
    assert decoded.finished.numpy().tolist() == [False, True, False, False]
    assert progress.states.numpy().tolist() == [[2], [3], [0], [1]]


def test_a_row_cut_by_its_limit_goes_on_under_a_greater_one(chain):
    limited, progress = greedy(chain(TABLE), [A, C], max_lengths=tf.constant([1, 1]))
    sampler = GreedySampler(tf.constant([A, C]), END)
    rest, _ = decode(chain(TABLE), sampler, progress, max_steps=9)
    assert limited.ids.numpy().tolist() == [[B], [END]]
    assert rest.ids.numpy().tolist() == [[C, END], [0, 0]]


def test_one_step_of_pad_is_run_where_all_rows_have_ended(chain):
    _, progress = greedy(chain(TABLE), [C, C])
    sampler = GreedySampler(tf.constant([C, C]), END)
    decoded, after = decode(chain(TABLE), sampler, progress, max_steps=9)
    assert decoded.ids.numpy().tolist() == [[0], [0]]
    assert decoded.lengths.numpy().tolist() == [0, 0]
    assert after.states.numpy().tolist() == progress.states.numpy().tolist()


def test_without_an_end_token_rows_run_on(chain):
    sampler = GreedySampler(tf.constant([A]), -1)
    decoded, _ = decode(chain(TABLE), sampler, tf.zeros([1, 1]), max_steps=5)
    assert decoded.ids.numpy().tolist() == [[B, C, END, A, B]]


def test_what_is_watched_is_recorded_and_zero_after_the_end(chain):
    decoded, _ = greedy(chain(TABLE), [A, C], watch=lambda logits, states: tf.exp(logits))
    expected = [[TABLE[A], TABLE[B], TABLE[C]], [TABLE[C], [0] * 4, [0] * 4]]
    np.testing.assert_allclose(decoded.watched, expected, rtol=1e-5)
    assert greedy(chain(TABLE), [A])[0].watched is None


def test_memory_reaches_every_step(chain):
    def step(inputs, states, memory):
        return memory["bonus"] + tf.one_hot(inputs, 4), states

    sampler = GreedySampler(tf.constant([A, A]), -1)
    memory = {"bonus": tf.constant([[0.0, 0, 0, 2], [0, 0, 2, 0]])}
    decoded, _ = decode(step, sampler, tf.zeros([2, 1]), memory, max_steps=2)
    assert decoded.ids.numpy().tolist() == [[C, C], [B, B]]


def test_pieces_are_what_one_long_call_gives(recurrent):
    whole, last = random_decode(recurrent, 5, 24)
    pieces, progress = [], None
    for _ in range(4):
        piece, progress = random_decode(recurrent, 5, 6, progress)
        pieces.append(np.pad(piece.ids, [(0, 0), (0, 6 - piece.ids.shape[1])]))
    steps = whole.ids.shape[1]
    assert whole.lengths.numpy().max() > 6
    assert np.concatenate(pieces, axis=1)[:, :steps].tolist() == whole.ids.numpy().tolist()
    tf.nest.map_structure(np.testing.assert_array_equal, progress, last)


def test_pieces_keep_to_a_limit_counted_from_the_start(chain):
    table = np.roll(np.eye(4), 1, axis=1)
    sampler, limits = GreedySampler(tf.constant([A, A]), -1), tf.constant([5, 3])
    progress, ids = tf.zeros([2, 1]), []
    for _ in range(3):
        piece, progress = decode(chain(table), sampler, progress, max_steps=2, max_lengths=limits)
        ids.append(piece.ids.numpy())
    assert np.concatenate(ids, axis=1).tolist() == [[2, 3, 0, 1, 2], [2, 3, 0, 0, 0]]


def test_eager_and_graph_agree(recurrent):
    eager = random_decode(recurrent, 4, 10)
    graph = tf.function(lambda: random_decode(recurrent, 4, 10))()
    assert isinstance(graph[1], Progress)
    tf.nest.map_structure(np.testing.assert_array_equal, eager[0].ids, graph[0].ids)
    assert np.asarray(eager[1].states[1][0]).tolist() == np.asarray(graph[1].states[1][0]).tolist()


def test_a_row_is_the_same_among_longer_neighbours(recurrent):
    _, together = random_decode(recurrent, 5, 30)
    states = (tf.zeros([1, 3]), [tf.zeros([1], tf.int32)])
    for row, temperature in enumerate(np.linspace(0.5, 1.5, 5)):
        sampler = RandomSampler(
            tf.ones([1], tf.int32), 0, 50 + row, temperature, 7, 0.95, 1.2, [2],
            tf.zeros([1, 11], tf.bool),
        )  # fmt: skip
        _, alone = decode(recurrent, sampler, states, max_steps=30)
        assert alone.time.numpy()[0] == together.time.numpy()[row]
        np.testing.assert_array_equal(alone.states[0][0], together.states[0][row])
        np.testing.assert_array_equal(alone.choices[0], together.choices[row])


def test_gradients_reach_the_weights_through_the_loop():
    weights = tf.Variable([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]])

    def step(inputs, states, memory):
        states = tf.tanh(states + tf.cast(inputs, tf.float32)[:, None] * weights[:, 0])
        return states @ weights, states

    ids, lengths = np.array([[1, 2, 0], [2, 0, 0]]), [3, 1]

    @tf.function
    def loss():
        sampler = TeacherSampler(tf.constant([1, 2]), tf.constant(ids), tf.constant(lengths))
        decoded, _ = decode(step, sampler, tf.zeros([2, 2]), max_steps=3)
        return tf.reduce_sum(decoded.log_probabilities)

    with tf.GradientTape() as tape:
        value = loss()
    gradient = tape.gradient(value, weights)

    with tf.GradientTape() as tape:
        total = 0.0
        for row in range(2):
            states, last = tf.zeros([1, 2]), tf.constant([[1, 2][row]])
            for time in range(lengths[row]):
                logits, states = step(last, states, ())
                last = tf.constant([ids[row, time]])
                total += tf.nn.log_softmax(logits)[0, ids[row, time]]
    np.testing.assert_allclose(value, total, rtol=1e-5)
    np.testing.assert_allclose(gradient, tape.gradient(total, weights), rtol=1e-4)


def test_bfloat16_logits_are_decoded(chain):
    step = chain(TABLE)

    def half(inputs, states, memory):
        logits, states = step(inputs, states, memory)
        return tf.cast(logits, tf.bfloat16), states

    decoded, _ = greedy(half, [A, C], watch=lambda logits, states: logits)
    assert decoded.ids.numpy().tolist() == [[B, C, END], [END, 0, 0]]
    assert decoded.watched.dtype == tf.float32


@dataclasses.dataclass(frozen=True, eq=False)
class SecondBestSampler:
    """The example of the samplers' documentation."""

    start_ids: tf.Tensor

    def start(self):
        return self.start_ids, tf.zeros_like(self.start_ids, tf.bool), ()

    def choose(self, logits, time, state):
        ids = tf.math.top_k(logits, 2).indices[:, 1]
        return ids, tf.equal(ids, 3), state


def test_a_sampler_of_ones_own_is_two_methods(chain):
    sampler = SecondBestSampler(tf.constant([A, END]))
    decoded, _ = decode(chain(TABLE), sampler, tf.zeros([2, 1]), max_steps=4)
    assert decoded.ids.numpy().tolist() == [[A, A, A, A], [END, END, END, END]]


def test_fewer_than_one_step_is_refused(chain):
    with pytest.raises(ValueError, match=r"`max_steps` must be at least 1\. Received: max_steps=0"):
        greedy(chain(TABLE), [A], max_steps=0)


def test_an_export_decodes_in_a_session(recurrent, tmp_path):
    names = ("start_ids", "seeds", "temperature", "top_p", "repetition_penalty", "max_lengths")
    types = (tf.int32, tf.int64, tf.float32, tf.float32, tf.float32, tf.int32)

    def generate(start_ids, max_lengths, **options):
        seen = seen_ids(start_ids[:, None], 11)
        sampler = RandomSampler(start_ids, 0, seen=seen, **options)
        states = (tf.zeros([tf.size(start_ids), 3]), [tf.zeros_like(start_ids)])
        decoded, _ = decode(recurrent, sampler, states, max_steps=40, max_lengths=max_lengths)
        return {"ids": decoded.ids, "lengths": decoded.lengths}

    values = (
        [1, 2, 3],
        [4, -5, 2**40],
        [1.0, 0.0, 1.5],
        [0.9, 1.0, 1.0],
        [1.1, 1.0, 1.3],
        [9, 4, 7],
    )
    feeds = {n: np.array(v, t.as_numpy_dtype) for n, v, t in zip(names, values, types, strict=True)}
    here = generate(**{name: tf.constant(value) for name, value in feeds.items()})
    assert here["lengths"].numpy().max() > 2

    specs = {n: tf.TensorSpec([None], t, name=n) for n, t in zip(names, types, strict=True)}
    module = tf.Module()
    module.generate = tf.function(generate)
    signature = module.generate.get_concrete_function(**specs)
    tf.saved_model.save(module, str(tmp_path), signatures=signature)
    graph = tf.Graph()
    with tf.compat.v1.Session(graph=graph) as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(tmp_path))
        signature = meta.signature_def["serving_default"]
        fetches = {name: info.name for name, info in signature.outputs.items()}
        fed = {signature.inputs[name].name: value for name, value in feeds.items()}
        there = session.run(fetches, fed)
        alone = session.run(fetches, {name: value[:1] for name, value in fed.items()})
    assert there["ids"].tolist() == here["ids"].numpy().tolist()
    steps = alone["ids"].shape[1]
    assert alone["ids"].tolist() == there["ids"][:1, :steps].tolist()
