"""Items that come one by one, when they are asked for, as of `map` and `zip`; views of dictionaries."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import children
from core.parsing.evaluation.exceptions import TextError
from core.parsing.evaluation.values import Shared

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
VIEWS: tuple[type[Any], ...] = (
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)  # they show what becomes of their owner


class OfText:
    """Marks what is raised while a text is evaluated on behalf of a built-in function, which did not raise it."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if error is not None and kind is not StopIteration:
            error.is_of_text = True  # type: ignore[attr-defined]


class LazyItems(Shared):
    """An iterator over values that a text has not made yet: each is evaluated when it is taken, and only once.

    >>> items = LazyItems([1, 2, 3])
    >>> next(items), list(items), list(items)
    (1, [2, 3], [])
    """

    def __init__(self, values: Iterable[Any]):
        self.values = iter(values)

    def __iter__(self) -> LazyItems:
        return self

    def __next__(self) -> Any:
        with OfText():
            return next(self.values)


def until_stopped(step: Callable[[], Any], end: str = "StopIteration") -> LazyItems:
    """What a step gives each time, until the text raises StopIteration in it, or another error."""

    def items() -> Iterator[Any]:
        while True:
            try:
                yield step()
            except TextError as error:
                if end not in error.kinds:
                    raise
                return

    return LazyItems(items())


@OncePerNode
def yields(node: ast.AST) -> bool:
    """Whether a statement or expression yields, itself and not by a function that is defined in it."""
    return not isinstance(node, DEFINITIONS) and _yields_among([node])


def is_generator(function: ast.FunctionDef) -> bool:
    """Whether a function yields, itself and not by one that is defined in it."""
    return _yields_among(list(function.body))


def _yields_among(inside: list[ast.AST]) -> bool:
    while inside:
        part = inside.pop()
        if isinstance(part, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(part, DEFINITIONS):
            inside += children(part)
    return False
