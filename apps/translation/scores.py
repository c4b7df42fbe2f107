"""How good translations are: BLEU, chrF, and how often words and whole sentences are right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Score(NamedTuple):
    """A score of sacrebleu.

    Attributes:
        score: Between 0 and 100.
        signature: What it was counted by; figures with different signatures do not compare.
    """

    score: float
    signature: str


def bleu(translations: Sequence[str], references: Sequence[str], quiet: bool = False) -> Score:
    """BLEU of the corpus on text as it is written; sacrebleu cuts it into words itself.

    Where the text seems to be cut into tokens already, sacrebleu says so, unless it is `quiet`.

    Reference: Papineni et al., 2002, BLEU: a method for automatic evaluation of machine
    translation; Post, 2018, A call for clarity in reporting BLEU scores, arXiv:1804.08771.
    """
    return _score("BLEU", translations, references, force=quiet)


def tokenised_bleu(translations: Sequence[str], references: Sequence[str]) -> Score:
    """BLEU of the corpus on text that is cut into words by blanks already.

    For comparison with figures of the literature that were counted on the same tokenised
    references, and with nothing else.
    """
    return _score("BLEU", translations, references, tokenize="none", force=True)


def chrf(translations: Sequence[str], references: Sequence[str]) -> Score:
    """The F-score chrF of the corpus: over runs of 1 to 6 characters, blanks left out.

    Reference: Popović, 2015, chrF: character n-gram F-score for automatic MT evaluation.
    """
    return _score("CHRF", translations, references)


def _score(name, translations, references, **options):
    from sacrebleu import metrics  # here alone: it takes a fifth of a second

    _check_lengths(translations, references)
    metric = metrics.METRICS[name](**options)
    score = metric.corpus_score(list(translations), [list(references)]).score
    return Score(float(score), str(metric.get_signature()))


def exact_match(translations: Sequence[str], references: Sequence[str]) -> float:
    """The share of translations that are their reference, character by character."""
    _check_lengths(translations, references)
    return float(np.mean([a == b for a, b in zip(translations, references, strict=True)]))


class TokenAccuracy(NamedTuple):
    """The share of positions at which a translation has the id that its reference has there.

    Attributes:
        padded: Over all positions up to the longest sentence of either side, padding counted, as
            the notes print it. It is near 1 where sentences are much shorter than the longest.
        real: Over the positions at which the reference has an id.
    """

    padded: float
    real: float


def token_accuracy(
    translations: Sequence[np.ndarray], references: Sequence[np.ndarray]
) -> TokenAccuracy:
    """Compare ids position by position; one word too many makes all that follow it wrong.

    Args:
        translations: A row of ids for each sentence, or `[batch, time]`. Behind what ends a
            sentence there must be nothing or 0.
        references: Likewise, of any other length. Both with what ends a sentence, or both without.
    """
    _check_lengths(translations, references)
    width = max(len(row) for row in (*translations, *references))
    ours, theirs = _padded(translations, width), _padded(references, width)
    if not theirs.any():
        raise ValueError("`references` must hold ids other than 0. Received: none")
    same = ours == theirs
    return TokenAccuracy(float(same.mean()), float(same[theirs != 0].mean()))


def _padded(rows, width):
    return np.array([np.pad(np.asarray(row, np.int64), (0, width - len(row))) for row in rows])


def _check_lengths(translations, references):
    if len(translations) != len(references) or len(references) == 0:
        raise ValueError(
            "`translations` and `references` must be as many, and one at least. "
            f"Received: {len(translations)} and {len(references)}"
        )
