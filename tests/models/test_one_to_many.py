"""1 to N as the page of the notes shows it: its block, run."""

import numpy as np

from tests.oracles import pages

TITLE = "1 to N: a label in, a text out"


def test_each_label_writes_its_own_text():
    block = pages.run("notes.md", TITLE)
    ids = block["decoded"].ids.numpy()
    assert ids.tolist() == block["texts"].numpy().tolist()
    assert block["decoded"].lengths.numpy().tolist() == [4, 3, 4]  # the end counts


def test_what_is_written_depends_on_the_first_state_alone():
    """The same words were read by all: a vector between two labels is a text of its own."""
    block = pages.run("notes.md", TITLE)
    states = block["first_states"](block["each"])
    logits, _ = block["writer"].unroll(block["inputs"][:, :1], states)
    assert np.argmax(logits[:, 0], axis=1).tolist() == [2, 5, 6]
