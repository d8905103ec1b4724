"""The derivation of a row: the formulas behind its shape, its parameters and its MACs, with this row's numbers."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from core.derivation.costs import macs, parameters
from core.derivation.expression import Formula, Symbol
from core.derivation.layers import Shape
from core.derivation.sizes import sizes

__all__ = ["Derivation", "Formula", "Symbol", "derive"]


@dataclass(frozen=True)
class Derivation:
    """Formulas of one layer call. `size` holds one formula a side (or one for all); None where there is nothing."""

    size: tuple[Formula, ...] = ()
    params: Formula | None = None
    macs: Formula | None = None


def derive(module: nn.Module, given: Shape, made: Shape) -> Derivation:
    r"""How a layer turns `given` into `made`, and what it costs.

    Shapes are those of one picture, without the batch.

    >>> steps = derive(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100), (200, 150, 100))
    >>> [side.value for side in steps.size], steps.params.value, steps.macs.value
    ([150, 100], 15200, 225000000)
    >>> print(steps.params.numeric)
    \left(5 \cdot 5 \cdot 3 + 1\right) \cdot 200
    """
    return Derivation(sizes(module, given, made), parameters(module), macs(module, given, made))
