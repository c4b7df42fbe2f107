"""Recurrent cells: one step of a recurrent network, and the stacks and wrappers around it.

`CELLS` holds the plain cells by name, for a flag such as `--cell=basic_lstm`. To add a cell: the
class, one line in `CELLS`, one test against its equation in NumPy; the contract test
(`tests/cells/test_contract.py`) finds it here.
"""

from tfseq.cells.adapters import (
    EmbeddingWrapper,
    HighwayWrapper,
    InputProjectionWrapper,
    OutputProjectionWrapper,
)
from tfseq.cells.base import RNNCell
from tfseq.cells.basic import BasicRNNCell
from tfseq.cells.clockwork import ClockworkRNNCell
from tfseq.cells.convolutional import ConvLSTMCell
from tfseq.cells.derivation import AdditiveRNNCell, TwoGateRNNCell
from tfseq.cells.echo import ESNCell
from tfseq.cells.gated import CFNCell, IntersectionRNNCell, MinimalRNNCell, UGRNNCell
from tfseq.cells.gru import GRUCell, ResetAfterGRUCell
from tfseq.cells.independent import IndRNNCell, IndyGRUCell, IndyLSTMCell
from tfseq.cells.lstm import BasicLSTMCell, LSTMCell
from tfseq.cells.lstm_variants import (
    CoupledInputForgetGateLSTMCell,
    GLSTMCell,
    WeightNormLSTMCell,
)
from tfseq.cells.multi import MultiRNNCell
from tfseq.cells.nas import NASCell
from tfseq.cells.normalized import (
    LayerNormBasicLSTMCell,
    LayerNormCoupledInputForgetGateLSTMCell,
    LayerNormLSTMCell,
)
from tfseq.cells.normalized_products import (
    LayerNormBasicRNNCell,
    LayerNormGRUCell,
    LayerNormProductLSTMCell,
)
from tfseq.cells.phased import PhasedLSTMCell
from tfseq.cells.quasi import QRNNCell, SRUCell
from tfseq.cells.window import AttentionCellWrapper
from tfseq.cells.wrappers import CellWrapper, DropoutWrapper, ResidualWrapper
from tfseq.cells.zoneout import ZoneoutWrapper

__all__ = [
    "CELLS",
    "AdditiveRNNCell",
    "AttentionCellWrapper",
    "BasicLSTMCell",
    "BasicRNNCell",
    "CFNCell",
    "CellWrapper",
    "ClockworkRNNCell",
    "ConvLSTMCell",
    "CoupledInputForgetGateLSTMCell",
    "DropoutWrapper",
    "ESNCell",
    "EmbeddingWrapper",
    "GLSTMCell",
    "GRUCell",
    "HighwayWrapper",
    "IndRNNCell",
    "IndyGRUCell",
    "IndyLSTMCell",
    "InputProjectionWrapper",
    "IntersectionRNNCell",
    "LSTMCell",
    "LayerNormBasicLSTMCell",
    "LayerNormBasicRNNCell",
    "LayerNormCoupledInputForgetGateLSTMCell",
    "LayerNormGRUCell",
    "LayerNormLSTMCell",
    "LayerNormProductLSTMCell",
    "MinimalRNNCell",
    "MultiRNNCell",
    "NASCell",
    "OutputProjectionWrapper",
    "PhasedLSTMCell",
    "QRNNCell",
    "RNNCell",
    "ResetAfterGRUCell",
    "ResidualWrapper",
    "SRUCell",
    "TwoGateRNNCell",
    "UGRNNCell",
    "WeightNormLSTMCell",
    "ZoneoutWrapper",
    "stack_cells",
]

CELLS = {
    "basic_rnn": BasicRNNCell,
    "additive_rnn": AdditiveRNNCell,
    "two_gate_rnn": TwoGateRNNCell,
    "layer_norm_basic_rnn": LayerNormBasicRNNCell,
    "basic_lstm": BasicLSTMCell,
    "lstm": LSTMCell,
    "coupled_input_forget_gate_lstm": CoupledInputForgetGateLSTMCell,
    "layer_norm_basic_lstm": LayerNormBasicLSTMCell,
    "layer_norm_lstm": LayerNormLSTMCell,
    "layer_norm_coupled_input_forget_gate_lstm": LayerNormCoupledInputForgetGateLSTMCell,
    "layer_norm_product_lstm": LayerNormProductLSTMCell,
    "weight_norm_lstm": WeightNormLSTMCell,
    "glstm": GLSTMCell,
    "gru": GRUCell,
    "reset_after_gru": ResetAfterGRUCell,
    "layer_norm_gru": LayerNormGRUCell,
    "ugrnn": UGRNNCell,
    "intersection_rnn": IntersectionRNNCell,
    "minimal_rnn": MinimalRNNCell,
    "cfn": CFNCell,
    "nas": NASCell,
    "sru": SRUCell,
    "qrnn": QRNNCell,
    "ind_rnn": IndRNNCell,
    "indy_gru": IndyGRUCell,
    "indy_lstm": IndyLSTMCell,
    "clockwork_rnn": ClockworkRNNCell,
    "esn": ESNCell,
}


def stack_cells(
    name,
    units,
    layers,
    *,
    input_rate=0.0,
    state_rate=0.0,
    output_rate=0.0,
    variational=False,
    residual_from=None,
    seed=None,
    **options,
):
    """A stack of cells of one kind: what most recurrent models are made of.

    Each layer is a cell, in a `DropoutWrapper` if any rate is given, in a `ResidualWrapper` from
    `residual_from` on.

    Args:
        name: One of `CELLS`.
        units: Width of the layers: one integer, or a list of one for each layer.
        layers: Number of layers.
        input_rate: Probability to drop an entry of a layer's inputs.
        state_rate: Probability to drop an entry of a layer's state.
        output_rate: Probability to drop an entry of a layer's output.
        variational: Whether a dropout mask holds for a whole sequence.
        residual_from: Index of the first layer that adds its inputs to its output. Its inputs must
            be as wide.
        seed: For the dropout.
        **options: Further arguments of the cell.

    Returns:
        A `MultiRNNCell`, also for one layer.

    Raises:
        ValueError: An unknown `name`, or a list of `units` of another length than `layers`.
    """
    if name not in CELLS:
        raise ValueError(
            f"`name` must be one of {', '.join(sorted(CELLS))}. Received: name={name!r}"
        )
    widths = list(units) if isinstance(units, (list, tuple)) else [units] * layers
    if len(widths) != layers:
        raise ValueError(
            "`units` must be one integer, or one for each layer. "
            f"Received: units={units!r}, layers={layers!r}"
        )
    cells = []
    for layer, width in enumerate(widths):
        cell = CELLS[name](width, **options)
        if input_rate or state_rate or output_rate:
            layer_seed = None if seed is None else seed + layer
            cell = DropoutWrapper(
                cell, input_rate, state_rate, output_rate, variational, seed=layer_seed
            )
        if residual_from is not None and layer >= residual_from:
            cell = ResidualWrapper(cell)
        cells.append(cell)
    return MultiRNNCell(cells)
