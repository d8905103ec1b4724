"""The effective receptive field: how much each pixel influences one cell of a layer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.explain.hooks import capturing
from core.receptive_field import Field, receptive_fields


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
    fields = receptive_fields(model, tuple(x_BCHW.shape[1:]))
    field = next(field for field in fields if field.name == layer)
    x = x_BCHW.detach().clone().requires_grad_()
    with capturing(model, layer, detached=False) as outputs, torch.enable_grad():
        model(x)
        measured = field_of_output(outputs[0], x, field)
    if measured is None:
        raise PlaygroundError(
            "no pixel of these images has an influence on the centre of this layer: its units are inactive here."
        )
    return measured


def field_of_output(output: Tensor, x_BCHW: Tensor, field: Field) -> EffectiveField | None:
    """That of the middle cell of maps (B, K, h, w) computed from `x_BCHW`, or of the whole of an output that is no map.

    `field` is the theoretical one. None where no pixel has an influence on it.
    """
    height, width = output.shape[2:] if output.dim() == 4 else (1, 1)
    cell = height // 2, width // 2
    target = output[:, :, cell[0], cell[1]] if output.dim() == 4 else output
    (gradient,) = torch.autograd.grad(target.sum(), x_BCHW, retain_graph=True, allow_unused=True)
    influence = torch.zeros(x_BCHW.shape[2:]).double() if gradient is None else gradient.abs().sum((0, 1)).double()
    if not float(influence.sum()) > 0:
        return None
    spans = [side.cells[min(index, len(side.cells) - 1)] for side, index in zip(field.sides, cell, strict=True)]
    rows, columns = ((int(first), int(last)) for first, last in spans)
    sizes = field.sides[0].size, field.sides[1].size
    return EffectiveField(influence / influence.sum(), cell, (rows, columns), sizes)
