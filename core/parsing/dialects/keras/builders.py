"""What a text makes layers of Keras with: their settings are looked at before the shape of an input is known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

from core.errors import ParseError
from core.parsing.arguments import signature
from core.parsing.dialects.keras.argument_names import by_name, first_order, slip
from core.parsing.dialects.keras.layer_kinds.merges import MERGES
from core.parsing.dialects.keras.layer_kinds.recurrent import LOOPED, SAME
from core.parsing.dialects.keras.layer_kinds.wrappers import WRAPPERS
from core.parsing.dialects.keras.layers import KERAS, TRANSLATORS
from core.parsing.dialects.keras.symbols import snake
from core.parsing.dialects.keras.unbuilt import IGNORED, OLD, KerasLayer, full_name
from core.parsing.dialects.pytorch.layers import unknown_layer
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Unknown

COUNTS = ("units", "filters", "output_dim")  # arguments that are numbers whatever their name
FIRST = {"Embedding": ("input_dim", "output_dim"), **dict.fromkeys((*LOOPED, *SAME), ("units",))}


class NoNumberError(ParseError):
    """None where a layer needs a number, which Keras refuses at once."""


def _resolved(call: BuiltinCall, value: Any, use: str) -> Any:
    """The value, a usual one for a name that the text leaves open; an unknown one that nothing is usual for stays."""
    try:
        if use in COUNTS or (use == "input_dim" and call.name == "Embedding"):
            if value is None:
                raise NoNumberError(f"{use}=None must be an integer.")
            return call.evaluator.resolve_number(value, use, call.node)
        found = call.evaluator.resolve(value, call.node)
        if use == "padding" and isinstance(value, Unknown) and type(found) is int:  # a usual one of PyTorch
            return call.evaluator.assume(value.path or value.name, value, "same")
        return found
    except NoNumberError as error:
        raise call.fail(str(error)) from None
    except ParseError:
        return value


def layer_builder(kind: str) -> Callable[..., KerasLayer]:
    """What `layers.Conv2D(...)` evaluates to."""

    uses = (*(list(signature(TRANSLATORS[kind]).parameters)[1:] if kind in TRANSLATORS else ()), *FIRST.get(kind, ()))

    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> KerasLayer:
        call.evaluator.budget.layer(call.node)
        if said := slip(kind, [name for name in kwargs if name not in OLD]):
            raise call.fail(said)
        args, named = by_name(full_name(kind), args)
        kwargs = {**named, **kwargs}
        args = tuple(_resolved(call, value, use) for value, use in zip(args, chain(uses, repeat("")), strict=False))
        if said := first_order(kind, args):
            if kind != "Conv2D":
                raise call.fail(said)
            call.evaluator.notes.append(said)
        if said := _missing(kind, args, kwargs):
            raise call.fail(said)
        kwargs = {name: value if name in IGNORED else _resolved(call, value, name) for name, value in kwargs.items()}
        layer = KerasLayer(kind, args, kwargs, getattr(call.node, "lineno", 1))
        if not layer.name:
            layer.number(call.evaluator, snake(full_name(kind)))
        return layer

    return build


def _missing(kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """What to say of an argument that a layer cannot be made without, "" where it has them all.

    >>> _missing("Conv2D", (16,), {"activation": "relu"})
    'it needs kernel_size, for example Conv2D(..., kernel_size=3).'
    """
    if kind not in TRANSLATORS or any(name in OLD for name in kwargs):
        return ""
    parameters = list(signature(TRANSLATORS[kind]).parameters.values())[1:]
    plain = [one for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    lacking = [one.name for one in plain[len(args) :] if one.default is one.empty and one.name not in kwargs]
    return f"it needs {lacking[0]}, for example {kind}(..., {lacking[0]}=3)." if lacking else ""


def unknown_keras(kind: str) -> str:
    """What to say about a name that is no layer of Keras."""
    return f"{unknown_layer(kind, (*KERAS, *MERGES, *WRAPPERS))}. Keras networks are read layer by layer"
