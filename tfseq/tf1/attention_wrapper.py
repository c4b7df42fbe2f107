"""TensorFlow 1's `AttentionWrapper`, and its state."""

import collections

import tensorflow as tf

from tfseq import attention
from tfseq.attention import AttentionState, Memory
from tfseq.tf1.attention import AttentionMechanism, LibraryMechanism
from tfseq.tf1.cells import LibraryCell, RNNCell, variables_by_name
from tfseq.tf1.checks import require, same_structure
from tfseq.tf1.wrappers import as_library, states_to_library, states_to_tf1

HINT = "as `batch_size` says. For beam search see `tile_batch`."
FIELDS = "cell_state attention time alignments alignment_history attention_state"


class AttentionWrapperState(collections.namedtuple("AttentionWrapperState", FIELDS)):
    """The state of an `AttentionWrapper`.

    Attributes:
        cell_state: Of the inner cell.
        attention: `[batch, width]`, what the last step attended to.
        time: The step, a scalar.
        alignments: `[batch, memory time]`; a tuple for several mechanisms.
        alignment_history: `TensorArray` over time, a tuple of them, or `()`.
        attention_state: What the mechanism goes on from; a tuple for several.
    """

    def clone(self, **kwargs):
        """The same with other fields, of the same shapes: `state.clone(cell_state=encoder_state)`.

        Raises:
            ValueError: Another structure or other shapes.
        """

        def checked(old, new):
            if isinstance(old, tf.TensorArray):
                return new
            new = tf.convert_to_tensor(new)
            if not old.shape.is_compatible_with(new.shape):
                raise ValueError(
                    "A field of `clone` must have the shape that it had. "
                    f"Received: {new.shape} for {old.shape}"
                )
            return new

        fields = {}
        for name, value in kwargs.items():
            old = getattr(self, name)
            same_structure(value, old, f"`{name}` must have the structure that it had.")
            fields[name] = tf.nest.map_structure(checked, old, value)
        return self._replace(**fields)


class AttentionWrapper(RNNCell):
    """`tf.contrib.seq2seq.AttentionWrapper`; see `tfseq.attention.AttentionWrapper`.

    Args:
        cell: The inner cell: of `tfseq.tf1`, or your own.
        attention_mechanism: A mechanism, or a list of several.
        attention_layer_size: Width of the attention, or a list of one for each; `None`: the context
            itself.
        alignment_history: Whether the state keeps the alignments of all steps.
        cell_input_fn: `f(inputs, attention)`; by default both side by side.
        output_attention: Whether the output is the attention, or that of the inner cell.
        initial_cell_state: What `zero_state` starts from.
        name: Scope of the variables' names.
        attention_layer: A layer in place of `attention_layer_size`, or a list.
        attention_fn: `f(mechanism, cell_output, attention_state, attention_layer) ->
            (attention, alignments, next_attention_state)`.
    """

    def __init__(
        self,
        cell,
        attention_mechanism,
        attention_layer_size=None,
        alignment_history=False,
        cell_input_fn=None,
        output_attention=True,
        initial_cell_state=None,
        name=None,
        attention_layer=None,
        attention_fn=None,
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        self._is_multi = isinstance(attention_mechanism, (list, tuple))
        self._mechanisms = list(attention_mechanism) if self._is_multi else [attention_mechanism]
        for mechanism in self._mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                raise TypeError(
                    "attention_mechanism must be an AttentionMechanism, or a list of such. "
                    f"Received: {mechanism!r}"
                )
        self._inner = cell
        self._keeps_history = alignment_history
        self._initial_cell_state = initial_cell_state
        inner = [_library_mechanism(mechanism) for mechanism in self._mechanisms]
        if isinstance(attention_layer_size, (list, tuple)) and not self._is_multi:
            (attention_layer_size,) = attention_layer_size
        self.wrapper = HookedWrapper(
            as_library(cell),
            inner if self._is_multi else inner[0],
            attention_layer_size,
            output_attention,
            cell_input_fn,
            attention_layer,
            attention_fn=attention_fn,
            tf1_mechanisms=self._mechanisms,
        )

    def _items(self, items):
        return tuple(items) if self._is_multi else items[0]

    def _list(self, items):
        return list(items) if self._is_multi else [items]

    @property
    def output_size(self):
        """Width of the attention, or of the inner cell's output."""
        return self.wrapper.output_size

    @property
    def state_size(self):
        """An `AttentionWrapperState` of sizes."""
        lengths = [mechanism.alignments_size for mechanism in self._mechanisms]
        return AttentionWrapperState(
            cell_state=self._inner.state_size,
            attention=self.wrapper.attention_size,
            time=tf.TensorShape([]),
            alignments=self._items(lengths),
            alignment_history=self._items(lengths) if self._keeps_history else (),
            attention_state=self._items([m.state_size for m in self._mechanisms]),
        )

    def zero_state(self, batch_size, dtype):
        """Nothing attended to yet; the inner state is `initial_cell_state`, or zeros.

        Raises:
            InvalidArgumentError: A memory, or an `initial_cell_state`, of other rows.
        """
        inner = self._initial_cell_state
        if inner is None:
            inner = self._inner.zero_state(batch_size, dtype)
        self._check_rows(inner, batch_size)
        alignments = [m.initial_alignments(batch_size, dtype) for m in self._mechanisms]
        history = [
            tf.TensorArray(dtype, size=0, dynamic_size=True, element_shape=a.shape)
            for a in alignments
        ]
        return AttentionWrapperState(
            cell_state=inner,
            attention=tf.zeros([batch_size, self.wrapper.attention_size], dtype),
            time=tf.zeros([], tf.int32),
            alignments=self._items(alignments),
            alignment_history=self._items(history) if self._keeps_history else (),
            attention_state=self._items(
                [m.initial_state(batch_size, dtype) for m in self._mechanisms]
            ),
        )

    def _check_rows(self, inner, batch_size):
        found = tf.shape(tf.nest.flatten(inner)[0])[0]
        require(tf.equal(found, batch_size), f"`initial_cell_state` must have as many rows {HINT}")
        for mechanism in self._mechanisms:
            if isinstance(mechanism, LibraryMechanism):
                # Rows that are `k` times as many share a row of the memory: beams, without tiling.
                rest = batch_size % mechanism.batch_size
                require(tf.equal(rest, 0), f"A mechanism's `memory` must have as many rows {HINT}")

    def build(self, inputs_shape):
        """Build the wrapper of `tfseq.attention`."""
        self.wrapper.build(tuple(inputs_shape))
        if isinstance(self._inner, LibraryCell):
            self._inner.built = True  # its cell was

    def call(self, inputs, state):
        """One step."""
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                f"Expected state to be an AttentionWrapperState. Received: {type(state).__name__}"
            )
        pairs = zip(self._list(state.alignments), self._list(state.attention_state), strict=True)
        states = AttentionState(
            states_to_library(self._inner, state.cell_state),
            state.attention,
            self._items([tuple(pair) for pair in pairs]),
        )
        memory = self._items([_memory(mechanism) for mechanism in self._mechanisms])
        output, states = self.wrapper.call(inputs, states, memory=memory, training=True)
        weights = self._list(states.weights)
        alignments, attention_states = zip(*weights, strict=True)
        history = state.alignment_history
        if self._keeps_history:
            history = self._items(
                [
                    array.write(state.time, one)
                    for array, one in zip(self._list(history), alignments, strict=True)
                ]
            )
        return output, AttentionWrapperState(
            cell_state=states_to_tf1(self._inner, states.cell),
            attention=states.attention,
            time=state.time + 1,
            alignments=self._items(alignments),
            alignment_history=history,
            attention_state=self._items(attention_states),
        )

    def named_variables(self):
        """`{TF1 name: variable}`; `memory_layer/kernel` stands outside of the wrapper's scope."""
        scope = f"{self.name}/"
        found = attention_variables(self._mechanisms, self.wrapper.attention_layers, scope)
        return {**found, **{f"{scope}{n}": v for n, v in variables_by_name(self._inner).items()}}


