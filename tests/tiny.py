"""Texts of a few lines, and options with which the applications learn them in a moment."""

SPEECHES = (
    ("Ada", "Is the soup hot?"),
    ("Bob_Cole", "(sighs) The soup is never hot."),
    ("Ada", 'You said "soon", Bob.'),
    ("Bob_Cole", "Soon -- not today."),
    ("Cy", "Who took the spoon?"),
)
SCRIPT_OPTIONS = ["--units=12", "--embedding_size=12", "--batch_size=4", "--window=6", "--epochs=3"]

ANIMALS = {"cat": "chat", "dog": "chien", "bird": "oiseau", "horse": "cheval"}
COLOURS = {"black": "noir", "white": "blanc", "small": "petit"}
VERBS = {"sleeps": "dort", "eats": "mange", "waits": "attend"}
PAIRS = [
    (
        f"The {colour} {animal} {verb}.",
        f"Le {ANIMALS[animal]} {COLOURS[colour]} {VERBS[verb]}.",
    )
    for animal in ANIMALS
    for colour in COLOURS
    for verb in VERBS
]
PAIRS_OPTIONS = [
    "--subword_vocabulary=120",
    "--units=10",
    "--embedding_size=8",
    "--readout_units=8",
    "--batch_size=8",
    "--epochs=2",
    "--validation_share=0.2",
]


def script(scenes=12, lines=4):
    """A text of some scenes, each with other lines in it."""
    return "\n\n".join(
        "\n".join(f"{s}: {w}" for s, w in (SPEECHES[(i * 2 + j) % 5] for j in range(lines)))
        for i in range(scenes)
    )


def write_script(directory):
    """A file with a few scenes."""
    path = directory / "scenes.txt"
    path.write_text(script() + "\n")
    return path


def write_pairs(directory):
    """Source and target, line by line."""
    for name, sentences in zip(("source", "target"), zip(*PAIRS, strict=True), strict=True):
        (directory / name).write_text("".join(f"{sentence}\n" for sentence in sentences))
    return directory / "source", directory / "target"
