"""Units: words cut where letters meet other characters, with the blanks kept exactly."""

import itertools
import re
import unicodedata

import pytest
import tensorflow as tf

from tfseq.files import read_text
from tfseq.text.units import MARK, UnitTokenizer


def kind(character):
    """`a` for letters, marks and digits, `&` for itself, `.` for the rest."""
    if unicodedata.category(character)[0] in "LMN":
        return "a"
    return "&" if character == "&" else "."


def units_of(text):
    """The same units by Python: escapes are single, other runs are runs of one kind."""
    units = []
    for word in text.encode().split():
        parts = re.split(r"(&#?[a-z0-9]+;)", word.decode())
        runs = [
            ["".join(run) for _, run in itertools.groupby(part, kind)] if n % 2 == 0 else [part]
            for n, part in enumerate(parts)
        ]
        first, *others = itertools.chain(*runs)
        units += [first, *(MARK + other for other in others)]
    return units


def strings(tensor):
    """The Python strings of a ragged tensor."""
    return [[s.decode() for s in row] for row in tensor.to_list()]


def test_a_unit_without_a_blank_before_it_is_marked():
    tokens = UnitTokenizer().tokenize(["l'homme  part.", "", "Allons-y\u202f!"])
    assert strings(tokens) == [
        ["l", MARK + "'", MARK + "homme", "part", MARK + "."],
        [],
        ["Allons", MARK + "-", MARK + "y", MARK + "\u202f!"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a woman &apos;s d&apos;eau &#91; R&D && &; &amp",
        "e\u0301te\u0301 3km x_y \u200bz \u00a0 a##b ## ###",
        '春は\uff0c曙 -- "(so)" ¿qué?',
    ],
)
def test_units_are_those_of_unicode_categories(text):
    assert strings(UnitTokenizer().tokenize([text])) == [units_of(text)]


def test_lower_case_is_on_request():
    assert strings(UnitTokenizer(lower_case=True).tokenize(["L'ÉTÉ"])) == [
        ["l", MARK + "'", MARK + "été"]
    ]


def test_a_beginning_is_never_revised():
    tokenizer = UnitTokenizer()
    tokens = tokenizer.tokenize(["l'homme, là-bas."])
    whole = tokenizer.detokenize(tokens)[0].numpy()
    for length in range(9):
        assert whole.startswith(tokenizer.detokenize(tokens[:, :length])[0].numpy())


def test_it_runs_in_a_graph_with_any_batch():
    tokenizer = UnitTokenizer()
    there_and_back = tf.function(
        lambda texts: tokenizer.detokenize(tokenizer.tokenize(texts)),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    texts = tf.constant(["a ,b", "", "(c)"])
    assert there_and_back(texts).numpy().tolist() == texts.numpy().tolist()
    assert there_and_back(tf.constant([], tf.string)).shape == [0]


@pytest.mark.parametrize(
    "name", ["tatoeba_en_fr/dev.tsv.gz", "multi30k/val.de.gz", "multi30k_tok/val.lc.norm.tok.fr.gz"]
)
def test_real_lines_come_back_but_for_their_blanks(shared, name):
    lines = read_text(shared(f"data/{name}")).split("\n")
    tokenizer = UnitTokenizer()
    tokens = tokenizer.tokenize(lines)
    assert strings(tokens) == [units_of(line) for line in lines]
    assert tokenizer.detokenize(tokens).numpy().tolist() == [
        b" ".join(line.encode().split()) for line in lines
    ]
