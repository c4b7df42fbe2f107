"""Interpolated Kneser-Ney n-grams: the count-based baseline of a small word-level corpus.

    p_n(w | h) = max(c(h w) - D(c(h w)), 0) / c(h) + gamma(h) p_{n-1}(w | h'),   p_0(w) = 1 / V

with h' the history h less its oldest word, c(h) = sum_w c(h w), and gamma(h) the share of c(h)
that the discounts D took. At the highest order c(h w) counts occurrences; below it, the distinct
words that came before h w. With n_r the number of n-grams of one order that were counted r times,
``--discounts=1`` takes D = n_1 / (n_1 + 2 n_2) for every count (Kneser & Ney, 1995) and
``--discounts=3`` takes D_r = r - (r + 1) n_{r+1} / n_r * n_1 / (n_1 + 2 n_2) for r = 1, 2 and
"3 or more" (Chen & Goodman, 1998).

The corpus is a text of scenes set apart by blank lines, of which the last ones are held out. It is
read in lower case; every punctuation mark and every newline is a token; a word seen less than
``--min_count`` times in training is read, and has to be predicted, as ``<unk>``.

    python -m benchmarks.kneser_ney --text_file=lines.txt

R. Kneser & H. Ney (1995), "Improved backing-off for m-gram language modeling".
S. F. Chen & J. Goodman (1998), "An empirical study of smoothing techniques for language modeling".
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

NEWLINE = "\n"
UNKNOWN = "<unk>"
SCENE_BREAK = re.compile(r"(\n{2,})")
MARK = re.compile(r'(--|[.,";!?()\n])')
TOKEN = re.compile(r"\n|\S+")

Ngram = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Training and held-out streams, as numbers of the words of ``vocabulary``."""

    scenes: int
    vocabulary: list[str]
    train: list[int]
    held_out: list[int]


def tokenize(text: str) -> list[str]:
    """Words, punctuation marks and newlines of ``text``, in lower case."""
    return TOKEN.findall(MARK.sub(r" \1 ", text.lower()))


def split_scenes(text: str, held_out_share: float) -> tuple[int, str, str]:
    """Number of scenes, text of the training scenes, and text of the held-out last ones."""
    pieces = SCENE_BREAK.split(text.strip(NEWLINE))  # scene, break, scene, ..., scene
    scenes = (len(pieces) + 1) // 2
    first_held_out = 2 * (scenes - math.ceil(held_out_share * scenes))
    return scenes, "".join(pieces[:first_held_out]), "".join(pieces[first_held_out:]) + NEWLINE


def make_corpus(text: str, held_out_share: float, min_count: int) -> Corpus:
    """Corpus of ``text``, its vocabulary taken from the training scenes, most frequent first."""
    scenes, train_text, held_out_text = split_scenes(text, held_out_share)
    train, held_out = tokenize(train_text), tokenize(held_out_text)
    counts = Counter(train)
    vocabulary = [UNKNOWN, *(word for word, count in counts.most_common() if count >= min_count)]
    number = {word: index for index, word in enumerate(vocabulary)}

    def encode(tokens: Iterable[str]) -> list[int]:
        return [number.get(token, number[UNKNOWN]) for token in tokens]

    return Corpus(scenes, vocabulary, encode(train), encode(held_out))


def estimate_discounts(counts: Iterable[int], kinds: int) -> tuple[float, ...]:
    """Discounts of the counts 1, 2, ..., ``kinds`` or more, estimated from counts of counts."""
    n = Counter(counts)
    absolute = n[1] / (n[1] + 2 * n[2])
    if kinds == 1:
        return (absolute,)
    return tuple(r - (r + 1) * absolute * n[r + 1] / n[r] for r in range(1, kinds + 1))


class _Order:
    """Counts, discounts and interpolation weights of the n-grams of one length."""

    def __init__(self, counts: Counter[Ngram], kinds: int) -> None:
        self.counts = counts
        self.discounts = estimate_discounts(counts.values(), kinds)
        self.totals: dict[Ngram, int] = defaultdict(int)
        self.freed: dict[Ngram, float] = defaultdict(float)
        for ngram, count in counts.items():
            self.totals[ngram[:-1]] += count
            self.freed[ngram[:-1]] += self.discount(count)

    def discount(self, count: int) -> float:
        return self.discounts[min(count, len(self.discounts)) - 1]

    def interpolate(self, ngram: Ngram, lower: float) -> float:
        """Probability of the last word of ``ngram``, from that of the next lower order."""
        history = ngram[:-1]
        if history not in self.totals:
            return lower
        count = self.counts.get(ngram, 0)
        kept = count - self.discount(count) if count else 0.0
        return (kept + self.freed[history] * lower) / self.totals[history]