def attention_variables(mechanisms, attention_layers, scope):
    """`{TF1 name: variable}` of what a wrapper has beside its cell.

    Args:
        mechanisms: Of this package, or your own.
        attention_layers: A layer for each mechanism, or `None`.
        scope: Of the wrapper. `memory_layer/kernel` stands outside of it.
    """
    found = {}
    for position, mechanism in enumerate(mechanisms):
        suffix = f"_{position}" if position else ""
        names = (
            mechanism.named_variables(suffix)
            if isinstance(mechanism, LibraryMechanism)
            else variables_by_name(mechanism)
        )
        for name, variable in names.items():
            found[name if name.startswith("memory_layer") else f"{scope}{name}"] = variable
    for layer in attention_layers:
        for variable in [] if layer is None else layer.variables:
            found[f"{scope}{layer.name}/{variable.name}"] = variable.value
    return found


class HookedWrapper(attention.AttentionWrapper):
    """The wrapper of `tfseq.attention` with TensorFlow 1's hooks.

    In the place of the weights it carries `(alignments, attention_state)`.
    """

    def __init__(self, *args, attention_fn=None, tf1_mechanisms=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.attention_fn = attention_fn
        self.tf1_mechanisms = tf1_mechanisms

    def attend(self, mechanism, attention_layer, query, memory, previous_weights, training=False):
        """One look, by the function that was given or by that of `tfseq.attention`."""
        _, state = previous_weights
        given = self.tf1_mechanisms[self.mechanisms.index(mechanism)]
        if self.attention_fn is not None:
            found = self.attention_fn(given, query, state, attention_layer)
            look, alignments, state = found
            return look, (alignments, state)
        if not isinstance(given, LibraryMechanism):
            alignments, state = given(query, state)
            context = tf.squeeze(tf.matmul(alignments[:, None], given.values), axis=1)
            if attention_layer is not None:
                context = attention_layer(tf.concat([query, context], axis=-1))
            return context, (alignments, state)
        look, weights = super().attend(mechanism, attention_layer, query, memory, state, training)
        return look, (weights, weights)


class OwnMechanism(attention.AttentionMechanism):
    """Stands in `tfseq.attention.AttentionWrapper` for a mechanism of your own: its depth alone."""

    def __init__(self, values):
        super().__init__()
        self.depth = values.shape[-1]


def _library_mechanism(mechanism):
    if isinstance(mechanism, LibraryMechanism):
        return mechanism.mechanism
    return OwnMechanism(mechanism.values)


def _memory(mechanism):
    if isinstance(mechanism, LibraryMechanism):
        return mechanism.memory
    return Memory(mechanism.values, mechanism.values, None)
