"""Functions of Paddle whose axes, order of arguments or result are not those of PyTorch's function of that name.

Source: the API reference of Paddle 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.paddle.functions import MEMBERS, own, renamed
from core.parsing.dialects.pytorch.function_names import FFT, LINALG
from core.parsing.evaluation.values import Namespace


def _axes(axis: Any) -> tuple[int, ...]:
    return tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)


def _sort(x: Tensor, axis: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    return torch.sort(x, dim=axis, descending=descending).values


def _cumulated(name: str, function: Callable[..., Tensor]) -> Any:
    def cumulate(x: Tensor, axis: Any = None, dtype: Any = None) -> Tensor:
        return function(x.flatten(), 0) if axis is None else function(x, axis)

    cumulate.__name__ = name
    return own(cumulate)


def _roll(x: Tensor, shifts: Any, axis: Any = None) -> Tensor:
    return torch.roll(x, _axes(shifts), () if axis is None else _axes(axis))


def _flip(x: Tensor, axis: Any) -> Tensor:
    return torch.flip(x, _axes(axis))


def _diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2)


def _trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2).sum(-1)


def _tensordot(x: Tensor, y: Tensor, axes: Any = 2) -> Tensor:
    return torch.tensordot(x, y, axes)


def _index_add(x: Tensor, index: Tensor, axis: int, value: Tensor) -> Tensor:
    return torch.index_add(x, axis, index.long(), value)


def _scattered(x: Tensor, index: Any, updates: Any, *args: Any, **kwargs: Any) -> Tensor:
    return x.clone()


def _scatter_nd(index: Tensor, updates: Tensor, shape: Any) -> Tensor:
    return updates.new_zeros(tuple(shape))


def _crop(x: Tensor, shape: Any = None, offsets: Any = None) -> Tensor:
    sizes = list(x.shape) if shape is None else list(shape)
    firsts = [0] * x.dim() if offsets is None else list(offsets)
    ends = [n if size == -1 else first + size for n, size, first in zip(x.shape, sizes, firsts, strict=True)]
    return x[tuple(slice(first, end) for first, end in zip(firsts, ends, strict=True))]


def _multiplex(inputs: Any, index: Tensor) -> Tensor:
    return next(iter(inputs)).clone()


def _median(x: Tensor, axis: Any = None, keepdim: bool = False, mode: str = "avg") -> Tensor:
    return torch.median(x) if axis is None else torch.median(x, axis, keepdim).values


def _histogram(x: Tensor, bins: int = 100, *args: Any, **kwargs: Any) -> Tensor:
    return torch.zeros(bins, device=x.device)


def _vecdot(x: Tensor, y: Tensor, axis: int = -1) -> Tensor:
    return (x * y).sum(axis)


def _stanh(x: Tensor, scale_a: float = 0.67, scale_b: float = 1.7159) -> Tensor:
    return scale_b * torch.tanh(scale_a * x)


def _gelu(x: Tensor, approximate: Any = False) -> Tensor:
    return F.gelu(x, approximate="tanh" if approximate in (True, "tanh") else "none")


def _affine_grid(theta: Tensor, out_shape: Any, align_corners: bool = True) -> Tensor:
    return F.affine_grid(theta, [int(side) for side in out_shape], align_corners)


def _grid_sample(
    x: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool = True
) -> Tensor:
    return F.grid_sample(x, grid, mode, padding_mode, align_corners)


def _layer_norm(
    x: Tensor, normalized_shape: Any, weight: Any = None, bias: Any = None, epsilon: float = 1e-5
) -> Tensor:
    return F.layer_norm(x, _axes(normalized_shape), weight, bias, epsilon)


def _prod(x: Tensor, axis: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    axes = range(x.dim()) if axis is None else [one % x.dim() for one in _axes(axis)]
    for one in sorted(axes, reverse=True):
        x = x.prod(one, keepdim)
    return x


def _logsumexp(x: Tensor, axis: Any = None, keepdim: bool = False) -> Tensor:
    return torch.logsumexp(x, tuple(range(x.dim())) if axis is None else _axes(axis), keepdim)


def _norm(x: Tensor, p: Any = None, axis: Any = None, keepdim: bool = False) -> Tensor:
    return torch.norm(x, "fro" if p is None else p, None if axis is None else _axes(axis), keepdim)


def _repeated(x: Tensor, repeats: Any, axis: Any = None) -> Tensor:
    return torch.repeat_interleave(x, repeats, axis)


def _stack(x: Any, axis: int = 0) -> Tensor:
    return torch.stack(tuple(x), axis)


def _index_fill(x: Tensor, index: Tensor, axis: int, value: Any) -> Tensor:
    return torch.index_fill(x, axis, index.long(), value)


def _polygamma(x: Tensor, n: int) -> Tensor:
    return torch.polygamma(n, x)


def _quantile(x: Tensor, q: Any, axis: Any = None, keepdim: bool = False) -> Tensor:
    shares = torch.tensor(q, device=x.device) if isinstance(q, (list, tuple)) else q
    return torch.quantile(x, shares, axis, keepdim)


def _transform(function: Callable[..., Any]) -> Callable[..., Any]:
    """A Fourier transform, which is told the `axes` that PyTorch calls `dim`."""
    return lambda *args, axes=None, **named: function(*args, **named, **({} if axes is None else {"dim": _axes(axes)}))


def _hardtanh(x: Tensor, min: float = -1.0, max: float = 1.0) -> Tensor:
    return F.hardtanh(x, min, max)


def _sequence_mask(x: Tensor, maxlen: int, dtype: Any = "int64") -> Tensor:
    return torch.arange(maxlen, device=x.device) < x.unsqueeze(-1)


def _squared(input: Tensor, label: Tensor) -> Tensor:
    return (input - label) ** 2


def _log_loss(input: Tensor, label: Tensor, epsilon: float = 1e-4) -> Tensor:
    return input.clone()


def _cross_entropy(
    input: Tensor,
    label: Tensor,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    soft_label: bool = False,
    axis: int = -1,
    **settings: Any,
) -> Tensor:
    """Of each item, or of all; labels are indices, alone or in an axis of one, or shares of each class."""
    each = input.mean(axis, keepdim=label.dim() == input.dim())
    return each if reduction == "none" else each.mean()


def _softmax_with_cross_entropy(
    logits: Tensor, label: Tensor, soft_label: bool = False, ignore_index: int = -100, *args: Any, axis: int = -1,
    return_softmax: bool = False, **settings: Any
) -> Any:  # fmt: skip
    each = logits.mean(axis, keepdim=True)
    return (each, torch.softmax(logits, axis)) if return_softmax else each


def _dice_loss(input: Tensor, label: Tensor, epsilon: float = 1e-5) -> Tensor:
    return input.mean()


def _focal_loss(
    logit: Tensor, label: Tensor, normalizer: Any = None, alpha: float = 0.25, gamma: float = 2.0,
    reduction: str = "sum"
) -> Tensor:  # fmt: skip
    return logit.clone() if reduction == "none" else logit.sum()


def _nll_loss(
    input: Tensor, label: Tensor, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    each = input.mean(1)
    return each if reduction == "none" else each.mean()


def _attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    training: bool = True, **settings: Any
) -> Tensor:  # fmt: skip
    """Attention of (batch, steps, heads, size), where PyTorch's has the heads before the steps."""
    q, k, v = (one.transpose(1, 2) for one in (query, key, value))
    return F.scaled_dot_product_attention(q, k, v, attn_mask, is_causal=is_causal).transpose(1, 2)


