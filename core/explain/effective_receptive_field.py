"""The effective receptive field: how much each pixel influences one cell of a layer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.explain.hooks import capturing
from core.receptive_field import receptive_fields


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """`influence` (H, W), never negative, adds up to 1; `window` is what theory allows: rows and columns, inclusive."""

    influence: Tensor
    cell: tuple[int, int]  # the output cell, row and column
    window: tuple[tuple[int, int], tuple[int, int]]
    theoretical: tuple[int, int]  # height and width of the receptive field, padding included

    def side_holding(self, share: float) -> int:
        """Side of the smallest square about the window's middle in which `share` of the influence lies, in pixels."""
        middle = [(first + last) / 2 for first, last in self.window]
        rows, columns = (torch.arange(n) for n in self.influence.shape)
        distance = torch.maximum((rows - middle[0]).abs()[:, None], (columns - middle[1]).abs()[None])
        for radius in distance.unique().tolist():
            if float(self.influence[distance <= radius].sum()) >= share - 1e-6:
                return int(2 * radius + 1)
        return int(2 * float(distance.max()) + 1)


def effective_field(model: nn.Module, layer: str, x_BCHW: Tensor) -> EffectiveField:
    r"""Effective receptive field of the middle cell of a layer, measured on images by autograd.

    $$E(i, j) = \frac{1}{B} \sum_{b, c} \left|\frac{\partial}{\partial x_{bcij}} \sum_k A_{bk}(m, n)\right|$$

    Args: `x_BCHW` images as the network takes them. Outside the theoretical window it is zero.
    Raises: PlaygroundError if there is no such layer, or no pixel influences that cell.
    Source: Luo et al. 2016, arXiv:1701.04128.
    """
    cell, gradient_BCHW = _gradient(model, layer, x_BCHW)
    influence = gradient_BCHW.abs().sum((0, 1)).double()
    if not float(influence.sum()) > 0:
        raise PlaygroundError(
            "no pixel of these images has an influence on the centre of this layer: its units are inactive here."
        )
    fields = receptive_fields(model, tuple(x_BCHW.shape[1:]))
    sides = next(field.sides for field in fields if field.name == layer)
    spans = [_whole(side.cells[index]) for side, index in zip(sides, cell, strict=True)]
    sizes = tuple(side.size for side in sides)
    return EffectiveField(influence / influence.sum(), cell, (spans[0], spans[1]), (sizes[0], sizes[1]))


def _gradient(model: nn.Module, layer: str, x_BCHW: Tensor) -> tuple[tuple[int, int], Tensor]:
    """The layer's middle cell, and the gradient of its maps' sum with respect to the images."""
    x = x_BCHW.detach().clone().requires_grad_()
    with capturing(model, layer, detached=False) as outputs, torch.enable_grad():
        model(x)
    height, width = outputs[0].shape[2:]
    cell = height // 2, width // 2
    (gradient,) = torch.autograd.grad(outputs[0][:, :, cell[0], cell[1]].sum(), x)
    return cell, gradient


def _whole(span: tuple[float, float]) -> tuple[int, int]:
    return int(span[0]), int(span[1])
