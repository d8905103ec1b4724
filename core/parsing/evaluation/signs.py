"""Operators of one value that stands for a tensor: minus, plus, and the opposite of a condition."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.values import Special


def signed(sign: ast.unaryop, value: Special) -> Any:
    """`-x` and `~x` of a symbol: a product, and a comparison."""
    if isinstance(sign, ast.UAdd):
        return value
    return value.operate("__mul__", -1, True) if isinstance(sign, ast.USub) else value.operate("__eq__", 0, True)
