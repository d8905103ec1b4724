"""Layers and functions of `paddle.fluid`, Paddle's first interface: today's under other names of arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.paddle import layers
from core.parsing.dialects.paddle.first_functions import FIRST_FUNCTIONS
from core.parsing.dialects.paddle.functions import FUNCTIONS, MEMBERS, own
from core.parsing.dialects.paddle.layers import Parts, activation
from core.parsing.dialects.paddle.static_functions import STATIC_FUNCTIONS, activated
from core.parsing.dialects.translation import each, part, switch, taking, whole, without, word
from core.parsing.evaluation.values import Builtin

WINDOW = {"stride": 1, "padding": 0, "dilation": 1, "groups": None, "act": None, "bias": True, "use_cudnn": True}
WINDOW |= {"weight": True}  # settings of convolutions that may be left out
SLIDING = "num_channels num_filters filter_size"


def _convolution(axes: int) -> Callable[..., Parts]:
    """Conv2D, which may end in an activation."""

    @taking(f"{SLIDING} stride padding dilation groups weight bias use_cudnn act", **WINDOW)
    def translate(settings: Any) -> Parts:
        return (*layers.convolution(axes)(**_todays(settings)), *activation(settings.act))

    return translate


def _transposed(axes: int) -> Callable[..., Parts]:
    """Conv2DTranspose, which has padding before stride; only in two directions may it be told its output."""
    order = "output_size padding stride" if axes == 2 else "padding stride"

    @taking(
        f"{SLIDING} {order} dilation groups weight bias use_cudnn act",
        **WINDOW,
        **({"output_size": None} if axes == 2 else {}),
    )
    def translate(settings: Any) -> Parts:
        made = layers.transposed(axes)(**_todays(settings))
        if (told := vars(settings).get("output_size")) is not None:
            more = {**made[0].kwargs, "told": each(told, axes, "output_size")}
            made = (replace(made[0], kind=f"ToldConvTranspose{axes}d", kwargs=more),)
        return (*made, *activation(settings.act))

    return translate


def _todays(settings: Any) -> dict[str, Any]:
    """Settings of a convolution under today's names."""
    kept = {name: getattr(settings, name) for name in ("stride", "padding", "dilation", "bias")}
    sizes = {"in_channels": settings.num_channels, "out_channels": settings.num_filters}
    return kept | sizes | {"kernel_size": settings.filter_size, "groups": settings.groups or 1}


def pool(
    pool_size: Any = -1,
    pool_type: Any = "max",
    pool_stride: Any = 1,
    pool_padding: Any = 0,
    global_pooling: Any = False,
    use_cudnn: Any = True,
    ceil_mode: Any = False,
    exclusive: Any = True,
) -> Parts:
    """Pool2D: the largest or the mean value of each window, or of the whole map."""
    is_mean = word(pool_type, "pool_type", ("max", "avg")) == "avg"
    if switch(global_pooling, "global_pooling"):
        return (part(f"Adaptive{'Avg' if is_mean else 'Max'}Pool2d", 1),)
    if is_mean:
        return layers.average_pool(2)(pool_size, pool_stride, pool_padding, ceil_mode, exclusive)
    return layers.max_pool(2)(pool_size, pool_stride, pool_padding, False, ceil_mode)


def _layer_norm(
    normalized_shape: Any, scale: Any = True, shift: Any = True, epsilon: Any = 1e-5, weight: bool = True,
    bias: bool = True, act: Any = None
) -> Parts:  # fmt: skip
    """LayerNorm, which may end in an activation."""
    made = layers.layer_norm(normalized_shape, epsilon, scale and weight, shift and bias)
    return (*made, *activation(act))


def _group_norm(
    channels: Any, groups: Any, epsilon: Any = 1e-5, weight: bool = True, bias: bool = True, act: Any = None
) -> Parts:
    """GroupNorm, which has its channels first."""
    return (*layers.group_norm(groups, channels, epsilon, weight, bias), *activation(act))


def _instance_norm(num_channels: Any, epsilon: Any = 1e-5, weight: bool = True, bias: bool = True) -> Parts:
    """InstanceNorm of images."""
    return layers.instance_norm("InstanceNorm2d")(num_channels, epsilon, weight=weight, bias=bias)


def _prelu(mode: Any, channel: Any = None, input_shape: Any = None) -> Parts:
    """PRelu, with one slope or one for each channel."""
    if word(mode, "mode", ("all", "channel", "element")) == "element":
        raise ParseError('mode must be "all" or "channel": a slope for each value is not read.')
    return (part("PReLU", *((channel or input_shape[1],) if mode == "channel" else ())),)


def _bilinear(
    input1_dim: Any, input2_dim: Any, output_dim: Any, name: Any = None, act: Any = None, weight: Any = True,
    bias: bool = True
) -> Parts:  # fmt: skip
    """BilinearTensorProduct."""
    if act is not None:
        raise ParseError("act is read on the output only: write it in forward.")
    return (part("Bilinear", input1_dim, input2_dim, output_dim, **without({"bias": bias}, bias=True)),)


