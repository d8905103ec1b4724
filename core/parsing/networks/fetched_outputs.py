"""What a static graph is asked for: the outputs that a text fetches from it or saves it for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.network_values import MEASURE, is_output

LISTS = ("fetch_list", "target_vars", "fetch_vars")  # arguments of Paddle's `exe.run` and `save_inference_model`


def fetched_output(tree: ast.Module, names: Mapping[str, Any], usual: str) -> str:
    """The name of the output that a text last asks its graph for; `usual` where it asks for that too, or for none.

    >>> fetched_output(ast.parse("exe.run(feed=data, fetch_list=[loss])"), {"loss": 1.0}, "y")
    'y'
    """
    fetched = [
        name
        for call in all_nodes(tree)
        if isinstance(call, ast.Call)
        for name in _listed(call)
        if not MEASURE.search(name.lower()) and is_output(names.get(name))
    ]
    return fetched[-1] if fetched and usual not in fetched else usual


def _listed(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg in LISTS and isinstance(keyword.value, (ast.List, ast.Tuple)):
            yield from (item.id for item in keyword.value.elts if isinstance(item, ast.Name))
