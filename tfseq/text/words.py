"""Words, punctuation and line breaks as tokens."""

import tensorflow as tf

from tfseq.text.base import Tokenizer

SEPARATORS = (".", ",", '"', ";", "!", "?", "(", ")", "--", "\n")
_SEPARATOR = r'--|[.,";!?()\n]'


class WordTokenizer(Tokenizer):
    """Words, with punctuation and line breaks as tokens of their own.

    `Moe_Szyslak: "Well -- yes."` becomes `moe_szyslak:`, `"`, `well`, `--`, `yes`, `.`, `"`. Each
    of `SEPARATORS` is a token; what is left is cut at blanks, tabs and carriage returns, so that
    `don't` and `moe_szyslak:` stay whole. Every newline is kept, so that a blank line is two of
    them in a row.

    `detokenize` sets blanks the way English is printed (`render` has the rules), not the way they
    stood: `he--he` comes back as `he -- he`.

    Args:
        lower_case: Whether the text is put into lower case first.
    """

    def __init__(self, lower_case: bool = True):
        super().__init__(lower_case)

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Cut `[batch]` texts into `[batch, (tokens)]`."""
        spaced = tf.strings.regex_replace(self._cased(texts), rf"({_SEPARATOR})", r" \1 ")
        # Split at the blank alone: a split at any white space would drop the newlines.
        tokens = tf.strings.split(tf.strings.regex_replace(spaced, r"[\t\r]", " "), " ")
        return tf.ragged.boolean_mask(tokens, tf.not_equal(tokens, ""))

    def render(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """Each token with the blank before it, if there is one.

        There is none before `. , ; ! ? )`, after `(`, inside a pair of quotes next to the quotes,
        at the sides of a newline, and between punctuation and a word that goes on from it with `_`
        or `:` (`c._montgomery_burns`, `jr.:`). There is one between a speaker and a full stop
        (`moe: ...`). Whether a quote opens or closes is told by counting the quotes before it in
        its line. So a blank depends on what stands before it in the line, and on nothing behind it.
        """
        words = tokens.flat_values
        return tokens.with_flat_values(
            tf.where(follows_blank(tokens), tf.strings.join([" ", words]), words)
        )


def follows_blank(tokens: tf.RaggedTensor) -> tf.Tensor:
    """Whether a blank is written before a token; the rules are in `WordTokenizer.render`.

    Args:
        tokens: `[batch, (tokens)]` strings.

    Returns:
        One boolean for each of `tokens.flat_values`.
    """
    words, previous = tokens.flat_values, _previous(tokens)
    is_quote, inside = tf.equal(words, '"'), _is_inside_quotes(words, previous)
    joined = (
        tf.equal(previous, "\n")
        | tf.equal(words, "\n")
        | tf.equal(previous, "(")
        | _matches(words, "[,;!?)]")
        | (tf.equal(words, ".") & ~_matches(previous, ".*:"))
        | (inside & (is_quote | tf.equal(previous, '"')))
        | (_matches(words, "[_:].*") & _matches(previous, '[.,";!?)]'))
    )
    return ~joined


def _previous(tokens: tf.RaggedTensor) -> tf.Tensor:
    """The token before each; a newline before the first, since a text begins a line."""
    is_first = tf.equal(tf.ragged.range(tokens.row_lengths()).flat_values, 0)
    return tf.where(is_first, "\n", tf.roll(tokens.flat_values, 1, axis=0))


def _is_inside_quotes(words: tf.Tensor, previous: tf.Tensor) -> tf.Tensor:
    """Whether an odd number of quotes stands before each word in its line."""
    begins_line = tf.equal(previous, "\n")
    seen = tf.cumsum(tf.cast(tf.equal(words, '"'), tf.int32), exclusive=True)
    line = tf.cumsum(tf.cast(begins_line, tf.int32)) - 1
    seen_before_line = tf.gather(tf.boolean_mask(seen, begins_line), line)
    return tf.equal((seen - seen_before_line) % 2, 1)


def _matches(words: tf.Tensor, pattern: str) -> tf.Tensor:
    return tf.strings.regex_full_match(words, pattern)
