"""Words: checked against Python's regular expressions and on real text."""

import re

import pytest
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.words import WordTokenizer

CORPORA = [
    "udacity_tv_script/moes_tavern_lines.txt",
    "char/anna.txt",
    "char/tinyshakespeare.txt",
    "tatoeba_en_fr/dev.tsv.gz",
    "multi30k/val.de.gz",
    "trec6/train.txt",
    "sst2/dev.txt",
]
OTHER_CORPORA = [
    "tatoeba_en_fr/train.tsv.gz",
    "multi30k/train.en.gz",
    "multi30k/train.fr.gz",
    "ptb/ptb.train.txt.gz",
    "wikitext2/train.txt.gz",
    "udacity_translation/small_vocab_en.gz",
]
SPEECH = 'Moe_Szyslak: (INTO PHONE) "Well -- don\'t!"\n\nHe...  said;\tno?\r\n'


def words_of(text):
    """The same tokens by Python's regular expressions."""
    return re.findall(r'--|[.,";!?()\n]|(?:(?!--)[^.,";!?()\n\t\r ])+', text)


def strings(tensor):
    """The Python strings of a dense or ragged tensor."""
    values = tensor.to_list() if isinstance(tensor, tf.RaggedTensor) else tensor.numpy().tolist()
    return [[s.decode() for s in v] if isinstance(v, list) else v.decode() for v in values]


def detokenized(words):
    return strings(WordTokenizer().detokenize(tf.ragged.constant([words], dtype=tf.string)))[0]


def test_a_line_becomes_the_tokens_of_the_notes():
    # fmt: off
    assert strings(WordTokenizer().tokenize([SPEECH])) == [[
        "moe_szyslak:", "(", "into", "phone", ")", '"', "well", "--", "don't", "!", '"', "\n", "\n",
        "he", ".", ".", ".", "said", ";", "no", "?", "\n",
    ]]
    # fmt: on


@pytest.mark.parametrize(
    "text", ["a---b", "----", '"""', "a.b,c", " \t\r ", "\n\n", "¿Qué? ÉTÉ", "x"]
)
def test_tokens_are_those_of_a_regular_expression(text):
    assert strings(WordTokenizer().tokenize([text])) == [words_of(text.lower())]


def test_case_is_kept_on_request():
    assert strings(WordTokenizer(lower_case=False).tokenize(["Moe ÉTÉ"])) == [["Moe", "ÉTÉ"]]


def test_empty_texts_and_empty_batches_have_no_tokens():
    tokenizer = WordTokenizer()
    tokens = tokenizer.tokenize(["", "one two", "  "])
    assert strings(tokens) == [[], ["one", "two"], []]
    assert strings(tokenizer.detokenize(tokens)) == ["", "one two", ""]
    nothing = tokenizer.tokenize(tf.constant([], tf.string))
    assert nothing.shape[0] == 0
    assert tokenizer.detokenize(nothing).shape == [0]


@pytest.mark.parametrize(
    "text",
    [
        "well -- yes.",
        'he said "hello." and "bye"!',
        '("no")...',
        '"a" "b"',
        "hey!\n\n\nmoe_szyslak: ... what?",
        "c._montgomery_burns: hank_williams_jr.: (belch)",
    ],
)
def test_readable_text_comes_back_as_it_was(text):
    assert detokenized(words_of(text)) == text


def test_a_quote_left_open_ends_with_its_line():
    assert detokenized(['"', "a", "\n", "b", '"', "c", '"']) == '"a\nb "c"'


def test_a_beginning_is_never_revised():
    tokens = words_of(SPEECH)
    whole = detokenized(tokens)
    for length in range(len(tokens)):
        assert whole.startswith(detokenized(tokens[:length]))


def test_what_is_rendered_token_by_token_is_the_text():
    tokens = WordTokenizer().tokenize([SPEECH, "", 'so "what"?'])
    rendered = WordTokenizer().render(tokens)
    assert rendered.row_splits.numpy().tolist() == tokens.row_splits.numpy().tolist()
    assert ["".join(row) for row in strings(rendered)] == strings(
        WordTokenizer().detokenize(tokens)
    )


def test_rows_of_a_batch_do_not_touch_each_other():
    rows = ['one "open', "two", '"three"', "", "(", "four"]
    together = WordTokenizer().detokenize(WordTokenizer().tokenize(rows))
    assert strings(together) == [detokenized(words_of(row)) for row in rows]


def test_it_runs_in_a_graph_with_any_batch():
    tokenizer = WordTokenizer()
    signature = [tf.TensorSpec([None], tf.string)]
    there_and_back = tf.function(
        lambda texts: tokenizer.detokenize(tokenizer.tokenize(texts)), input_signature=signature
    )
    assert strings(there_and_back(tf.constant(["A , b", ""]))) == ["a, b", ""]
    assert there_and_back(tf.constant([], tf.string)).shape == [0]


@pytest.mark.parametrize(
    "name", [*CORPORA, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHER_CORPORA)]
)
@pytest.mark.parametrize("lower_case", [True, False])
def test_tokens_of_real_text_survive_the_way_there_and_back(shared, name, lower_case):
    text = read_text(shared(f"data/{name}"))
    tokenizer = WordTokenizer(lower_case)
    tokens = tokenizer.tokenize([text[: len(text) // 2], text[len(text) // 2 :]])
    again = tokenizer.tokenize(tokenizer.detokenize(tokens))
    assert tf.reduce_all(again.row_splits == tokens.row_splits)
    assert tf.reduce_all(again.flat_values == tokens.flat_values)


def test_real_lines_come_back_as_they_were_in_97_of_100_cases(shared):
    # The rest: `he--he` (42 lines), `...and` and `so...I` (41), `a.m.` (17), six others.
    text = read_text(shared("data/udacity_tv_script/moes_tavern_lines.txt"))[81:]
    lines = tf.constant([line for line in text.split("\n") if line])
    tokenizer = WordTokenizer()
    same = tokenizer.detokenize(tokenizer.tokenize(lines)) == tf.strings.lower(lines, "utf-8")
    assert tf.reduce_mean(tf.cast(same, tf.float32)) > 0.97


def test_tokens_of_real_text_are_those_of_a_regular_expression(shared):
    text = read_text(shared("data/udacity_tv_script/moes_tavern_lines.txt"))
    assert strings(WordTokenizer().tokenize([text])) == [words_of(text.lower())]
