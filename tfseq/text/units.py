"""Words cut where letters meet other characters; each part knows if it began its word."""

import tensorflow as tf

from tfseq.text.base import Tokenizer
from tfseq.text.blanks import begins_text

# What goes on with a word begins with this. No word holds a blank, so no text can be taken for it.
MARK = " ##"

# An escape such as `&apos;` is one unit: tokenised corpora are full of them.
_UNIT = r"(&#?[a-z0-9]+;|[\p{L}\p{M}\p{N}]+|&+|[^\p{L}\p{M}\p{N}&]+)"


class UnitTokenizer(Tokenizer):
    """Runs of letters and digits, and runs of other characters, with the blanks kept exactly.

    `l'homme part.` becomes `l`, ` ##'`, ` ##homme`, `part`, ` ##.`: a unit with no blank before it
    carries `MARK`. So the text comes back as it was but for its blanks, of which one stays where
    several stood and none at the ends. Blanks are those of ASCII, as in `WhitespaceTokenizer`.

    Args:
        lower_case: Whether the text is put into lower case first.
    """

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Cut `[batch]` texts into `[batch, (units)]`."""
        words = tf.strings.split(self._cased(texts))
        # [batch, (words), (units)]
        units = tf.strings.split(tf.strings.regex_replace(words, _UNIT, r"\1 "))
        begins_word = begins_text(units.values)
        marked = tf.strings.join([MARK, units.flat_values])
        return units.with_flat_values(tf.where(begins_word, units.flat_values, marked)).merge_dims(
            -2, -1
        )

    def render(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """Each unit with the blank before it, if it has one."""
        blank = ~begins_text(tokens) & ~continues_word(tokens.flat_values)
        spelled = spell(tokens.flat_values)
        return tokens.with_flat_values(tf.where(blank, tf.strings.join([" ", spelled]), spelled))


def continues_word(tokens: tf.Tensor) -> tf.Tensor:
    """Whether each of `[tokens]` strings carries `MARK`."""
    return tf.equal(tf.strings.substr(tokens, 0, len(MARK)), MARK)


def spell(tokens: tf.Tensor) -> tf.Tensor:
    """Each of `[tokens]` strings without its `MARK`."""
    return tf.strings.regex_replace(tokens, f"^{MARK}", "")
