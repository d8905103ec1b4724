"""The text that gives a network again when it is parsed: its layers as PyTorch, or the statements that built it."""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from torch import nn

from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.text_classes.records import record_fields
from core.parsing.evaluation.values import Class, Function, Instance
from core.parsing.network_values import constructor
from core.parsing.networks.offered_networks import Network
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
    if network.text:
        end = network.text
    elif "." in network.name:
        end = _part(network, evaluator)
    elif network.owner is not None and network.owner.text:
        end = network.owner.text
    elif network.name and not network.is_deleted and not isinstance(definition, (nn.Module, KerasNetwork, Instance)):
        is_own = isinstance(module, EvaluatedModule) and module.definition is definition
        made_with: Collection[str] = module.__dict__.get("made_with", ()) if is_own else ()
        end = f"{end}({_arguments(definition, evaluator, made_with)})"
    names = {path: value for path, value in evaluator.assumed_paths.items() if path.isidentifier()}
    first = [f"{name} = {value!r}" for name, value in names.items() if name not in _arguments_of(definition)]
    paths = {path: value for path, value in evaluator.assumed_paths.items() if not path.isidentifier()}
    statements = "\n".join((*first, *(_quoted(_with_values(node, paths), text) for node in used)))
    return f"{statements}\n\n{end}" if end else statements


def _part(network: Network, evaluator: Evaluator) -> str:
    """`gan.generator`; `GAN(latent_dim=100).build()` where only the class is there."""
    name = network.name
    first, _, part = name.partition(".")
    owner = evaluator.globals.names.get(first)
    if not isinstance(owner, Class):
        return name
    method = owner.find(part)
    built = (network.owner and network.owner.text) or f"{first}({_arguments(owner, evaluator)})"
    if not isinstance(method, Function):
        return f"{built}.{part}"
    made = first if method.kind in ("staticmethod", "classmethod") else built
    return f"{made}.{part}({_arguments(method, evaluator)})"


def _expression_at(line: int, tree: ast.Module, text: str) -> str:
    """The expression that stands in a line of its own, for a network that has no name."""
    expressions = (node for node in tree.body if isinstance(node, ast.Expr) and node.lineno == line)
    return "\n".join(_quoted(node, text) for node in expressions)


def _arguments(definition: Any, evaluator: Evaluator, made_with: Collection[str] = ()) -> str:
    """What a class or function is called with whose text does not call it: the values that were assumed or given.

    Settings of which only `settings.width` and its kind are used are replaced there, so that they may be None here.

    Args: `made_with` are the names of those that it was called with, where they are known: others of these names may
    have been assumed for another class.
    """
    values, paths = evaluator.assumed, evaluator.assumed_paths
    function = constructor(definition)
    sources = evaluator.assumed_sources.get(function.node, {}) if function is not None else {}
    settings = {path.split(".")[0].split("[")[0] for path in paths if not path.isidentifier()}
    given = function.defaults if function is not None else {}
    names = [
        name
        for name in _arguments_of(definition)
        if name in sources
        or (given.get(name) is None and (name in values or name in settings) and (name in made_with or not made_with))
    ]
    return ", ".join(f"{name}={sources.get(name) or repr(values.get(name))}" for name in names)


def _arguments_of(definition: Any) -> list[str]:
    function = constructor(definition)
    if function is None:
        return list(record_fields(definition)) if isinstance(definition, Class) else []
    spec = function.node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return names[1:] if function.owner is not None and function.kind != "staticmethod" else names


class _Values(ast.NodeTransformer):
    """Writes values for expressions such as `env.action_space.n`."""

    def __init__(self, paths: Mapping[str, Any]):
        self.paths, self.has_changed = paths, False

    def generic_visit(self, node: ast.AST) -> ast.AST:
        path = ast.unparse(node) if isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)) else ""
        path = path if path in self.paths else path.removeprefix("self.")  # `self.args = args` keeps the same settings
        if path in self.paths:
            self.has_changed = True
            return ast.parse(repr(self.paths[path]), mode="eval").body
        return super().generic_visit(node)


def _with_values(node: ast.stmt, paths: Mapping[str, Any]) -> ast.stmt | str:
    """The statement itself, or its text where an expression in it has got a value."""
    if not paths:
        return node
    writer = _Values(paths)
    made = writer.visit(copy.deepcopy(node))
    return ast.unparse(made) if writer.has_changed else node


def _quoted(node: ast.stmt | str, text: str) -> str:
    """A statement as it is written, its decorators too, at the left margin."""
    if isinstance(node, str):
        return f"\n{node}\n"
    if not hasattr(node, "lineno"):  # a part of a statement
        return ast.unparse(node)
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    rows = text.split("\n")[first - 1 : node.end_lineno]
    if rows[0].encode()[: node.col_offset].strip() or rows[-1].encode()[node.end_col_offset :].lstrip()[:1] == b";":
        return ast.get_source_segment(text, node) or ast.unparse(node)  # one of several statements in a line
    lines = textwrap.dedent("\n".join(rows))
    return f"\n{lines}\n" if isinstance(node, (ast.ClassDef, ast.FunctionDef)) else lines
