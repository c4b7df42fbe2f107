"""From the scores of labels to labels: step by step, or as a whole row that is one choice."""

import keras
import tensorflow as tf

from tfseq.models.crf import crf_decode, crf_log_likelihood, crf_marginals


@keras.saving.register_keras_serializable("tfseq")
class SoftmaxOutput(keras.Layer):
    """Each step's label for itself.

        p(y) = prod_t softmax(s_t)[y_t]

    Args:
        labels: Number of labels.

    Every method takes `scores [batch, time, labels]` in float32 and `mask [batch, time]`, whose
    padding stands behind the words.
    """

    def __init__(self, labels, **kwargs):
        super().__init__(**kwargs)
        self.labels = labels

    def log_likelihood(self, scores, labels, mask):
        """`log p(y)` of the labels `[batch, time]`: `[batch]`."""
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
        return -tf.reduce_sum(tf.where(mask, losses, 0), axis=1)

    def decode(self, scores, mask):
        """The likeliest labels, `[batch, time]` int32; 0 where the mask is `False`."""
        return tf.where(mask, tf.argmax(scores, axis=-1, output_type=tf.int32), 0)

    def marginals(self, scores, mask):
        """The probability of each label at each step; zeros where the mask is `False`."""
        return tf.where(mask[:, :, None], tf.nn.softmax(scores), 0)

    def get_config(self):
        return {**super().get_config(), "labels": self.labels}


@keras.saving.register_keras_serializable("tfseq")
class CRFOutput(SoftmaxOutput):
    """A linear-chain CRF, which knows the labels that begin a row and those that end it, too.

        p(y) = exp(u[y_1] + sum_t s_t[y_t] + sum_{t > 1} T[y_{t-1}, y_t] + v[y_n]) / Z

    Args:
        labels: Number of labels.

    Reference: Lample et al., 2016, arXiv:1603.01360.
    """

    def build(self, scores_shape=None):
        """Create `T`, `u` and `v`."""
        self.transitions = self.add_weight(
            (self.labels, self.labels), initializer="zeros", name="transitions"
        )
        self.starts = self.add_weight((self.labels,), initializer="zeros", name="starts")
        self.ends = self.add_weight((self.labels,), initializer="zeros", name="ends")
        self.built = True

    def log_likelihood(self, scores, labels, mask):
        """`log p(y)` of the labels `[batch, time]`: `[batch]`."""
        scores = self._with_ends(scores, mask)
        return crf_log_likelihood(scores, labels, self._transitions(), mask)

    def decode(self, scores, mask):
        """The likeliest labels, `[batch, time]` int32; 0 where the mask is `False`."""
        return crf_decode(self._with_ends(scores, mask), self._transitions(), mask)[0]

    def marginals(self, scores, mask):
        """The probability of each label at each step; zeros where the mask is `False`."""
        return crf_marginals(self._with_ends(scores, mask), self._transitions(), mask)

    def _transitions(self):
        return tf.convert_to_tensor(self.transitions)

    def _with_ends(self, scores, mask):
        """Scores that hold `u` at each row's first step and `v` at its last."""
        is_last = mask & ~tf.pad(mask[:, 1:], [[0, 0], [0, 1]])
        scores = scores + tf.cast(is_last, scores.dtype)[:, :, None] * self.ends
        return tf.concat([scores[:, :1] + self.starts, scores[:, 1:]], axis=1)


LABEL_OUTPUTS = {"softmax": SoftmaxOutput, "crf": CRFOutput}


def make_label_output(name, labels):
    """The output of that name over so many labels."""
    if name not in LABEL_OUTPUTS:
        raise ValueError(f"`name` must be one of {', '.join(LABEL_OUTPUTS)}. Received: {name=}")
    return LABEL_OUTPUTS[name](labels)
