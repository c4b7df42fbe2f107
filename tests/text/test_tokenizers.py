"""The registry: a run directory gives back the tokenizer that was saved in it."""

import json

import pytest
import tensorflow as tf

from tfseq.text.base import readable
from tfseq.text.subwords import SubwordTokenizer
from tfseq.text.tokenizers import TOKENIZERS, load_tokenizer, save_tokenizer

TEXTS = ["Été: (low) Lower.\n", ""]
MADE = {
    "words": lambda: TOKENIZERS["words"](lower_case=False),
    "blanks": lambda: TOKENIZERS["blanks"](lower_case=True),
    "characters": lambda: TOKENIZERS["characters"](lower_case=True),
    "subwords": lambda: SubwordTokenizer.learn(TEXTS, 60),
}


@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_a_saved_tokenizer_cuts_the_same(tmp_path, name):
    tokenizer = MADE[name]()
    save_tokenizer(tokenizer, tmp_path / "tokenizer.json")
    loaded = load_tokenizer(tmp_path / "tokenizer.json")
    assert type(loaded) is TOKENIZERS[name]
    assert loaded.get_config() == tokenizer.get_config()
    assert loaded.tokenize(TEXTS).to_list() == tokenizer.tokenize(TEXTS).to_list()
    assert [path.name for path in tmp_path.iterdir()] == ["tokenizer.json"]


@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_tokens_are_ragged_strings_with_a_row_for_each_text(name):
    tokens = MADE[name]().tokenize(tf.constant(TEXTS))
    assert isinstance(tokens, tf.RaggedTensor)
    assert (tokens.dtype, tokens.shape.as_list()) == (tf.string, [2, None])


@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_tokens_of_a_known_text_are_spelled_as_they_are(name):
    tokenizer = MADE[name]()
    assert tokenizer.spelled(TEXTS).to_list() == tokenizer.tokenize(TEXTS).to_list()


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    (tmp_path / "tokenizer.json").write_text(json.dumps({"tokenizer": "syllables"}))
    with pytest.raises(ValueError, match=r"blanks.*characters.*subwords.*words.*'syllables'"):
        load_tokenizer(tmp_path / "tokenizer.json")


def test_any_bytes_become_text_that_can_be_read():
    """As Python's own decoder replaces them; but for NUL, where `tf.strings.lower` ends a text."""
    texts = [b"\xff ab \xc3(", b"caf\xc3\xa9\n", b"\xed\xa0\x80", "👩\u200d👩".encode(), b""]
    found = [text.decode() for text in readable(texts).numpy()]
    assert found == [text.decode(errors="replace") for text in texts]
    assert readable(b"a\x00b").numpy().decode() == "a\N{REPLACEMENT CHARACTER}b"
