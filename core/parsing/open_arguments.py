"""Values for the arguments that a text leaves open: of a class that it defines and does not build, of a function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.errors import ParseError
from core.parsing.assumptions import IMAGE, OpenSettings, usage, usual_inside, usual_sequence, usual_value
from core.parsing.evaluation.core import FALLBACK
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import MISSING, Function, Unknown

FUNCTIONS = (("norm", "BatchNorm2d"), ("act", "ReLU"), ("nonlinear", "ReLU"))  # layers that a class may be handed
SHAPES = ("shape", "input_shape", "image_shape", "img_shape", "in_shape")
NOT_ASSUMED = ("str", "Module", "Callable", "Tensor", "Path")  # kinds of which no value is usual
Usual = Callable[[str], Any]


class OpenArguments:
    """The arguments that a function of the text has no default for.

    Args: `others` are the other methods where it is a constructor, and `receiver` its first argument there.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        owner: str,
        function: Function,
        others: Sequence[ast.AST] = (),
        receiver: str = "",
    ):
        self.evaluator, self.owner, self.function = evaluator, owner, function
        spec = function.node.args
        parameters = [p for p in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs) if p.arg != receiver]
        self.open = {p.arg: _annotation(p) for p in parameters if p.arg not in function.defaults}
        self.usage = {name: usage(name, function.node, others) for name in self.open}
        self.fallbacks: list[str] = []  # names that nothing is usual for

    def attempts(self) -> Iterator[dict[str, Any]]:
        """Values to try, the likeliest first.

        Raises: ParseError where nothing is usual for one of them.
        """
        first = self._values(usual_value)
        yield first
        second = self._values(usual_inside)
        if any(type(value) is int and value != first[name] for name, value in second.items()):
            yield second

    def refusal(self, name: str) -> ParseError:
        """That a value is needed."""
        line = getattr(self.function.node, "lineno", 1)
        return ParseError(
            f"Line {line}: {self.owner} needs a value for {name}: write the line that builds it, for example "
            f"net = {self.owner}({', '.join(f'{one}=...' for one in list(self.open)[:3])})."
        )

    def _values(self, usual: Usual) -> dict[str, Any]:
        self.fallbacks = []
        if {"width", "height"} <= set(self.open):  # of an image, whose depth is its channels
            usual = _of_image(usual)
        return {name: self._value(name, usual) for name in self.open}

    def _value(self, name: str, usual: Usual) -> Any:
        given = self.evaluator.given.get(name, MISSING)
        value = self._assumed(name, usual) if given is MISSING else given
        if type(value) in (int, float, bool, tuple):
            self.evaluator.assumed[name] = value
        return value

    def _assumed(self, name: str, usual: Usual) -> Any:
        kind, annotation = self.usage[name], self.open[name]
        if kind == "tensor" and self.evaluator.open_tensor is not None:
            return self.evaluator.open_tensor()
        if kind == "settings":
            return OpenSettings(name)
        if name.lower() in SHAPES and self.evaluator.open_shape is not None:
            return self.evaluator.open_shape()
        if kind == "sequence" or "shape" in name.lower():
            return usual_sequence(name)
        if kind == "object":
            line = getattr(self.function.node, "lineno", 1)
            return Unknown(f"{self.owner} needs a value for {name}", line, name, path=name)
        layer = next((layer for word, layer in FUNCTIONS if word in name.lower()), "")
        if kind == "function" and layer:
            return self.evaluator.builtins.names[layer]
        value = False if annotation == "bool" else usual(name)
        if kind == "function" or (value is MISSING and annotation in NOT_ASSUMED):
            raise self.refusal(name)
        if value is MISSING:
            self.fallbacks.append(name)
            return FALLBACK
        return value


def _of_image(usual: Usual) -> Usual:
    sizes = dict(zip(("depth", "height", "width"), IMAGE, strict=True))
    return lambda name: sizes[name] if name in sizes else usual(name)


def _annotation(parameter: ast.arg) -> str:
    """The last word of a parameter's type."""
    return ast.unparse(parameter.annotation).rpartition(".")[2] if parameter.annotation is not None else ""
