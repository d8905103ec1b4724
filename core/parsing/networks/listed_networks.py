"""Networks in lists and tables of a text: `layers = [...]`, `MODELS = {"small": lambda **k: Net(2, **k)}`."""

from __future__ import annotations

import ast
from collections.abc import Collection
from functools import partial
from typing import Any

from torch import nn

from core.parsing.definitions import in_a_row
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Function
from core.parsing.networks.offered_networks import Network


def networks_in_tables(evaluator: Evaluator, classes: Collection[str]) -> list[Network]:
    """Those of some classes of the text, in order; the last one is built to see that it can be."""
    networks = [
        Network(key, None, one.node.lineno, partial(evaluator.call, one, [], {}), f"{name}[{key!r}]()")
        for name, table in evaluator.globals.names.items()
        if isinstance(table, dict)
        for key, one in table.items()
        if isinstance(key, str) and _called(one) in classes
    ]
    if not networks or (last := networks[-1]).build is None:
        return []
    evaluator.run.new_budget()
    try:
        last.value = last.build()
    except MISFITS:
        return []
    last.build = None
    return networks


def networks_in_lists(evaluator: Evaluator) -> list[Network]:
    """Lists of layers that the text puts into no network."""
    lists = [(name, one) for name, one in evaluator.globals.names.items() if isinstance(one, list) and one]
    return [
        Network(name, in_a_row(evaluator, layers), 1)
        for name, layers in lists
        if all(isinstance(layer, (nn.Module, KerasLayer)) for layer in layers)
    ]


def _called(value: Any) -> str:
    """The name of the class that a lambda does no more than call, "" for anything else."""
    match value:
        case Function(node=ast.Lambda(body=ast.Call(func=ast.Name(id=name)))):
            return name
    return ""
