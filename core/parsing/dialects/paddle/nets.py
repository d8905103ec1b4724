"""`paddle.fluid.nets`: several layers of a static graph by one function.

Source: paddle.fluid.nets of Paddle 1.8.
"""

from __future__ import annotations

from typing import Any

from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.paddle import fluid, steps
from core.parsing.dialects.paddle.first_functions import GATED
from core.parsing.dialects.paddle.layers import Parts
from core.parsing.dialects.paddle.static_graphs import (
    Shape,
    batch_norm,
    conv,
    made,
    of_parts,
    pool,
    sequence_conv,
    with_layers,
)
from core.parsing.dialects.translation import part
from core.parsing.evaluation.calls import BuiltinCall


def _conv_pool(call: BuiltinCall, inputs: Any, num_filters: Any, filter_size: Any, pool_size: Any, pool_stride: Any,
               pool_padding: Any = 0, pool_type: Any = "max", global_pooling: Any = False, conv_stride: Any = 1,
               conv_padding: Any = 0, conv_dilation: Any = 1, conv_groups: Any = 1, param_attr: Any = None,
               bias: Any = None, act: Any = None) -> KerasTensor:  # fmt: skip
    """A convolution and a pool behind it."""
    x = symbol_of(call, inputs)
    window = (conv_stride, conv_padding, conv_dilation, conv_groups)
    seen = with_layers(call, conv(2)(x.shape, num_filters, filter_size, *window, bias=bias, act=act), x)
    return with_layers(call, pool(seen.shape, pool_size, pool_type, pool_stride, pool_padding, global_pooling), seen)


def _conv_group(x: Shape, conv_num_filter: Any, pool_size: Any, conv_padding: Any = 1, conv_filter_size: Any = 3,
                conv_act: Any = None, param_attr: Any = None, conv_with_batchnorm: Any = False,
                conv_batchnorm_drop_rate: Any = 0.0, pool_stride: Any = 1,
                pool_type: Any = "max") -> Parts:  # fmt: skip
    """Several convolutions and a pool behind them, as of VGG."""
    parts: list[Any] = []
    channels, count = x[0], len(conv_num_filter)
    each = [_of_each(one, count) for one in (conv_filter_size, conv_padding, conv_with_batchnorm)]
    rates = _of_each(conv_batchnorm_drop_rate, count)
    for filters, size, padding, is_normed, rate in zip(conv_num_filter, *each, rates, strict=True):
        act = None if is_normed else conv_act
        parts += conv(2)((channels, *x[1:]), filters, size, 1, padding, act=act)
        parts += (
            (*batch_norm((filters, 1, 1), conv_act), *([part("Dropout", rate)] if rate else [])) if is_normed else ()
        )
        channels = filters
    return (*parts, *fluid.pool(pool_size, pool_type, pool_stride))


def _of_each(value: Any, count: int) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,) * count


def _sequence_conv_pool(call: BuiltinCall, inputs: Any, num_filters: Any, filter_size: Any, param_attr: Any = None,
                        act: Any = "sigmoid", pool_type: Any = "max", bias: Any = None) -> KerasTensor:  # fmt: skip
    """Windows over the steps of a sequence, and one value of all of them."""
    return steps.pool(call, sequence_conv(call, inputs, num_filters, filter_size, bias=bias, act=act), pool_type)


NETS = {"glu": GATED} | made(
    {},
    {
        "simple_img_conv_pool": _conv_pool,
        "img_conv_group": of_parts(_conv_group),
        "sequence_conv_pool": _sequence_conv_pool,
    },
)
