"""Samplers: exact distributions, options per row, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf

from tfseq.decoding import (
    GreedySampler,
    RandomSampler,
    ScheduledSampler,
    TeacherSampler,
    decode,
    seen_ids,
)

#        end   a    b    c
TABLE = [[1.0, 0.0, 0.0, 0.0],   # after end
         [0.1, 0.2, 0.4, 0.3],   # after a
         [0.3, 0.4, 0.2, 0.1],   # after b
         [0.2, 0.2, 0.3, 0.3]]  # after c  # fmt: skip
END, A, B, C = range(4)


def frequencies(step, count, steps, **options):
    """How often each text of `steps` ids is drawn, over as many seeds."""
    sampler = RandomSampler(tf.fill([count], A), END, tf.range(count), **options)
    decoded, _ = decode(step, sampler, tf.zeros([count, 1]), max_steps=steps)
    ids = np.pad(decoded.ids, [(0, 0), (0, steps - decoded.ids.shape[1])])
    texts, counts = np.unique(ids, axis=0, return_counts=True)
    return dict(zip(map(tuple, texts.tolist()), counts / count, strict=True))


def check_against(found, count, steps, shares_after):
    """Chi-square against all texts there are, each with the product of its shares."""
    texts = {(): 1.0}
    for _ in range(steps):
        texts = {
            (*text, token): so_far * share
            for text, so_far in texts.items()
            for token, share in enumerate(following(text, shares_after))
            if share
        }
    assert set(found) <= set(texts)
    distance = sum((found.get(text, 0) - share) ** 2 / share for text, share in texts.items())
    freedom = len(texts) - 1
    assert count * distance < freedom + 5 * np.sqrt(2 * freedom) + 1e-6


def following(text, shares_after):
    if END in text:
        return np.eye(4)[0]  # PAD
    return shares_after(text[-1] if text else A, text)


# What is left of TABLE after each filter, up to the sum of a row.
#                   end   a    b    c
LEFT = {
    "plain": ({}, TABLE),
    "temperature": ({"temperature": 0.5}, np.square(TABLE)),
    "forbidden": ({"forbidden": [C]},
                   [[1.0, 0.0, 0.0, 0.0],    # after end
                    [0.1, 0.2, 0.4, 0.0],    # after a
                    [0.3, 0.4, 0.2, 0.0],    # after b
                    [0.2, 0.2, 0.3, 0.0]]),  # after c
    "top_k": ({"top_k": 2},
                   [[1.0, 0.0, 0.0, 0.0],
                    [0.0, 0.0, 0.4, 0.3],
                    [0.3, 0.4, 0.0, 0.0],
                    [0.0, 0.0, 0.3, 0.3]]),
    "top_p": ({"top_p": 0.75},
                   [[1.0, 0.0, 0.0, 0.0],
                    [0.0, 0.2, 0.4, 0.3],
                    [0.3, 0.4, 0.2, 0.0],
                    [0.2, 0.0, 0.3, 0.3]]),
    "all of them": ({"forbidden": [A], "temperature": 0.5, "top_k": 2, "top_p": 0.66},
                   [[1.00, 0.0, 0.00, 0.00],
                    [0.00, 0.0, 0.16, 0.09],   # b has 0.16 / 0.25 = 0.64, not enough
                    [0.09, 0.0, 0.00, 0.00],   # end has 0.09 / 0.13 = 0.69, enough
                    [0.00, 0.0, 0.09, 0.09]]),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_texts_come_as_often_as_the_exact_filtered_distribution_says(chain, name):
    options, left = LEFT[name]
    shares = np.array(left) / np.sum(left, axis=1, keepdims=True)
    found = frequencies(chain(TABLE), 20000, 3, **options)
    check_against(found, 20000, 3, lambda last, before: shares[last])


def test_texts_under_a_repetition_penalty_come_as_often_as_they_should(chain):
    def penalized(last, before):
        # The logits are log(TABLE), none of them positive: a seen id's share is raised to 1.7.
        weights = np.power(TABLE[last], [1.7 if token in before else 1.0 for token in range(4)])
        return weights / weights.sum()

    seen = tf.zeros([20000, 4], tf.bool)
    found = frequencies(chain(TABLE), 20000, 3, repetition_penalty=1.7, seen=seen)
    check_against(found, 20000, 3, penalized)


def random_text(step, rows, steps=12, **options):
    """Ids of `rows`, each option given as a list over all rows."""
    at = {name: tf.gather(tf.constant(value), rows) for name, value in options.items()}
    sampler = RandomSampler(tf.gather([1, 2, 1, 3, 1, 1], rows), 0, **at)
    states = (tf.zeros([len(rows), 3]), [tf.zeros([len(rows)], tf.int32)])
    return decode(step, sampler, states, max_steps=steps)[0].ids.numpy()


def test_a_row_with_its_own_options_says_the_same_alone(recurrent):
    options = {
        "seeds": [5, 5, 6, -1, 8, 9],
        "temperature": [1.0, 0.0, 0.7, 2.0, 1.0, 0.3],
        "top_k": [0, 3, 0, 5, 0, 0],
        "top_p": [1.0, 1.0, 0.6, 0.9, 1.0, 1.0],
        "repetition_penalty": [1.0, 1.0, 1.3, 1.0, 0.8, 1.0],
        "seen": [[False] * 11] * 6,
    }
    together = random_text(recurrent, list(range(6)), **options)
    for row in range(6):
        alone = random_text(recurrent, [row], **options)[0]
        length = len(alone)
        assert together[row, :length].tolist() == alone.tolist()
        assert not together[row, length:].any()


def test_a_row_says_the_same_alone_and_among_32(recurrent):
    def ids(seeds):
        count = len(seeds)
        sampler = RandomSampler(tf.ones([count], tf.int32), -1, tf.constant(seeds))
        states = (tf.zeros([count, 3]), [tf.zeros([count])])
        return decode(recurrent, sampler, states, max_steps=25)[0].ids.numpy().tolist()

    together = ids(list(range(100, 132)))
    assert len({tuple(row) for row in together}) == 32
    for row in (0, 1, 31):
        assert ids([100 + row]) == [together[row]]


def test_options_off_for_a_row_change_nothing_in_it(recurrent):
    plain = random_text(recurrent, [0], seeds=[7])
    off = random_text(
        recurrent, [0, 1], seeds=[7, 7], temperature=[1.0, 0.0], top_k=[0, 2], top_p=[1.0, 0.5]
    )
    assert off[0, : plain.shape[1]].tolist() == plain[0].tolist()


def test_temperature_zero_is_greedy_also_among_equals(chain):
    #       end  a    b    c
    ties = [[1.0, 0.0, 0.0, 0.0],   # after end
            [0.1, 0.1, 0.4, 0.4],   # after a
            [0.1, 0.3, 0.3, 0.3],   # after b
            [0.4, 0.1, 0.1, 0.4]]  # after c  # fmt: skip
    start, states = tf.constant([A, B, C]), tf.zeros([3, 1])
    greedy, _ = decode(chain(ties), GreedySampler(start, END), states, max_steps=5)
    assert greedy.ids.numpy().tolist() == [[B, A, B, A, B], [A, B, A, B, A], [END, 0, 0, 0, 0]]
    for options in ({"temperature": 0}, {"temperature": 0, "top_p": 0.5}, {"top_k": 1}):
        sampler = RandomSampler(start, END, tf.range(3), **options)
        cold, _ = decode(chain(ties), sampler, states, max_steps=5)
        assert cold.ids.numpy().tolist() == greedy.ids.numpy().tolist()


def test_a_seen_prompt_counts_for_the_penalty(chain):
    seen = seen_ids(tf.constant([[B, C], [C, C]]), 4)
    assert seen.numpy().tolist() == [[False, False, True, True], [False, False, False, True]]
    sampler = RandomSampler(tf.constant([A, A]), END, 0, 0.0, repetition_penalty=9.0, seen=seen)
    decoded, progress = decode(chain(TABLE), sampler, tf.zeros([2, 1]), max_steps=1)
    assert decoded.ids.numpy().tolist() == [[A], [B]]
    assert progress.choices.numpy().tolist() == [
        [False, True, True, True],
        [False, False, True, True],
    ]


def test_teacher_forces_its_ids_and_scores_them(chain):
    ids = tf.constant([[B, A, END, 0], [C, C, B, END], [0, 0, 0, 0]])
    sampler = TeacherSampler(tf.constant([A, A, A]), ids, tf.constant([3, 4, 0]))
    decoded, _ = decode(chain(TABLE), sampler, tf.zeros([3, 1]), max_steps=9)
    assert decoded.ids.numpy().tolist() == ids.numpy().tolist()
    assert decoded.lengths.numpy().tolist() == [3, 4, 0]
    expected = [[0.4, 0.4, 0.1, 1], [0.3, 0.3, 0.3, 0.3], [1, 1, 1, 1]]
    np.testing.assert_allclose(tf.exp(decoded.log_probabilities), expected, rtol=1e-5)


def scheduled(chain, probability, count=4000, **options):
    ids = tf.tile([[A, B, C]], [count, 1])
    start, lengths = tf.fill([count], C), tf.fill([count], 3)
    sampler = ScheduledSampler(start, ids, lengths, probability, tf.range(count))
    return decode(chain(TABLE), sampler, tf.zeros([count, 1]), max_steps=3, **options)[0]


def test_scheduled_sampling_is_the_teacher_at_0_and_the_models_draw_at_1(chain):
    assert np.all(scheduled(chain, 0.0).ids.numpy() == [A, B, C])
    first = scheduled(chain, 1.0).ids.numpy()[:, 0]
    np.testing.assert_allclose(np.bincount(first, minlength=4) / 4000, TABLE[C], atol=0.03)


def test_scheduled_sampling_mixes_truth_and_draw(chain):
    first = scheduled(chain, 0.6).ids.numpy()[:, 0]
    expected = 0.6 * np.array(TABLE[C]) + 0.4 * np.eye(4)[A]
    np.testing.assert_allclose(np.bincount(first, minlength=4) / 4000, expected, atol=0.03)


def test_scheduled_sampling_runs_as_long_as_the_truth(chain):
    decoded = scheduled(chain, 1.0, 7)
    assert decoded.lengths.numpy().tolist() == [3] * 7  # an end the model drew ends nothing


def test_probability_may_be_given_per_row(chain):
    rows = tf.repeat([0.0, 1.0], 50)
    ids = scheduled(chain, rows, 100).ids.numpy()
    assert np.all(ids[:50] == [A, B, C])
    assert not np.all(ids[50:] == [A, B, C])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.01),
        ("repetition_penalty", 0),
        ("repetition_penalty", np.float32(-1)),
    ],
)
def test_a_number_outside_its_range_is_refused(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        RandomSampler(tf.ones([2], tf.int32), 0, 1, **{name: value})


def test_a_penalty_without_a_record_of_what_was_seen_is_refused():
    with pytest.raises(ValueError, match="`seen` must be given"):
        RandomSampler(tf.ones([2], tf.int32), 0, 1, repetition_penalty=tf.constant([1.0, 1.0]))


def test_a_probability_outside_its_range_is_refused():
    with pytest.raises(ValueError, match=r"`probability` must be in \[0, 1\]"):
        ScheduledSampler([1], [[1]], [1], 1.5, 0)
