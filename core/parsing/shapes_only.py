"""A way to run a network for its shapes alone, which spares what PyTorch computes slowly on tensors without memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.shapes.transposed import check_transposed

_NAMES = """
    relu relu6 leaky_relu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh softplus softsign sigmoid tanh
    logsigmoid
"""
ELEMENTWISE: frozenset[Any] = frozenset(
    [*(getattr(F, name) for name in _NAMES.split()), torch.relu, torch.sigmoid, torch.tanh, Tensor.sigmoid, Tensor.tanh]
)
ARITHMETIC: frozenset[Any] = frozenset(
    [Tensor.add, Tensor.sub, Tensor.mul, Tensor.div, torch.add, torch.sub, torch.mul, torch.div]
)
CONVOLUTIONS: frozenset[Any] = frozenset([torch.conv1d, torch.conv2d, torch.conv3d])
TRANSPOSED: frozenset[Any] = frozenset([torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d])
RECURRENT: frozenset[Any] = frozenset([torch.lstm, torch.gru, torch.rnn_tanh, torch.rnn_relu])
FILLING: frozenset[Any] = frozenset(
    [nn.init.kaiming_uniform_, nn.init.uniform_, Tensor.uniform_, Tensor.normal_, Tensor.zero_, Tensor.fill_]
)


class ShapesOnly(TorchFunctionMode):
    """Inside of it, a norm, an activation or a sum of tensors without memory gives such a tensor of the same shape.

    PyTorch finds that shape by working the function out in Python, which takes about a millisecond a layer. Nor are
    first weights drawn that have no memory.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = kwargs or {}
        first = args[0] if args else given.get("tensor")
        if isinstance(first, Tensor) and first.is_meta and first.is_floating_point():
            if func in FILLING:
                return first
            if func is F.batch_norm:
                return _normalized(*args, **given)
            if func in ELEMENTWISE and not given.get("inplace"):
                return _alike(first)
            if func in ARITHMETIC and not given and _goes_with(first, args[1]):
                return _alike(first)
            if func in CONVOLUTIONS:
                shape = _convolved(*args, **given)
                return func(*args, **given) if shape is None else first.new_empty(shape)
            if func in TRANSPOSED:
                _check_transposed(*args, **given)
            if func in RECURRENT and isinstance(args[2], (list, tuple)):  # not a packed sequence
                return _recurrent(first, args[1], is_both_ways=bool(args[7]))
            if func is F.linear and _is_linear(*args, **given):
                return first.new_empty((*first.shape[:-1], args[1].shape[0]))
        return func(*args, **given)


def _normalized(
    input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None, *more: Any, **settings: Any
) -> Tensor:
    """As many channels as the running mean has, or RuntimeError, as PyTorch raises it."""
    if running_mean is not None and input.shape[1] != running_mean.shape[0]:
        channels = running_mean.shape[0]
        raise RuntimeError(f"running_mean should contain {input.shape[1]} elements not {channels}")
    return _alike(input)


def _alike(x: Tensor) -> Tensor:
    return x.new_empty(x.shape)  # empty_like of a tensor without memory is worked out in Python


def _goes_with(x: Tensor, other: Any) -> bool:
    """Whether what is combined of a tensor and another value is for sure of the tensor's shape and type."""
    if isinstance(other, Tensor):
        return other.is_meta and other.shape == x.shape and other.dtype == x.dtype
    return isinstance(other, (int, float))


def _is_linear(input: Tensor, weight: Tensor | None = None, bias: Tensor | None = None) -> bool:
    """Whether a matrix fits; where not, or where it is given by name, PyTorch is asked."""
    return weight is not None and input.dim() > 0 and weight.dim() == 2 and input.shape[-1] == weight.shape[1]


def _check_transposed(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> None:
    check_transposed(input, weight, stride, dilation, output_padding)


def _recurrent(input: Tensor, state: Any, is_both_ways: bool) -> tuple[Tensor, ...]:
    """The output and the last states of a recurrent layer, which has compared the sizes itself."""
    states = state if isinstance(state, (list, tuple)) else (state,)
    features = states[0].shape[-1] * (1 + is_both_ways)
    return (input.new_empty((*input.shape[:-1], features)), *(_alike(one) for one in states))


def _convolved(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[int, ...] | None:
    """The shape of a convolution of a batch; None where PyTorch is asked, which also says what does not fit.

    Raises: RuntimeError with PyTorch's words on other channels, for which it has none where there is no memory.
    """
    axes = weight.dim() - 2
    if isinstance(padding, str) or input.dim() != axes + 2:
        return None
    if input.shape[1] != weight.shape[1] * groups:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(input.shape)} to have "
            f"{weight.shape[1] * groups} channels, but got {input.shape[1]} channels instead"
        )
    steps, pads, gaps = (tuple(one) if isinstance(one, tuple) else (one,) * axes for one in (stride, padding, dilation))
    sizes = zip(input.shape[2:], weight.shape[2:], steps, pads, gaps, strict=True)
    sides = [(side + 2 * pad - gap * (kernel - 1) - 1) // step + 1 for side, kernel, step, pad, gap in sizes]
    return (input.shape[0], weight.shape[0], *sides) if min(sides) > 0 and input.numel() else None
