"""Every recorded loss and every recorded case of `legacy_seq2seq`, eagerly and in a graph.

The graph knows no batch and, but for what takes a list over time, no time.
"""

import pytest
import tensorflow as tf

from tests.oracles.recorded import Recorded, assert_near
from tests.tf1.building import cases_of, loosely, make, nest_at, state_like
from tfseq import tf1

compiled_or_not = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])


LOSSES = cases_of("losses")
DECODERS = cases_of("legacy_seq2seq")
WALKED = {*LOSSES, *DECODERS}


@compiled_or_not
@pytest.mark.parametrize(("archive", "case"), LOSSES)
def test_a_loss_gives_the_recorded_numbers(oracle, archive, case, compiled):
    recorded = Recorded(oracle(archive), case)
    fed = {name: tf.constant(recorded[f"in/{name}"]) for name in ("logits", "targets", "weights")}
    is_list = case.startswith("legacy")  # whose time is known
    for name, wanted in recorded.group("out").items():

        def run(name=name, **fed):
            fed = list(fed.values())
            if is_list:
                lists = [tf.unstack(value, axis=1) for value in fed]
                if name.startswith("by_example"):
                    return tf1.sequence_loss_by_example(
                        *lists, average_across_timesteps=name.endswith("avg")
                    )
                batch = not name.endswith("no_batch_avg")
                return tf1.legacy_sequence_loss(*lists, average_across_batch=batch)
            if name == "grad_logits_default":
                with tf.GradientTape() as tape:
                    tape.watch(fed[0])
                    loss = tf1.sequence_loss(*fed)
                return tape.gradient(loss, fed[0])
            if name == "loss":
                return tf1.sequence_loss(*fed, softmax_loss_function=squares)
            return tf1.sequence_loss(*fed, **flags_of(name))

        run = loosely(run, fed, timed=not is_list) if compiled else run
        assert_near(run(**fed), wanted)


def squares(labels, logits):
    """The record's own loss."""
    return tf.reduce_sum((logits - tf.one_hot(labels, logits.shape[-1])) ** 2, axis=-1)


def flags_of(name):
    """`avg_time1_avg_batch0` -> the flags of `sequence_loss`."""
    kind = "average_across" if name.startswith("avg") else "sum_over"
    flags = dict.fromkeys(("average_across_timesteps", "average_across_batch"), False)
    flags[f"{kind}_timesteps"] = "time1" in name
    flags[f"{kind}_batch"] = "batch1" in name
    return flags


LOOPS = {
    "prev[:, :D]": lambda previous, time: previous[:, :3],
    "0.7*tanh(prev)": lambda previous, time: 0.7 * tf.tanh(previous),
}


class Decoder:
    """`rnn_decoder` and `attention_decoder` of a case."""

    def __init__(self, recorded):
        self.config = recorded.config
        self.cell = make(self.config["cell"])
        self.attends = "attention_states" in recorded.group("in")
        self.fed = {name: tf.constant(value) for name, value in recorded.group("in").items()}

    def run(self, x, attention_states=None, **states):
        x = tf.unstack(x, axis=1)
        state = state_like(self.cell.state_size, nest_at(states, "initial_state"))
        loop = LOOPS.get(self.config["loop_function"])
        if not self.attends:
            outputs, state = tf1.rnn_decoder(x, state, self.cell, loop)
        else:
            names = ("output_size", "num_heads", "initial_state_attention")
            options = {name: self.config[name] for name in names}
            outputs, state = tf1.attention_decoder(
                x, state, attention_states, self.cell, loop_function=loop, **options
            )
        return tf.stack(outputs, axis=1), state

    def variables(self):
        if self.attends:
            return tf1.attention_variables(self.cell)
        return {f"rnn_decoder/{n}": v for n, v in tf1.variables_by_name(self.cell).items()}


class Seq2Seq:
    """`embedding_rnn_seq2seq` and `embedding_attention_seq2seq`, put together from their parts."""

    def __init__(self, recorded):
        config = self.config = recorded.config
        self.name = config["api"].split(".")[-1]
        self.attends = "attention" in self.name
        symbols, size = config["num_decoder_symbols"], config["embedding_size"]
        self.encoder = tf1.EmbeddingWrapper(
            make(config["cell"]), config["num_encoder_symbols"], size
        )
        self.decoder = tf1.OutputProjectionWrapper(make(config["cell"]), symbols)
        self.embedding = tf.Variable(tf.zeros([symbols, size]))
        names = "encoder_ids", "decoder_ids"
        self.fed = {name: tf.constant(recorded[f"in/{name}"]) for name in names}

    def run(self, encoder_ids, decoder_ids):
        source, target = (tf.unstack(ids, axis=1) for ids in (encoder_ids, decoder_ids))
        outputs, state = tf1.static_rnn(self.encoder, source, dtype=tf.float32)
        inputs = [tf.gather(self.embedding, ids) for ids in target]

        def follow(previous, time):
            return tf.gather(self.embedding, tf.argmax(previous, axis=1))

        if self.attends:
            outputs, state = tf1.attention_decoder(
                inputs,
                state,
                tf.stack(outputs, axis=1),
                self.decoder,
                output_size=self.config["num_decoder_symbols"],
                loop_function=follow if self.config["feed_previous"] else None,
            )
        else:
            outputs, state = tf1.rnn_decoder(inputs, state, self.decoder)
        return tf.stack(outputs, axis=1), state

    def variables(self):
        found = {f"rnn/{n}": v for n, v in tf1.variables_by_name(self.encoder).items()}
        kind = "attention" if self.attends else "rnn"
        scope = f"embedding_{kind}_decoder"
        found[f"{scope}/embedding"] = self.embedding
        inner = (
            tf1.attention_variables(self.decoder)
            if self.attends
            else {f"rnn_decoder/{n}": v for n, v in tf1.variables_by_name(self.decoder).items()}
        )
        found |= {f"{scope}/{name}": variable for name, variable in inner.items()}
        return {f"{self.name}/{name}": variable for name, variable in found.items()}


@compiled_or_not
@pytest.mark.parametrize(("archive", "case"), DECODERS)
def test_a_legacy_decoder_gives_the_recorded_numbers(oracle, archive, case, compiled):
    recorded = Recorded(oracle(archive), case)
    played = (Seq2Seq if case.startswith("embedding") else Decoder)(recorded)
    played.run(**played.fed)
    own, weights = played.variables(), recorded.group("weights")
    assert set(own) == set(weights)
    for name, value in weights.items():
        own[name].assign(value.reshape(own[name].shape))
    run = loosely(played.run, played.fed, timed=False) if compiled else played.run
    outputs, state = run(**played.fed)
    assert_near(outputs, recorded["out/outputs"], 2e-5)
    assert_near(state, state_like(state, recorded["out/final_state"]), 2e-5)


def test_what_tensorflow_1_refused_is_refused():
    cell = tf1.GRUCell(3)
    with pytest.raises(ValueError, match="at least 1 input"):
        tf1.attention_decoder([], None, tf.zeros([2, 3, 4]), cell)
    with pytest.raises(ValueError, match="less than 1 heads"):
        tf1.attention_decoder([tf.zeros([2, 3])], None, tf.zeros([2, 3, 4]), cell, num_heads=0)
    with pytest.raises(ValueError, match="must be the same"):
        tf1.sequence_loss_by_example([tf.zeros([2, 3])], [], [])
