"""What stands between blanks as tokens, for text that is cut already."""

import tensorflow as tf

from tfseq.text.base import Tokenizer


class WhitespaceTokenizer(Tokenizer):
    """What stands between blanks, for text whose punctuation already stands apart.

    `a man on a woman &apos;s shoulders .` has eight tokens. Blanks are those of ASCII: the blank,
    the tab, and what ends a line or a page. A no-break space (U+00A0, U+202F) is a character like
    any other.

    Args:
        lower_case: Whether the text is put into lower case first.
    """

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Cut `[batch]` texts into `[batch, (tokens)]`."""
        return tf.strings.split(self._cased(texts))

    def render(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """Each token with a blank before it, but for the first of a text."""
        words = tokens.flat_values
        return tokens.with_flat_values(
            tf.where(begins_text(tokens), words, tf.strings.join([" ", words]))
        )


def begins_text(tokens: tf.RaggedTensor) -> tf.Tensor:
    """Whether a token is the first of its text.

    Args:
        tokens: `[batch, (tokens)]` strings.

    Returns:
        One boolean for each of `tokens.flat_values`.
    """
    return tf.equal(tf.ragged.range(tokens.row_lengths()).flat_values, 0)
