"""Where Keras's symbols begin: inputs of a stated shape, of data, or as typed beside a text."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from core.errors import MissingShapeError, ParseError
from core.parsing.dialects.keras.datasets import KnownData
from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, to_first, to_last
from core.parsing.dialects.translation import MAX_SIDE
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Unknown

DEFAULT_SIDE = 224
IMAGE_AXES = 3
MOST_AXES_OF_STEPS = 2  # of a sequence, without the batch


class OpenPlaceholder(Unknown):
    """`tf.placeholder(tf.float32)`, without a shape: a rate or labels, or an input of any shape."""


def symbol_of(call: BuiltinCall, value: Any) -> KerasTensor:
    """The value itself, if it is a symbol; data becomes an input of its shape."""
    if isinstance(value, ShapedData):
        return input_symbol(call, value.sizes[1:])
    if isinstance(value, Tensor):
        return input_symbol(call, tuple(value.shape[1:]))
    if value is Ellipsis:  # `x = ...` stands for any input
        return given_input(call.evaluator, getattr(call.node, "lineno", 1))
    if isinstance(value, OpenPlaceholder):
        return _fed_input(call, value)
    if isinstance(value, Unknown):
        return _open_input(call, value)
    if not isinstance(value, KerasTensor):
        raise call.fail("a layer is called on the output of another layer, or on Input(...).")
    return value


def _fed_input(call: BuiltinCall, value: OpenPlaceholder) -> KerasTensor:
    """The typed input, for a placeholder that a layer is called on before there is any other. Raises: ParseError."""
    names = call.evaluator.globals.names
    own = [name for name, one in names.items() if one is value]
    if not own or any(isinstance(one, KerasTensor) and not isinstance(one, KerasWeight) for one in names.values()):
        raise value.refusal()
    names.update(dict.fromkeys(own, given_input(call.evaluator, value.line)))
    return names[own[0]]


def _open_input(call: BuiltinCall, value: Unknown) -> KerasTensor:
    """The typed input, for a name that a text without an input calls layers on. Raises: ParseError."""
    names = call.evaluator.globals.names
    is_bare = value.path == value.name and value.name.isidentifier() and value.compute is None
    is_lost = value.error is not None or value.is_imported or value.is_misspelt or value.is_data or value.is_setting
    has_input = any(isinstance(one, KerasTensor) for one in names.values())
    if not is_bare or is_lost or has_input or call.evaluator.bound_anew(value.name, value.line):
        raise value.refusal()
    call.evaluator.notes.append(f"{value.name} has no value in the text: the typed input is taken for it.")
    names[value.name] = given_input(call.evaluator, value.line)
    return names[value.name]


def input_symbol(call: BuiltinCall, sizes: Any, name: str = "x") -> KerasTensor:
    """An input of Keras's shape (height, width, channels), the batch left out."""
    evaluator = call.evaluator
    sizes = _with_typed(evaluator, sizes)
    try:
        value = evaluator.resolve_all(sizes, call.node)
    except ParseError:  # a shape out of data that the text only loads
        return _typed_like(call, sizes)
    sizes = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    first = evaluator.channels_first
    channels = sizes[0] if first else sizes[-1] if sizes else None
    given = evaluator.input_shape
    if channels is None and len(sizes) > 1 and (given is None or len(given) == len(sizes)):
        return given_input(evaluator, getattr(call.node, "lineno", 1))
    free = [n for n in sizes if n is None]
    filled = tuple(_open_side(evaluator, len(sizes)) if n is None else n for n in sizes)
    if (
        not 1 <= len(sizes) <= 5
        or (channels is None and len(sizes) > 1)
        or not all(type(n) is int and 1 <= n <= MAX_SIDE**2 for n in filled)
    ):
        raise call.evaluator.fail(
            call.node, "the input shape must be (height, width, channels), for example (150, 150, 3)."
        )
    shape = filled if first else to_first(filled) if len(filled) > 1 else filled
    if len(shape) > 1 and max(shape[1:]) > MAX_SIDE:
        raise call.evaluator.fail(call.node, f"an input has at most {MAX_SIDE:,} cells per side.")
    if free and given and len(given) == len(shape) and (given[0] == shape[0] or len(shape) == 1):
        shape = given
    elif given and len(given) == 1 and len(sizes) == 2 and sizes[0] is None and not first:
        shape = (shape[0], given[0])  # a sequence of vectors beside one of words
    elif free:
        evaluator.notes.append(_open_note(evaluator, len(sizes)))
    return KerasTensor(shape, None, name, first)


def _open_side(evaluator: Any, axes: int) -> int:
    """The length of an axis that a text leaves open: a side of an image, or the steps of a sequence."""
    evaluator.has_open_steps |= axes <= MOST_AXES_OF_STEPS
    return evaluator.open_steps if axes <= MOST_AXES_OF_STEPS else DEFAULT_SIDE


