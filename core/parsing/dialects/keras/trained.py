"""Which weights are trained: Keras's `trainable`, of a layer with its parts and of a network with its layers.

It is set on the weights that there are and remembered for those that are still to be made. As in Keras 3, what counts
in a larger network is what was set last on each weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor, nn

from core.parsing.dialects.keras.numbered_names import numbered
from core.parsing.dialects.keras.symbols import KerasWeight, steps_between
from core.parsing.evaluation.values import Instance, Special

NAMES = ("name", "_name")
OF_PARTS = "trainable of parts"  # of an object of the text: what was set on all that it keeps, not in its constructor


class Trainable(Special):
    """A layer or network of Keras, whose weights are trained or not."""

    is_trained = True
    own_name = ""  # that Keras gives it where the text gives it none

    def number(self, evaluator: Any, kind: str) -> None:
        """Gives it Keras's own name: `dense`, and from the second on `dense_1`."""
        self.own_name = numbered(evaluator, kind)

    def trained_parts(self) -> Iterable[Any]:
        """Modules, weights, layers, networks and objects of the text that it is made of."""
        return ()

    def keep(self, name: str, value: Any) -> bool:
        """`layer.trainable = False`, and `layer._name = "stem"`."""
        if name == "trainable" and isinstance(value, (bool, int)):
            set_trained(self, bool(value))
        elif name in NAMES and isinstance(value, str):
            self.name = value
        else:
            return False
        return True


def set_trained(value: Any, is_trained: bool) -> None:
    """Sets `trainable` on a layer, a network or an object of the text, and on all that it is made of."""
    for one in [value, *all_parts(value)]:
        if isinstance(one, Trainable):
            one.is_trained = is_trained
        elif isinstance(one, Instance):
            one.names |= {"trainable": is_trained, OF_PARTS: is_trained}
        elif isinstance(one, (nn.Module, nn.Parameter)):
            one.requires_grad_(is_trained)


def all_parts(value: Any) -> Iterator[Any]:
    """All that a layer, network or object of the text is made of, each once, itself left out."""
    done = {id(value)}
    pending = parts_of(value)
    while pending:
        one = pending.pop()
        if id(one) not in done:
            done.add(id(one))
            yield one
            pending += parts_of(one)


def parts_of(value: Any) -> list[Any]:
    """What is directly in a value: in a list its items, in an object of the text what it keeps.

    >>> parts_of({"a": [1, 2]}), parts_of("dense")
    ([[1, 2]], [])
    """
    match value:
        case Trainable():
            return list(value.trained_parts())
        case Instance():
            return list(value.names.values())
        case KerasWeight():
            return [value.record.target] if value.record is not None else []
        case dict():
            return list(value.values())
        case list() | tuple():
            return list(value)
    return []


def weights_between(result: Any, args: Any) -> list[nn.Module | nn.Parameter]:
    """The modules and weights by which a layer gets from what it is called on to its result."""
    targets = [one.record.target for one in steps_between(result, args) if one.record is not None]
    return [one for one in targets if isinstance(one, (nn.Module, nn.Parameter))]


def freeze(weights: Iterable[nn.Module | Tensor]) -> None:
    """Has weights that a layer has just made not be trained."""
    for one in weights:
        one.requires_grad_(False)
