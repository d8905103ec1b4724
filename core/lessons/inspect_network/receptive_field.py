"""The receptive field of a network's layers, in theory and by gradients on one image; and that of a plain stack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.explain import EffectiveField
from core.explain.effective_receptive_field import field_of_output
from core.explain.hooks import hooked
from core.knobs import knob
from core.receptive_field import Field, distinct, receptive_fields
from core.shapes import ReceptiveField, Window, receptive_field

Call = tuple[str, int]  # a module's name, and which of its calls


@dataclass(frozen=True, eq=False)
class GrowthStep:
    """A layer at which the receptive field changes; `effective` is None where no pixel influences its middle cell."""

    name: str
    field: Field
    effective: EffectiveField | None


def growth(model: nn.Module, x_BCHW: Tensor) -> tuple[GrowthStep, ...]:
    """Each layer at which the receptive field changes, in order, with its effective field on the images `x_BCHW`.

    As `core.explain.effective_field`, but all layers from one forward pass.
    """
    fields = receptive_fields(model, tuple(x_BCHW.shape[1:]))
    calls: Counter[str] = Counter()
    numbered = {}
    for one in fields:
        numbered[id(one)] = (one.name, calls[one.name])
        calls[one.name] += 1
    changes = [(name, one) for name, one in distinct(fields) if len(one.sides) == 2]
    measured = _effective(model, x_BCHW, {numbered[id(one)]: one for _, one in changes})
    return tuple(GrowthStep(name, one, measured[numbered[id(one)]]) for name, one in changes)


def _effective(model: nn.Module, x_BCHW: Tensor, fields: dict[Call, Field]) -> dict[Call, EffectiveField | None]:
    """By autograd: how much each pixel influences the sum of the maps in the middle cell."""
    x = x_BCHW.detach().clone().requires_grad_()
    outputs: dict[Call, Tensor] = {}
    calls: Counter[str] = Counter()
    names = {module: name for name, module in model.named_modules()}

    def record(module: nn.Module, _: tuple, output: Tensor) -> Tensor | None:
        call = (names[module], calls[names[module]])
        calls[names[module]] += 1
        if call not in fields or not isinstance(output, Tensor):
            return None
        outputs[call] = output
        return output.clone()  # what works in place behind it leaves the recorded one alone

    leaves = [module for module in names if not any(module.children())]
    with hooked(model, record, leaves), torch.enable_grad():
        model(x)
        known = {call: (outputs.get(call), field) for call, field in fields.items()}
        return {call: None if one is None else field_of_output(one, x, field) for call, (one, field) in known.items()}


def seen_share(field: Field, sides: tuple[int, int]) -> float:
    """The share of an image of `sides` cells that lies in the receptive field of the middle cell, 0 to 1."""
    share = 1.0
    for side, length in zip(field.sides, sides, strict=True):
        first, last = side.cells[len(side.cells) // 2]
        share *= max(0.0, last - first + 1) / length
    return share


@dataclass(frozen=True)
class StackSettings:
    """A stack of equal convolutions without padding."""

    layers: int = knob(3, 1, 5)
    kernel: int = knob(3, 1, 5, label="Kernel size")
    stride: int = knob(1, 1, 2)
    dilation: int = knob(1, 1, 3)

    @property
    def windows(self) -> tuple[Window, ...]:
        return (Window(self.kernel, self.stride, 0, self.dilation),) * self.layers

    @property
    def fields(self) -> tuple[ReceptiveField, ...]:
        """The receptive field behind each layer."""
        return receptive_field(self.windows)

    @property
    def size(self) -> int:
        """That behind the last one, in pixels along one side."""
        return self.fields[-1].size


def cells_read(stack: StackSettings) -> tuple[tuple[int, ...], ...]:
    """The cells that one output cell reads, directly or not: of the output (one), of each map below, of the input.

    >>> cells_read(StackSettings(layers=2, kernel=3, dilation=2))
    ((0,), (0, 2, 4), (0, 2, 4, 6, 8))
    """
    rows: list[tuple[int, ...]] = [(0,)]
    for window in reversed(stack.windows):
        taps = {cell * window.stride + tap * window.dilation for cell in rows[-1] for tap in range(window.kernel)}
        rows.append(tuple(sorted(taps)))
    return tuple(rows)
