"""Scores: counted by hand on small cases, and by sacrebleu's own interface on others."""

import math

import numpy as np
import pytest
import sacrebleu

from apps.translation.scores import bleu, chrf, exact_match, token_accuracy, tokenised_bleu

# "a b c d" against "a b c e": 3 of 4 words, 2 of 3 pairs, 1 of 2 triples, 0 of 1 quadruple.
TRANSLATIONS = ["the cat sat on the mat", "a b c d"]
REFERENCES = ["the cat sat on the mat", "a b c e"]
BLEU = 100 * math.exp(sum(math.log(share) for share in (9 / 10, 7 / 8, 5 / 6, 3 / 4)) / 4)


def test_bleu_is_the_geometric_mean_of_what_was_counted_by_hand():
    assert bleu(TRANSLATIONS, REFERENCES).score == pytest.approx(BLEU)
    assert tokenised_bleu(TRANSLATIONS, REFERENCES).score == pytest.approx(BLEU)


def test_a_short_translation_pays_the_brevity_penalty():
    short, whole = ["the cat sat on"], ["the cat sat on the mat"]
    assert bleu(short, whole).score == pytest.approx(100 * math.exp(1 - 6 / 4))


def test_text_and_tokens_are_scored_apart():
    translations, references = ["he isn't (very) old, is he?"], ["he isn't (very) old, was he?"]
    text = bleu(translations, references)
    assert text.score == pytest.approx(sacrebleu.corpus_bleu(translations, [references]).score)
    tokens = tokenised_bleu(translations, references)
    assert tokens.score == pytest.approx(
        sacrebleu.corpus_bleu(translations, [references], tokenize="none", force=True).score
    )
    assert text.score != pytest.approx(tokens.score)
    assert "tok:13a" in text.signature
    assert "tok:none" in tokens.signature
    for score in (text, tokens):
        assert f"version:{sacrebleu.__version__}" in score.signature
        assert "nrefs:1" in score.signature
        assert "case:mixed" in score.signature


def test_tokenised_text_is_scored_without_a_warning(caplog):
    lines = ["ein alter mann ."] * 200
    assert tokenised_bleu(lines, lines).score == pytest.approx(100)
    assert bleu(lines, lines, quiet=True).score == pytest.approx(100)
    assert caplog.records == []
    bleu(lines, lines)
    assert "tokenized" in caplog.text  # where it is taken for text, sacrebleu does warn


def test_chrf_is_sacrebleus():
    score = chrf(["Il est là."], ["Elle est là !"])
    assert score.score == pytest.approx(
        sacrebleu.corpus_chrf(["Il est là."], [["Elle est là !"]]).score
    )
    assert chrf(["abc"], ["abc"]).score == 100
    assert "nc:6" in score.signature


def test_chrf_of_one_letter_in_two_is_a_mean_of_two_orders():
    # Letters: precision and recall 1/2. Pairs of letters: none. Longer runs: neither side has any.
    assert chrf(["ab"], ["ac"]).score == pytest.approx(100 * 0.25)


def test_exact_match_is_a_share_of_sentences():
    assert exact_match(["a b", "c", "d ", "e"], ["a b", "C", "d", "e"]) == 0.5


def test_token_accuracy_counts_padding_as_the_notes_do():
    translations = [[5, 6, 3], [5, 3]]
    references = [[5, 7, 8, 3], [5, 3]]
    # padded:      5 6 3 0        5 3 0 0
    # against      5 7 8 3        5 3 0 0      five of eight; of the six real ones three
    assert token_accuracy(translations, references) == (5 / 8, 3 / 6)


def test_token_accuracy_takes_the_longer_side():
    arrays = np.array([[5, 6, 7, 3]]), np.array([[5, 6]])
    assert token_accuracy(*arrays) == (2 / 4, 2 / 2)
    assert token_accuracy(*reversed(arrays)) == (2 / 4, 2 / 4)
    assert token_accuracy([[]], [[4]]) == (0, 0)


@pytest.mark.parametrize("score", [bleu, chrf, tokenised_bleu, exact_match, token_accuracy])
def test_sides_of_unequal_length_are_refused(score):
    with pytest.raises(ValueError, match=r"`translations` and `references` .* 2 and 1"):
        score(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="one at least"):
        score([], [])
