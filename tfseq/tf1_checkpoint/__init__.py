"""Checkpoints of TensorFlow 1: what is in them, and their weights in models of today.

    from tfseq import tf1_checkpoint

    print(tf1_checkpoint.inspect("model.ckpt-60"))               # what there is, and what it was
    model = tf1_checkpoint.language_model("model.ckpt-60", forget_bias=1.0)
    tf1_checkpoint.load("model.ckpt-60", cell, scope="Model/rnn")  # into anything that you built

`load` fills cells, stacks, wrappers and models of tfseq, objects of `tfseq.tf1`, and Keras's own
recurrent layers, whose order of gates and biases is another. The same on the command line:

    python -m tfseq.tf1_checkpoint inspect CHECKPOINT
    python -m tfseq.tf1_checkpoint convert CHECKPOINT OUTPUT.keras --forget_bias=1.0

Nothing is imported until it is used, so that a command line answers `--help` at once.
"""

from tfseq.lazy import lazily

MODULE_OF = {
    "Inspection": ".inspection",
    "Loaded": ".loading",
    "Part": ".parts",
    "inspect": ".inspection",
    "language_model": ".model",
    "load": ".loading",
}

__all__ = sorted(MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]

__getattr__, __dir__ = lazily(__name__, MODULE_OF)
