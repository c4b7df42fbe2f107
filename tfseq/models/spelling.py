"""Words as they are looked up and as they are spelled: an embedding beside a character network."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras import ops

from tfseq.replicas import rows_of

PAD = 0


class Words(NamedTuple):
    """A batch of texts whose words are also spelled.

    Each spelling stands once, however often its word occurs: what reads it need not read it again.

    Attributes:
        ids: `[batch, time]` integers, for the embedding.
        places: `[batch, time]`: which of the spellings a word has; any where a row has ended.
        spellings: `[spellings, characters]` integers, 0 behind each.
    """

    ids: Any
    places: Any
    spellings: Any

    def rows_of(self, part, parts):
        """Some of the texts, as `replicas.rows_of` has them, with all spellings."""
        ids, places = rows_of((self.ids, self.places), part, parts)
        return Words(ids, places, self.spellings)


@keras.saving.register_keras_serializable("tfseq")
class SpelledEmbedding(keras.Layer):
    """A vector for each word, and beside it what a network says that reads its characters.

        x = [E[w]; f; b]        f: forward through c_1 .. c_m, b: backward through c_m .. c_1

    Args:
        words: An `Embedding` of words.
        characters: An `Encoder` over an embedding of characters: for each way what it says at its
            end is taken.

    Call arguments:
        words: `Words`.

    Returns:
        `[batch, time, depth]`.

    Reference: Ling et al., 2015, arXiv:1508.02096; Lample et al., 2016, arXiv:1603.01360.
    """

    def __init__(self, words, characters, **kwargs):
        super().__init__(**kwargs)
        self.words = words
        self.characters = characters

    def build(self, words_shape=None):
        """Nothing of its own: the parts are built when they are first called."""
        self.built = True

    def call(self, words, training=False):
        ids, places, spellings = words
        mask = ops.not_equal(spellings, PAD)
        spelled = self.characters.read(spellings, mask, training).last
        vectors = self.words(ids, training=training)
        # Looked up, not taken: several words of one spelling give one sum of gradients.
        return ops.concatenate([vectors, tf.gather(spelled, places)], axis=-1)

    def get_config(self):
        parts = {"words": self.words, "characters": self.characters}
        saved = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **saved}

    @classmethod
    def from_config(cls, config):
        revive = keras.saving.deserialize_keras_object
        parts = {name: revive(config[name]) for name in ("words", "characters")}
        return cls(**{**config, **parts})
