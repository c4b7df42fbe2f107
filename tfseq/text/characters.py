"""Unicode characters as tokens."""

import tensorflow as tf

from tfseq.text.base import Tokenizer


class CharacterTokenizer(Tokenizer):
    """Unicode characters, blanks and line breaks among them. Joining gives the text back.

    Bytes that are not UTF-8 become U+FFFD, the replacement character.

    Args:
        lower_case: Whether the text is put into lower case first.
    """

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Cut `[batch]` texts into `[batch, (characters)]`."""
        return tf.strings.unicode_split(self._cased(texts), "UTF-8")

    def render(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """The characters as they are."""
        return tokens
