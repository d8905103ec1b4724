"""Paddle's static graphs: inputs without values, and functions that make a layer at each call.

A symbol has its channels first, as Paddle's tensors have.
Source: paddle.fluid.layers and paddle.fluid.nets of Paddle 1.8, paddle.static.nn of Paddle 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.arguments import signature
from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.symbols import BATCH, KerasTensor, Record, applied, symbols_in
from core.parsing.dialects.paddle import fluid, layers, steps
from core.parsing.dialects.paddle.building import built
from core.parsing.dialects.paddle.layer_builders import CHANNELS_LAST
from core.parsing.dialects.paddle.layers import Parts, activation
from core.parsing.dialects.paddle.shared_weights import share
from core.parsing.dialects.paddle.static_inputs import DATA_OF_ONE
from core.parsing.dialects.paddle.transposed_windows import StatedTransposed
from core.parsing.dialects.pytorch.layers import LAYERS, plain_argument
from core.parsing.dialects.translation import part, whole, without
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, LayerFunction, Unknown

OF_THE_GRAPH = (
    "name use_cudnn data_format is_test in_place do_model_average_for_mean_and_var seed moving_mean_name "
    "param_attr data_layout moving_variance_name use_global_stats is_sparse is_distributed dtype require_index "
    "dropout_implementation"
)
# other names -> ours, of Paddle 2 and of functions of two values
RENAMED = {"x": "input", "X": "input", "Y": "y", "activation": "act", "weight_attr": "param_attr", "bias_attr": "bias"}
Shape = tuple[int, ...]


def conv(axes: int) -> Callable[..., Parts]:
    def translate(x: Shape, num_filters: Any, filter_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
                  groups: Any = None, param_attr: Any = None, bias: Any = None, use_cudnn: Any = True,
                  act: Any = None) -> Parts:  # fmt: skip
        settings = {"dilation": dilation, "groups": groups or 1, "bias": bias is not False}
        made = layers.convolution(axes)(x[0], num_filters, filter_size, stride, padding, **settings)
        return (*made, *activation(act))

    return translate


def _transposed(axes: int) -> Callable[..., Parts]:
    def translate(x: Shape, num_filters: Any, output_size: Any = None, filter_size: Any = None, padding: Any = 0,
                  stride: Any = 1, dilation: Any = 1, groups: Any = None, param_attr: Any = None, bias: Any = None,
                  use_cudnn: Any = True, act: Any = None) -> Parts:  # fmt: skip
        window = StatedTransposed(x[1:], stride, padding, dilation)
        kernel = window.kernel(output_size) if filter_size is None else filter_size
        settings = {"dilation": dilation, "groups": groups or 1, "bias": bias is not False}
        settings |= {} if output_size is None else {"output_padding": window.added(kernel, output_size)}
        made = layers.transposed(axes)(x[0], num_filters, kernel, stride, padding, **settings)
        return (*made, *activation(act))

    return translate


def batch_norm(x: Shape, act: Any = None, is_test: Any = False, momentum: Any = 0.9, epsilon: Any = 1e-5,
                param_attr: Any = None, bias: Any = None) -> Parts:  # fmt: skip
    kind = f"BatchNorm{max(1, len(x) - 1)}d"
    return (*layers.batch_norm(kind)(x[0], momentum, epsilon, bias=bias is not False), *activation(act))


def _layer_norm(x: Shape, scale: Any = True, shift: Any = True, begin_norm_axis: Any = 1, epsilon: Any = 1e-5,
                param_attr: Any = None, bias: Any = None, act: Any = None) -> Parts:  # fmt: skip
    shape = x[whole(begin_norm_axis, "begin_norm_axis", 1, len(x)) - 1 :]
    return (*layers.layer_norm(shape, epsilon, scale, shift and bias is not False), *activation(act))


def _group_norm(x: Shape, groups: Any, epsilon: Any = 1e-5, param_attr: Any = None, bias: Any = None,
                act: Any = None) -> Parts:  # fmt: skip
    return (*layers.group_norm(groups, x[0], epsilon, bias=bias is not False), *activation(act))


def _instance_norm(x: Shape, epsilon: Any = 1e-5, param_attr: Any = None, bias: Any = None) -> Parts:
    return layers.instance_norm(f"InstanceNorm{max(1, len(x) - 1)}d")(x[0], epsilon, bias=bias is not False)


def pool(x: Shape, pool_size: Any = -1, pool_type: Any = "max", pool_stride: Any = 1, pool_padding: Any = 0,
          global_pooling: Any = False, use_cudnn: Any = True, ceil_mode: Any = False,
         exclusive: Any = True) -> Parts:  # fmt: skip
    window = (pool_size, pool_type, pool_stride, pool_padding, global_pooling, use_cudnn)
    return fluid.pool(*window, ceil_mode or reaches_over(x, pool_size, pool_stride, pool_padding), exclusive)


def reaches_over(x: Shape, size: Any, stride: Any, padding: Any = 0) -> bool:
    """Whether a pool is larger than the image, by less than a stride: Paddle's division then gives one window.

    >>> reaches_over((3, 1, 1), 2, 2), reaches_over((3, 1, 1), 3, 2), reaches_over((3, 4, 4), 2, 2)
    (True, False, False)
    """
    numbers = [one if isinstance(one, tuple) else (one,) * len(x[1:]) for one in (size, stride)]
    if padding not in (0, (0, 0)) or not all(type(n) is int for one in numbers for n in one):
        return False
    return all(side < window < side + step for side, window, step in zip(x[1:], *numbers, strict=False))


def _adaptive_pool(x: Shape, pool_size: Any, pool_type: Any = "max") -> Parts:
    return (part(f"Adaptive{'Avg' if pool_type == 'avg' else 'Max'}Pool{len(x) - 1}d", pool_size),)


def _dropout(x: Shape, dropout_prob: Any = 0.5) -> Parts:
    return (part("Dropout", dropout_prob),)


def _prelu(x: Shape, mode: Any, param_attr: Any = None) -> Parts:
    if mode not in ("all", "channel"):
        raise ParseError('mode must be "all" or "channel": a slope for each value is not read.')
    return (part("PReLU", *((x[0],) if mode == "channel" else ())),)


def _row_conv(x: Shape, future_context_size: Any, param_attr: Any = None, act: Any = None) -> Parts:
    return (part("RowConv", x[-1], future_context_size), *activation(act))


def _bilinear(call: BuiltinCall, inputs: Any, y: Any, size: Any, act: Any = None, name: Any = None,
              param_attr: Any = None, bias: Any = None) -> KerasTensor:  # fmt: skip
    """`bilinear_tensor_product(x, y, 5)`."""
    first, second = symbol_of(call, inputs), symbol_of(call, y)
    module = call.call(LAYERS["Bilinear"], first.shape[-1], second.shape[-1], size, bias is not False)
    output = KerasTensor((*first.shape[:-1], size), Record(module, (first, second), {}, call.name), channels_first=True)
    return with_layers(call, activation(act), output)


def _lstm(call: BuiltinCall, inputs: Any, init_h: Any, init_c: Any, max_len: Any, hidden_size: Any, num_layers: Any,
          dropout_prob: Any = 0.0, is_bidirec: Any = False, *args: Any, **settings: Any) -> Any:  # fmt: skip
    """`lstm(x, h, c, 100, 150, 1)`: the states of the last layer at each step; the last ones of each are not read."""
    x = symbol_of(call, inputs)
    layer = part("OutputsOfLSTM", x.shape[-1], hidden_size, num_layers, bool(is_bidirec), float(dropout_prob))
    last = Unknown("the last states of lstm are not read: take its first output", getattr(call.node, "lineno", 1))
    return with_layers(call, (layer,), x), last, last


def with_layers(call: BuiltinCall, parts: Parts, x: KerasTensor) -> KerasTensor:
    """What a layer of these parts gives for a symbol."""
    made = [built(call, one) for one in parts]
    if not made:
        return x
    module = made[0] if len(made) == 1 else nn.Sequential(*made)
    weight = next(module.parameters(), None)
    try:
        output = module(torch.zeros(BATCH, *x.shape, device="meta" if weight is None else weight.device))
    except (RuntimeError, ValueError) as error:
        raise call.fail(f"{str(error).splitlines()[0][:160]}.") from None
    return KerasTensor(tuple(output.shape[1:]), Record(module, (x,), {}, call.name), channels_first=True)


def sequence_conv(call: BuiltinCall, inputs: Any, num_filters: Any, filter_size: Any = 3, filter_stride: Any = 1,
                   padding: Any = True, padding_start: Any = None, bias: Any = None, param_attr: Any = None,
                   act: Any = None) -> KerasTensor:  # fmt: skip
    """Windows over the steps of a sequence."""
    x = symbol_of(call, inputs)
    if len(x.shape) != 2 or filter_stride != 1:
        raise call.fail("it takes a sequence of values, and moves step by step.")
    return with_layers(call, steps.convolution(num_filters, filter_size, bias, act)(x.shape[1]), x)


def _linear(call: BuiltinCall, inputs: Any, size: Any, num_flatten_dims: Any = 1, param_attr: Any = None,
            bias: Any = None, act: Any = None) -> KerasTensor:  # fmt: skip
    """`fc`: a linear layer of all values, or of those behind so many axes; of several inputs the sum, with one bias."""
    several = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    symbols = [symbol_of(call, one) for one in several]
    outputs = [
        _one_linear(call, x, size, num_flatten_dims, bias is not False and place == 0)
        for place, x in enumerate(symbols)
    ]
    total = outputs[0]
    for one in outputs[1:]:
        total = applied(torch.add, total, one)
    return with_layers(call, activation(act), total)


def _one_linear(call: BuiltinCall, x: KerasTensor, size: Any, num_flatten_dims: Any, has_bias: bool) -> KerasTensor:
    rank = len(x.shape) + 1
    first = num_flatten_dims % rank if type(num_flatten_dims) is int else 1
    first = 2 if rank == 3 and call.evaluator.has_steps else first  # each step for itself
    features = 1
    for side in x.shape[first - 1 :]:
        features *= side
    flat = [part("Flatten", *(() if first == 1 else (first,)))] if rank - first > 1 else []
    return with_layers(call, (*flat, part("Linear", features, size, **without({"bias": has_bias}, bias=True))), x)


def _embedding(drops_last: bool) -> Callable[..., KerasTensor]:
    """`embedding`, which in `fluid.layers` takes indices with a last axis of one."""

    def run(call: BuiltinCall, inputs: Any, size: Any, is_sparse: Any = False, is_distributed: Any = False,
            padding_idx: Any = None, param_attr: Any = None) -> KerasTensor:  # fmt: skip
        x = symbol_of(call, inputs)
        module = call.call(LAYERS["Embedding"], *size)
        shape = (*x.shape, module.embedding_dim)
        output = KerasTensor(shape, Record(module, (x,), {}, "embedding"), channels_first=True)
        return applied(torch.squeeze, output, len(shape) - 1) if drops_last and x.shape[-1] == 1 else output

    return run


def of_parts(translate: Callable[..., Parts]) -> Callable[..., KerasTensor]:
    def run(call: BuiltinCall, inputs: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        x = symbol_of(call, inputs)
        signature(translate).bind(x.shape, *args, **kwargs)
        return with_layers(call, translate(x.shape, *args, **kwargs), x)

    return run


def _moved(x: Any, axis: int, to: int) -> Any:
    """An image with its channels at another place."""
    return applied(torch.movedim, x, axis, to) if isinstance(x, KerasTensor) and len(x.shape) > 1 else x


def _layer_function(name: str, build: Callable[..., KerasTensor], of_tensors: Builtin | None = None) -> LayerFunction:
    """`fluid.layers.conv2d(input=x, num_filters=8, filter_size=3)`; on a tensor, what it is without a graph."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        if of_tensors is not None and not symbols_in((args, list(kwargs.values()))):
            return call.call(of_tensors, *args, **kwargs)
        named = {RENAMED.get(key, key): value for key, value in kwargs.items()}
        is_last = {named.get("data_format"), named.get("data_layout")} & set(CHANNELS_LAST)
        inputs, *rest = (named.pop("input"), *args) if "input" in named else (*args, None)[: max(1, len(args))]
        settings = {k: plain_argument(call, v, k) for k, v in named.items() if k not in OF_THE_GRAPH.split()}
        try:
            given = _moved(inputs, -1, 1) if is_last else inputs
            output = build(call, given, *(plain_argument(call, value) for value in rest), **settings)
        except TypeError as error:
            raise call.fail(f"{error}.") from None
        output = _moved(output, 1, -1) if is_last else output
        share(call, output, kwargs)
        return output

    return LayerFunction(name, run, needs_call=True)


