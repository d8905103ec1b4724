"""The input that an example in a docstring or comment shows: `>>> x = torch.randn(32, 1, 3000)`, if it goes through."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import islice

from torch import nn

from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.inputs.commented_sizes import COMMENT, LONGEST
from core.parsing.inputs.trial import Shape, takes

MOST_FOUND = 60
MOST_TRIED = 4  # forward passes
EXAMPLE = re.compile(
    r"torch\.(?:(?:randn|rand|ones|zeros|empty|Tensor|FloatTensor)\(\s*(?:size\s*=\s*)?[(\[]?|randint\([^()\n]*[(\[])"
    r"\s*(\w+(?:\s*,\s*\d{1,5})+)\s*[,)\]]"
)


def example_input(network: nn.Module, tree: ast.Module, text: str) -> tuple[Shape, int] | None:
    """The shape of such a tensor without its batch, and its line; those of the network's own class come first."""
    if not isinstance(network, EvaluatedModule) or len(text) > LONGEST or "torch." not in text:
        return None
    name = network.definition.name
    own = next((one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name), None)
    lines = range(own.lineno, (own.end_lineno or own.lineno) + 1) if own is not None else range(0)
    shapes = sorted(islice(example_shapes(text), MOST_FOUND), key=lambda one: one[1] not in lines)
    return next((one for one in list(dict.fromkeys(shapes))[:MOST_TRIED] if takes(network, one[0])), None)


def example_shapes(text: str) -> Iterator[tuple[Shape, int]]:
    """Shapes of all tensors that comments and docstrings make, without their batch, with their lines.

    >>> list(example_shapes("# x = torch.randn(n, 3, 64, 64)\\n# y = torch.randint(0, 9, (2, 50))"))
    [((3, 64, 64), 1), ((50,), 2)]
    """
    for comment in COMMENT.finditer(text):
        for match in EXAMPLE.finditer(comment[0]):
            sizes = tuple(int(one) for one in match[1].split(",")[1:])
            yield sizes, text.count("\n", 0, comment.start() + match.start()) + 1
