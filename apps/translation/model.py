"""The translator's model: built from the options of a run, and read from its checkpoints."""

import keras
import numpy as np
import tensorflow as tf

from tfseq.attention import AttentionWrapper, ConditionalCell, make_attention
from tfseq.cells import stack_cells
from tfseq.config import OptionError
from tfseq.models import Decoder, Embedding, Seq2Seq
from tfseq.parts import cell_dropout, load_weights, make_encoder
from tfseq.runs import fitting_parts, start_from_vectors
from tfseq.text import END

KEYLESS = ("dot", "scaled_dot", "bilinear")  # these compare with the encoder's outputs themselves


def build_model(run):
    """A new model with the options of `train`; the same seed gives the same weights."""
    options = run.options
    keras.utils.set_random_seed(options.seed)
    target = Embedding(
        len(run.target_vocabulary),
        options.embedding_size,
        rate=options.embedding_rate,
        tied=options.tied != "none",
        seed=options.seed,
    )
    source = target
    if options.tied != "all":
        source = Embedding(
            len(run.source_vocabulary),
            options.embedding_size,
            rate=options.embedding_rate,
            seed=options.seed + 1,
        )
    with fitting_parts():
        decoder = Decoder(
            target,
            decoder_cell(options),
            readout_units=options.readout_units or None,
            rate=options.readout_rate,
            seed=options.seed,
        )
        encoder = make_encoder(options, source, reverse=options.reverse_source)
        model = Seq2Seq(encoder, decoder, options.bridge)
        model.build()
    return model


def decoder_cell(options):
    """The decoder's cell, with its attention."""
    units = options.decoder_units or options.units

    def stack(seed, residual_from=options.residual_from):
        return stack_cells(
            options.cell,
            units,
            options.layers,
            residual_from=residual_from,
            seed=seed,
            **cell_dropout(options),
        )

    cell = stack(options.seed + 1000)
    if options.attention == "none":
        return cell
    compared = options.attention_units or (None if options.attention in KEYLESS else units)
    mechanism = make_attention(options.attention, compared)
    if options.decoder == "conditional":
        # The second stack reads the context, which is not as wide as its outputs.
        after = None if options.residual_from == 0 else options.residual_from
        return ConditionalCell(cell, mechanism, stack(options.seed + 2000, after))
    return AttentionWrapper(cell, mechanism, options.attention_layer or None)


def start_from_counts(model, counts, pairs):
    """Let the softmax begin with the words' frequencies: `b = log((count + 0.1) / total)`.

    Args:
        model: A `Seq2Seq`.
        counts: How often each target id stands in the training pairs.
        pairs: How many these are, which is how often the end does.
    """
    decoder = model.decoder
    bias = decoder.embedding.bias if decoder.softmax is None else decoder.softmax.bias
    counts = counts + 0.1
    counts[END] += pairs
    bias.assign(np.log(counts / counts.sum()))


def sides(model, run):
    """`(side, embedding, vocabulary)` of source and target."""
    return (
        ("source", model.encoder.embedding, run.source_vocabulary),
        ("target", model.decoder.embedding, run.target_vocabulary),
    )


def start_from_files(model, run, begun):
    """Put word vectors into the embeddings that have a file; print how many words have one.

    Args:
        model: The run's model.
        run: A `data.Run`.
        begun: Whether the run goes on, so that its checkpoint has the vectors.
    """
    given = [side for side in sides(model, run) if getattr(run.options, f"{side[0]}_embeddings")]
    if run.options.freeze_embeddings and not given:
        rule = "is for a start from --source_embeddings or --target_embeddings"
        raise OptionError("--freeze_embeddings", rule)
    if len(given) == 2 and run.options.tied == "all":
        rule = "must not be given with --source_embeddings: with --tied=all both share one"
        raise OptionError("--target_embeddings", rule, run.options.target_embeddings)
    for side, embedding, vocabulary in given:
        words = None if begun else vocabulary.words
        start_from_vectors(embedding, words, run.options, f"{side}_embeddings")


def load_model(run, weights="best"):
    """The run's model with the weights of its best epoch, or of its last."""
    model = build_model(run)
    load_weights(model, run.directory, weights)
    return model


def attention_weights(logits, states):
    """What `decode` and `beam_search` watch: `[rows, source time]`."""
    weights = states.weights
    return tf.add_n(weights) / len(weights) if isinstance(weights, tuple) else weights
