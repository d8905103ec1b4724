"""More functions of `fluid.layers` without weights: pools, sizes, activations, and what makes a tensor.

Source: paddle.fluid.layers of Paddle 1.8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.paddle.array_functions import ARRAYS, FUNCTIONAL_ARRAYS
from core.parsing.dialects.paddle.creation import CREATION
from core.parsing.dialects.paddle.functions import own
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

POOLS: dict[int, dict[str, Callable[..., Tensor]]] = {
    2: {"max": F.max_pool2d, "avg": F.avg_pool2d},
    3: {"max": F.max_pool3d, "avg": F.avg_pool3d},
}
ADAPTIVE: dict[int, dict[str, Callable[..., Tensor]]] = {
    2: {"max": F.adaptive_max_pool2d, "avg": F.adaptive_avg_pool2d},
    3: {"max": F.adaptive_max_pool3d, "avg": F.adaptive_avg_pool3d},
}


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pool(axes: int) -> Callable[..., Tensor]:
    def pool(
        input: Tensor, pool_size: Any = -1, pool_type: str = "max", pool_stride: Any = 1, pool_padding: Any = 0,
        global_pooling: bool = False, use_cudnn: bool = True, ceil_mode: bool = False, name: Any = None,
        exclusive: bool = True
    ) -> Tensor:  # fmt: skip
        if global_pooling:
            return ADAPTIVE[axes][pool_type](input, 1)
        more = {"count_include_pad": not exclusive} if pool_type == "avg" else {}
        window = (_plain(pool_size), _plain(pool_stride), _plain(pool_padding))
        return POOLS[axes][pool_type](input, *window, ceil_mode=ceil_mode, **more)

    pool.__name__ = f"pool{axes}d"
    return pool


def _adaptive_pool(axes: int) -> Callable[..., Tensor]:
    def pool(input: Tensor, pool_size: Any, pool_type: str = "max", require_index: bool = False) -> Tensor:
        return ADAPTIVE[axes][pool_type](input, _plain(pool_size))

    pool.__name__ = f"adaptive_pool{axes}d"
    return pool


def _resized(
    input: Tensor, out_shape: Any = None, scale: Any = None, name: Any = None, actual_shape: Any = None,
    align_corners: bool = True, align_mode: int = 1
) -> Tensor:  # fmt: skip
    """An image or a volume of another size, between its own values."""
    mode = "bilinear" if input.dim() == 4 else "trilinear"
    return F.interpolate(input, _plain(out_shape), scale, mode, align_corners)


def _short_side(input: Tensor, out_short_len: int, resample: str = "BILINEAR") -> Tensor:
    short = min(input.shape[2:])
    sizes = [round(side * out_short_len / short) for side in input.shape[2:]]
    is_smooth = resample.upper() == "BILINEAR"
    return F.interpolate(input, sizes, mode="bilinear" if is_smooth else "nearest", align_corners=is_smooth or None)


def _argsort(input: Tensor, axis: int = -1, descending: bool = False) -> Any:
    return tuple(torch.sort(input, dim=axis, descending=descending))


def _one_hot(input: Tensor, depth: int, allow_out_of_range: bool = False) -> Tensor:
    indices = input.squeeze(-1) if input.shape[-1] == 1 else input
    return torch.zeros(*indices.shape, depth, device=input.device)


def _cosine(X: Tensor, Y: Tensor) -> Tensor:
    return F.cosine_similarity(X, Y, dim=-1).unsqueeze(-1)


def _expand_as(x: Tensor, target_tensor: Tensor) -> Tensor:
    return x.tile([whole // part for whole, part in zip(target_tensor.shape, x.shape, strict=True)])


def _matmul(x: Tensor, y: Tensor, transpose_x: bool = False, transpose_y: bool = False, alpha: float = 1.0) -> Tensor:
    return alpha * torch.matmul(x.mT if transpose_x else x, y.mT if transpose_y else y)


def _hard_swish(x: Tensor, threshold: float = 6.0, scale: float = 6.0, offset: float = 3.0) -> Tensor:
    return x * (x + offset).clamp(0, threshold) / scale


def _brelu(x: Tensor, t_min: float = 0.0, t_max: float = 24.0) -> Tensor:
    return x.clamp(t_min, t_max)


def _soft_relu(x: Tensor, threshold: float = 40.0) -> Tensor:
    return torch.log1p(x.clamp(-threshold, threshold).exp())


def _shuffled(x: Tensor, group: int) -> Tensor:
    return F.channel_shuffle(x, group)


def _to_depth(x: Tensor, blocksize: int) -> Tensor:
    return F.pixel_unshuffle(x, blocksize)


def _gated(input: Tensor, dim: int = -1) -> Tensor:
    return F.glu(input, dim)


def _filled(call: BuiltinCall, shape: Any, dtype: Any = None, value: Any = 0.0, *args: Any, **kwargs: Any) -> Any:
    """`fill_constant(shape=[2, 3], dtype="float32", value=0.5)`."""
    return call.call(CREATION["full"], shape, value, dtype=dtype)


_OWN: dict[str, Callable[..., Any]] = {
    "adaptive_pool2d": _adaptive_pool(2), "adaptive_pool3d": _adaptive_pool(3), "pool3d": _pool(3),
    "resize_bilinear": _resized, "resize_trilinear": _resized, "image_resize_short": _short_side,
    "argsort": _argsort, "one_hot": _one_hot, "cos_sim": _cosine, "expand_as": _expand_as, "matmul": _matmul,
    "hard_swish": _hard_swish, "brelu": _brelu, "soft_relu": _soft_relu, "shuffle_channel": _shuffled,
    "space_to_depth": _to_depth,
}  # fmt: skip
_OF_TODAY = {
    **{name: ARRAYS[name] for name in (
        "assign", "gather_nd", "multiplex", "increment", "rank", "reverse", "strided_slice", "unstack", "equal",
        "greater_than", "less_than",
    )},
    "crop_tensor": ARRAYS["crop"],
    "hard_shrink": FUNCTIONAL_ARRAYS["hardshrink"],
    **{name: FUNCTIONAL_ARRAYS[name] for name in (
        "thresholded_relu", "maxout", "temporal_shift", "label_smooth", "dice_loss", "sequence_mask",
    )},
}  # fmt: skip
GATED = own(_gated)
FIRST_FUNCTIONS: dict[str, Any] = {
    **_OF_TODAY,
    **{name: own(run) for name, run in _OWN.items()},
    "fill_constant": Builtin("fill_constant", _filled, needs_call=True),
    **dict.fromkeys(("uniform_random", "gaussian_random"), CREATION["uniform"]),
}
