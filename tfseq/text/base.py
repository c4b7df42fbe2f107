"""What every tokenizer does: text to tokens and back, in graph operations."""

import tensorflow as tf


def readable(texts) -> tf.Tensor:
    """Texts that can be read whoever has sent them: UTF-8 without the character NUL.

    What is neither stands as U+FFFD, as it does in any reader of UTF-8. Without this an answer
    could hold bytes that no JSON may, and `tf.strings.lower` would cut the text at a NUL.

    Args:
        texts: Strings of any shape, any bytes.
    """
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    return tf.strings.regex_replace(texts, r"\x00", "\N{REPLACEMENT CHARACTER}")


class Tokenizer:
    """Text to tokens and back. A subclass writes `tokenize` and `render`.

    All of it is graph operations over a whole batch, so that training data and an exported model
    are cut by the same code. Two laws hold for tokens that came from a text:

        tokenize(detokenize(tokens)) == tokens
        detokenize(tokens[:n]) is how detokenize(tokens) begins

    By the second a text can be shown while it is being generated: `render` says what each token
    adds to what stands before it, and nothing that was shown is ever taken back.

    Args:
        lower_case: Whether the text is put into lower case first.
    """

    def __init__(self, lower_case: bool = False):
        self.lower_case = lower_case

    def tokenize(self, texts) -> tf.RaggedTensor:
        """Cut texts into tokens.

        Args:
            texts: `[batch]` strings, UTF-8.

        Returns:
            `[batch, (tokens)]` strings. An empty text has no tokens.
        """
        raise NotImplementedError

    def spelled(self, texts) -> tf.RaggedTensor:
        """`tokenize`, but what cannot be cut into tokens stands in its place as it is written.

        Args:
            texts: `[batch]` strings, UTF-8.

        Returns:
            `[batch, (tokens)]` strings, as many as `tokenize` gives.
        """
        return self.tokenize(texts)

    def render(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        """What each token adds to the text, together with the blank before it where there is one.

        Args:
            tokens: `[batch, (tokens)]` strings.

        Returns:
            Strings of the same shape; joined without anything between, they are the text.
        """
        raise NotImplementedError

    def detokenize(self, tokens: tf.RaggedTensor) -> tf.Tensor:
        """Write tokens as readable text.

        Args:
            tokens: `[batch, (tokens)]` strings.

        Returns:
            `[batch]` strings.
        """
        return tf.strings.reduce_join(self.render(tokens), axis=-1)

    def get_config(self) -> dict:
        """The constructor's arguments, as JSON can hold them."""
        return {"lower_case": self.lower_case}

    @classmethod
    def from_config(cls, config: dict):
        """The tokenizer that `get_config` describes."""
        return cls(**config)

    def _cased(self, texts) -> tf.Tensor:
        texts = tf.convert_to_tensor(texts, tf.string)
        return tf.strings.lower(texts, encoding="utf-8") if self.lower_case else texts
