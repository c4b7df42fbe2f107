"""Tokens as a tagger reads them: looked up, and spelled; and batches of them to learn from."""

import numpy as np
import tensorflow as tf

from tfseq.models import Words
from tfseq.text import PAD, LabelledBatches, padded


class Lexicon(tf.Module):
    """What tokens are to the model, in graph operations.

    Args:
        vocabulary: The `Vocabulary` of the tokens.
        characters: That of their characters; `None` where tokens are not spelled.
        lower_case: Whether tokens are looked up in lower case.
        most_characters: Of a longer token the first ones are read.
    """

    def __init__(self, vocabulary, characters, lower_case, most_characters):
        super().__init__()
        self.vocabulary = vocabulary
        self.characters = characters
        self.lower_case = lower_case
        self.most_characters = most_characters

    def ids(self, tokens):
        """int32 ids of `[tokens]` strings."""
        return self.vocabulary.ids(looked_up(tokens, self.lower_case))

    def spellings(self, tokens):
        """The ids of the characters of each of `[tokens]` strings, `[tokens, (characters)]`."""
        return self.characters.ids(split_characters(tokens))[:, : self.most_characters]

    def read(self, tokens):
        """What a model reads: `(ids or Words, mask [batch, time])`, of one step at least.

        Args:
            tokens: `[batch, (tokens)]` strings.
        """
        width = tf.maximum(tokens.bounding_shape(axis=1), 1)
        shape = tf.stack([tokens.nrows(), width])
        words = tokens.with_flat_values(self.ids(tokens.flat_values)).to_tensor(PAD, shape=shape)
        mask = tf.not_equal(words, PAD)
        if self.characters is None:
            return words, mask
        distinct, places = tf.unique(tokens.flat_values)
        # The first spelling is that of padding.
        spellings = self.spellings(tf.concat([[""], distinct], axis=0))
        width = tf.maximum(spellings.bounding_shape(axis=1), 1)
        spellings = spellings.to_tensor(PAD, shape=tf.stack([spellings.nrows(), width]))
        places = tokens.with_flat_values(places + 1).to_tensor(0, shape=shape)
        return Words(words, places, spellings), mask


def looked_up(tokens, lower_case):
    """Strings as the vocabulary has them."""
    return tf.strings.lower(tokens, encoding="utf-8") if lower_case else tokens


def split_characters(tokens):
    """The characters of `[tokens]` strings, `[tokens, (characters)]`."""
    return tf.strings.unicode_split(tokens, "UTF-8")


class TaggedBatches(LabelledBatches):
    """Sentences of like length together: `(words, labels)`, as `Lexicon.read` gives the words.

    Args:
        sentences: For each a sequence of tokens.
        labels: Arrays of as many numbers.
        lexicon: A `Lexicon`.
        batch_size: How many sentences a step has.
        seed: Which orders the sentences come in, and which tokens are hidden.
        shuffle: Whether each epoch has a new order.
        unknown_rate: Share of the tokens seen once that are read as `UNK`, drawn for each step.
    """

    def __init__(
        self, sentences, labels, lexicon, batch_size, seed=0, shuffle=True, unknown_rate=0.0
    ):
        # Each different token has a number, from 1; 0 is padding.
        tokens = np.concatenate([np.asarray(tokens, object) for tokens in sentences])
        types, numbers = np.unique(tokens, return_inverse=True)
        ends = np.cumsum([len(tokens) for tokens in sentences])
        texts = np.split(numbers.astype(np.int32) + 1, ends[:-1])
        super().__init__(texts, labels, batch_size, seed, shuffle, unknown_rate=unknown_rate)
        types = tf.constant(types.tolist())
        ids = lexicon.ids(types).numpy()
        self.ids = np.append(PAD, ids)
        counts = np.bincount(ids[numbers], minlength=len(lexicon.vocabulary))
        self.seen_once = counts[self.ids] == 1
        self.spellings = None
        if lexicon.characters is not None:
            spellings = lexicon.spellings(types)
            self.spellings = [np.zeros(0, np.int32), *spellings.to_list()]

    @property
    def signature(self):
        """What all batches are alike in."""
        ids = tf.TensorSpec([None, None], tf.int32)
        return (ids if self.spellings is None else Words(ids, ids, ids)), ids

    def batch(self, step):
        """The batch of a step, counted from 0 over all epochs."""
        types, labels = self.whole_batch(step)
        ids = self.hidden(self.ids[types], self.seen_once[types], step)
        if self.spellings is None:
            return ids.astype(np.int32), labels
        distinct, places = np.unique(np.append(0, types), return_inverse=True)
        spellings = padded([self.spellings[number] for number in distinct])
        places = places[1:].reshape(types.shape).astype(np.int32)
        return Words(ids.astype(np.int32), places, spellings), labels
