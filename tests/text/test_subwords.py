"""Pieces of words: the words come back from them, and the pieces from the words."""

import pytest
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.batches import scenes, split_held_out
from tfseq.text.subwords import MARK, SubwordTokenizer
from tfseq.text.vocabulary import SPECIALS, UNK, Vocabulary
from tfseq.text.words import WordTokenizer

TEXTS = ['Low lower (lowest).\n\nnew newer "newest"', "wide -- wider, widest! été", ""]


def strings(tensor):
    """The Python strings of a ragged tensor."""
    return [[s.decode() for s in row] for row in tensor.to_list()]


def assert_round_trips(tokenizer, texts):
    words = WordTokenizer(tokenizer.lower_case)
    pieces = tokenizer.tokenize(texts)
    written = tokenizer.detokenize(pieces)
    assert tf.reduce_all(written == words.detokenize(words.tokenize(texts)))
    again = tokenizer.tokenize(written)
    assert tf.reduce_all(again.row_splits == pieces.row_splits)
    assert tf.reduce_all(again.flat_values == pieces.flat_values)
    return pieces


def test_a_word_takes_the_longest_piece_first():
    tokenizer = SubwordTokenizer(["lo", "low", MARK + "er", MARK + "e", MARK + "st", "."])
    pieces = strings(tokenizer.tokenize(["low lower. LOWEST"]))
    assert pieces == [["low", "low", MARK + "er", ".", "low", MARK + "e", MARK + "st"]]
    assert tokenizer.detokenize(tokenizer.tokenize(["low lower. LOWEST"])) == [b"low lower. lowest"]


@pytest.mark.parametrize("lower_case", [True, False])
def test_texts_survive_the_way_there_and_back(lower_case):
    tokenizer = SubwordTokenizer.learn(TEXTS, 80, lower_case)
    assert_round_trips(tokenizer, TEXTS)


def test_no_text_can_be_taken_for_the_mark():
    tokenizer = SubwordTokenizer.learn(["a ##a ## ### #a#"], 60)
    assert_round_trips(tokenizer, ["##a #a ### ## a##a"])


def test_a_word_with_a_new_character_is_unknown_and_long_words_are_not():
    tokenizer = SubwordTokenizer.learn(["ab ba"], 60)
    assert strings(tokenizer.tokenize(["ab xb"])) == [["ab", SPECIALS[UNK]]]
    assert SPECIALS[UNK] not in strings(tokenizer.tokenize(["ab" * 1000]))[0]


def test_text_cannot_spell_a_special_token():
    tokenizer = SubwordTokenizer.learn(["<pad> <pad> pad> <"], 60)
    vocabulary = Vocabulary(tokenizer.pieces)
    ids = vocabulary.ids(tokenizer.tokenize(["<pad>"]))
    assert tf.reduce_all(ids >= len(SPECIALS))


def test_the_vocabulary_has_at_most_the_size_asked_for():
    needed = 4 + 10 + 2 * 2  # the specials, the separators, and `a` and `b` at both places
    with pytest.raises(ValueError, match=f"`vocabulary_size` must be at least {needed}"):
        SubwordTokenizer.learn(["ab ab ba ba"], needed - 1)
    assert len(Vocabulary(SubwordTokenizer.learn(["ab ab ba ba"], needed).pieces)) == needed
    assert SubwordTokenizer.learn(["ab ab ab ba ba"], needed + 1).pieces[-1] == "ab"


def test_learning_is_deterministic():
    assert SubwordTokenizer.learn(TEXTS, 80).pieces == SubwordTokenizer.learn(TEXTS, 80).pieces


def test_a_corpus_without_words_has_the_separators_alone():
    tokenizer = SubwordTokenizer.learn(["...", ""], 20)
    assert strings(tokenizer.tokenize(["..\n", ""])) == [[".", ".", "\n"], []]


def test_a_beginning_is_never_revised():
    tokenizer = SubwordTokenizer.learn(TEXTS, 60)
    pieces = tokenizer.tokenize(TEXTS[:1])
    whole = tokenizer.detokenize(pieces)[0].numpy()
    for length in range(int(pieces.row_lengths()[0])):
        assert whole.startswith(tokenizer.detokenize(pieces[:, :length])[0].numpy())


def test_an_empty_batch_stays_empty():
    tokenizer = SubwordTokenizer.learn(TEXTS, 80)
    assert tokenizer.detokenize(tokenizer.tokenize(tf.constant([], tf.string))).shape == [0]


def test_a_real_script_survives_in_2000_pieces(shared):
    text = read_text(shared("data/udacity_tv_script/moes_tavern_lines.txt"))[81:].lstrip("\n")
    training, held_out = split_held_out(scenes(text), 0.1)
    tokenizer = SubwordTokenizer.learn(training, 2000)
    vocabulary = Vocabulary(tokenizer.pieces)
    pieces = assert_round_trips(tokenizer, training)
    ids = vocabulary.ids(pieces)
    assert len(vocabulary) == 2000
    assert not tf.reduce_any(ids.flat_values == UNK)
    assert tf.reduce_all(vocabulary.tokens(ids).flat_values == pieces.flat_values)
    unknown = vocabulary.ids(tokenizer.tokenize(held_out)).flat_values == UNK
    assert tf.reduce_sum(tf.cast(unknown, tf.int32)) == 1  # `não`: the training part has no `ã`