class KneserNey:
    """Interpolated Kneser-Ney model of ``order``-grams over ``vocabulary_size`` words."""

    def __init__(
        self, words: Sequence[int], vocabulary_size: int, order: int = 3, discounts: int = 3
    ) -> None:
        self.vocabulary_size = vocabulary_size
        counts = Counter(zip(*(words[start:] for start in range(order)), strict=False))
        self._orders = [_Order(counts, discounts)]
        for _ in range(order - 1):
            counts = Counter(ngram[1:] for ngram in counts)  # distinct words before each
            self._orders.insert(0, _Order(counts, discounts))

    @property
    def discounts(self) -> list[tuple[float, ...]]:
        """Discounts of the unigrams, the bigrams, and so on."""
        return [order.discounts for order in self._orders]

    def probability(self, word: int, history: Sequence[int]) -> float:
        """Probability of ``word`` after the last words of ``history``."""
        probability = 1.0 / self.vocabulary_size
        for length, order in enumerate(self._orders):
            context = tuple(history[len(history) - length :])
            probability = order.interpolate((*context, word), probability)
        return probability

    def distribution(self, history: Sequence[int]) -> np.ndarray:
        """Probability of every word after ``history``."""
        words = range(self.vocabulary_size)
        return np.array([self.probability(word, history) for word in words])

    def perplexity(self, words: Sequence[int], history: Sequence[int]) -> float:
        """Perplexity per word of ``words``, which follow ``history``."""
        order = len(self._orders)
        stream = [*history, *words]
        likelihoods = [
            self.probability(stream[at], stream[max(0, at - order + 1) : at])
            for at in range(len(history), len(stream))
        ]
        return float(np.exp(-np.mean(np.log(likelihoods))))


def check_normalized(model: KneserNey, histories: Iterable[Sequence[int]]) -> None:
    """Raise ``ArithmeticError`` unless the probabilities after each history sum to one."""
    for history in histories:
        total = model.distribution(history).sum()
        if not math.isclose(total, 1.0, rel_tol=1e-9):
            raise ArithmeticError(f"the probabilities after {tuple(history)} sum to {total}")


def sample_histories(corpus: Corpus, length: int, number: int = 8) -> list[list[int]]:
    """Evenly spaced histories of the held-out stream, and one that training has not seen."""
    starts = np.linspace(0, len(corpus.held_out) - length, number, dtype=int)
    histories = [corpus.held_out[start : start + length] for start in starts]
    rarest = len(corpus.vocabulary) - 1
    return [*histories, [rarest] * length]


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Held-out perplexity of Kneser-Ney n-grams.")
    parser.add_argument("--text_file", required=True, help="text of scenes, in utf-8")
    parser.add_argument("--skip_characters", type=int, default=0, help="of the file")
    parser.add_argument("--held_out_share", type=float, default=0.1, help="of the scenes")
    parser.add_argument("--min_count", type=int, default=2, help="rarer words are <unk>")
    parser.add_argument("--order", type=int, default=3, help="words per n-gram")
    parser.add_argument("--discounts", type=int, choices=(1, 3), default=3, help="per order")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse_arguments(arguments)
    with open(options.text_file, encoding="utf-8") as file:
        text = file.read()[options.skip_characters :]
    corpus = make_corpus(text, options.held_out_share, options.min_count)
    size = len(corpus.vocabulary)
    model = KneserNey(corpus.train, size, options.order, options.discounts)
    check_normalized(model, sample_histories(corpus, options.order - 1))
    history = [corpus.vocabulary.index(NEWLINE)] * (options.order - 1)
    print(f"scenes: {corpus.scenes}")
    print(f"tokens: {len(corpus.train)} for training, {len(corpus.held_out)} held out")
    print(f"vocabulary: {size}")
    for length, discounts in enumerate(model.discounts, start=1):
        print(f"discounts of {length}-grams: {', '.join(f'{d:.3f}' for d in discounts)}")
    print(f"held-out perplexity: {model.perplexity(corpus.held_out, history):.2f}")


if __name__ == "__main__":
    main()
