"""Which source word each word of a translation came from: as text, as JSON and as a picture.

Everywhere `source` and `target` are the tokens without what ends a sentence, and `weights` is the
attention `[target time, source time]`. What it has more than there are tokens, the ends and the
padding, is left out: so a row sums to one less what it gave to the end of the source.
"""

import json
import unicodedata
import warnings
from typing import NamedTuple

import numpy as np

from tfseq.files import written_aside
from tfseq.text.units import MARK

TIE = "\u203f"
LONGEST_LABEL = 24  # characters; the rest of a longer token is not drawn
CELL = 0.36  # inches
WIDEST = 60.0  # inches; the cells of longer sentences are smaller
DPI = 110


class Alignment(NamedTuple):
    """A sentence, its translation, and the weight of each source token for each target token."""

    source: list[str]
    target: list[str]
    weights: np.ndarray  # [target, source]


def trimmed(source, target, weights) -> np.ndarray:
    """The weights of the tokens alone, `[target, source]`, without ends and padding."""
    weights = np.asarray(weights)
    if weights.ndim != 2 or weights.shape[0] < len(target) or weights.shape[1] < len(source):
        raise ValueError(
            "`weights` must have a row for each target token and a column for each source token. "
            f"Received: {list(weights.shape)} for {len(target)} and {len(source)} tokens"
        )
    return weights[: len(target), : len(source)]


def positions(source, target, weights) -> list[int | None]:
    """For each target token the source position of its greatest weight, the first of equal ones.

    The end of the source is no position: a token that looks at it most is aligned with the source
    token that it looks at most beside. `None` where a token looks at no source token at all.
    """
    weights = trimmed(source, target, weights)
    return [int(row.argmax()) if row.any() else None for row in weights]


def pharaoh_line(source, target, weights) -> str:
    """The alignment as `i-j`, from 0: source position `i` for each target position `j`.

    `0-0 2-1 1-2` is what Pharaoh, Moses and the scorers of alignments read. They count what stands
    between blanks: give them `pharaoh_line(*by_word(source, target, weights))`.
    """
    points = enumerate(positions(source, target, weights))
    return " ".join(f"{i}-{j}" for j, i in points if i is not None)


def json_line(source, target, weights) -> str:
    """`{"source": [...], "target": [...], "weights": [[...]]}`: all weights, a row per target."""
    rounded = np.round(trimmed(source, target, weights).astype(np.float64), 4).tolist()
    return json.dumps(
        {"source": list(source), "target": list(target), "weights": rounded}, ensure_ascii=False
    )


def by_word(source, target, weights) -> Alignment:
    """Pieces put together to what stands between blanks.

    A source word has the sum of the weights of its pieces, a target word their mean: so its row
    still says where it looked.
    """
    weights = trimmed(source, target, weights)
    columns, rows = _words(source), _words(target)
    merged = [
        [weights[np.ix_(row, column)].sum(axis=1).mean() for column in columns] for row in rows
    ]
    return Alignment(
        [_spelled(source[i] for i in column) for column in columns],
        [_spelled(target[j] for j in row) for row in rows],
        np.reshape(np.array(merged, np.float32), [len(rows), len(columns)]),
    )


def replace_unknown(target, source, weights, unknown) -> list[str]:
    """Put the aligned source word in place of each token that the vocabulary did not have.

    Where words are cut into pieces, it is the whole run of letters (or of other characters) that
    the piece belongs to. It keeps the `MARK` that no blank stands before it, unless it would run
    into the letters before it.

    Args:
        target: The tokens of the translation, `unknown` among them.
        source: The tokens of the sentence as they are spelled.
        weights: `[target time, source time]`.
        unknown: The token to replace; it stays where it looks at no source token.

    Reference: Luong et al., 2015, Addressing the rare word problem in neural machine translation,
    arXiv:1410.8206.
    """
    found = positions(source, target, weights)
    units = {i: unit for unit in _units(source) for i in unit}
    replaced = []
    for token, position in zip(target, found, strict=True):
        if token == unknown and position is not None:
            unit = units[position]
            token = _spelled(source[i] for i in unit)
            goes_on = source[unit[0]].startswith(MARK)
            if goes_on and replaced and _is_letter(replaced[-1][-1:]) != _is_letter(token[-1:]):
                token = MARK + token
        replaced.append(token)
    return replaced


def _words(tokens):
    """The positions of the pieces of each word between blanks."""
    words = []
    for position, token in enumerate(tokens):
        if token.startswith(MARK) and words:
            words[-1].append(position)
        else:
            words.append([position])
    return words


def _units(tokens):
    """The positions of the pieces of each run of letters and of other characters."""
    for word in _words(tokens):
        unit = [word[0]]
        for position in word[1:]:
            if _is_letter(tokens[unit[-1]][-1:]) != _is_letter(tokens[position][-1:]):
                yield unit
                unit = []
            unit.append(position)
        yield unit


def _spelled(pieces):
    return "".join(piece.removeprefix(MARK) for piece in pieces)


def _is_letter(character):
    """Whether a character is a letter, a mark on one, or a digit."""
    return bool(character) and unicodedata.category(character)[0] in "LMN"


def draw_alignment(source, target, weights, path) -> None:
    """A picture of the weights as a PNG file; needs matplotlib.

    Target tokens go down, source tokens across; the darker, the greater the weight. A piece with no
    blank before it begins with a tie.
    """
    from matplotlib.figure import Figure

    weights = trimmed(source, target, weights)
    if not weights.size:
        raise ValueError(
            "`source` and `target` must hold a token each, to be drawn. "
            f"Received: {len(source)} and {len(target)} tokens"
        )
    cell = min(CELL, WIDEST / max(len(source), len(target)))
    width, height = cell * len(source), cell * len(target)  # inches
    # The axes fill a figure of their own size; labels and colours stand around it.
    figure = Figure((width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    _write_tokens(axes, source, target, fontsize=min(10, 26 * cell))
    bar_height = min(height, 2.5)
    bar = figure.add_axes(
        (1 + 0.2 / width, 1 - bar_height / height, 0.12 / width, bar_height / height)
    )
    figure.colorbar(image, cax=bar, ticks=[0, 0.5, 1])
    bar.tick_params(labelsize=8)
    bar.set_ylabel("weight", fontsize=8)
    with warnings.catch_warnings(), written_aside(path, "wb") as file:
        warnings.filterwarnings("ignore", "Glyph .* missing")  # what the font lacks is a box
        figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.15)


def _write_tokens(axes, source, target, fontsize):
    """Tokens beside the rows and above the columns, and lines between these."""
    text = {"fontsize": fontsize, "parse_math": False}  # a dollar is a dollar
    slanted = {"rotation": 45, "rotation_mode": "anchor", "ha": "left", "va": "center"}
    axes.set_xticks(range(len(source)), map(_label, source), **slanted, **text)
    axes.set_yticks(range(len(target)), map(_label, target), **text)
    axes.set_xticks(np.arange(len(source) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(target) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.85", linewidth=0.5)
    axes.tick_params(which="both", length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)


def _label(token):
    label = TIE + token.removeprefix(MARK) if token.startswith(MARK) else token
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
