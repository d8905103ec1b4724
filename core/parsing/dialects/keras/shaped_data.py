"""Values that no input changes: data of which only the shape is known, and tables such as a causal mask."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.keras.constants import MOST_VALUES, Constant, ConstantRecipe
from core.parsing.dialects.keras.symbol_operators import OPERATORS
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, Record, in_keras_order
from core.parsing.evaluation.values import MISSING, Builtin, Special


def constant(sizes: Sequence[int], recipe: ConstantRecipe) -> KerasWeight:
    """A symbol for a table of these sizes. Raises: ParseError if it is too large."""
    if math.prod(sizes) > MOST_VALUES:
        raise ParseError(f"a table has at most {MOST_VALUES:,} values here.")
    return KerasWeight(tuple(sizes), Record(Constant(recipe), (), {}, "constant"), "constant")


class ShapedData(Special):
    """Data of which only the shape is known: what `tf.zeros((1, 28, 28, 1))` returns."""

    is_data = True

    def __init__(
        self, sizes: tuple[Any, ...], like: Callable[..., Any] = torch.randn_like, recipe: ConstantRecipe | None = None
    ):
        self.sizes, self.like = sizes, like  # what makes the same in PyTorch for a tensor of that shape
        self.recipe = recipe  # how it is made where all of its sizes are known

    def as_constant(self) -> KerasWeight | None:
        """The table that it is, where its values are known."""
        is_known = self.recipe is not None and all(type(size) is int and size > 0 for size in self.sizes)
        return constant(self.sizes, self.recipe) if is_known and self.recipe is not None else None

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        """`1 - tf.ones((n, n))`: a table as well."""
        made = self.as_constant() if isinstance(other, (int, float, ShapedData)) else None
        function = OPERATORS.get(name)
        if made is None and function is not None and isinstance(other, (int, float)):
            return ShapedData(self.sizes, _scaled(self.like, function, other, is_left))
        return super().operate(name, other, is_left) if made is None else made.operate(name, other, is_left)

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """`table[None, :]`."""
        made = self.as_constant()
        return super().item(evaluator, index, node) if made is None else made.item(evaluator, index, node)


def _scaled(like: Callable[..., Any], function: Callable[..., Any], number: float, is_left: bool) -> Callable[..., Any]:
    """`0.1 * tf.random.normal(tf.shape(x))`: noise like a tensor, scaled or shifted by a number."""

    def noise(x: Tensor) -> Tensor:
        return function(like(x), number) if is_left else function(number, like(x))

    return noise


class Numbers(ShapedData):
    """A few numbers in a row, such as `tf.linspace(0.0, 0.1, depth)`: a table, and each by itself."""

    def __init__(self, numbers: Sequence[float], device: torch.device):
        super().__init__((len(numbers),), recipe=ConstantRecipe(listed, (tuple(numbers), (len(numbers),)), device))
        self.numbers = list(numbers)

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """`.shape`, `.numpy()`."""
        if name == "shape":
            return self.sizes
        return Builtin(name, lambda: self.numbers) if name in ("numpy", "tolist") else MISSING

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        """`rates[3]`, `rates[2:4]`."""
        is_place = isinstance(index, int) and -len(self.numbers) <= index < len(self.numbers)
        if is_place or isinstance(index, slice):
            return self.numbers[index]
        return super().item(evaluator, index, node)

    def turns(self) -> list[Any]:
        """Each number."""
        return self.numbers


def listed(values: tuple[float, ...], sizes: tuple[int, ...], device: Any = None) -> Tensor:
    """The numbers of a list that a text writes out."""
    return torch.tensor(values, device=device, dtype=torch.float32).reshape(sizes)


def data_of_list(value: Any, device: torch.device) -> ShapedData | None:
    """`tf.constant([[1, 2], [3, 4]])`: the data that a list stands for; None for what is no list.

    >>> data_of_list([[1, 2], [3, 4], [5, 6]], torch.device("cpu")).sizes
    (3, 2)
    """
    sizes: list[int] = []
    first = value
    while isinstance(first, (list, tuple)) and first and len(sizes) < 8:
        sizes.append(len(first))
        first = first[0]
    numbers = tuple(_numbers_in(value)) if sizes else ()
    is_whole = all(isinstance(one, (int, float)) for one in numbers) and len(numbers) == math.prod(sizes)
    recipe = ConstantRecipe(listed, (numbers, tuple(sizes)), device) if is_whole else None
    return ShapedData(tuple(sizes), recipe=recipe) if sizes else None


def written_values(value: Any) -> Any:
    """The list that a text writes out in `tf.constant([[1, 1], [2, 2]])`, whole numbers as such; else the value."""
    recipe = getattr(value, "recipe", None)
    if recipe is None or recipe.make is not listed:
        return value
    is_whole = all(float(number).is_integer() for number in recipe.args[0])
    return listed(*recipe.args).to(torch.int64 if is_whole else torch.float32).tolist()


def _numbers_in(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _numbers_in(one)
    else:
        yield value


def band(x: KerasTensor, below: int, above: int) -> KerasTensor:
    """`tf.linalg.band_part(x, -1, 0)`: zeros but for so many diagonals on both sides; all for a negative number."""
    if below >= 0:
        x = in_keras_order(torch.triu, x, -below, name="band_part")
    return in_keras_order(torch.tril, x, above, name="band_part") if above >= 0 else x
