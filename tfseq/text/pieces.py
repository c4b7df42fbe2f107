"""How pieces of words are learnt: the substrings that are frequent beyond the longer ones kept."""

import bisect
import collections
import functools
from collections.abc import Mapping

from tfseq.text.units import MARK

_LONGEST = 50  # longer units teach nothing, and have too many substrings
_ROUNDS = 4
_RAREST = 2


def learn_pieces(counts: Mapping[str, int], alphabet: set[str], room: int) -> list[str]:
    """The pieces of two characters and more that cut a corpus into few tokens.

    A piece is kept if it occurs at least `threshold` times; from the longest to the shortest, each
    kept piece takes its count away from its own beginnings. In the first round a piece may begin
    anywhere in a unit, in the next ones where the pieces so far cut it. The threshold is the
    highest that still keeps `room` pieces.

    (The learner of tensorflow-text lets pieces that it does not keep take their count away too, so
    the stem of `playing` and `played` is lost unless it is a word; and to it each word begins
    without the mark. On German captions at 10,000 pieces its tokens are 3 % more.)

    Args:
        counts: How often each unit occurs, with `MARK` where no blank stands before it.
        alphabet: The single characters, which are pieces with and without `MARK` anyway.
        room: How many pieces are wanted.

    Returns:
        At most `room` pieces, the most frequent first, among those of one count by the alphabet.

    Reference: Wu et al., 2016, Google's neural machine translation system, arXiv:1609.08144.
    """
    units = [(*_parted(unit), count) for unit, count in counts.items() if len(unit) <= _LONGEST]
    anywhere = _substrings((mark, text, range(len(text)), n) for mark, text, n in units)
    longer = sorted((n for piece, n in anywhere.items() if _length(piece) > 1), reverse=True)
    if room < 1 or not longer:
        return []

    @functools.cache
    def learnt(threshold):
        return _learn(units, anywhere, alphabet, threshold)

    # No more pieces are kept than substrings reach the threshold, so the `room`-th bounds it.
    thresholds = range(_RAREST, longer[min(room, len(longer)) - 1] + 1)
    too_high = bisect.bisect_left(thresholds, True, key=lambda n: len(learnt(n)) < room)
    kept = learnt(_RAREST + max(0, too_high - 1))
    return sorted(kept, key=lambda piece: (-kept[piece], piece))[:room]


def _learn(units, anywhere, alphabet, threshold):
    """The counts of the pieces of two characters and more that are kept under a threshold."""
    frequent = {piece: n for piece, n in anywhere.items() if n >= threshold}
    kept = _without_beginnings(frequent, threshold)
    for _ in range(_ROUNDS - 1):
        known = kept.keys() | alphabet | {MARK + character for character in alphabet}
        cuts = ((mark, text, _starts(mark, text, known), n) for mark, text, n in units)
        kept = _without_beginnings(_substrings(cuts, frequent), threshold)
    return {piece: n for piece, n in kept.items() if _length(piece) > 1}


def _substrings(cuts, among=None):
    """How often each substring occurs that begins at one of the starts of its unit.

    With `among`, which holds the beginnings of all that it holds, no others are counted.
    """
    counts = collections.defaultdict(int)
    for mark, text, starts, count in cuts:
        for start in starts:
            begun = MARK if start else mark
            for end in range(start + 1, len(text) + 1):
                piece = begun + text[start:end]
                if among is not None and piece not in among:
                    break
                counts[piece] += count
    return counts


def _without_beginnings(counts, threshold):
    """What reaches the threshold after all longer pieces kept have taken their count away."""
    left = dict(counts)
    for piece in sorted(left, key=_length, reverse=True):
        if left[piece] >= threshold:
            mark, text = _parted(piece)
            for end in range(1, len(text)):
                left[mark + text[:end]] -= left[piece]
    return {piece: n for piece, n in left.items() if n >= threshold}


def _starts(mark, text, known):
    """Where the pieces of a unit begin, the longest piece taken first."""
    starts, start = [], 0
    while start < len(text):
        starts.append(start)
        begun, end = MARK if start else mark, len(text)
        while begun + text[start:end] not in known:
            end -= 1
        start = end
    return starts


def _parted(piece):
    """The mark, if it has one, and the characters."""
    return (MARK, piece[len(MARK) :]) if piece.startswith(MARK) else ("", piece)


def _length(piece):
    return len(_parted(piece)[1])
