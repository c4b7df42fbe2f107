"""Recurrent cells: one step of a recurrent network, and the stacks and wrappers around it.

`CELLS` holds the plain cells by name, for a flag such as `--cell=basic_lstm`. To add a cell: the
class, one line in `CELLS`, one test against its equation in NumPy; the contract test
(`tests/cells/test_contract.py`) finds it here.
"""

from tfseq.cells.base import RNNCell
from tfseq.cells.basic import BasicRNNCell
from tfseq.cells.gru import GRUCell
from tfseq.cells.lstm import BasicLSTMCell, LSTMCell
from tfseq.cells.multi import MultiRNNCell
from tfseq.cells.normalized import LayerNormBasicLSTMCell
from tfseq.cells.wrappers import CellWrapper, DropoutWrapper, ResidualWrapper

__all__ = [
    "CELLS",
    "BasicLSTMCell",
    "BasicRNNCell",
    "CellWrapper",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LayerNormBasicLSTMCell",
    "MultiRNNCell",
    "RNNCell",
    "ResidualWrapper",
    "stack_cells",
]

CELLS = {
    "basic_rnn": BasicRNNCell,
    "basic_lstm": BasicLSTMCell,
    "lstm": LSTMCell,
    "gru": GRUCell,
    "layer_norm_basic_lstm": LayerNormBasicLSTMCell,
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
