"""What training follows, and what tells the best epoch."""

import tensorflow as tf

from apps.translation.scores import bleu
from apps.translation.translator import IDS, Translator
from tfseq.decoding import ScheduledSampler, decode
from tfseq.losses import cross_entropy
from tfseq.text import PAD, START, ParallelBatches, batches_of_like_length


def training_loss(model, label_smoothing=0.0):
    """The loss that `Trainer` follows: the truth is fed, whatever the model would have said."""

    def loss(batch, states, training):
        losses = model.cross_entropy(
            (batch.source, batch.target_inputs),
            batch.targets,
            batch.weights,
            tf.not_equal(batch.source, PAD),
            label_smoothing,
            training,
        )
        return *losses, states

    return loss


def sampled_loss(model, schedule, seed, label_smoothing=0.0):
    """The same under scheduled sampling: at times the model's own draw is fed.

    Args:
        model: A `Seq2Seq`.
        schedule: `schedule(step) -> epsilon`, the share of the truth.
        seed: Of the draws; each step and row has draws of its own.
        label_smoothing: As for `cross_entropy`.

    Returns:
        A loss whose state is the number of the step, 0 at first.
    """

    def loss(batch, states, training):
        (step,) = states
        states, memory = model.encode(batch.source, tf.not_equal(batch.source, PAD), training)
        rows, time = tf.unstack(tf.shape(batch.targets))
        sampler = ScheduledSampler(
            tf.fill([rows], START),
            batch.targets,
            tf.math.count_nonzero(batch.weights, axis=1, dtype=tf.int32),
            1 - schedule(step),
            seed + step * rows + tf.range(rows),
        )
        model.decoder.start_sequence()
        decoded, _ = decode(
            lambda ids, states, memory: model.step(ids, states, memory, training=training),
            sampler,
            states,
            memory,
            max_steps=time,
            watch=lambda logits, states: logits,
        )
        losses, words = cross_entropy(
            decoded.watched, batch.targets, batch.weights, label_smoothing
        )
        return losses, words, [step + 1]

    return loss


class Validation:
    """The figures of the validation pairs: loss of a token under teacher forcing, and BLEU.

    Args:
        run: The `data.Run`.
        model: Its `Seq2Seq`.
        pairs: The validation pairs, a `Parallel`.
        batch_size: Pairs side by side.
        with_bleu: Whether to translate them, too.
    """

    def __init__(self, run, model, pairs, batch_size=64, with_bleu=True):
        self.run = run
        self.pairs = pairs
        self.with_bleu = with_bleu
        self.batch_size = batch_size
        self.source_ids = run.source_ids(pairs.sources)[0]
        target_ids = run.target_ids(pairs.targets)[0]
        self.batches = ParallelBatches(self.source_ids, target_ids, batch_size, shuffle=False)
        self.translator = Translator(run, model)
        self.loss = training_loss(model)
        self.traced_measure = tf.function(
            self.measure, input_signature=[self.batches.signature], autograph=False
        )

    def __call__(self):
        sums = [
            self.traced_measure(self.batches.batch(step))
            for step in range(self.batches.steps_per_epoch)
        ]
        losses, words = (float(tf.add_n(column)) for column in zip(*sums, strict=True))
        figures = {"held_out_loss": losses / words}
        if self.with_bleu:
            figures["bleu"] = bleu(self.translations(), self.pairs.targets, quiet=True).score
        return figures

    def translations(self):
        """The greedy translation of each source sentence."""
        texts = [""] * len(self.source_ids)
        for rows, ids in batches_of_like_length(self.source_ids, self.batch_size):
            for row, text in zip(rows, self.translate(ids).numpy(), strict=True):
                texts[row] = text.decode()
        return texts

    def measure(self, batch):
        """Loss and words of one batch."""
        return self.loss(batch, (), training=False)[:2]

    @tf.function(input_signature=[IDS], autograph=False)
    def translate(self, ids):
        """Texts of one batch."""
        return self.translator.write(self.translator.greedy(ids))[:, 0]
