"""The built-in corpus: distinct, the same everywhere, sensible in size, and correct French."""

import re
import subprocess
import sys

import pytest

from apps.translation.corpus import count_pairs, sentence_pairs
from apps.translation.corpus.choices import Each, Either, Together, evenly

COUNT = 20_000


@pytest.fixture(scope="module")
def pairs():
    return sentence_pairs(COUNT, seed=3)


@pytest.fixture(scope="module")
def frenches(pairs):
    """All French sentences, a line each, in lower case."""
    return "\n".join(dit for _, dit in pairs).lower()


def words_of(sentences):
    return set(re.findall(r"\w+(?:-\w+)*", " ".join(sentences).lower()))


# Choices


def test_a_choice_counts_what_it_gives():
    letters, digits = Each("abc"), Either((1, Each([1, 2])), (5, Each([])), (2, Each([3, 4, 5])))
    both = Together(lambda letter, digit: f"{letter}{digit}", letters, digits)
    assert list(evenly([both, Each("x")])) == [a + b for a in "abc" for b in "12345"] + ["x"]
    assert (letters.size, digits.size, both.size, evenly([both, Each("x")]).size) == (3, 5, 15, 16)


def test_a_choice_is_drawn_by_weight():
    choice = Either((1, Each("a")), (3, Each("bc")))
    numbers = iter([0.24, 0.0, 0.25, 0.49, 0.999, 0.5])
    assert [choice.draw(lambda: next(numbers)) for _ in range(3)] == ["a", "b", "c"]


# Pairs


def test_no_pair_comes_twice(pairs):
    assert len(pairs) == len({said for said, _ in pairs}) == COUNT


def test_the_same_seed_gives_the_same_pairs(pairs):
    assert sentence_pairs(300, seed=3) == pairs[:300]
    assert sentence_pairs(300, seed=4) != pairs[:300]


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_gives_the_same_pairs(pairs, hash_seed):
    program = (
        "from apps.translation.corpus import sentence_pairs;"
        "print(ascii(sentence_pairs(300, seed=3)))"
    )
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ascii(pairs[:300])


@pytest.mark.parametrize("count", [-1, count_pairs() + 1])
def test_a_count_that_cannot_be_is_refused(count):
    with pytest.raises(ValueError, match=f"`count` must be at least 0 .* count={count}"):
        sentence_pairs(count, seed=0)


def test_a_sentence_has_one_meaning_and_one_translation():
    draw = iter(range(COUNT))
