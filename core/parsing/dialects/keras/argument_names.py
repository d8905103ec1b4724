"""The arguments of Keras's layers that are not called by a signature here: any other name is a slip.

Source: keras.layers, Keras 3, and the names that Keras 2 had besides.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

ALL = (
    "name dtype trainable seed sparse batch_size weights shape input_shape batch_shape batch_input_shape input_dim "
    "input_length activity_regularizer autocast dynamic"
)
ABOUT_WEIGHTS = ("_initializer", "_regularizer", "_constraint")
_RUN = (
    "activation recurrent_activation inner_activation use_bias unit_forget_bias dropout recurrent_dropout dropout_U "
    "dropout_W return_sequences return_state go_backwards stateful unroll time_major reset_after implementation "
    "consume_less zero_output_for_mask use_cudnn"
)
_ON_GPU = "unit_forget_bias return_sequences return_state go_backwards stateful time_major"  # its activations are fixed
_ATTENTION = "use_scale score_mode dropout causal"
_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")
ARGUMENTS: dict[str, str] = {
    **dict.fromkeys(_RECURRENT, f"units {_RUN}"),
    **dict.fromkeys(("CuDNNLSTM", "CuDNNGRU"), f"units {_ON_GPU}"),
    **{f"ConvLSTM{n}D": f"filters kernel_size strides padding data_format dilation_rate {_RUN}" for n in (1, 2, 3)},
    **{
        f"LocallyConnected{n}D": "filters kernel_size strides padding data_format activation use_bias implementation"
        for n in (1, 2)
    },
    "RNN": f"cell {_RUN}",
    "StackedRNNCells": "cells",
    "Bidirectional": "layer merge_mode backward_layer",
    "TimeDistributed": "layer",
    "Embedding": "output_dim mask_zero dropout lora_rank lora_alpha",
    "MultiHeadAttention": "num_heads key_dim value_dim dropout use_bias output_shape attention_axes flash_attention",
    "GroupQueryAttention": "head_dim num_query_heads num_key_value_heads dropout use_bias flash_attention",
    "EinsumDense": "equation output_shape activation bias_axes lora_rank lora_alpha",
    "PReLU": "shared_axes",
    "RepeatVector": "n",
    "Permute": "dims",
    "SpectralNormalization": "layer power_iterations",
    "Concatenate": "axis",
    "Dot": "axes normalize",
    "Attention": _ATTENTION,
    "AdditiveAttention": _ATTENTION,
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Average"), ""),
    "Lambda": "function output_shape mask arguments",
}

_GATES = "kernel_initializer recurrent_initializer bias_initializer"
_WEIGHTS = "kernel_initializer bias_initializer kernel_regularizer bias_regularizer activity_regularizer"
_SLIDING = "filters kernel_size strides padding"
_ENDING = f"activation use_bias {_WEIGHTS}"
# Keras's order of arguments; behind a bar those that are read by their names alone
ORDERS: dict[str, str] = {
    **dict.fromkeys(
        ("LSTM", "GRU", "LSTMCell", "GRUCell"), f"units | activation recurrent_activation use_bias {_GATES}"
    ),
    **dict.fromkeys(("SimpleRNN", "SimpleRNNCell"), f"units | activation use_bias {_GATES}"),
    **{
        f"ConvLSTM{n}D": "filters kernel_size strides padding | data_format dilation_rate activation "
        "recurrent_activation use_bias"
        for n in (1, 2, 3)
    },
    "RNN": "cell | return_sequences return_state go_backwards stateful unroll",
    "Bidirectional": "layer | merge_mode weights backward_layer",
    "Embedding": "input_dim output_dim | embeddings_initializer embeddings_regularizer activity_regularizer",
    "MultiHeadAttention": "num_heads key_dim | value_dim dropout use_bias output_shape attention_axes",
    "GroupQueryAttention": "head_dim num_query_heads num_key_value_heads | dropout use_bias",
    "PReLU": "| alpha_initializer alpha_regularizer alpha_constraint shared_axes",
    "Dense": f"units activation use_bias | {_WEIGHTS}",
    **{f"Conv{n}D": f"{_SLIDING} | data_format dilation_rate groups {_ENDING}" for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": f"{_SLIDING} | output_padding data_format dilation_rate {_ENDING}" for n in (1, 2, 3)},
    **{f"SeparableConv{n}D": f"{_SLIDING} | data_format dilation_rate depth_multiplier {_ENDING}" for n in (1, 2)},
    **{
        f"DepthwiseConv{n}D": "kernel_size strides padding | depth_multiplier data_format dilation_rate activation "
        "use_bias"
        for n in (1, 2)
    },
    **{
        f"{kind}Pooling{n}D": "pool_size strides padding | data_format"
        for kind in ("Max", "Average")
        for n in (1, 2, 3)
    },
    **{f"Global{kind}Pooling{n}D": "| data_format keepdims" for kind in ("Max", "Average") for n in (1, 2, 3)},
    "UpSampling2D": "size | data_format interpolation",
    **{f"{kind}2D": "padding | data_format" for kind in ("ZeroPadding", "Cropping")},
    "BatchNormalization": "| axis momentum epsilon center scale",
    "LayerNormalization": "| axis epsilon center scale",
}


def by_name(kind: str, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a layer that are read by their place, and by their names those behind them.

    >>> by_name("LSTM", (8, "tanh", "sigmoid", False))
    ((8,), {'activation': 'tanh', 'recurrent_activation': 'sigmoid', 'use_bias': False})
    """
    placed, _, named = ORDERS.get(kind, "").partition("|")
    count, names = len(placed.split()), named.split()
    if kind not in ORDERS or len(args) > count + len(names):
        return args, {}
    return args[:count], dict(zip(names, args[count:], strict=False))


def first_order(kind: str, args: Sequence[Any]) -> str:
    """What to say where three numbers of a convolution mean another in Keras 1: its kernel, for today's strides.

    >>> first_order("Conv2D", (32, 3, 3)).split(":")[0]
    'Conv2D(32, 3, 3) has strides of 3, as Keras reads it today'
    """
    numbers = args[:3]
    if kind not in ("Conv2D", "Convolution2D") or len(numbers) < 3 or not all(type(n) is int for n in numbers):
        return ""
    filters, rows, columns = numbers
    call = f"{kind}({filters}, {rows}, {columns})"
    if kind == "Conv2D":
        return (
            f"{call} has strides of {columns}, as Keras reads it today: in Keras 1 it has a kernel of {rows}x{columns}."
        )
    today = f"Conv2D({filters}, ({rows}, {columns}))"
    return f"{call} is in Keras 1's order, where {rows} and {columns} are the kernel: write {today}."


def slip(kind: str, names: list[str]) -> str:
    """What to say of the first of these arguments that a layer does not have, "" if it has them all.

    >>> slip("LSTM", ["units", "return_sequence"])
    'return_sequence is no argument of LSTM; the nearest is return_sequences.'
    """
    if kind not in ARGUMENTS:
        return ""
    known = [*ARGUMENTS[kind].split(), *ALL.split()]
    odd = next((name for name in names if name not in known and not name.endswith(ABOUT_WEIGHTS)), "")
    near = difflib.get_close_matches(odd, known, n=1, cutoff=0.7)
    return odd and f"{odd} is no argument of {kind}{f'; the nearest is {near[0]}' if near else ''}."
