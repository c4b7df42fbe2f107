"""What training follows, and what tells the best epoch."""

import tensorflow as tf

from apps.translation.scores import bleu
from apps.translation.translator import IDS, Translator
from tfseq.decoding import ScheduledSampler, decode
from tfseq.losses import cross_entropy
from tfseq.replicas import Replicas
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


def sampled_loss(model, schedule, label_smoothing=0.0):
    """The same under scheduled sampling: at times the model's own draw is fed.

    Args:
        model: A `Seq2Seq`.
        schedule: `schedule(step) -> epsilon`, the share of the truth.
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
            row_seeds(model.decoder.seed_generator, rows),
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


def row_seeds(generator, rows):
    """A seed for each row of each step, from a `keras.random.SeedGenerator`."""
    seed, draw = tf.unstack(tf.cast(generator.next(), tf.int64))
    return tf.cast((seed + draw * tf.cast(rows, tf.int64)) % 2**31, tf.int32) + tf.range(rows)


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
        self.replicas = Replicas()
        self.traced_measure = self.replicas.summed(self.measure, self.batches.signature)
        self.traced_translate = self.replicas.traced(self.translate, IDS)

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
            for row, text in zip(rows, self.traced_translate(ids).numpy(), strict=True):
                texts[row] = text.decode()
        return texts

    def measure(self, batch):
        """Loss and words of one batch."""
        return self.loss(batch, (), training=False)[:2]

    def translate(self, ids):
        """Texts of one batch."""
        found = self.translator.greedy(self.replicas.share(ids))
        if self.replicas.count > 1:
            # To a width that no translation exceeds, since rows can be joined only where all are
            # of one.
            room = 2 * tf.shape(ids)[1] + 11 - tf.shape(found.ids)[2]
            padded = tf.pad(found.ids, tf.convert_to_tensor([[0, 0], [0, 0], [0, room]]))
            lengths = self.replicas.gather(found.lengths)
            found = found._replace(ids=self.replicas.gather(padded), lengths=lengths)
        return self.translator.write(found)[:, 0]
