"""The arguments of all names of `tfseq.tf1`, in TensorFlow 1's order and with its defaults."""

import inspect

import pytest

from tfseq import tf1

# Read by `inspect.getfullargspec` from TensorFlow 1.15.5, without `*args` and `**kwargs`. A tuple
# has its fields here. `tanh` and `relu` were functions there.
SIGNATURES = {
    "AttentionCellWrapper": (
        "cell attn_length attn_size=None attn_vec_size=None input_size=None "
        "state_is_tuple=True reuse=None"
    ),
    "AttentionWrapper": (
        "cell attention_mechanism attention_layer_size=None alignment_history=False "
        "cell_input_fn=None output_attention=True initial_cell_state=None name=None "
        "attention_layer=None attention_fn=None dtype=None"
    ),
    "AttentionWrapperState": (
        "cell_state attention time alignments alignment_history attention_state"
    ),
    "BahdanauAttention": (
        "num_units memory memory_sequence_length=None normalize=False probability_fn=None "
        "score_mask_value=None dtype=None custom_key_value_fn=None name='BahdanauAttention'"
    ),
    "BahdanauMonotonicAttention": (
        "num_units memory memory_sequence_length=None normalize=False score_mask_value=None "
        "sigmoid_noise=0.0 sigmoid_noise_seed=None score_bias_init=0.0 mode='parallel' "
        "dtype=None name='BahdanauMonotonicAttention'"
    ),
    "BasicDecoder": "cell helper initial_state output_layer=None",
    "BasicDecoderOutput": "rnn_output sample_id",
    "BasicLSTMCell": (
        "num_units forget_bias=1.0 state_is_tuple=True activation=None reuse=None name=None "
        "dtype=None"
    ),
    "BasicRNNCell": "num_units activation=None reuse=None name=None dtype=None",
    "BeamSearchDecoder": (
        "cell embedding start_tokens end_token initial_state beam_width output_layer=None "
        "length_penalty_weight=0.0 coverage_penalty_weight=0.0 reorder_tensor_arrays=True"
    ),
    "BeamSearchDecoderOutput": "scores predicted_ids parent_ids",
    "BeamSearchDecoderState": "cell_state log_probs finished lengths accumulated_attention_probs",
    "CFNCell": (
        "units activation='tanh' kernel_initializer='glorot_uniform' bias_initializer='ones' "
        "name=None dtype=None"
    ),
    "Conv1DLSTMCell": "name='conv_1d_lstm_cell'",
    "Conv2DLSTMCell": "name='conv_2d_lstm_cell'",
    "ConvLSTMCell": (
        "conv_ndims input_shape output_channels kernel_shape use_bias=True "
        "skip_connection=False forget_bias=1.0 initializers=None name='conv_lstm_cell'"
    ),
    "CoupledInputForgetGateLSTMCell": (
        "num_units use_peepholes=False initializer=None num_proj=None proj_clip=None "
        "num_unit_shards=1 num_proj_shards=1 forget_bias=1.0 state_is_tuple=True "
        "activation=tanh reuse=None layer_norm=False norm_gain=1.0 norm_shift=0.0"
    ),
    "CudnnCompatibleGRUCell": "num_units reuse=None kernel_initializer=None",
    "CudnnCompatibleLSTMCell": "num_units reuse=None",
    "CustomHelper": (
        "initialize_fn sample_fn next_inputs_fn sample_ids_shape=None sample_ids_dtype=None"
    ),
    "DeviceWrapper": "cell device",
    "DropoutWrapper": (
        "cell input_keep_prob=1.0 output_keep_prob=1.0 state_keep_prob=1.0 "
        "variational_recurrent=False input_size=None dtype=None seed=None "
        "dropout_state_filter_visitor=None"
    ),
    "EmbeddingWrapper": "cell embedding_classes embedding_size initializer=None reuse=None",
    "FinalBeamSearchDecoderOutput": "predicted_ids beam_search_decoder_output",
    "GLSTMCell": (
        "num_units initializer=None num_proj=None number_of_groups=1 forget_bias=1.0 "
        "activation=tanh reuse=None"
    ),
    "GRUBlockCell": "num_units=None cell_size=None reuse=None name='gru_cell'",
    "GRUBlockCellV2": "num_units=None cell_size=None reuse=None name='gru_cell'",
    "GRUCell": (
        "num_units activation=None reuse=None kernel_initializer=None bias_initializer=None "
        "name=None dtype=None"
    ),
    "GreedyEmbeddingHelper": "embedding start_tokens end_token",
    "HighwayWrapper": "cell couple_carry_transform_gates=True carry_bias_init=1.0",
    "IndRNNCell": "num_units activation=None reuse=None name=None dtype=None",
    "IndyGRUCell": (
        "num_units activation=None reuse=None kernel_initializer=None bias_initializer=None "
        "name=None dtype=None"
    ),
    "IndyLSTMCell": (
        "num_units forget_bias=1.0 activation=None reuse=None kernel_initializer=None "
        "bias_initializer=None name=None dtype=None"
    ),
    "InferenceHelper": (
        "sample_fn sample_shape sample_dtype start_inputs end_fn next_inputs_fn=None"
    ),
    "InputProjectionWrapper": "cell num_proj activation=None input_size=None reuse=None",
    "IntersectionRNNCell": (
        "num_units num_in_proj=None initializer=None forget_bias=1.0 y_activation=relu reuse=None"
    ),
    "LSTMBlockCell": (
        "num_units forget_bias=1.0 cell_clip=None use_peephole=False dtype=None reuse=None "
        "name='lstm_cell'"
    ),
    "LSTMBlockFusedCell": (
        "num_units forget_bias=1.0 cell_clip=None use_peephole=False reuse=None dtype=None "
        "name='lstm_fused_cell'"
    ),
    "LSTMCell": (
        "num_units use_peepholes=False cell_clip=None initializer=None num_proj=None "
        "proj_clip=None num_unit_shards=None num_proj_shards=None forget_bias=1.0 "
        "state_is_tuple=True activation=None reuse=None name=None dtype=None"
    ),
    "LSTMStateTuple": "c h",
    "LayerNormBasicLSTMCell": (
        "num_units forget_bias=1.0 input_size=None activation=tanh layer_norm=True "
        "norm_gain=1.0 norm_shift=0.0 dropout_keep_prob=1.0 dropout_prob_seed=None reuse=None"
    ),
    "LayerNormLSTMCell": (
        "num_units use_peepholes=False cell_clip=None initializer=None num_proj=None "
        "proj_clip=None forget_bias=1.0 activation=None layer_norm=False norm_gain=1.0 "
        "norm_shift=0.0 reuse=None"
    ),
    "LuongAttention": (
        "num_units memory memory_sequence_length=None scale=False probability_fn=None "
        "score_mask_value=None dtype=None custom_key_value_fn=None name='LuongAttention'"
    ),
    "LuongMonotonicAttention": (
        "num_units memory memory_sequence_length=None scale=False score_mask_value=None "
        "sigmoid_noise=0.0 sigmoid_noise_seed=None score_bias_init=0.0 mode='parallel' "
        "dtype=None name='LuongMonotonicAttention'"
    ),
    "MinimalRNNCell": (
        "units activation='tanh' kernel_initializer='glorot_uniform' bias_initializer='ones' "
        "name=None dtype=None"
    ),
    "MultiRNNCell": "cells state_is_tuple=True",
    "NASCell": "num_units num_proj=None use_bias=False reuse=None",
    "OutputProjectionWrapper": "cell output_size activation=None reuse=None",
    "PhasedLSTMCell": (
        "num_units use_peepholes=False leak=0.001 ratio_on=0.1 trainable_ratio_on=True "
        "period_init_min=1.0 period_init_max=1000.0 reuse=None"
    ),
    "RNNCell": "trainable=True name=None dtype=None",
    "ResidualWrapper": "cell residual_fn=None",
    "SRUCell": "num_units activation=None reuse=None name=None",
    "SampleEmbeddingHelper": "embedding start_tokens end_token softmax_temperature=None seed=None",
    "ScheduledEmbeddingTrainingHelper": (
        "inputs sequence_length embedding sampling_probability time_major=False seed=None "
        "scheduling_seed=None name=None"
    ),
    "ScheduledOutputTrainingHelper": (
        "inputs sequence_length sampling_probability time_major=False seed=None "
        "next_inputs_fn=None auxiliary_inputs=None name=None"
    ),
    "TimeReversedFusedRNN": "cell",
    "TrainingHelper": "inputs sequence_length time_major=False name=None",
    "UGRNNCell": "num_units initializer=None forget_bias=1.0 activation=tanh reuse=None",
    "WeightNormLSTMCell": (
        "num_units norm=True use_peepholes=False cell_clip=None initializer=None "
        "num_proj=None proj_clip=None forget_bias=1.0 activation=None reuse=None"
    ),
    "attention_decoder": (
        "decoder_inputs initial_state attention_states cell output_size=None num_heads=1 "
        "loop_function=None dtype=None scope=None initial_state_attention=False"
    ),
    "bidirectional_dynamic_rnn": (
        "cell_fw cell_bw inputs sequence_length=None initial_state_fw=None "
        "initial_state_bw=None dtype=None parallel_iterations=None swap_memory=False "
        "time_major=False scope=None"
    ),
    "dynamic_decode": (
        "decoder output_time_major=False impute_finished=False maximum_iterations=None "
        "parallel_iterations=32 swap_memory=False scope=None"
    ),
    "dynamic_rnn": (
        "cell inputs sequence_length=None initial_state=None dtype=None "
        "parallel_iterations=None swap_memory=False time_major=False scope=None"
    ),
    "gather_tree": "step_ids parent_ids max_sequence_lengths end_token name=None",
    "gather_tree_from_array": "t parent_ids sequence_length",
    "hardmax": "logits name=None",
    "legacy_sequence_loss": (
        "logits targets weights average_across_timesteps=True average_across_batch=True "
        "softmax_loss_function=None name=None"
    ),
    "monotonic_attention": "p_choose_i previous_attention mode",
    "raw_rnn": "cell loop_fn parallel_iterations=None swap_memory=False scope=None",
    "rnn_decoder": "decoder_inputs initial_state cell loop_function=None scope=None",
    "sequence_loss": (
        "logits targets weights average_across_timesteps=True average_across_batch=True "
        "sum_over_timesteps=False sum_over_batch=False softmax_loss_function=None name=None"
    ),
    "sequence_loss_by_example": (
        "logits targets weights average_across_timesteps=True softmax_loss_function=None name=None"
    ),
    "stack_bidirectional_dynamic_rnn": (
        "cells_fw cells_bw inputs initial_states_fw=None initial_states_bw=None dtype=None "
        "sequence_length=None parallel_iterations=None time_major=False scope=None "
        "swap_memory=False"
    ),
    "stack_bidirectional_rnn": (
        "cells_fw cells_bw inputs initial_states_fw=None initial_states_bw=None dtype=None "
        "sequence_length=None scope=None"
    ),
    "static_bidirectional_rnn": (
        "cell_fw cell_bw inputs initial_state_fw=None initial_state_bw=None dtype=None "
        "sequence_length=None scope=None"
    ),
    "static_rnn": "cell inputs initial_state=None dtype=None sequence_length=None scope=None",
    "tile_batch": "t multiplier name=None",
}
# Not of TensorFlow 1, or without arguments there, or with `*args` alone.
OTHERS = {
    "AttentionMechanism",
    "Decoder",
    "Helper",
    "attention_variables",
    "safe_cumprod",
    "variables_by_name",
}


def words_of(name):
    """The arguments, or fields, of a name of ours, as they stand above."""
    found = getattr(tf1, name)
    if hasattr(found, "_fields"):
        return list(found._fields)
    parameters = inspect.signature(found).parameters.values()
    return [
        p.name if p.default is p.empty else f"{p.name}={p.default}"
        for p in parameters
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]


def test_no_name_is_left_out():
    assert SIGNATURES.keys() | OTHERS == set(tf1.__all__)


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_are_those_of_tensorflow_1_and_ours_come_behind_them(name):
    wanted = SIGNATURES[name].replace("'", "").split()
    found = words_of(name)
    assert found[: len(wanted)] == wanted
    assert [word.split("=")[0] for word in found[len(wanted) :]] in ([], ["name"], ["_reuse"])
