"""The derivation of a row: the formulas behind its shape, its parameters and its MACs, with this row's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from torch import nn

from core.derivation import costs, functions
from core.derivation.expression import Formula, Symbol
from core.derivation.layers import AXES, SIDES, Shape
from core.derivation.sizes import sizes
from core.profiler.rows import Row


@dataclass(frozen=True)
class Derivation:
    """Formulas of one layer call. `size` holds one formula a side (or one for all); None where there is nothing.
    `output_bytes` are of the whole batch, MACs of one picture."""

    size: tuple[Formula, ...] = ()
    params: Formula | None = None
    macs: Formula | None = None
    output_bytes: Formula | None = None

    @property
    def legend(self) -> str:
        """What the symbols of all formulas stand for, in one line of LaTeX and words; "" where nothing needs one.

        >>> derive(nn.MaxPool2d(2), (8, 6, 6), (8, 3, 3)).legend
        '$k$ = kernel size, $s$ = stride, $n$ = input size'
        """
        formulas = (formula for formula in (*self.size, self.params, self.macs, self.output_bytes) if formula)
        meanings: dict[str, str] = {}
        for formula in formulas:
            meanings |= formula.meanings
        return ", ".join(f"${latex}$ = {meaning}" for latex, meaning in meanings.items())


def derive(module: nn.Module, input_shape: Shape, output_shape: Shape) -> Derivation:
    r"""How a layer turns `input_shape` into `output_shape`, and what it costs.

    Shapes are those of one picture, without the batch.

    >>> steps = derive(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100), (200, 150, 100))
    >>> [side.value for side in steps.size], steps.params.value, steps.macs.value
    ([150, 100], 15200, 225000000)
    >>> print(steps.params.numeric)
    \left(5 \cdot 5 \cdot 3 + 1\right) \cdot 200
    """
    size = sizes(module, input_shape, output_shape)
    return Derivation(size, costs.parameters(module), costs.macs(module, input_shape, output_shape))


def derive_row(row: Row, model: nn.Module) -> Derivation:
    """The derivation of a row of a profile of `model`.

    A formula is left out unless it comes to the row's own number: parameters that an earlier row has counted already,
    or a layer that does something of its own, have none.
    """
    if row.is_function:
        steps = Derivation(
            params=functions.parameters(row.input_shapes, row.params),
            macs=functions.macs(row.kind, row.input_shapes, row.output_shape),
        )
    else:
        steps = derive(model.get_submodule(row.name), row.input_shape[1:], row.output_shape[1:])
    return Derivation(
        steps.size if _leads_to(steps.size, row.output_shape[1:]) else (),
        steps.params if steps.params and steps.params.value == row.params else None,
        steps.macs if steps.macs and steps.macs.value == row.macs else None,
        _bytes(row),
    )


def _bytes(row: Row) -> Formula | None:
    """Values of the whole batch, times the bytes of one; None where a layer gives more than one tensor."""
    values = prod(row.output_shape)
    each, rest = divmod(row.output_bytes, values) if row.output_shape else (0, 1)
    if rest or each not in (1, 2, 4, 8):
        return None
    batch, *sides = row.output_shape
    names = ("C", *AXES.get(len(sides) - 1, ())) if len(sides) > 1 else (r"\text{features}",)
    names = names if len(names) == len(sides) else tuple(f"n_{index}" for index in range(len(sides)))
    meanings = {"C": "channels", **SIDES}
    symbols = {"b": Symbol("B", batch, "batch size")}
    for index, (name, side) in enumerate(zip(names, sides, strict=True)):
        symbols[f"n{index}"] = Symbol(name, side, meanings.get(name, ""))
    symbols["e"] = Symbol(r"\text{bytes}", each)
    return Formula(r"\text{output}", " * ".join(symbols), symbols)


def _leads_to(size: tuple[Formula, ...], output_shape: Shape) -> bool:
    """Whether formulas say how `output_shape` came about: its last sides one by one, or all of them the same."""
    values = [side.value for side in size]
    last = list(output_shape[len(output_shape) - len(values) :])
    return values == last or (len(values) == 1 and set(output_shape[1:]) == {values[0]})
