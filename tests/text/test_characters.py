"""Characters: joining them gives the text back, byte for byte."""

import pytest
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.characters import CharacterTokenizer


def test_each_character_is_a_token():
    tokens = CharacterTokenizer().tokenize(["Aé\n", "", "春 \r"])
    assert [[s.decode() for s in row] for row in tokens.to_list()] == [
        ["A", "é", "\n"],
        [],
        ["春", " ", "\r"],
    ]


def test_lower_case_is_on_request():
    tokens = CharacterTokenizer(lower_case=True).tokenize(["É"])
    assert tokens.to_list() == [["é".encode()]]


def test_an_empty_batch_stays_empty():
    tokens = CharacterTokenizer().tokenize(tf.constant([], tf.string))
    assert CharacterTokenizer().detokenize(tokens).shape == [0]


@pytest.mark.parametrize(
    "name",
    ["char/anna.txt", "char/tinyshakespeare.txt", "char/tang_poetry_zh.txt.gz"],
)
def test_real_text_comes_back_exactly(shared, name):
    text = read_text(shared(f"data/{name}"))[:300_000]
    texts = tf.constant([text[:100_000], "", text[100_000:]])
    tokenizer = CharacterTokenizer()
    tokens = tokenizer.tokenize(texts)
    assert tokens.row_lengths().numpy().tolist() == [100_000, 0, len(text) - 100_000]
    assert tf.reduce_all(tokenizer.detokenize(tokens) == texts)
