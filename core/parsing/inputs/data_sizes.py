"""The size of the images that a text loads, as its transforms and its dataset say."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.core import MISFITS

SIZING = ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop")  # of torchvision and albumentations
DATASETS = {  # name in torchvision.datasets -> side of its images in pixels
    **dict.fromkeys(("MNIST", "FashionMNIST", "KMNIST", "EMNIST", "QMNIST"), 28),
    **dict.fromkeys(("CIFAR10", "CIFAR100", "SVHN", "Cifar10", "Cifar100"), 32),  # the last two in Paddle
    "STL10": 96,
}
ARGUMENTS = ("size", "height", "width")  # the latter two in albumentations
SIZE_UNKNOWN: tuple[type[Exception], ...] = (ParseError, *MISFITS)
SMALLEST, LARGEST = 8, 4096  # pixels a side; a smaller second number is a way of interpolation


@dataclass(frozen=True)
class DataSize:
    """Height and width of an image in pixels, and what in the text says so."""

    height: int
    width: int
    name: str
    line: int


def image_size(tree: ast.AST, evaluate: Callable[[ast.expr], Any]) -> DataSize | None:
    """What the last transform that sets a size makes of an image; else the size in the dataset that is loaded.

    Transforms for training and for validation that end at different sizes say nothing, nor do two datasets of
    different sizes. `evaluate` gives the value of an expression of the text.
    """
    calls = [(_name(node), node) for node in all_nodes(tree) if isinstance(node, ast.Call)]
    chains = [_sizing(node.args[0]) for name, node in calls if name == "Compose" and node.args]
    alone = [node for name, node in calls if name in SIZING] if not chains else []
    sizing = [*(chain[-1] for chain in chains if chain), *alone]
    if sizing:
        sizes = [_size(node, evaluate) for node in sizing]
    else:
        loaded = [(DATASETS[name], name, node.lineno) for name, node in calls if name in DATASETS]
        sizes = [DataSize(side, side, name, line) for side, name, line in loaded]
    return sizes[0] if len({(one.height, one.width) if one else None for one in sizes}) == 1 else None


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _sizing(chain: ast.expr) -> list[ast.Call]:
    parts = chain.elts if isinstance(chain, (ast.List, ast.Tuple)) else []
    return [part for part in parts if isinstance(part, ast.Call) and _name(part) in SIZING]


def _size(call: ast.Call, evaluate: Callable[[ast.expr], Any]) -> DataSize | None:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    try:
        given = [evaluate(node) for node in (*call.args[:2], *(named[key] for key in ARGUMENTS if key in named))]
    except SIZE_UNKNOWN:
        return None
    pair = given[:2] if len(given) > 1 and type(given[1]) is int and given[1] >= SMALLEST else given[:1] * 2
    sides = given[0] if given and isinstance(given[0], (tuple, list)) else pair
    if len(sides) == 2 and all(type(side) is int and SMALLEST <= side <= LARGEST for side in sides):
        return DataSize(sides[0], sides[1], _name(call), call.lineno)
    return None
