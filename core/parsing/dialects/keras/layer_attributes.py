"""What a text asks of a layer of Keras: whether it has weights, how many, and settings under their names.

Source: keras.layers, the attributes that their `__init__` and `build` set.
"""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

from torch import nn

from core.parsing.arguments import signature
from core.parsing.dialects.keras.argument_names import ORDERS
from core.parsing.dialects.keras.layers import TRANSLATORS
from core.parsing.evaluation.values import MISSING, Builtin, Unknown

_RULES = "kernel_initializer bias_initializer kernel_regularizer bias_regularizer kernel_constraint bias_constraint"
_DENSE = f"kernel bias activation use_bias units {_RULES}"
_CONV = f"kernel bias activation use_bias filters kernel_size strides padding dilation_rate groups data_format {_RULES}"
_NORM = "gamma beta epsilon axis center scale"
_LOOP = "cell units activation return_sequences return_state stateful go_backwards"
_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
_DEPTHWISE = ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
HAS: dict[str, str] = {
    "Dense": _DENSE,
    **dict.fromkeys((*_CONVOLUTIONS, *(name.replace("Conv", "Convolution") for name in _CONVOLUTIONS)), _CONV),
    **dict.fromkeys(_DEPTHWISE, f"{_CONV.removeprefix('kernel ')} depthwise_initializer depthwise_regularizer"),
    "BatchNormalization": f"{_NORM} moving_mean moving_variance momentum",
    "LayerNormalization": _NORM,
    "Embedding": "embeddings input_dim output_dim mask_zero embeddings_initializer embeddings_regularizer",
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), _LOOP),
    **dict.fromkeys(("Dropout", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout", "GaussianDropout"), "rate"),
    "Activation": "activation",
}
LOOPS = {"LSTM": 3, "GRU": 3, "SimpleRNN": 3}  # weights of Keras, where PyTorch has one bias more
WEIGHTS = ("weights", "variables")
TRAINED = ("trainable_weights", "trainable_variables")
FROZEN = ("non_trainable_weights", "non_trainable_variables")


NUMBERS = ("units", "filters", "input_dim", "output_dim", "rate", "groups", "depth_multiplier", "axis", "epsilon", "n")
SWITCHES = ("use_bias", "return_sequences", "return_state", "go_backwards", "stateful", "mask_zero", "center", "scale")
WINDOWS = ("kernel_size", "strides", "dilation_rate", "pool_size", "size")  # a number for each axis
STATED = (*NUMBERS, *SWITCHES, *WINDOWS, "padding", "data_format", "target_shape", "num_heads", "key_dim")


def stated_setting(kind: str, args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> Any:
    """`layer.kernel_size`: a setting as Keras keeps it; `MISSING` where the text states none and none is usual.

    >>> stated_setting("Conv2D", (16, 3), {"padding": "SAME"}, "kernel_size")
    (3, 3)
    """
    if name not in STATED:
        return MISSING
    order = _parameters(kind)
    stated = by_names(kind, args) | kwargs
    value = stated.get(name, MISSING)
    if value is MISSING and name in order and order[name].default is not inspect.Parameter.empty:
        value = order[name].default
    if value is None and name == "strides":
        value = stated.get("pool_size", 2)
    axes = re.search(r"(\d)D", kind)
    if name in WINDOWS and axes and isinstance(value, (int, list, tuple)):
        return tuple(value) if isinstance(value, (list, tuple)) else (value,) * int(axes[1])
    if name == "data_format" and value in (None, MISSING) and axes:
        return "channels_last"
    return value.lower() if name == "padding" and isinstance(value, str) else value


def by_names(kind: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """A layer's arguments by their places under their names."""
    placed = ORDERS.get(kind, "").partition("|")[0].split()
    return dict(zip(list(_parameters(kind)) or placed, args, strict=False))


def _parameters(kind: str) -> dict[str, inspect.Parameter]:
    if kind not in TRANSLATORS:
        return {}
    return dict(list(signature(TRANSLATORS[kind]).parameters.items())[1:])


def layer_attribute(kind: str, module: nn.Module | None, is_trained: bool, name: str, node: ast.AST | None) -> Any:
    """What `layer.weights` and its kind are; `MISSING` for what is not known or not there.

    Args: `module` is what the layer has been built as, None before; a built layer without weights has a module, too,
    or none at all in PyTorch.
    """
    if name in HAS.get(kind, "").split():
        return Unknown(f"{name} of a layer is not known", getattr(node, "lineno", 1), is_data=True, is_described=True)
    if module is None:
        return MISSING
    learned, kept = _counts(kind, module)
    line = getattr(node, "lineno", 1)

    def listed(count: int) -> list[Unknown]:
        return [Unknown("the values of weights are not known", line, is_data=True) for _ in range(count)]

    if name in WEIGHTS:
        return listed(learned + kept)
    if name in TRAINED:
        return listed(learned if is_trained else 0)
    if name in FROZEN:
        return listed(kept if is_trained else learned + kept)
    if name == "get_weights":
        return Builtin(name, lambda: listed(learned + kept))
    if name == "count_params":
        return Builtin(name, lambda: _numbers(module))
    return MISSING


def _counts(kind: str, module: nn.Module) -> tuple[int, int]:
    """How many weights Keras learns, and how many it only keeps, as those of batch norm."""
    learned = LOOPS.get(kind) or sum(1 for _ in module.parameters())
    return learned, len(_kept(module))


def _kept(module: nn.Module) -> list[Any]:
    return [one for name, one in module.named_buffers() if name.rpartition(".")[2].startswith("running_")]


def _numbers(module: nn.Module) -> int:
    return sum(one.numel() for one in (*module.parameters(), *_kept(module)))
