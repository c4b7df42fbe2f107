"""Pieces that are learnt: counted by hand, and on real captions."""

from tfseq.text.pieces import learn_pieces
from tfseq.text.units import MARK


def learnt(counts, room):
    return learn_pieces(counts, {c for unit in counts for c in unit.removeprefix(MARK)}, room)


def test_whole_units_come_first_by_their_count():
    # `abc` takes its count away from `ab`; what begins inside it is never cut off.
    assert learnt({"abc": 7, "de": 9, "f": 20}, 2) == ["de", "abc"]


def test_a_stem_is_learnt_though_it_is_no_word():
    # Each word comes once, so the threshold of two leaves the stem and the frequent endings.
    words = {f"walk{ending}": 1 for ending in ("xy", "zz", "qr")}
    words |= {f"jump{ending}": 1 for ending in ("xy", "zz", "qr")}
    assert set(learnt(words, 10)) == {"walk", "jump", MARK + "xy", MARK + "zz", MARK + "qr"}


def test_units_inside_a_word_are_learnt_with_the_mark_from_their_own_counts():
    pieces = learnt({MARK + "homme": 5, "homme": 3, "l": 5}, 9)
    assert pieces[:2] == [MARK + "homme", "homme"]
    assert learnt({MARK + "homme": 5, "homme": 1}, 9)[0] == MARK + "homme"
    assert "homme" not in learnt({MARK + "homme": 5, "homme": 1}, 9)


def test_a_piece_seen_once_is_not_learnt():
    assert learnt({"abc": 1}, 5) == []
    assert learnt({}, 5) == []


def test_there_are_no_more_pieces_than_there_is_room_for():
    words = {f"{a}{b}{c}": 3 for a in "abc" for b in "def" for c in "ghi"}
    assert [len(learnt(words, room)) for room in (0, 1, 5, 27)] == [0, 1, 5, 27]


def test_more_room_means_a_lower_threshold():
    words = {"aaaa": 50, "bbbb": 40, "cccc": 2}
    assert learnt(words, 2) == ["aaaa", "bbbb"]
    assert learnt(words, 3) == ["aaaa", "bbbb", "cccc"]


def test_a_very_long_unit_teaches_nothing():
    assert learnt({"x" * 51: 9, "ab": 2}, 5) == ["ab"]