def _flash_attention(query: Tensor, key: Tensor, value: Tensor, *args: Any, **settings: Any) -> tuple[Tensor, None]:
    """The same, with the weights that it does not give."""
    return _attention(query, key, value), None


AXIS_FUNCTIONS: dict[str, Any] = {
    "sort": own(_sort),
    "cumsum": _cumulated("cumsum", torch.cumsum),
    "logcumsumexp": _cumulated("logcumsumexp", torch.logcumsumexp),
    "roll": own(_roll),
    "flip": own(_flip),
    "diagonal": own(_diagonal),
    "trace": own(_trace),
    "tensordot": own(_tensordot),
    "index_add": own(_index_add),
    **{name: own(_scattered) for name in ("scatter", "scatter_nd_add", "index_put")},
    "scatter_nd": own(_scatter_nd),
    "crop": own(_crop),
    "multiplex": own(_multiplex),
    **{name: own(_median) for name in ("median", "nanmedian")},
    "histogram": own(_histogram),
    "vecdot": own(_vecdot),
    "prod": own(_prod),
    "logsumexp": own(_logsumexp),
    "repeat_interleave": own(_repeated),
    "stack": own(_stack),
    "index_fill": own(_index_fill),
    "polygamma": own(_polygamma),
    "quantile": own(_quantile),
    "gammaln": renamed("gammaln", torch.lgamma),
    "block_diag": renamed("block_diag", lambda inputs: torch.block_diag(*inputs)),
    "stanh": own(_stanh),
    "as_complex": renamed("as_complex", torch.view_as_complex),
    "as_real": renamed("as_real", torch.view_as_real),
}
FUNCTIONAL_AXES: dict[str, Any] = {
    "gelu": own(_gelu),
    "hardtanh": own(_hardtanh),
    "sequence_mask": own(_sequence_mask),
    "diag_embed": renamed("diag_embed", torch.diag_embed),
    "square_error_cost": own(_squared),
    "log_loss": own(_log_loss),
    "cross_entropy": own(_cross_entropy),
    "softmax_with_cross_entropy": own(_softmax_with_cross_entropy),
    "nll_loss": own(_nll_loss),
    "dice_loss": own(_dice_loss),
    "sigmoid_focal_loss": own(_focal_loss),
    "affine_grid": own(_affine_grid),
    "grid_sample": own(_grid_sample),
    "layer_norm": own(_layer_norm),
    "scaled_dot_product_attention": own(_attention),
    "flash_attention": Namespace("F.flash_attention", {"flash_attention": own(_flash_attention)}),
}
SPACES = {
    "fft": Namespace("paddle.fft", {name: renamed(name, _transform(getattr(torch.fft, name))) for name in FFT.split()}),
    "linalg": Namespace(
        "paddle.linalg",
        {
            **{name: renamed(name, getattr(torch.linalg, name)) for name in LINALG.split()},
            "norm": own(_norm),
            "matmul": MEMBERS["matmul"],
        },
    ),
}
AXIS_METHODS = {
    **{name: AXIS_FUNCTIONS[name] for name in ("sort", "cumsum", "roll", "flip", "diagonal", "trace", "index_add")},
    **{name: AXIS_FUNCTIONS[name] for name in ("prod", "logsumexp", "repeat_interleave", "index_fill", "quantile")},
    "gammaln": AXIS_FUNCTIONS["gammaln"],
    "norm": own(_norm),
    **{name: AXIS_FUNCTIONS[name] for name in ("scatter", "scatter_nd_add", "index_put", "median")},
    "size": lambda x: x.numel(),
}
