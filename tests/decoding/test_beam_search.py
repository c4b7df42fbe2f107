"""The search: a table read by eye, all sequences there are, rows on their own, an early end."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import GreedySampler, beam_search, decode
from tfseq.decoding.beam_search import tile_batch
from tfseq.decoding.beams import trace_back

# After the likeliest first word nothing is likely.
#        end   a    b    c
TABLE = [[0.0, 0.6, 0.4, 0.0],   # after the start, which is the end token's id
         [0.1, 0.2, 0.3, 0.4],   # after a: anything
         [0.0, 0.0, 0.0, 1.0],   # after b: c
         [0.9, 0.1, 0.0, 0.0]]  # after c: end  # fmt: skip
END, A, B, C = range(4)


def search(step, starts, states=None, **options):
    options = {"width": 2, "max_steps": 9, **options}
    states = tf.zeros([len(starts), 1]) if states is None else states
    return beam_search(step, tf.constant(starts), END, states, **options)


def words(beams):
    """Rows of hypotheses of ids, without what follows the end."""
    return [
        [row[:length].tolist() for row, length in zip(*pair, strict=True)]
        for pair in zip(beams.ids.numpy(), beams.lengths.numpy(), strict=True)
    ]


def all_sequences(step, start, states, steps):
    """Every sequence of at most `steps` ids and its log-probability, likeliest first."""
    found, open_ends = [], [((), tf.constant([start]), states, 0.0)]
    for _ in range(steps):
        longer = []
        for ids, last, states, so_far in open_ends:
            logits, states = step(last, states, ())
            for token, more in enumerate(tf.nn.log_softmax(logits)[0].numpy()):
                entry = ((*ids, token), tf.constant([token]), states, so_far + more)
                (found if token == END else longer).append(entry)
        open_ends = longer
    found = [(list(ids), total) for ids, _, _, total in found + open_ends]
    return sorted(found, key=lambda pair: -pair[1])


def test_two_hypotheses_find_what_one_misses(chain):
    greedy = search(chain(TABLE), [END], width=1, max_steps=3)
    beams = search(chain(TABLE), [END], width=2, max_steps=3)
    assert words(greedy) == [[[A, C, END]]]
    assert words(beams) == [[[B, C, END], [A, C, END]]]
    np.testing.assert_allclose(tf.exp(beams.scores), [[0.36, 0.216]], rtol=1e-5)
    np.testing.assert_array_equal(beams.scores, beams.log_probabilities)
    assert beams.finished.numpy().all()


def test_a_width_of_one_is_greedy_choice(recurrent):
    starts = tf.range(1, 8)
    states = (tf.zeros([7, 3]), [tf.zeros([7], tf.int32)])
    greedy, _ = decode(recurrent, GreedySampler(starts, END), states, max_steps=12)
    beams = search(recurrent, starts.numpy(), states, width=1, max_steps=12)
    assert beams.ids[:, 0].numpy().tolist() == greedy.ids.numpy().tolist()
    assert beams.lengths[:, 0].numpy().tolist() == greedy.lengths.numpy().tolist()
    assert beams.finished[:, 0].numpy().tolist() == greedy.finished.numpy().tolist()
    total = tf.reduce_sum(greedy.log_probabilities, axis=1)
    np.testing.assert_allclose(beams.log_probabilities[:, 0], total, rtol=1e-5)


def test_a_search_wide_enough_finds_all_sequences_in_their_order(recurrent):
    states = (tf.zeros([1, 3]), [tf.zeros([1], tf.int32)])
    beams = search(recurrent, [4], states, width=11**2, max_steps=3)
    expected = all_sequences(recurrent, 4, states, 3)[: 11**2]
    assert words(beams)[0] == [ids for ids, _ in expected]
    np.testing.assert_allclose(beams.scores[0], [total for _, total in expected], rtol=1e-5)


def test_the_end_may_be_worth_less_than_a_less_likely_word(chain):
    table = [[0.5, 0.45, 0.05, 0], [0, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    found = search(chain(table), [END], width=1, length_penalty=1.0)
    assert words(found) == [[[A, B, END]]]
    assert words(search(chain(table), [END], width=1)) == [[[END]]]


def test_a_length_penalty_lets_a_long_hypothesis_overtake_one_that_had_ended(chain):
    table = [[0.6, 0.4, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0.1, 0.9, 0, 0]]
    options = {"max_steps": 12, "length_penalty": 1.0}
    for n_best in (1, 2):
        found = search(chain(table), [END], n_best=n_best, **options)
        assert found.lengths.numpy().tolist() == [[12, 1][:n_best]]
    score = np.log(0.4 * 0.9**3) / (17 / 6)
    np.testing.assert_allclose(found.scores, [[score, np.log(0.6)]], rtol=1e-5)


def test_places_without_a_sequence_are_empty_and_last(chain):
    beams = search(chain(TABLE), [B], width=5, max_steps=2)
    assert words(beams) == [[[C, END], [C, A], [], [], []]]
    assert beams.finished.numpy().tolist() == [[True, False, False, False, False]]
    np.testing.assert_allclose(tf.exp(beams.scores), [[0.9, 0.1, 0, 0, 0]], rtol=1e-5)
    assert beams.ids.numpy()[0, 2:].tolist() == [[0, 0]] * 3


def test_what_is_impossible_is_not_waited_for(chain):
    certain = np.eye(4)[[END, B, C, END]]
    beams = search(chain(certain), [A], width=3, max_steps=50)
    assert words(beams) == [[[B, C, END], [], []]]
    assert beams.ids.shape == (1, 3, 3)


def by_the_contract(step, start, width, steps, weight=0.0, coverage=0.0):
    """TensorFlow 1's search of one row, all continuations in one flat list, word by word.

    Returns `(score, ids)` of each hypothesis, best first.
    """
    states = (tf.zeros([1, 3]), [tf.zeros([1], tf.int32)])
    beams = [([], 0.0, 0.0, start, states, np.zeros(3))]
    for _ in range(steps):
        found = []
        for ids, total, score, last, states, attended in beams:
            covered = np.log(np.minimum(attended, 1)).sum() if attended.all() else 0.0
            if END in ids:
                score = total / ((5 + len(ids)) / 6) ** weight + coverage * covered
                found.append((ids, total, score, last, states, attended))
                continue
            logits, new_states = step(tf.constant([last]), states, ())
            attended = attended + attention(logits, new_states)[0].numpy()
            for token, more in enumerate(tf.nn.log_softmax(logits)[0].numpy()):
                length = len(ids) + (token != END)
                score = (total + more) / ((5 + length) / 6) ** weight
                found.append(([*ids, token], total + more, score, token, new_states, attended))
        beams = sorted(found, key=lambda entry: -entry[2])[:width]
        if all(END in entry[0] for entry in beams):
            break
    return [(score, ids) for ids, _, score, *_ in beams]


def attention(logits, states):
    return tf.abs(states[0]) / 2


def fresh(count):
    return (tf.zeros([count, 3]), [tf.zeros([count], tf.int32)])


@pytest.fixture
def ending(recurrent):
    """The same step with a likely end."""

    def step(inputs, states, memory):
        logits, states = recurrent(inputs, states, memory)
        return logits + 2 * tf.one_hot(END, 11), states

    return step


@pytest.mark.parametrize("penalties", [(0.0, 0.0), (0.8, 0.0), (0.0, 0.3), (1.0, 0.2)])
def test_a_search_is_that_of_the_contract_also_where_it_prunes(ending, penalties):
    beams = search(
        ending, range(6), fresh(6), width=3, max_steps=7, watch=attention,
        length_penalty=penalties[0], coverage_penalty=tf.constant(penalties[1]),
    )  # fmt: skip
    assert 0.5 < beams.finished.numpy().mean() < 1
    for row in range(6):
        expected = by_the_contract(ending, row, 3, 7, *penalties)
        assert words(beams)[row] == [ids for _, ids in expected]
        np.testing.assert_allclose(beams.scores[row], [score for score, _ in expected], rtol=1e-4)


def test_what_is_watched_follows_the_hypothesis(ending):
    beams = search(ending, [3, 8], fresh(2), width=4, max_steps=6, watch=attention)
    ids = beams.ids.numpy()
    assert beams.watched.shape == (*ids.shape, 3)
    for row, hypothesis in np.ndindex(2, 4):
        last, states = [3, 8][row], fresh(1)
        for time in range(ids.shape[2]):
            expected = np.zeros(3)
            if time < beams.lengths[row, hypothesis]:
                logits, states = ending(tf.constant([last]), states, ())
                expected, last = attention(logits, states)[0], ids[row, hypothesis, time]
            np.testing.assert_allclose(beams.watched[row, hypothesis, time], expected, rtol=1e-4)


@pytest.mark.parametrize(("count", "weight"), [(1, 0.0), (1, 0.5), (3, 0.0), (3, 0.2)])
def test_the_best_hypotheses_are_the_same_and_come_sooner(ending, count, weight):
    options = {"width": 5, "max_steps": 12, "length_penalty": weight}
    full = search(ending, range(11), fresh(11), **options)
    best = search(ending, range(11), fresh(11), n_best=count, **options)
    steps = best.ids.shape[2]
    assert steps < full.ids.shape[2] or weight
    assert best.ids.numpy().tolist() == full.ids[:, :count, :steps].numpy().tolist()
    assert not full.ids[:, :count, steps:].numpy().any()
    for name in ("lengths", "scores", "log_probabilities", "finished"):
        found, wanted = getattr(best, name), getattr(full, name)[:, :count]
        np.testing.assert_array_equal(found, wanted, err_msg=name)


def test_a_row_is_the_same_among_longer_neighbours_with_other_options(recurrent):
    starts, limits = np.array([1, 5, 9, 4]), np.array([9, 3, 0, 6])
    weights = np.array([[0.0, 0.2], [1.0, 0.0], [0.5, 0.1], [0.7, 0.3]], "f")

    def run(rows):
        return search(
            recurrent, starts[rows], fresh(len(rows)), width=3, max_steps=9,
            max_lengths=limits[rows], length_penalty=weights[rows, 0],
            coverage_penalty=weights[rows, 1], n_best=2, watch=attention,
        )  # fmt: skip

    together = run([0, 1, 2, 3])
    assert together.lengths.numpy().max(axis=1).tolist() == [9, 3, 0, 6]
    for row in range(4):
        alone = run([row])
        steps = alone.ids.shape[2]
        for name in ("lengths", "scores", "log_probabilities", "finished"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[row])
        for name in ("ids", "watched"):
            wanted = getattr(together, name)[row]
            np.testing.assert_array_equal(getattr(alone, name)[0], wanted[:, :steps])
            assert not wanted[:, steps:].numpy().any()


def test_a_row_cut_by_its_limit_stays_and_is_not_finished(chain):
    beams = search(chain(TABLE), [END] * 3, max_lengths=tf.constant([2, 9, 0]))
    assert words(beams) == [[[B, C], [A, C]], [[B, C, END], [A, C, END]], [[], []]]
    assert beams.finished.numpy().tolist() == [[False, False], [True, True], [False, False]]
    np.testing.assert_allclose(tf.exp(beams.scores[:2, 0]), [0.4, 0.36], rtol=1e-5)


def test_no_more_steps_are_run_than_the_hypotheses_need(chain):
    assert search(chain(TABLE), [END], max_steps=50).ids.shape == (1, 2, 3)
    assert search(chain(TABLE), [END], max_steps=tf.constant(2)).ids.shape == (1, 2, 2)


def test_among_equals_the_lower_id_comes_first(chain):
    equal = np.full([4, 4], 0.25)
    beams = search(chain(equal), [A], width=4, max_steps=2)
    assert words(beams) == [[[END], [A, END], [A, A], [A, B]]]


def test_memory_stays_one_for_each_row():
    seen = []

    def step(inputs, states, memory):
        seen.append(memory["bonus"].shape)
        bonus = tf.repeat(memory["bonus"], tf.shape(inputs)[0] // 2, axis=0)
        return bonus + tf.one_hot(inputs, 4), states

    memory = {"bonus": tf.constant([[0.0, 0, 0, 2], [0, 0, 2, 0]])}
    beams = search(step, [A, A], memory=memory, width=3, max_steps=2)
    assert words(beams)[0][0] == [C, C]
    assert words(beams)[1][0] == [B, B]
    assert set(seen) == {(2, 4)}


def test_bfloat16_logits_are_searched(chain):
    def half(inputs, states, memory):
        logits, states = chain(TABLE)(inputs, states, memory)
        return tf.cast(logits, tf.bfloat16), states

    beams = search(half, [END], watch=lambda logits, states: logits)
    assert words(beams) == [[[B, C, END], [A, C, END]]]
    assert beams.watched.dtype == beams.scores.dtype == tf.float32


def test_eager_and_graph_agree_also_with_shapes_unknown(recurrent):
    def run(starts, limits, coverage):
        count = tf.size(starts)
        states = (tf.zeros([count, 3]), [tf.zeros([count], tf.int32)])
        return beam_search(
            recurrent, starts, END, states, width=3, max_steps=4, max_lengths=limits,
            length_penalty=0.7, coverage_penalty=coverage, n_best=2, watch=attention,
        )  # fmt: skip

    specs = [tf.TensorSpec([None], dtype) for dtype in (tf.int32, tf.int32, tf.float32)]
    graph = tf.function(run, input_signature=specs, autograph=False)
    for count in (3, 1):
        inputs = tf.range(count) + 2, tf.range(count) + 2, tf.fill([count], 0.1)
        for found, wanted in zip(graph(*inputs), run(*inputs), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("count", [1, 3])
def test_a_known_batch_size_stays_in_the_graph(recurrent, count):
    @tf.function(autograph=False)
    def run():
        return search(
            recurrent, list(range(count)), fresh(count), max_steps=4,
            coverage_penalty=0.1, watch=attention,
        )  # fmt: skip

    assert run().ids.shape == (count, 2, 4)


def test_an_export_searches_in_a_session(recurrent, tmp_path):
    names = ("start_ids", "length_penalty", "coverage_penalty", "max_lengths")
    types = (tf.int32, tf.float32, tf.float32, tf.int32)

    def translate(start_ids, **options):
        states = (tf.zeros([tf.size(start_ids), 3]), [tf.zeros_like(start_ids)])
        options = {"width": 3, "max_steps": 5, "watch": attention, **options}
        beams = beam_search(recurrent, start_ids, END, states, **options)
        return {"ids": beams.ids, "scores": beams.scores}

    values = ([1, 5, 3], [0.0, 1.0, 0.6], [0.2, 0.0, 0.1], [9, 2, 4])
    feeds = {n: np.array(v, t.as_numpy_dtype) for n, v, t in zip(names, values, types, strict=True)}
    here = translate(**{name: tf.constant(value) for name, value in feeds.items()})
    module = tf.Module()
    module.translate = tf.function(translate, autograph=False)
    specs = {n: tf.TensorSpec([None], t, name=n) for n, t in zip(names, types, strict=True)}
    signature = module.translate.get_concrete_function(**specs)
    tf.saved_model.save(module, str(tmp_path), signatures=signature)
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(tmp_path))
        signature = meta.signature_def["serving_default"]
        fetches = {name: info.name for name, info in signature.outputs.items()}
        fed = {signature.inputs[name].name: value for name, value in feeds.items()}
        there = session.run(fetches, fed)
    assert there["ids"].tolist() == here["ids"].numpy().tolist()
    np.testing.assert_allclose(there["scores"], here["scores"], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, r"`width` must be a positive integer\. Received: width=0"),
        ({"width": 2.0}, r"`width` must be a positive integer\. Received: width=2\.0"),
        ({"width": True}, r"`width` must be a positive integer"),
        ({"width": 3, "n_best": 4}, r"`n_best` must be in \[1, 3\]\. Received: n_best=4"),
        ({"n_best": 0}, r"`n_best` must be in \[1, 2\]\. Received: n_best=0"),
        ({"max_steps": 0}, r"`max_steps` must be at least 1\. Received: max_steps=0"),
        ({"length_penalty": -0.1}, r"`length_penalty` must be 0 or more\. Received: .*=-0\.1"),
        ({"coverage_penalty": float("nan")}, r"`coverage_penalty` must be 0 or more"),
        ({"coverage_penalty": 0.2}, r"`watch` must give the weights .* coverage_penalty=0\.2"),
    ],
)
def test_what_cannot_be_is_refused(chain, options, message):
    with pytest.raises(ValueError, match=message):
        search(chain(TABLE), [A], **options)


def test_tile_batch_repeats_each_row_on_the_spot():
    tiled = tile_batch((tf.constant([[1, 2], [3, 4]]), [tf.constant([5, 6])]), 3)
    assert tiled[0].numpy().tolist() == [[1, 2]] * 3 + [[3, 4]] * 3
    assert tiled[1][0].numpy().tolist() == [5, 5, 5, 6, 6, 6]


def test_trace_back_follows_the_parents():
    parents = tf.constant([[[0, 0, 0]], [[1, 0, 1]], [[2, 2, 0]]])
    before, after = trace_back(parents, 3)
    assert after.numpy()[:, 0].tolist() == [[1, 1, 1], [2, 2, 0], [0, 1, 2]]
    assert before.numpy()[:, 0].tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 0]]


def test_a_search_that_is_compiled_finds_the_same(chain):
    def run():
        return search(chain(TABLE), [END, A])

    compiled, expected = tf.function(run, jit_compile=True, autograph=False)(), run()
    assert words(compiled) == words(expected)
    np.testing.assert_allclose(compiled.scores, expected.scores, atol=1e-5)
