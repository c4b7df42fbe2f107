"""Chunks by conlleval's rules, each worked by hand."""

import pytest

from tfseq.chunks import Chunk, Score, are_bio, chunks, score_chunks


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("O O", []),
        ("", []),
        ("B-NP", ["NP 0 1"]),
        ("B-NP I-NP O", ["NP 0 2"]),
        ("B-NP B-NP", ["NP 0 1", "NP 1 2"]),
        ("B-NP I-NP B-NP I-NP", ["NP 0 2", "NP 2 4"]),
        ("I-NP I-NP", ["NP 0 2"]),  # an I that follows nothing begins a chunk
        ("O I-NP O I-NP", ["NP 1 2", "NP 3 4"]),
        ("B-NP I-VP I-VP", ["NP 0 1", "VP 1 3"]),  # as does one of another type
        ("I-NP I-VP I-NP", ["NP 0 1", "VP 1 2", "NP 2 3"]),
        ("B-NP O I-NP", ["NP 0 1", "NP 2 3"]),
        ("B-a-b I-a-b I-a", ["a-b 0 2", "a 2 3"]),  # the first hyphen parts mark and type
        ("B I I B O I", [" 0 3", " 3 4", " 5 6"]),  # chunks without a type
        ("B I-NP", [" 0 1", "NP 1 2"]),
    ],
)
def test_where_chunks_begin_and_end(labels, expected):
    found = [f"{chunk.type} {chunk.start} {chunk.end}" for chunk in chunks(labels.split())]
    assert found == expected


REAL = ["B-NP I-NP B-VP O B-NP", "I-NP I-NP I-PP", "B-PP"]
FOUND = ["B-NP I-NP I-VP O O", "B-NP I-NP I-NP", "I-PP"]


def test_a_chunk_is_right_where_its_ends_and_its_type_are():
    """Row by row.

    1: NP 0-2 is right; VP 2-3 is right, though its label is not; NP 4-5 is missed.
    2: NP 0-2 and PP 2-3 are missed, NP 0-3 is wrong.
    3: PP 0-1 is right.
    """
    total, by_type = score_chunks(*([row.split() for row in rows] for rows in (REAL, FOUND)))
    assert total == Score(real=6, found=4, right=3)
    assert by_type == {"NP": Score(3, 2, 1), "PP": Score(2, 1, 1), "VP": Score(1, 1, 1)}
    assert list(by_type) == ["NP", "PP", "VP"]
    assert (total.precision, total.recall, total.f1) == (3 / 4, 3 / 6, 0.6)


def test_no_chunk_goes_from_row_to_row():
    rows = [["B-NP", "I-NP"], ["I-NP"]]
    assert score_chunks(rows, rows)[0] == Score(2, 2, 2)
    assert score_chunks([rows[0] + rows[1]], [rows[0] + rows[1]])[0] == Score(1, 1, 1)


def test_a_longer_chunk_that_ends_rightly_is_wrong():
    """One chunk inside another, with the same end, and with the same beginning."""
    real = [["O", "B-NP", "I-NP", "O", "B-NP", "I-NP"]]
    found = [["B-NP", "I-NP", "I-NP", "O", "B-NP", "O"]]
    assert score_chunks(real, found)[0] == Score(2, 2, 0)


@pytest.mark.parametrize(
    ("score", "figures"),
    [
        (Score(0, 0, 0), (0, 0, 0)),
        (Score(4, 0, 0), (0, 0, 0)),
        (Score(0, 3, 0), (0, 0, 0)),
        (Score(4, 2, 2), (1, 0.5, 2 / 3)),
    ],
)
def test_figures_of_nothing_are_zero(score, figures):
    assert (score.precision, score.recall, score.f1) == figures


def test_without_chunks_all_is_zero():
    assert score_chunks([["O"]], [["O"]]) == (Score(0, 0, 0), {})


def test_labels_that_mark_chunks_are_known():
    assert are_bio(["O", "B-NP", "I-NP"])
    assert are_bio(["B", "I"])
    assert not are_bio(["O"])
    assert not are_bio(["NOUN", "B-NP"])
    assert not are_bio(["I-NP", "O"])
    assert not are_bio(["BE", "IN"])


def test_rows_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="Received: 1 and 1 rows of 2 and 1 labels"):
        score_chunks([["O", "O"]], [["O"]])


def test_a_chunk_has_names():
    assert chunks(["O", "B-NP"]) == [Chunk(type="NP", start=1, end=2)]
