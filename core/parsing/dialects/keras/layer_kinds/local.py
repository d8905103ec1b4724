"""Keras 2's locally connected layers: convolutions with a kernel of its own at each place."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.keras.symbols import KerasTensor, Record, snake
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.dialects.translation import each
from core.parsing.evaluation.calls import BuiltinCall
from core.shapes import conv_output_size


class LocallyConnected(nn.Module):
    """Shapes: (B, C, H, W) in, (B, F, H', W') out, or without H.

    Source: Taigman et al. 2014, DeepFace.
    """

    def __init__(self, channels: int, filters: int, kernel: tuple[int, ...], stride: tuple[int, ...], *sides: int):
        super().__init__()
        self.kernel, self.stride, self.sides = kernel, stride, sides
        self.weight = nn.Parameter(torch.empty(math.prod(sides), channels * math.prod(kernel), filters))
        self.bias = nn.Parameter(torch.empty(filters, *sides))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the kernels as those of a convolution; biases begin at zero."""
        bound = (6 / sum(self.weight.shape[1:])) ** 0.5
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        image, above = (x, ()) if len(self.sides) == 2 else (x.unsqueeze(2), (1,))
        patches_BKL = F.unfold(image, (*above, *self.kernel), stride=(*above, *self.stride))
        return torch.einsum("bkl,lkf->bfl", patches_BKL, self.weight).unflatten(2, self.sides) + self.bias


def locally_connected(axes: int) -> Any:
    """LocallyConnected1D and 2D, which have no padding."""

    def run(layer: Any, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
        names = ("filters", "kernel_size", "strides", "padding")
        given = dict(zip(names, layer.args, strict=False)) | layer.kwargs
        given = {name: call.evaluator.resolve_all(given.get(name), call.node) for name in (*names, "use_bias")}
        if len(x.shape) != axes + 1 or given["padding"] not in (None, "valid") or given["use_bias"] is False:
            raise ParseError(f"Line {layer.line}: {layer.kind} is read for maps, without padding and with its bias.")
        window = (given["kernel_size"], given["strides"] or 1)
        plain = (tuple(one) if isinstance(one, list) else one for one in window)
        kernel, stride = (each(one, axes, name) for one, name in zip(plain, names[1:], strict=False))
        sides = [conv_output_size(*sizes) for sizes in zip(x.shape[1:], kernel, stride, strict=True)]
        if layer.made is None:
            settings = x.shape[0], given["filters"], kernel, stride, *sides
            layer.made = constructed(call, LocallyConnected, settings, {})
        shape = (given["filters"], *sides)
        return KerasTensor(shape, Record(layer.made, (x,), {}, layer.name or snake(layer.kind)))

    return run