def made(of_tensors: dict[str, Builtin], builders: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    return {name: _layer_function(name, build, of_tensors.get(name)) for name, build in builders.items()}


def _measured(name: str, of_tensors: Builtin | None = None) -> Builtin:
    """A loss or a share of right answers: what is done with outputs and builds nothing."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values = (*args, *kwargs.values())
        is_of_graph = symbols_in(values) or any(isinstance(one, Unknown) and one.is_data for one in values)
        if of_tensors is not None and not is_of_graph:
            return call.call(of_tensors, *args, **kwargs)
        call.evaluator.measured += [one for one in symbols_in(values) if one.record is not None][:1]
        return Unknown(f"what {name} gives depends on data", getattr(call.node, "lineno", 1), is_data=True)

    return Builtin(name, run, needs_call=True)


MEASURES = (
    "cross_entropy square_error_cost softmax_with_cross_entropy sigmoid_cross_entropy_with_logits "
    "accuracy auc smooth_l1 mean log_loss huber_loss mse_loss"
)
_WINDOWS = {
    **{f"conv{axes}d": of_parts(conv(axes)) for axes in (2, 3)},
    **{f"conv{axes}d_transpose": of_parts(_transposed(axes)) for axes in (2, 3)},
    "fc": _linear,
    "batch_norm": of_parts(batch_norm),
    "layer_norm": of_parts(_layer_norm),
    "group_norm": of_parts(_group_norm),
    "instance_norm": of_parts(_instance_norm),
    "prelu": of_parts(_prelu),
}
_LATER: dict[str, Callable[..., Any]] = {
    "row_conv": of_parts(_row_conv),
    "bilinear_tensor_product": _bilinear,
    "lstm": _lstm,
}
FLUID_LAYERS: dict[str, Any] = {
    **fluid.LAYER_FUNCTIONS,
    **made(
        fluid.LAYER_FUNCTIONS,
        {
            **_WINDOWS,
            "pool2d": of_parts(pool),
            "adaptive_pool2d": of_parts(_adaptive_pool),
            "dropout": of_parts(_dropout),
            "embedding": _embedding(True),
            "dynamic_lstm": steps.dynamic_lstm,
            "dynamic_gru": steps.dynamic_gru,
            "sequence_pool": steps.pool,
            "sequence_first_step": steps.step_of("first"),
            "sequence_last_step": steps.step_of("last"),
            "sequence_conv": sequence_conv,
            "sequence_softmax": steps.softmax,
            "sequence_expand": steps.expanded,
            "cos_sim": steps.similarity,
            **_LATER,
        },
    ),
    **{name: _measured(name, fluid.LAYER_FUNCTIONS.get(name)) for name in MEASURES.split()},
    "data": DATA_OF_ONE,
}
STATIC_LAYERS = made(
    {},
    {**_WINDOWS, **_LATER, "embedding": _embedding(False)},
)
