"""What is worked out of a part of a text once, and forgotten with it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class OncePerNode(Generic[Result]):
    """Decorates a function of a node of a syntax tree: the node keeps the result, which so ends with its text.

    >>> count = OncePerNode(lambda node: len(list(ast.walk(node))))
    >>> tree = ast.parse("x = 1")
    >>> count(tree), tree.body.clear(), count(tree)
    (5, None, 5)
    """

    def __init__(self, work: Callable[..., Result]):
        self.work, self.key = work, f"_{work.__module__}.{work.__qualname__}"
        update_wrapper(self, work)

    def __call__(self, node: ast.AST, *more: Any) -> Result:
        results = node.__dict__.setdefault(self.key, {})
        if more not in results:
            results[more] = self.work(node, *more)
        return results[more]