def _open_note(evaluator: Any, axes: int) -> str:
    if axes <= MOST_AXES_OF_STEPS:
        return f"The code leaves the length of its sequences open; {evaluator.open_steps} steps are assumed."
    return f"The code leaves the image size open; {DEFAULT_SIDE} per side is assumed."


def input_of_shape(call: BuiltinCall, shape: Any) -> KerasTensor:
    """An input of Keras's shape with the batch, such as (None, 28, 28, 1): sides that it leaves open are usual ones."""
    sizes = call.evaluator.resolve_all(list(call.iterate(shape)), call.node)[1:]
    filled = tuple(DEFAULT_SIDE if n is None else n for n in sizes)
    first = call.evaluator.channels_first
    if not filled or not all(type(n) is int and n > 0 for n in filled):
        raise call.fail("it takes the shape of an input, for example (None, 28, 28, 1).")
    return KerasTensor(filled if first else to_first(filled), None, "x", first)


def _with_typed(evaluator: Any, sizes: Any) -> Any:
    """Sizes whose names have no value, as typed beside the text, if that agrees with the others."""
    typed = evaluator.input_shape
    if not isinstance(sizes, (list, tuple)) or typed is None or len(sizes) != len(typed):
        return sizes
    pairs = list(zip(sizes, typed if evaluator.channels_first else to_last(typed), strict=True))
    if any(type(one) is int and one != size for one, size in pairs):
        return sizes
    return [evaluator.assume(one.name, one, size) if _is_open(evaluator, one) else one for one, size in pairs]


def _is_open(evaluator: Any, size: Any) -> bool:
    is_bare = isinstance(size, Unknown) and size.compute is None and size.error is None and not size.is_data
    return is_bare and bool(size.name) and size.name not in evaluator.given


def _typed_like(call: BuiltinCall, sizes: Any) -> KerasTensor:
    """The typed input; sizes that the text states beside open ones are kept."""
    evaluator = call.evaluator
    listed = sizes if isinstance(sizes, (list, tuple)) else ()
    if evaluator.input_shape and len(listed) > len(evaluator.input_shape):  # another input than the typed one
        return input_symbol(call, [evaluator.resolve_number(one, "size", call.node) for one in listed])
    typed = given_input(evaluator, getattr(call.node, "lineno", 1))
    stated = [one if type(one) is int else None for one in listed]
    if len(stated) != len(typed.shape) or not any(stated):
        return typed
    pairs = zip(stated, typed.keras_shape()[1:], strict=True)
    kept = tuple(int((other if one is None else one) or DEFAULT_SIDE) for one, other in pairs)
    shape = kept if evaluator.channels_first or len(kept) < 2 else to_first(kept)
    if shape != typed.shape:
        evaluator.notes.append(f"The code itself states a part of the input's shape: {'×'.join(map(str, shape))}.")
    return KerasTensor(shape, None, typed.name, evaluator.channels_first)


def given_input(evaluator: Any, line: int) -> KerasTensor:
    """The input that was typed beside the text, for a network that names none; or the images that the text loads."""
    if evaluator.input_shape is None and (loaded := _loaded_images(evaluator)) is not None:
        shape = loaded if evaluator.channels_first else to_first(loaded)
        sizes = "×".join(map(str, shape))
        evaluator.notes.append(f"The code states no input shape; that of the images that it loads, {sizes}, is taken.")
        return KerasTensor(shape, None, "x", evaluator.channels_first)
    if evaluator.input_shape is None:
        raise MissingShapeError(
            f"Line {line}: the code states no input shape, which this network needs to be built: type it beside the "
            f"code, or write {evaluator.input_line}."
        )
    sizes = "×".join(map(str, evaluator.input_shape))
    evaluator.notes.append(f"The code states no input shape; {sizes}, as typed beside it, is taken.")
    return KerasTensor(tuple(evaluator.input_shape), None, "x", evaluator.channels_first)


def _loaded_images(evaluator: Any) -> tuple[int, ...] | None:
    """The size of the images that a text loads, where all sets of them that it names have the same."""
    named = evaluator.globals.names.values()
    sizes = {tuple(one.sizes) for one in named if isinstance(one, Unknown) and len(one.sizes) == IMAGE_AXES}
    sizes |= {tuple(one.sizes[1:]) for one in named if isinstance(one, KnownData) and len(one.sizes) == IMAGE_AXES + 1}
    found = sizes.pop() if len(sizes) == 1 else ()
    return found if found and all(type(one) is int for one in found) else None


def symbol(call: BuiltinCall, x: Any) -> KerasTensor:
    """The value itself, if it is a symbol or a table. Raises: ParseError."""
    if isinstance(x, Unknown):
        raise x.refusal()
    table = getattr(x, "as_constant", None)
    x = x if table is None else table()
    if not isinstance(x, KerasTensor):
        raise call.fail("it takes the output of a layer.")
    return x


def is_of_data(x: Any) -> bool:
    """Whether a value is what a network does with data, such as a loss: nothing is built of it."""
    return isinstance(x, Unknown) and x.is_data
