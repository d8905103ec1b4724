"""The lines of our own functions and classes as a block of code repeats them: short, and as they run here."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, TRIES, lsuv


def source_lines(*objects: Callable[..., Any]) -> str:
    """Their source without docstrings, annotations and comments, two empty lines between them.

    >>> from core.layers.activations import Swish
    >>> print(source_lines(Swish).splitlines()[0])
    class Swish(nn.Module):
    """
    return "\n\n\n".join(_lines(each) for each in objects)


def lines_beside_torch(activation: str, initialization: str) -> str:
    """What PyTorch lacks of an activation and an initialization, with the empty lines around it; empty if nothing."""
    parts: list[str] = []
    if ACTIVATIONS[activation].own:
        parts.append(source_lines(type(ACTIVATIONS[activation].build())))
    if fill := INITIALIZATIONS[initialization].own:
        parts.append(f"TRIES = {TRIES}\n\n\n{source_lines(fill)}" if fill is lsuv else source_lines(fill))
    return "".join(f"\n\n{part}\n" for part in parts) + ("\n" if parts else "")


def _lines(each: Callable[..., Any]) -> str:
    tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
    return ast.unparse(_PlainAssignments().visit(tree)).replace(":\n\n    def ", ":\n    def ")


class _PlainAssignments(ast.NodeTransformer):
    """`outputs: list[Tensor] = []` becomes `outputs = []`."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)
