"""The text that gives a network again when it is parsed: its layers as PyTorch, or the statements that built it."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from core.parsing.candidates import Network
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Function, Instance
from core.parsing.writing import written


def source_text(
    module: nn.Module, network: Network, evaluator: Evaluator, text: str, used: Sequence[ast.stmt], tree: ast.Module
) -> str:
    """PyTorch lines where the network can be written in them, else the statements `used` and what builds it."""
    lines = written(module, evaluator.calls)
    if lines:
        return lines
    end = network.name or _expression_at(network.line, tree, text)
    definition = evaluator.globals.names.get(end)
    if network.name and not isinstance(definition, (nn.Module, KerasNetwork, Instance)):
        end = f"{end}({_arguments(definition, evaluator.assumed)})"
    statements = "\n".join(_quoted(node, text) for node in used)
    return f"{statements}\n\n{end}" if end else statements


def _expression_at(line: int, tree: ast.Module, text: str) -> str:
    """The expression that stands in a line of its own, for a network that has no name."""
    expressions = (node for node in tree.body if isinstance(node, ast.Expr) and node.lineno == line)
    return "\n".join(_quoted(node, text) for node in expressions)


def _arguments(definition: Any, assumed: Mapping[str, Any]) -> str:
    """What a class or function is called with whose text does not call it: the values that were assumed or given."""
    function = definition if isinstance(definition, Function) else None
    if function is None and hasattr(definition, "find"):
        function = definition.find("__init__")
    if not isinstance(function, Function):
        return ""
    spec = function.node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return ", ".join(f"{name}={assumed[name]!r}" for name in names if name in assumed)


def _quoted(node: ast.stmt, text: str) -> str:
    """A statement as it is written, its decorators too, at the left margin."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    lines = textwrap.dedent("\n".join(text.split("\n")[first - 1 : node.end_lineno]))
    return f"\n{lines}\n" if isinstance(node, (ast.ClassDef, ast.FunctionDef)) else lines
