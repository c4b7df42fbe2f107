"""What can be chosen about the training of word vectors, and what follows where it is not."""

import dataclasses

LOSSES = ("negative_sampling", "hierarchical_softmax")
SCHEDULES = {"sgd": "linear", "adagrad": "constant"}  # of each optimizer
RATES = {
    ("sgd", "skipgram"): 0.04,
    ("sgd", "cbow"): 0.1,
    ("adagrad", "skipgram"): 0.1,
    ("adagrad", "cbow"): 0.1,
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """How vectors are learnt.

    Args:
        model: `skipgram` or `cbow`.
        loss: A name in `LOSSES`.
        dim: Width of the vectors.
        window: Words of context on each side, at most.
        negatives: Words drawn against each true one.
        sample: Share of the text above which a word is thinned out; 0 = none is.
        optimizer: A name in `SCHEDULES`.
        learning_rate: At the start; `None`: as in `RATES`.
        schedule: `linear`, in a straight line to nothing, or `constant`; `None`: as in `SCHEDULES`.
        epochs: Times to read the text.
        seed: Of all draws.
        workers: Threads that learn side by side; another number gives other vectors.
        average_chunks: Chunks that each learns from before what all have learnt is put together;
            0 = all of its part of a segment.
    """

    model: str = "skipgram"
    loss: str = "negative_sampling"
    dim: int = 100
    window: int = 5
    negatives: int = 5
    sample: float = 1e-3
    optimizer: str = "sgd"
    learning_rate: float | None = None
    schedule: str | None = None
    epochs: int = 5
    seed: int = 1
    workers: int = 1
    average_chunks: int = 0

    @property
    def first_rate(self):
        """The learning rate at the start."""
        return self.learning_rate or RATES[self.optimizer, self.model]

    @property
    def falls(self):
        """Whether the rate falls."""
        return (self.schedule or SCHEDULES[self.optimizer]) == "linear"
