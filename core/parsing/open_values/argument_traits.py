"""What one node of a function tells of an argument besides its kind: a row, widths, a vocabulary, an array."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from core.parsing.clean.syntax import all_nodes
from core.parsing.open_values.listed_numbers import goes_in_pairs, place_of

_SIZED = ("Linear", "LazyLinear", "Conv1d", "Conv2d", "Conv3d", "Dense")  # layers whose first two arguments are sizes
_MADE_OF_ARRAYS = ("from_numpy", "tensor", "as_tensor", "Tensor", "FloatTensor", "DoubleTensor")


_OF_KERAS = {
    "filters", "strides", "activation", "input_shape", "use_bias", "dilation_rate", "pool_size", "depth_multiplier",
    "kernel_initializer", "kernel_regularizer",
}  # fmt: skip


def padding_words(places: set[str], part: ast.AST) -> tuple[str, ...]:
    """ "same" and "valid" where it is the `padding` of a layer of Keras, which is a word there."""
    match part:
        case ast.Call(func=function, keywords=keywords) if last_word(function).endswith(("D", "Transpose")):
            named = {one.arg: one.value for one in keywords}
            is_padding = "padding" in named and place_of(named["padding"]) in places
            is_of_keras = bool(_OF_KERAS & named.keys()) or "Pooling" in last_word(function)
            return ("same", "valid") if is_padding and is_of_keras else ()
    return ()


def traits(places: set[str], part: ast.AST) -> set[str]:
    """ "pairs", "row", "widths", "vocabulary", "array" and "grown", those of them that the node tells."""
    told = {
        "pairs": goes_in_pairs(places, part),
        "row": _is_row(places, part),
        "widths": _are_widths(places, part),
        "vocabulary": _is_embedded(places, part),
        "array": _is_array(places, part),
        "grown": _is_grown(places, part),
    }
    return {trait for trait, is_told in told.items() if is_told}


def _is_row(places: set[str], part: ast.AST) -> bool:
    """Whether it is the shape of a row of numbers: `nn.Linear(*shape, 64)`."""
    match part:
        case ast.Call(func=function, args=[ast.Starred(value=owner), _]):
            return place_of(owner) in places and last_word(function) == "Linear"
    return False


def of_array(part: ast.expr) -> str:
    """The place of what a tensor is made of, `torch.from_numpy(self.vectors).float()`, or of the tensor itself."""
    match part:
        case ast.Call(func=ast.Attribute(attr=made), args=[inner, *_]) if made in _MADE_OF_ARRAYS:
            return place_of(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr="float" | "to" | "double")):
            return of_array(inner)
    return place_of(part)


def _are_widths(places: set[str], part: ast.AST) -> bool:
    """Whether items are sizes of layers: `nn.Linear(n, sizes[0])`, `for size in sizes: ... nn.Linear(n, size)`."""
    match part:
        case ast.Call(func=function, args=args) if last_word(function) in _SIZED:
            return any(isinstance(one, ast.Subscript) and place_of(one.value) in places for one in args[:2])
        case ast.For(target=ast.Name(id=name), iter=owner) if place_of(owner) in places:
            calls = [one for one in all_nodes(part) if isinstance(one, ast.Call) and last_word(one.func) in _SIZED]
            return any(place_of(one) == name for call in calls for one in call.args[:2])
    return False


def _is_array(places: set[str], part: ast.AST) -> bool:
    """Whether it is an array of numpy: `torch.from_numpy(vectors)`."""
    match part:
        case ast.Call(func=ast.Attribute(attr="from_numpy"), args=[owner]):
            return place_of(owner) in places
    return False


def _is_grown(places: set[str], part: ast.AST) -> bool:
    """Whether it is a network that layers are added to: `model.add(Dense(10))`."""
    match part:
        case ast.Call(func=ast.Attribute(value=owner, attr="add"), args=[ast.Call(func=made)]):
            return place_of(owner) in places and last_word(made)[:1].isupper()
    return False


def _is_embedded(places: set[str], part: ast.AST) -> bool:
    """Whether it is the number of rows of an embedding."""
    match part:
        case ast.Call(func=function, args=args, keywords=named) if last_word(function) == "Embedding":
            rows = [*args[:1], *(one.value for one in named if one.arg in ("num_embeddings", "input_dim"))]
            return bool(places & places_in(rows))
    return False


def places_in(nodes: Iterable[ast.expr]) -> set[str]:
    return {place_of(one) for node in nodes for one in (node.elts if isinstance(node, ast.List) else [node])} - {""}


def last_word(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]
