"""What both contenders of this project do: threads, and steps of its own training loop."""

import tensorflow as tf

from benchmarks.speed.contender import CLIP, RATE
from tfseq.optimizers import make_optimizer
from tfseq.training import Trainer


def set_threads(threads):
    """As many for an operation, and as many operations at once."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def training_steps(model, loss, batch, states=()):
    """`step() -> loss` of a word: clip by global norm, gradient descent, the same batch each time.

    Args:
        model: The model.
        loss: As `Trainer` follows it.
        batch: What the loss takes.
        states: What goes on from step to step.
    """
    trainer = Trainer(
        model,
        make_optimizer("sgd", RATE, total_steps=1, clip_norm=CLIP),
        loss,
        batches=None,
        evaluate=None,
        checkpoints=None,
        epochs=0,
        states=states,
    )

    def step():
        before = trainer.sums.numpy()
        trainer.train_step(batch)
        losses, words = trainer.sums.numpy() - before
        return losses / words

    return step
