"""`plot`: the most frequent words as a picture, or in TensorBoard's embedding projector."""

import pathlib
import warnings

import numpy as np

from apps.word2vec.clusters import make_clusters
from apps.word2vec.vectors import load
from tfseq.config import OptionError
from tfseq.files import written_aside
from tfseq.runs import written
from tfseq.word2vec.layout import LAYOUTS
from tfseq.word2vec.nearest import unit

INCHES = (13, 10)
DPI = 110
FONT = 8
# Where a label may stand around its point, in points of type, and how it is aligned.
PLACES = (
    (4, 0, "left", "center"),
    (-4, 0, "right", "center"),
    (0, 4, "center", "bottom"),
    (0, -4, "center", "top"),
    (3, 3, "left", "bottom"),
    (3, -3, "left", "top"),
    (-3, 3, "right", "bottom"),
    (-3, -3, "right", "top"),
)
CONFIG = """embeddings {
  tensor_name: "word vectors"
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""


def run(options):
    """Write what is asked for and say where."""
    if not (options.picture or options.projector):
        raise OptionError("--picture", "must be given, or --projector, or both")
    words, vectors = (part[: options.words] for part in load(options))
    if len(words) < 3:
        raise OptionError("--vectors", "must hold three words or more to be drawn", options.vectors)
    if options.picture:
        draw(options, words, vectors)
    if options.projector:
        written("--projector", write_projector, options.projector, words, vectors)
        print(f"{options.projector}: {len(words)} words; tensorboard --logdir={options.projector}")


def draw(options, words, vectors):
    """The picture: words of one colour are of one group."""
    directions = unit(vectors)
    places = LAYOUTS[options.layout](directions)
    labels = make_clusters(options, directions).labels
    named = written("--picture", draw_words, options.picture, words, places, labels)
    print(f"{options.picture}: {len(words)} words, {named} of them with room for their names")


def draw_words(path, words, places, labels):
    """A PNG file with a dot for each word and, where there is room, its name; how many have one.

    The words that come first, the most frequent, have the first choice.
    """
    from matplotlib.figure import Figure

    figure = Figure(INCHES, dpi=DPI)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    axes.scatter(*places.T, c=labels, cmap="tab10", s=9, linewidths=0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color("0.8")
    axes.margins(0.04)
    colours = axes.collections[0].to_rgba(labels)
    with warnings.catch_warnings(), written_aside(path, "wb") as file:
        warnings.filterwarnings("ignore", "Glyph .* missing")  # what the font lacks is a box
        written = write_names(figure, axes, words, places, colours)
        figure.savefig(file, format="png")
    return written


def write_names(figure, axes, words, places, colours):
    """Put each name where it touches no other name and no dot, or leave it out."""
    figure.draw_without_rendering()  # sets the scales
    dots = axes.transData.transform(places)
    taken = np.column_stack([dots - 2, dots + 2])  # left, bottom, right, top
    written = 0
    for word, place, colour in zip(words, places, colours, strict=True):
        for x, y, across, up in PLACES:
            name = axes.annotate(
                word,
                place,
                (x, y),
                textcoords="offset points",
                ha=across,
                va=up,
                fontsize=FONT,
                color=colour,
                parse_math=False,
            )
            box = np.array(name.get_window_extent().extents)
            if not overlaps(box, taken).any():
                taken = np.vstack([taken, box])
                written += 1
                break
            name.remove()
    return written


def overlaps(box, boxes):
    """Which of the boxes `(left, bottom, right, top)` one box overlaps."""
    return (
        (box[0] < boxes[:, 2])
        & (box[2] > boxes[:, 0])
        & (box[1] < boxes[:, 3])
        & (box[3] > boxes[:, 1])
    )


def write_projector(directory, words, vectors):
    """`tensors.tsv`, `metadata.tsv` and `projector_config.pbtxt`, as TensorBoard reads them."""
    directory = pathlib.Path(directory)
    with written_aside(directory / "tensors.tsv") as file:
        file.writelines("\t".join(f"{x:.6g}" for x in vector) + "\n" for vector in vectors)
    with written_aside(directory / "metadata.tsv") as file:
        file.writelines(f"{word}\n" for word in words)
    with written_aside(directory / "projector_config.pbtxt") as file:
        file.write(CONFIG)
