"""How the sizes of each cell of TensorFlow 1 are read off its variables."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Kind:
    """A cell by its variables.

    Args:
        name: In `tfseq.CELLS`; of cells that are not there, TensorFlow 1's scope without `_cell`.
        scope: TensorFlow 1's scope, as `names.canonical` has it.
        gates: The variable whose last axis is `count` times as wide as the cell.
        count: See there.
        inputs: The kernel whose rows are the inputs, and below them the states if it is `joint`;
            `None`: the width of the inputs is not read off.
        joint: See there.
        forgets: Whether it has a forget bias, which no checkpoint holds.
    """

    name: str
    scope: str
    gates: str
    count: int
    inputs: str | None = "kernel"
    joint: bool = True
    forgets: bool = False

    def sizes(self, shapes):
        """`(options of the cell, width of its inputs or None)` from its `{variable: shape}`."""
        units = shapes[self.gates][-1] // self.count
        options = {"units": units, **_options(self.name, shapes)}
        if "groups" in options:
            options["units"] = units * options["groups"]
        if self.inputs is None:
            return options, None
        if "in_projection/kernel" in shapes:
            return options, shapes["in_projection/kernel"][0]
        width = options.get("projection_units", units) if self.joint else 0
        return options, shapes[self.inputs][0] - width


def _options(name, shapes):
    """What the presence of variables says, as arguments of the cell of `tfseq.cells`."""
    found = {}
    groups = sum(variable.startswith("group") for variable in shapes)
    if groups:
        found["groups"] = groups
    if any(variable.lower() == "w_f_diag" for variable in shapes):
        found["use_peepholes"] = True
    for variable in ("projection/kernel", "W_P_0", "projection_weights"):
        if variable in shapes:
            found["projection_units"] = shapes[variable][-1]
    if name == "nas" and "bias" in shapes:
        found["use_bias"] = True
    if name == "layer_norm_basic_lstm" and "input/gamma" not in shapes:
        found["layer_norm"] = False
    return found


KINDS = (
    Kind("basic_rnn", "basic_rnn_cell", "kernel", 1),
    Kind("lstm", "lstm_cell", "kernel", 4, forgets=True),
    Kind("layer_norm_basic_lstm", "layer_norm_basic_lstm_cell", "kernel", 4, forgets=True),
    Kind("layer_norm_lstm", "layer_norm_lstm_cell", "kernel", 4, forgets=True),
    Kind("weight_norm_lstm", "wn_lstm_cell", "kernel", 4, forgets=True),
    Kind(
        "coupled_input_forget_gate_lstm",
        "coupled_input_forget_gate_lstm_cell",
        "W_0",
        3,
        inputs="W_0",
        forgets=True,
    ),
    Kind("glstm", "glstm_cell", "group0/kernel", 4, inputs=None, forgets=True),
    Kind("gru", "gru_cell", "gates/kernel", 2, inputs="gates/kernel"),
    Kind("reset_after_gru", "cudnn_compatible_gru_cell", "gates/kernel", 2, inputs="gates/kernel"),
    Kind("ugrnn", "ugrnn_cell", "kernel", 2, forgets=True),
    Kind("intersection_rnn", "intersection_rnn_cell", "kernel", 4, forgets=True),
    Kind("minimal_rnn", "minimal_rnn_cell", "bias", 1, inputs=None),
    Kind("cfn", "cfn_cell", "bias", 2, joint=False),
    Kind("nas", "nas_cell", "kernel", 8, joint=False),
    Kind("sru", "sru_cell", "kernel", 4, joint=False),
    Kind("ind_rnn", "ind_rnn_cell", "kernel_w", 1, inputs="kernel_w", joint=False),
    Kind("indy_lstm", "indy_lstm_cell", "kernel_w", 4, "kernel_w", joint=False, forgets=True),
    Kind("indy_gru", "indy_gru_cell", "gates/kernel_w", 2, "gates/kernel_w", joint=False),
    Kind("phased_lstm", "phased_lstm_cell", "mask_gates/kernel", 2, inputs=None),
    Kind("conv_lstm", "conv_lstm_cell", "kernel", 4, inputs=None, forgets=True),
)
KIND_OF_SCOPE = {kind.scope: kind for kind in KINDS}
