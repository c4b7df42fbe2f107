"""Sequence to sequence: an encoder, a bridge, a decoder."""

import keras
import tensorflow as tf

from tfseq.models.bridge import make_bridge


@keras.saving.register_keras_serializable("tfseq")
class Seq2Seq(keras.Model):
    """The probability of a target text, word by word, given a source text.

        annotations, last = encoder(source)
        memory = attention's keys and values, projected once for each source
        s_0 = bridge(last, annotations)
        p(y_t | y_1 .. y_{t-1}, source) = decoder(y_{t-1}, s_{t-1}, memory)

    Args:
        encoder: An `Encoder`.
        decoder: A `Decoder`.
        bridge: One of `tfseq.models.BRIDGES`, or its name.

    Call arguments:
        inputs: `(source [batch, source time], target [batch, target time])`: integer ids, the
            target's beginning with a start id: the word before each word that is predicted.
        source_mask: `[batch, source time]` booleans, `True` = a real source word.

    Returns:
        Logits `[batch, target time, vocabulary]`.

    References: Sutskever et al., 2014, arXiv:1409.3215; Cho et al., 2014, arXiv:1406.1078;
    Bahdanau et al., 2015, arXiv:1409.0473.
    """

    def __init__(self, encoder, decoder, bridge="dense", **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.bridge = make_bridge(bridge, decoder.state_size) if isinstance(bridge, str) else bridge

    def build(self, inputs_shape=None):
        """Create all variables, by one pass over two words."""
        with tf.init_scope():
            ids = tf.ones((1, 2), tf.int32)
            states, memory = self.encode(ids)
            self.decoder(ids, states, memory)
        self.built = True

    def call(self, inputs, source_mask=None, training=False):
        source, target = inputs
        states, memory = self.encode(source, source_mask, training)
        return self.decoder(target, states, memory, training=training)[0]

    def cross_entropy(
        self, inputs, targets, weights, source_mask=None, label_smoothing=0.0, training=False
    ):
        """As `tfseq.cross_entropy` of the call's logits, which are never all in memory.

        Args:
            inputs: As in the call.
            targets: `[batch, target time]`: the word after each of the given target's.
            weights: `[batch, target time]`; 0 where a position is padding.
            source_mask: As in the call.
            label_smoothing: As in `tfseq.losses.word_losses`.
            training: Whether to drop.

        Returns:
            `(sum of the losses in nats, sum of the weights)`.
        """
        source, given = inputs
        states, memory = self.encode(source, source_mask, training)
        return self.decoder.cross_entropy(
            given, states, memory, targets, weights, label_smoothing, training
        )

    def encode(self, source, source_mask=None, training=False):
        """Read the source: `(the decoder's first states, memory)`, as `decode` takes them."""
        annotations, last = self.encoder(source, mask=source_mask, training=training)
        memory = self.decoder.memorize(annotations, source_mask)
        return self.decoder.start(self.bridge(last, annotations, source_mask), memory), memory

    def step(self, ids, states, memory, training=False):
        """One word for each row: `(logits [rows, vocabulary], new states)`."""
        return self.decoder.step(ids, states, memory, training=training)

    def loop_weights(self, **options):
        """What the steps of a loop have in common: the decoder's `LoopWeights`."""
        return self.decoder.loop_weights(**options)

    def loop_step(self, weights=None):
        """`step` for a loop: what is the same at every step is computed before; see `Decoder`."""
        return self.decoder.loop_step(weights)

    def get_config(self):
        parts = ("encoder", "decoder", "bridge")
        config = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in parts}
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        parts = ("encoder", "decoder", "bridge")
        revived = {name: keras.saving.deserialize_keras_object(config[name]) for name in parts}
        return cls(**{**config, **revived})
