"""A formula written once, as a Python expression, and read three ways: with symbols, with numbers, and as its value.

The expressions are ours (never a visitor's): names, whole numbers, `+ - * / // **` and `ceil(a / b)`. A plain `/` must
divide exactly; `//` is drawn as a floor. Because symbols, numbers and value come from one tree, they cannot disagree.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

LEVELS = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Pow: 3}  # binding strength; fractions and floors bracket themselves
ATOM = 4


@dataclass(frozen=True)
class Symbol:
    """What a name in an expression looks like, its value in this row, and what it stands for if that is not plain."""

    latex: str
    value: int
    meaning: str = ""


@dataclass(frozen=True)
class Formula:
    """`left = expression`, with the numbers of one row.

    >>> side = Formula("H", "n - k + 1", {"n": Symbol("n", 9), "k": Symbol("k", 3)})
    >>> side.value, side.symbolic, side.numeric
    (7, 'n - k + 1', '9 - 3 + 1')
    >>> side.latex
    'H = n - k + 1 = 9 - 3 + 1 = 7'
    """

    left: str
    expression: str
    symbols: Mapping[str, Symbol]

    @property
    def symbolic(self) -> str:
        """The right side in symbols (LaTeX)."""
        return _latex(_tree(self.expression), {name: symbol.latex for name, symbol in self.symbols.items()})[0]

    @property
    def numeric(self) -> str:
        """The right side with this row's numbers (LaTeX)."""
        return _latex(_tree(self.expression), {name: number(symbol.value) for name, symbol in self.symbols.items()})[0]

    @property
    def value(self) -> int:
        """What the right side comes to."""
        return _value(_tree(self.expression), {name: symbol.value for name, symbol in self.symbols.items()})

    @property
    def latex(self) -> str:
        """The whole line: left = symbols = numbers = value, leaving out what would be said twice."""
        return " = ".join([self.left, *self._steps()])

    @property
    def aligned(self) -> str:
        """The same on a line a step, for a narrow page."""
        steps = r" \\ &= ".join(self._steps())
        return rf"\begin{{aligned}} {self.left} &= {steps} \end{{aligned}}"

    @property
    def meanings(self) -> dict[str, str]:
        """What the symbols of the right side stand for, by their LaTeX."""
        names = {node.id for node in ast.walk(_tree(self.expression)) if isinstance(node, ast.Name)}
        used = (symbol for name, symbol in self.symbols.items() if name in names)
        return {symbol.latex: symbol.meaning for symbol in used if symbol.meaning}

    def _steps(self) -> list[str]:
        parts = [self.symbolic, self.numeric, number(self.value)]
        return [part for index, part in enumerate(parts) if index == 0 or part != parts[index - 1]]


def number(value: int) -> str:
    """A whole number as LaTeX, in groups of three; braces keep TeX from spacing the comma, brackets guard a minus.

    >>> number(225_000_000), number(-1)
    ('225{,}000{,}000', '(-1)')
    """
    grouped = f"{value:,}".replace(",", "{,}")
    return grouped if value >= 0 else f"({grouped})"


@cache
def _tree(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _value(node: ast.expr, names: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.Call(func=ast.Name(id="ceil"), args=[ast.BinOp(left=left, op=ast.Div(), right=right)]):
            return -(-_value(left, names) // _value(right, names))
        case ast.BinOp(left=left, op=op, right=right):
            return _apply(op, _value(left, names), _value(right, names))
    raise ValueError(f"not part of a formula: {ast.dump(node)}")


def _apply(op: ast.operator, left: int, right: int) -> int:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Pow():
            return left**right
        case ast.FloorDiv():
            return left // right
        case ast.Div():
            whole, rest = divmod(left, right)
            if rest:
                raise ValueError(f"{left} / {right} leaves a rest: write // where a floor is meant")
            return whole
    raise ValueError(f"not part of a formula: {op}")


def _latex(node: ast.expr, names: Mapping[str, str]) -> tuple[str, int]:
    """LaTeX of a node and how strongly its outermost sign binds."""
    match node:
        case ast.Constant(value=int(value)):
            return number(value), ATOM
        case ast.Name(id=name):
            return names[name], ATOM
        case ast.Call(args=[ast.BinOp(left=left, right=right)]):
            return rf"\left\lceil \frac{{{_latex(left, names)[0]}}}{{{_latex(right, names)[0]}}} \right\rceil", ATOM
        case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
            return rf"\left\lfloor \frac{{{_latex(left, names)[0]}}}{{{_latex(right, names)[0]}}} \right\rfloor", ATOM
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return rf"\frac{{{_latex(left, names)[0]}}}{{{_latex(right, names)[0]}}}", ATOM
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{_bracketed(left, ATOM, names)}^{{{_latex(right, names)[0]}}}", LEVELS[ast.Pow]
        case ast.BinOp(left=left, op=op, right=right):
            level = LEVELS[type(op)]
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\cdot"}[type(op)]
            after = level + 1 if isinstance(op, ast.Sub) else level
            return f"{_bracketed(left, level, names)} {sign} {_bracketed(right, after, names)}", level
    raise ValueError(f"not part of a formula: {ast.dump(node)}")


def _bracketed(node: ast.expr, level: int, names: Mapping[str, str]) -> str:
    """A part of a larger expression, in round brackets where it binds more weakly than what surrounds it."""
    text, own = _latex(node, names)
    return text if own >= level else rf"\left({text}\right)"