def _gru_unit(size: Any, weight: Any = True, bias: bool = True, **settings: Any) -> Parts:
    """GRUUnit, one step of a GRU, told three times the number of its states."""
    return (part("GRUUnit", whole(size, "size") // 3, bias),)


def linear(input_dim: Any, output_dim: Any, weight: Any = True, bias: bool = True, act: Any = None) -> Parts:
    """Linear, which may end in an activation."""
    return (*layers.linear(input_dim, output_dim, bias=bias), *activation(act))


def embedding(size: Any, is_sparse: Any = False, is_distributed: Any = False, padding_idx: Any = None) -> Parts:
    """Embedding of so many indices in so many dimensions."""
    if not isinstance(size, tuple) or len(size) != 2:
        raise ParseError("size must be (indices, dimensions), for example [1000, 64].")
    return (part("Embedding", *size),)


@taking("num_filters filter_size stride padding dilation groups weight bias use_cudnn act", **WINDOW)
def convolution_of_scope(settings: Any) -> Parts:
    """Conv2D of Paddle 1.5, behind a name scope: it takes its channels from the first input."""
    given = {name: getattr(settings, name) for name in ("stride", "padding", "dilation", "bias")}
    written = without(given | {"groups": settings.groups or 1}, stride=1, padding=0, dilation=1, groups=1, bias=True)
    layer = part("LazyConv2d", settings.num_filters, settings.filter_size, **written)
    return (layer, *activation(settings.act))


def fully_connected(size: Any, num_flatten_dims: Any = 1, act: Any = None, bias: bool = True) -> Parts:
    """FC: a linear layer of all values of an image, however many these are."""
    if num_flatten_dims != 1:
        raise ParseError("num_flatten_dims of FC is read as 1 only: leave it out.")
    layer = part("LazyLinear", size, **without({"bias": bias}, bias=True))
    return (part("Flatten"), layer, *activation(act))


FLUID: dict[str, Callable[..., Parts]] = {
    "FC": fully_connected,
    **{f"Conv{axes}D": _convolution(axes) for axes in (2, 3)},
    **{f"Conv{axes}DTranspose": _transposed(axes) for axes in (2, 3)},
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "InstanceNorm": _instance_norm,
    "PRelu": _prelu,
    "BilinearTensorProduct": _bilinear,
    "GRUUnit": _gru_unit,
    "Pool2D": pool,
    "Linear": linear,
    "Embedding": embedding,
    "BatchNorm": layers.old_batch_norm,
    "Dropout": lambda p=0.5, dropout_implementation="downgrade_in_infer": (part("Dropout", p),),
}

SCOPED: dict[str, Callable[..., Parts]] = {**FLUID, "Conv2D": convolution_of_scope}  # behind `self.full_name()`


def is_scope(kind: str, value: Any) -> bool:
    """Whether a first argument names the weights of a layer; that of PRelu may be its mode."""
    return isinstance(value, str) and (kind != "PRelu" or value not in ("all", "channel", "element"))


def without_scope(kind: str, args: tuple[Any, ...], named: Iterable[str]) -> tuple[Any, ...]:
    """The arguments behind a name scope.

    Raises: ParseError where the numbers may be those of Paddle 1.3, whose Conv2D has `num_channels` in front.
    """
    if kind == "Conv2D" and len(args) > 3 and not {"num_filters", "filter_size", "stride"} & set(named):
        raise ParseError("which of these numbers is num_channels is not certain: write num_filters=, filter_size=.")
    return args[1:]


def _reshape(
    x: Tensor, shape: Any, actual_shape: Any = None, act: Any = None, inplace: bool = False, name: Any = None
) -> Tensor:
    sizes = [x.shape[i] if n == 0 else n for i, n in enumerate(shape)]
    return activated(x.reshape(sizes), act)


def _pool2d(
    input: Tensor, pool_size: Any = -1, pool_type: str = "max", pool_stride: Any = 1, pool_padding: Any = 0, **more: Any
) -> Tensor:
    if more.get("global_pooling"):
        return input.amax((2, 3), keepdim=True) if pool_type == "max" else input.mean((2, 3), keepdim=True)
    ceil = bool(more.get("ceil_mode", False))
    if pool_type == "max":
        return F.max_pool2d(input, pool_size, pool_stride, pool_padding, ceil_mode=ceil)
    return F.avg_pool2d(input, pool_size, pool_stride, pool_padding, ceil, not more.get("exclusive", True))


def _resize(
    input: Tensor, out_shape: Any = None, scale: Any = None, name: Any = None, resample: str = "BILINEAR",
    actual_shape: Any = None, align_corners: bool = True, **_: Any
) -> Tensor:  # fmt: skip
    sizes = None if out_shape is None else tuple(out_shape)
    smooth = resample.upper() == "BILINEAR"
    return F.interpolate(input, sizes, scale, "bilinear" if smooth else "nearest", align_corners if smooth else None)


def _resize_nearest(input: Tensor, out_shape: Any = None, scale: Any = None, name: Any = None, **_: Any) -> Tensor:
    return F.interpolate(input, None if out_shape is None else tuple(out_shape), scale)


def _accuracy(input: Tensor, label: Any = None, k: int = 1, **_: Any) -> Tensor:
    """One number, the share of right answers, which no later layer reads."""
    return torch.zeros(1, device=input.device)


def _dropout(x: Tensor, dropout_prob: float = 0.5, **_: Any) -> Tensor:
    return x


LAYER_FUNCTIONS: dict[str, Builtin] = {
    **MEMBERS,
    **FUNCTIONS,
    "reshape": own(_reshape),
    "pool2d": own(_pool2d),
    **{name: own(_resize) for name in ("interpolate", "image_resize")},
    "accuracy": own(_accuracy),
    "dropout": own(_dropout),
    "resize_nearest": own(_resize_nearest),
    **STATIC_FUNCTIONS,
    **FIRST_FUNCTIONS,
    "tanh_shrink": FUNCTIONS["tanhshrink"],
}
