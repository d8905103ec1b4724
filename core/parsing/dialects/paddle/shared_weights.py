"""Weights of Paddle's static graphs that layers share by the name in their `param_attr` and `bias_attr`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from core.parsing.dialects.keras.symbols import KerasTensor, Record
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Special, Type

SETTINGS = ("initializer", "learning_rate", "regularizer", "trainable", "do_model_average", "need_clip")
NAMES_OF_WEIGHTS = {"param_attr": "weight", "weight_attr": "weight", "bias_attr": "bias"}


@dataclass(eq=False)
class ParamAttr(Special):
    """`ParamAttr(name="table", initializer=...)`, of which only the name builds something."""

    name: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def attribute(self, evaluator: Any, name: str, node: Any) -> Any:
        """What the text gives it; None otherwise."""
        return self.name if name == "name" else self.settings.get(name, None if name in SETTINGS else MISSING)


def _attribute(call: BuiltinCall, name: Any = None, *args: Any, **kwargs: Any) -> ParamAttr:
    return ParamAttr(name, dict(zip(SETTINGS, args, strict=False)) | kwargs)


ATTRIBUTE = Type("ParamAttr", (ParamAttr,), _attribute)


def share(call: BuiltinCall, output: Any, settings: dict[str, Any]) -> None:
    """Gives the layers that this call makes the weights of that name, if an earlier call has made them.

    Raises: ParseError if they have another size.
    """
    attributes = {NAMES_OF_WEIGHTS[key]: _name(value) for key, value in settings.items() if key in NAMES_OF_WEIGHTS}
    names = {part: name for part, name in attributes.items() if name}
    if not names or not isinstance(output, KerasTensor):
        return
    for record in _records(output):
        for layer in record.target.modules():
            for part in names:
                if isinstance(layer._parameters.get(part), nn.Parameter):
                    _share(call, layer, part, names[part])


def _share(call: BuiltinCall, layer: nn.Module, part: str, name: str) -> None:
    weight = getattr(layer, part)
    first = call.evaluator.named_weights.setdefault(name, weight)
    if first.shape != weight.shape:
        sizes = [list(one.shape) for one in (weight, first)]
        raise call.fail(f"the weights {name!r} have the size {sizes[1]} already, and are {sizes[0]} here.")
    setattr(layer, part, first)


def _name(value: Any) -> str:
    name = value.name if isinstance(value, ParamAttr) else value
    return name if isinstance(name, str) else ""


def _records(output: KerasTensor) -> Iterator[Record]:
    """The layers behind this one, as far as the one whose weights these are."""
    record = output.record
    while record is not None:
        if isinstance(record.target, nn.Module):
            yield record
            if any(True for _ in record.target.parameters()):
                return
        first = record.args[0] if record.args else None
        record = first.record if isinstance(first, KerasTensor) else None