@pytest.mark.parametrize(
    ("name", "size"), [("tatoeba_en_fr/dev.tsv.gz", 1000), ("char/tang_poetry_zh.txt.gz", 4000)]
)
def test_other_languages_survive_in_pieces(shared, name, size):
    lines = read_text(shared(f"data/{name}")).split("\n")[:500]
    assert_round_trips(SubwordTokenizer.learn(lines, size, lower_case=False), lines)


def joined(texts):
    """The texts with one blank where blanks of ASCII were: bytes are split at those alone."""
    return [b" ".join(text.encode().split()) for text in texts]


FRENCH = ["L'homme  qui part.", "Allons-y\u202f!\n", "", "où est l'homme ? -- l'été, là\u00a0!"]


def test_exact_spacing_brings_the_text_back_as_it_was():
    tokenizer = SubwordTokenizer.learn(FRENCH, 100, lower_case=False, spacing="exact")
    assert tokenizer.detokenize(tokenizer.tokenize(FRENCH)).numpy().tolist() == joined(FRENCH)
    new = ["homme! où ?l'a.", "là !là\u202f? a'l l'\t'l"]  # other words of the same characters
    pieces = tokenizer.tokenize(new)
    written = tokenizer.detokenize(pieces)
    assert written.numpy().tolist() == joined(new)
    assert tokenizer.tokenize(written).to_list() == pieces.to_list()


def test_exact_spacing_may_put_the_text_into_lower_case():
    tokenizer = SubwordTokenizer.learn(FRENCH, 100, lower_case=True, spacing="exact")
    written = tokenizer.detokenize(tokenizer.tokenize(["L'HOMME"]))
    assert written.numpy().tolist() == [b"l'homme"]


def test_pieces_of_exact_spacing_are_the_longest_ones_of_each_unit():
    pieces = ["l", "quit", "homme", "o", MARK + "'", MARK + "homme", MARK + "s", MARK + "o"]
    tokenizer = SubwordTokenizer([*pieces, MARK + "."], lower_case=False, spacing="exact")
    there = [["l", MARK + "'", MARK + "homme", MARK + "s", "quit", MARK + "."]]
    assert strings(tokenizer.tokenize(["l'hommes quit."])) == there
    assert strings(tokenizer.tokenize(["l'o homme x."])) == [
        ["l", MARK + "'", MARK + "o", "homme", SPECIALS[UNK], MARK + "."]
    ]


def test_no_piece_of_exact_spacing_holds_letters_and_other_characters():
    texts = ["don't-do.it"] * 9
    tokenizer = SubwordTokenizer.learn(texts, 100, lower_case=False, spacing="exact")
    for piece in (piece.removeprefix(MARK) for piece in tokenizer.pieces):
        assert piece.isalpha() or not any(character.isalpha() for character in piece)
    assert tokenizer.tokenize(texts[:1]).to_list() == [
        [b"don", b" ##'", b" ##t", b" ##-", b" ##do", b" ##.", b" ##it"]
    ]


def test_every_character_of_exact_spacing_is_known_at_both_places():
    tokenizer = SubwordTokenizer.learn(["ab. c"], 4 + 2 * 4, lower_case=False, spacing="exact")
    texts = ["a b c . .c.b ca", "..."]
    assert tokenizer.detokenize(tokenizer.tokenize(texts)).numpy().tolist() == joined(texts)


def test_an_unknown_spacing_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"`spacing` must be one of .*exact.*'wide'"):
        SubwordTokenizer(["a"], spacing="wide")
    with pytest.raises(ValueError, match="`spacing` must be one of"):
        SubwordTokenizer.learn(["a"], 60, spacing="wide")


@pytest.mark.parametrize("spacing", ["printed", "exact"])
def test_what_no_piece_spells_can_be_had_as_it_is_written(spacing):
    tokenizer = SubwordTokenizer(["a", "b", MARK + "b"], lower_case=False, spacing=spacing)
    texts = ["ab Ωx b", "", "Zü"]
    assert strings(tokenizer.tokenize(texts)) == [["a", MARK + "b", "<unk>", "b"], [], ["<unk>"]]
    assert strings(tokenizer.spelled(texts)) == [["a", MARK + "b", "Ωx", "b"], [], ["Zü"]]
    assert tokenizer.spelled(tf.constant([], tf.string)).shape[0] == 0


def test_what_is_written_in_place_of_an_unknown_unit_keeps_its_mark():
    tokenizer = SubwordTokenizer(["l", MARK + "'"], lower_case=False, spacing="exact")
    assert strings(tokenizer.spelled(["l'Ω"])) == [["l", MARK + "'", MARK + "Ω"]]


def test_two_languages_share_exact_pieces(shared):
    sides = [read_text(shared(f"data/multi30k_tok/val.lc.norm.tok.{k}.gz")) for k in ("en", "de")]
    lines = [line for side in sides for line in side.removesuffix("\n").split("\n")]
    tokenizer = SubwordTokenizer.learn(lines, 2000, lower_case=False, spacing="exact")
    pieces = tokenizer.tokenize(lines)
    assert len(Vocabulary(tokenizer.pieces)) == 2000
    assert tokenizer.detokenize(pieces).numpy().tolist() == joined(lines)
    # The learner of tensorflow-text, on the same lines, needs more pieces to spell them.
    printed = SubwordTokenizer.learn(lines, 2000, lower_case=False)
    assert len(pieces.flat_values) < len(printed.tokenize(lines).flat_values)
