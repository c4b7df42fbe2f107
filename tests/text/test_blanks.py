"""Tokenised text: what stands between blanks comes back with one blank between."""

import pytest
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.blanks import WhitespaceTokenizer


def strings(tensor):
    """The Python strings of a ragged tensor."""
    return [[s.decode() for s in row] for row in tensor.to_list()]


def joined(texts):
    """The texts with one blank where blanks of ASCII were: bytes are split at those alone."""
    return [b" ".join(text.encode().split()) for text in texts]


def test_tokens_are_what_stands_between_blanks():
    tokens = WhitespaceTokenizer().tokenize(["a woman &apos;s  É .\n", "", " \t\r\n\x0b\x0c", "x"])
    assert strings(tokens) == [["a", "woman", "&apos;s", "É", "."], [], [], ["x"]]


def test_a_no_break_space_is_a_character_like_any_other():
    tokens = WhitespaceTokenizer().tokenize(["Allons-y\u202f! non\u00a0?"])
    assert strings(tokens) == [["Allons-y\u202f!", "non\u00a0?"]]


def test_lower_case_is_on_request():
    assert strings(WhitespaceTokenizer(lower_case=True).tokenize(["ÉTÉ Moe"])) == [["été", "moe"]]


def test_rows_of_a_batch_do_not_touch_each_other():
    texts = ["one  two", "", "three", " four five "]
    tokenizer = WhitespaceTokenizer()
    written = tokenizer.detokenize(tokenizer.tokenize(texts))
    assert written.numpy().tolist() == [b"one two", b"", b"three", b"four five"]


def test_a_beginning_is_never_revised():
    tokenizer = WhitespaceTokenizer()
    tokens = tokenizer.tokenize(["a man , on a woman"])
    whole = tokenizer.detokenize(tokens)[0].numpy()
    for length in range(7):
        assert whole.startswith(tokenizer.detokenize(tokens[:, :length])[0].numpy())


def test_it_runs_in_a_graph_with_any_batch():
    tokenizer = WhitespaceTokenizer()
    there_and_back = tf.function(
        lambda texts: tokenizer.detokenize(tokenizer.tokenize(texts)),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    assert there_and_back(tf.constant(["a  b", ""])).numpy().tolist() == [b"a b", b""]
    assert there_and_back(tf.constant([], tf.string)).shape == [0]


@pytest.mark.parametrize(
    "name",
    ["multi30k_tok/val.lc.norm.tok.fr.gz", "tatoeba_en_fr/dev.tsv.gz", "ptb/ptb.valid.txt.gz"],
)
def test_real_lines_come_back_but_for_their_blanks(shared, name):
    lines = read_text(shared(f"data/{name}")).split("\n")
    tokenizer = WhitespaceTokenizer()
    tokens = tokenizer.tokenize(lines)
    assert tokens.to_list() == [line.encode().split() for line in lines]
    assert tokenizer.detokenize(tokens).numpy().tolist() == joined(lines)
