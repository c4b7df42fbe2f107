"""Many sentences through the translator, in batches of like length: for `translate`, `evaluate`."""

import warnings
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from apps.translation.model import load_model
from apps.translation.translator import IDS, Translator
from tfseq.alignments import replace_unknown
from tfseq.config import OptionError
from tfseq.text import SPECIALS, UNK, batches_of_like_length


class Translation(NamedTuple):
    """One translation of one sentence.

    Attributes:
        text: As it is written.
        ids: Its target ids, the end left out.
        source_tokens: The tokens of the sentence as they are spelled.
        target_tokens: Its own tokens.
        score: Its log-probability after the penalties; None from a greedy search that was not
            asked for it.
        log_probability: In nats; None likewise.
        weights: `[target tokens, source tokens]`, of the attention; no columns where nobody asked
            for alignments, or without attention.
    """

    text: str
    ids: np.ndarray
    source_tokens: list[str]
    target_tokens: list[str]
    score: float | None
    log_probability: float | None
    weights: np.ndarray


class Search:
    """Translates with the options of a verb.

    Args:
        run: The `data.Run`.
        options: `Translate` or `Evaluate`, checked here against the model.
        n_best: Translations of each sentence.
        replaces_unknown: Whether the source word that was looked at stands in place of `<unk>`.
    """

    def __init__(self, run, options, n_best=1, replaces_unknown=False):
        if n_best > options.beam_width:
            raise OptionError(
                "--n_best", f"must be at most --beam_width={options.beam_width}", n_best
            )
        self.run = run
        self.options = options
        self.n_best = n_best
        self.replaces_unknown = replaces_unknown
        self.model = load_model(run, options.weights)
        self.translator = Translator(run, self.model, options.beam_width, is_final=True)
        self.words = run.target_vocabulary.words
        self.is_scored = getattr(options, "scores", False)
        self.is_aligned = replaces_unknown or any(
            getattr(options, name, "") for name in ("alignments_file", "plot_alignments")
        )
        if options.coverage_penalty:
            self.require_attention("--coverage_penalty")
        if replaces_unknown:
            self.require_attention("--replace_unknown")

    def require_attention(self, option):
        """Refuse an option that reads the weights of an attention where there is none."""
        if not self.translator.attends:
            raise OptionError(option, "needs a model that was trained with attention")

    def __call__(self, sentences):
        """A list of `n_best` translations for each sentence, in the order of the sentences."""
        if not sentences:
            return []
        ids, cut = self.run.source_ids(sentences)
        if cut:
            warnings.warn(
                f"{cut:,} of {len(ids):,} sentences are longer than "
                f"{self.run.options.most_tokens} tokens and are cut.",
                stacklevel=2,
            )
        most = self.run.options.most_tokens
        tokens = words_of(self.run.tokenizer.spelled(sentences)[:, :most])
        found = [[] for _ in sentences]
        for rows, source in batches_of_like_length(ids, self.options.batch_size):
            hypotheses, texts = self.search(source)
            hypotheses = type(hypotheses)(*(p if p is None else p.numpy() for p in hypotheses))
            for place, row in enumerate(rows):
                found[row] = [
                    self.translation(hypotheses, texts[place, n], tokens[row], place, n)
                    for n in range(self.n_best)
                ]
        return found

    @tf.function(input_signature=[IDS], autograph=False)
    def search(self, source):
        """Hypotheses and texts of one batch."""
        options = self.options
        if options.beam_width == 1:
            found = self.translator.greedy(
                source, options.max_words, self.is_scored, self.is_aligned
            )
        else:
            found = self.translator.beam(
                source,
                options.length_penalty,
                options.coverage_penalty,
                options.max_words,
                self.n_best,
                self.is_aligned,
            )
        return found, self.translator.write(found)

    def translation(self, found, text, source_tokens, row, n):
        """One hypothesis, as it is read."""
        length = found.lengths[row, n]
        ids = found.ids[row, n, :length]
        target_tokens = [self.words[id] for id in ids]
        weights = found.weights[row, n, :length, : len(source_tokens)]
        text = text.numpy().decode()
        if self.replaces_unknown and UNK in ids:
            target_tokens = replace_unknown(target_tokens, source_tokens, weights, SPECIALS[UNK])
            text = self.run.tokenizer.detokenize(tf.ragged.constant([target_tokens])).numpy()[0]
            text = text.decode()
        return Translation(
            text,
            ids,
            source_tokens,
            target_tokens,
            None if found.scores is None else float(found.scores[row, n]),
            None if found.log_probabilities is None else float(found.log_probabilities[row, n]),
            weights,
        )


def words_of(tokens):
    """Ragged tokens as lists of strings."""
    return [[token.decode() for token in row] for row in tokens.to_list()]
