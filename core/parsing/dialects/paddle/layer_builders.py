"""How a call of a layer of Paddle becomes a layer of PyTorch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain, repeat
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.arguments import signature
from core.parsing.dialects.paddle.any_norm import OF_ANY_RANK, opened
from core.parsing.dialects.paddle.building import built
from core.parsing.dialects.paddle.fluid import FLUID, SCOPED, is_scope, without_scope
from core.parsing.dialects.paddle.layers import PADDLE
from core.parsing.dialects.pytorch.layers import plain_argument
from core.parsing.dialects.translation import part
from core.parsing.evaluation.calls import BuiltinCall

ATTRIBUTES = (("weight_attr", "weight"), ("param_attr", "weight"), ("bias_attr", "bias"), ("bias_ih_attr", "bias"))
STATES = {"inputs": "input", "initial_states": "hx", "sequence_length": ""}  # which changes no shape
CHANNELS_LAST = ("NLC", "NHWC", "NDHWC")
NAMED_LAST = """
    ReLU ReLU6 LeakyReLU ELU CELU GELU SELU Mish Silu Swish Softplus Softsign Softshrink Hardshrink Tanhshrink
    ThresholdedReLU Sigmoid LogSigmoid Tanh Hardtanh Hardswish Hardsigmoid Maxout Softmax LogSoftmax
"""  # whose last argument is a name
IGNORED = ("name", "data_format", "dtype", "weight_ih_attr", "weight_hh_attr", "bias_hh_attr", *dict(ATTRIBUTES))


def builder(kind: str, translators: Mapping[str, Any] = PADDLE) -> Any:
    """What makes a layer of Paddle."""

    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        line = getattr(call.node, "lineno", 1)
        if kind == "Dropout" and kwargs.get("mode") == "downscale_in_infer":
            kept = {name: value for name, value in kwargs.items() if name not in ("mode", "name")}
            return call.call(call.evaluator.from_prelude("DownscaledDropout"), *args, **kept)
        data_format = str(kwargs.get("data_format", kwargs.get("data_layout", "NC"))).upper()
        translate = translators[kind]
        try:
            if translators is FLUID and args and is_scope(kind, args[0]):
                args, translate = without_scope(kind, args, kwargs), SCOPED[kind]
        except ParseError as error:
            raise ParseError(f"Line {line}: {kind}: {error}") from None
        args = args[:-1] if args and kind in NAMED_LAST.split() and isinstance(args[-1], str) else args
        uses = list(signature(translate).parameters)
        values = [
            value is not False if use in ("weight", "bias") else plain_argument(call, value, use)
            for value, use in zip(args, chain(uses, repeat("")), strict=False)
        ]
        settings = {k: plain_argument(call, v, k) for k, v in kwargs.items() if k not in IGNORED}
        for attribute, name in ATTRIBUTES:
            if kwargs.get(attribute) is False:
                settings[name] = False
        try:
            signature(translate).bind(*values, **settings)
            parts = translate(*values, **settings)
        except TypeError as error:
            raise ParseError(f"Line {line}: {kind}: {error}.") from None
        except ParseError as error:
            raise ParseError(f"Line {line}: {kind}: {error}") from None
        parts = _channels_last(parts, len(data_format)) if data_format in CHANNELS_LAST else parts
        layers = [built(call, one) for one in parts]
        layers[0] = opened(layers[0]) if kind in OF_ANY_RANK else layers[0]
        if isinstance(layers[0], nn.RNNBase):
            layers[0].num_directions = 1 + layers[0].bidirectional
            layers[0].argument_names = STATES
        return layers[0] if len(layers) == 1 else nn.Sequential(*layers)

    return build


def _channels_last(parts: Any, rank: int) -> Any:
    """Layers of PyTorch for an input whose channels are its last axis."""
    return (part("Permute", 0, rank - 1, *range(1, rank - 1)), *parts, part("Permute", 0, *range(2, rank), 1))


class OtherLayer(nn.Module):
    """A layer of Paddle that is no single layer of PyTorch: nothing is an instance of it."""


def class_of(kind: str) -> type[nn.Module]:
    """PyTorch's class of a layer, for `isinstance`."""
    name = re.sub(r"(\d)DTranspose$", r"Transpose\1D", "BatchNorm2D" if kind == "BatchNorm" else kind)
    known = {name.lower(): layer for name, layer in vars(nn).items() if isinstance(layer, type)}
    return known.get(name.lower(), OtherLayer)
