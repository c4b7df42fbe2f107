"""TensorFlow 1's names, signatures and conventions for recurrent networks.

Code of 2016 to 2019 moves over by its import line:

    from tfseq import tf1

    cell = tf1.MultiRNNCell([tf1.BasicLSTMCell(256) for _ in range(2)])
    outputs, state = tf1.dynamic_rnn(cell, inputs, sequence_length=lengths, dtype=tf.float32)

`docs/from-tf1.md` says what stands for sessions, scopes and placeholders. New code uses `tfseq`
itself, whose arithmetic this is.
"""

from tfseq.tf1.alignments import hardmax, monotonic_attention, safe_cumprod
from tfseq.tf1.attention import AttentionMechanism
from tfseq.tf1.attention_wrapper import AttentionWrapper, AttentionWrapperState
from tfseq.tf1.beam import (
    BeamSearchDecoder,
    BeamSearchDecoderOutput,
    BeamSearchDecoderState,
    FinalBeamSearchDecoderOutput,
    gather_tree,
    gather_tree_from_array,
    tile_batch,
)
from tfseq.tf1.cells import LSTMStateTuple, RNNCell, variables_by_name
from tfseq.tf1.compatible_cells import (
    CudnnCompatibleGRUCell,
    CudnnCompatibleLSTMCell,
    GRUBlockCell,
    GRUBlockCellV2,
    LSTMBlockCell,
)
from tfseq.tf1.core_cells import BasicLSTMCell, BasicRNNCell, GRUCell, LSTMCell
from tfseq.tf1.decoder import BasicDecoder, BasicDecoderOutput, Decoder, dynamic_decode
from tfseq.tf1.further_cells import (
    Conv1DLSTMCell,
    Conv2DLSTMCell,
    ConvLSTMCell,
    GLSTMCell,
    NASCell,
    PhasedLSTMCell,
)
from tfseq.tf1.helpers import (
    CustomHelper,
    GreedyEmbeddingHelper,
    Helper,
    InferenceHelper,
    SampleEmbeddingHelper,
)
from tfseq.tf1.legacy import (
    attention_decoder,
    attention_variables,
    rnn_decoder,
)
from tfseq.tf1.loops import (
    bidirectional_dynamic_rnn,
    dynamic_rnn,
    stack_bidirectional_dynamic_rnn,
)
from tfseq.tf1.losses import legacy_sequence_loss, sequence_loss, sequence_loss_by_example
from tfseq.tf1.mechanisms import (
    BahdanauAttention,
    BahdanauMonotonicAttention,
    LuongAttention,
    LuongMonotonicAttention,
)
from tfseq.tf1.normalized_cells import (
    CoupledInputForgetGateLSTMCell,
    LayerNormBasicLSTMCell,
    LayerNormLSTMCell,
    WeightNormLSTMCell,
)
from tfseq.tf1.raw import LSTMBlockFusedCell, TimeReversedFusedRNN, raw_rnn
from tfseq.tf1.simple_cells import (
    CFNCell,
    IndRNNCell,
    IndyGRUCell,
    IndyLSTMCell,
    IntersectionRNNCell,
    MinimalRNNCell,
    SRUCell,
    UGRNNCell,
)
from tfseq.tf1.static_loops import (
    stack_bidirectional_rnn,
    static_bidirectional_rnn,
    static_rnn,
)
from tfseq.tf1.training_helpers import (
    ScheduledEmbeddingTrainingHelper,
    ScheduledOutputTrainingHelper,
    TrainingHelper,
)
from tfseq.tf1.weighted_wrappers import (
    AttentionCellWrapper,
    EmbeddingWrapper,
    HighwayWrapper,
    InputProjectionWrapper,
    OutputProjectionWrapper,
)
from tfseq.tf1.wrappers import DeviceWrapper, DropoutWrapper, MultiRNNCell, ResidualWrapper

__all__ = [
    "AttentionCellWrapper",
    "AttentionMechanism",
    "AttentionWrapper",
    "AttentionWrapperState",
    "BahdanauAttention",
    "BahdanauMonotonicAttention",
    "BasicDecoder",
    "BasicDecoderOutput",
    "BasicLSTMCell",
    "BasicRNNCell",
    "BeamSearchDecoder",
    "BeamSearchDecoderOutput",
    "BeamSearchDecoderState",
    "CFNCell",
    "Conv1DLSTMCell",
    "Conv2DLSTMCell",
    "ConvLSTMCell",
    "CoupledInputForgetGateLSTMCell",
    "CudnnCompatibleGRUCell",
    "CudnnCompatibleLSTMCell",
    "CustomHelper",
    "Decoder",
    "DeviceWrapper",
    "DropoutWrapper",
    "EmbeddingWrapper",
    "FinalBeamSearchDecoderOutput",
    "GLSTMCell",
    "GRUBlockCell",
    "GRUBlockCellV2",
    "GRUCell",
    "GreedyEmbeddingHelper",
    "Helper",
    "HighwayWrapper",
    "IndRNNCell",
    "IndyGRUCell",
    "IndyLSTMCell",
    "InferenceHelper",
    "InputProjectionWrapper",
    "IntersectionRNNCell",
    "LSTMBlockCell",
    "LSTMBlockFusedCell",
    "LSTMCell",
    "LSTMStateTuple",
    "LayerNormBasicLSTMCell",
    "LayerNormLSTMCell",
    "LuongAttention",
    "LuongMonotonicAttention",
    "MinimalRNNCell",
    "MultiRNNCell",
    "NASCell",
    "OutputProjectionWrapper",
    "PhasedLSTMCell",
    "RNNCell",
    "ResidualWrapper",
    "SRUCell",
    "SampleEmbeddingHelper",
    "ScheduledEmbeddingTrainingHelper",
    "ScheduledOutputTrainingHelper",
    "TimeReversedFusedRNN",
    "TrainingHelper",
    "UGRNNCell",
    "WeightNormLSTMCell",
    "attention_decoder",
    "attention_variables",
    "bidirectional_dynamic_rnn",
    "dynamic_decode",
    "dynamic_rnn",
    "gather_tree",
    "gather_tree_from_array",
    "hardmax",
    "legacy_sequence_loss",
    "monotonic_attention",
    "raw_rnn",
    "rnn_decoder",
    "safe_cumprod",
    "sequence_loss",
    "sequence_loss_by_example",
    "stack_bidirectional_dynamic_rnn",
    "stack_bidirectional_rnn",
    "static_bidirectional_rnn",
    "static_rnn",
    "tile_batch",
    "variables_by_name",
]
