"""Alignments: small matrices that can be read by eye."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tfseq.alignments import (
    by_word,
    draw_alignment,
    json_line,
    pharaoh_line,
    positions,
    replace_unknown,
)
from tfseq.text.subwords import SubwordTokenizer
from tfseq.text.units import MARK

SOURCE = ["the", "red", "house"]
TARGET = ["la", "maison", "rouge"]
#                      the   red  house  end  padding
WEIGHTS = np.array([[0.60, 0.10, 0.10, 0.20, 0],  # la
                    [0.05, 0.20, 0.30, 0.45, 0],  # maison: the end has most, then house
                    [0.00, 0.70, 0.20, 0.10, 0],  # rouge
                    [0.10, 0.10, 0.10, 0.70, 0]])  # the end  # fmt: skip
PIECES = ["l", MARK + "'", MARK + "hom", MARK + "me", "part", MARK + "."]


def one_hot(*columns, width):
    """A row for each number, with all its weight at that column."""
    return np.eye(width)[list(columns)]


def test_each_target_token_has_the_source_token_of_its_greatest_weight():
    assert positions(SOURCE, TARGET, WEIGHTS) == [0, 2, 1]
    assert pharaoh_line(SOURCE, TARGET, WEIGHTS) == "0-0 2-1 1-2"


def test_of_equal_weights_the_first_counts():
    assert positions(["a", "b"], ["c"], [[0.5, 0.5]]) == [0]


def test_a_token_that_looks_at_nothing_is_not_aligned():
    assert pharaoh_line(SOURCE, TARGET[:2], [[0, 0, 0, 1], [0, 0.1, 0, 0.9]]) == "1-1"
    assert pharaoh_line([], ["a"], [[1.0]]) == ""
    assert pharaoh_line(["a"], [], np.zeros([0, 2])) == ""


def test_json_holds_all_weights_of_the_tokens_rounded():
    line = json_line(["é", "b"], ["c"], np.array([[1 / 3, 2 / 3, 0], [0, 0, 1]], np.float32))
    assert json.loads(line) == {
        "source": ["é", "b"],
        "target": ["c"],
        "weights": [[0.3333, 0.6667]],
    }
    assert "é" in line
    assert "\n" not in line


def test_weights_that_are_too_small_are_refused_with_both_shapes():
    for weights in (np.zeros([2, 3]), np.zeros([3, 2]), np.zeros([3])):
        with pytest.raises(ValueError, match=r"`weights` must have .* for 3 and 3 tokens"):
            positions(SOURCE, TARGET, weights)


def test_pieces_are_put_together_to_words_between_blanks():
    #           l     '   hom    me  part     .
    weights = [[0.1, 0.2, 0.30, 0.20, 0.1, 0.1],  # the
               [0.0, 0.0, 0.20, 0.60, 0.1, 0.1],  # man
               [0.1, 0.1, 0.05, 0.05, 0.6, 0.1],  # lea
               [0.2, 0.2, 0.20, 0.20, 0.1, 0.1]]  # ves  # fmt: skip
    source, target, merged = by_word(PIECES, ["the", "man", "lea", MARK + "ves"], weights)
    assert source == ["l'homme", "part."]
    assert target == ["the", "man", "leaves"]
    np.testing.assert_allclose(merged, [[0.8, 0.2], [0.8, 0.2], [0.55, 0.45]], rtol=1e-6)
    assert pharaoh_line(source, target, merged) == "0-0 0-1 0-2"


def test_nothing_has_no_words():
    source, target, merged = by_word(["a"], [], np.zeros([1, 2]))
    assert (source, target, merged.shape) == (["a"], [], (0, 1))


def test_an_unknown_word_is_replaced_by_the_word_it_looked_at():
    source = ["mr", "Szyslak", "sleeps"]
    target = ["<unk>", "dort", "<unk>"]
    weights = [[0.1, 0.5, 0.1, 0.3], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert replace_unknown(target, source, weights, "<unk>") == ["Szyslak", "dort", "<unk>"]


def test_of_pieces_the_whole_run_of_letters_is_taken():
    weights = one_hot(3, 4, 5, 1, width=6)
    replaced = replace_unknown(["<unk>", "x", "<unk>", "<unk>"], PIECES, weights, "<unk>")
    assert replaced == ["homme", "x", MARK + ".", "'"]


def test_a_replaced_piece_keeps_its_spacing_but_runs_into_no_word():
    tokenizer = SubwordTokenizer(PIECES, lower_case=False, spacing="exact")

    def text(target, columns):
        weights = one_hot(*columns, width=6)
        replaced = replace_unknown(target, PIECES, weights, "<unk>")
        return tokenizer.detokenize(tf.ragged.constant([replaced])).numpy()[0].decode()

    assert text(["l", MARK + "'", "<unk>"], [0, 1, 2]) == "l'homme"
    assert text(["der", "<unk>", "part"], [0, 3, 4]) == "der homme part"
    assert text(["er", "part", "<unk>"], [0, 4, 5]) == "er part."


def test_a_picture_grows_with_its_sentences_and_nothing_is_left_beside_it(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, the extra `plot`")
    from matplotlib.image import imread

    draw_alignment(SOURCE, TARGET, WEIGHTS, tmp_path / "small.png")
    draw_alignment(SOURCE * 3, TARGET * 5, np.tile(WEIGHTS[:3, :3], (5, 3)), tmp_path / "large.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.png", "small.png"]
    small, large = (imread(tmp_path / f"{size}.png").shape for size in ("small", "large"))
    assert large[0] > 2 * small[0]
    assert large[1] > 1.5 * small[1]


def test_a_picture_takes_every_token(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, the extra `plot`")
    source = ["œuvre", MARK + "\u202f!", "$x_2^{", "$", "春", "a" * 200, "\\frac"]
    draw_alignment(source, ["$a$"], np.ones([1, 7]), tmp_path / "odd.png")
    assert (tmp_path / "odd.png").stat().st_size > 1000
    with pytest.raises(ValueError, match=r"must hold a token each.* 7 and 0"):
        draw_alignment(source, [], np.ones([1, 7]), tmp_path / "none.png")


def test_dark_cells_stand_where_the_weights_are(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, the extra `plot`")
    from matplotlib.image import imread

    draw_alignment(["a", "b", "c"], ["d", "e"], one_hot(2, 0, width=3), tmp_path / "two.png")
    picture = imread(tmp_path / "two.png")[:, :-80]  # without the bar of colours
    rows, columns = np.nonzero((picture[..., 0] < 0.1) & (picture[..., 2] > 0.3))
    upper = rows < rows.mean()
    assert columns[upper].min() > columns[~upper].max()
