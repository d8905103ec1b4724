"""The table, the formulas and the lines of the activation lesson, with this moment's numbers."""

from __future__ import annotations

from collections.abc import Mapping

from core.layers.activations import ACTIVATIONS, code_of, defaults
from core.lessons import activations as lab
from playground import units

EXACT = 3e-4  # a place is known to a thousandth of a step of the widest grid, twice over
NARROW = "\u00a0"  # a cell's words stay in one line


def slopes(found: Mapping[str, lab.Curve]) -> str:
    """The values of each here, its steepest slope and the place of it, and where it is nearly flat, as a table."""
    rows = [
        f"| activation | steepest slope | at x = | slope under {lab.NEARLY_FLAT} for x from | y from |",
        "|---" * 5 + "|",
    ]
    for name, one in found.items():
        steepest, first, last = one.steepest
        cells = (
            name,
            units.significant(steepest),
            place(first) if first == last else f"{place(first)} to {place(last)}",
            ", ".join(f"{place(a)} to {place(b)}" for a, b in one.flats) or "nowhere here",
            " to ".join(bound(value) for value in one.span),
        )
        rows.append(f"| {' | '.join(cell.replace(' ', NARROW) for cell in cells)} |")
    return "\n".join(rows)


def bound(value: float) -> str:
    """A value in five digits; what comes near a whole number and never gets there says so."""
    rounded = float(f"{value:.5g}")
    near = rounded == round(rounded) and value not in (rounded, 0)
    return f"{'≈ ' if near else ''}{units.significant(rounded, 5)}"


def place(x: float) -> str:
    """A place on the x axis: a whole number, or two decimals.

    >>> place(2.99995), place(-2.99575), place(-0.0)
    ('3', '−3.00', '0')
    """
    whole = abs(x - round(x)) < EXACT
    return (str(round(x)) if whole else f"{x:.2f}").replace("-", "−")


def formulas(chosen: Mapping[str, lab.Knobs]) -> str:
    """What is on the picture, a line each, with the numbers that its sliders stand at."""
    rows = []
    for name, knobs in chosen.items():
        numbers = "".join(rf",\quad \text{{{key.replace('_', ' ')}}} = {value:g}" for key, value in knobs)
        rows.append(rf"\text{{{name}}} &: & y &= {ACTIVATIONS[name].formula}{numbers}")
    return r"\begin{aligned}" + r" \\[8pt] ".join(rows) + r"\end{aligned}"


def lines(name: str, knobs: lab.Knobs, found: lab.Curve) -> str:
    """The lines that give the drawn curve: `x`, `y` and `slope`."""
    own = {"SiLU (Swish)": "Swish", "Maxout": "Maxout"}.get(name)
    imports = f"from core.layers.activations import {own}\n" if own else ""
    return (
        f"import torch\nfrom torch import nn\n{imports}\n"
        f"x = torch.arange({-lab.HALF}, {lab.HALF + 1}, dtype=torch.float64) * ({found.x[-1]:g} / {lab.HALF})\n"
        "x.requires_grad_()\n"
        f"y = {code_of(name, defaults(name) | dict(knobs))}.double()(x)\n"
        "slope, = torch.autograd.grad(y.sum(), x)"
    )
