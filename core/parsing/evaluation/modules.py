"""A network or layer of a class of the text: an ordinary `nn.Module` whose `forward` is evaluated.

It has the author's names, so `state_dict`, hooks, `deepcopy`, `.to(device)`, the profiler and the trainer treat it like
any other. Its class is made here, under the name that the text has for it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.clean.syntax import is_text
from core.parsing.evaluation.forward_inputs import completed, first_tensor, needed_inputs
from core.parsing.evaluation.hidden_state import forget_states
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Class, Function, Type, Unknown, type_name

if TYPE_CHECKING:
    from core.parsing.evaluation.core import Core


WRAPPED = "_is_wrapped"  # attribute of a network that DataParallel holds: `net.module` is itself then
OF_TEXT = "set_by_text"  # what a text sets on a tensor, by its name: `p.lr_scale = 0.5`
OWN_ATTRIBUTES = ("training", "definition", "evaluator", "values", "is_initialized")


class EvaluatedModule(nn.Module):
    """A layer whose class is in the text. Attributes that are no layer, parameter or buffer are in `values`."""

    definition: Class
    evaluator: Core
    values: dict[str, Any]
    base_class: type[nn.Module] = nn.Module
    is_initialized: bool = True  # whether the constructor of `nn.Module` has run, by `super().__init__()`
    is_root: bool = False
    is_cut: bool = False
    named_inputs: Mapping[str, Any] = {}  # shapes and types of tensors that the text calls it with by name
    part_sizes: Mapping[str, Any] = {}  # the same of parts of an input, beside the first of them
    made_with: Mapping[str, Any] = {}  # the arguments by name that it was built with, where they are plain values
    entry: str = "forward"  # the method that is run; another one where the class has no forward

    def set_value(self, name: str, value: Any) -> None:
        """`self.name = value`, as PyTorch sorts it: parameters, layers, buffers, anything else.

        A name that has a value of the same kind keeps its place among them.
        """
        place = self._place_of(name, value)
        for kept in self._places():
            if kept is not place and not (kept is self._buffers and isinstance(value, Tensor) and place is self.values):
                kept.pop(name, None)
        place[name] = value
        if isinstance(value, nn.Buffer) and not value.persistent:
            self._non_persistent_buffers_set.add(name)

    def _places(self) -> tuple[dict[str, Any], ...]:
        return self._parameters, self._modules, self._buffers, self.values

    def _place_of(self, name: str, value: Any) -> dict[str, Any]:
        if isinstance(value, nn.Parameter):
            return self._parameters
        if isinstance(value, nn.Module):
            return self._modules
        if value is None:
            return next((kept for kept in self._places() if name in kept), self.values)
        is_buffer = isinstance(value, nn.Buffer) or (name in self._buffers and isinstance(value, Tensor))
        return self._buffers if is_buffer else self.values

    def refusal_to_set(self, name: str, value: Any) -> str:
        """Why PyTorch does not set an attribute, nothing where it does."""
        if isinstance(value, (nn.Module, nn.Parameter)) and not self.is_initialized:
            return f"{name[:60]} is made before super().__init__() is called: write that first"
        names = self.__dict__.get("parts_of")
        if names and isinstance(value, nn.Module) and name not in self._modules:
            return f"the parts of this network have the names of {names} here, and none is called {name[:60]}"
        if isinstance(value, (Unknown, type(None))):
            return ""
        kind = "parameter" if name in self._parameters else "layer" if name in self._modules else ""
        allowed: dict[str, tuple[type, ...]] = {"parameter": (nn.Parameter,), "layer": (nn.Module, nn.Parameter)}
        return (
            ""
            if isinstance(value, allowed.get(kind, (object,)))
            else f"{name[:60]} is a {kind}, and can only become another or None"
        )

    def get_value(self, name: str) -> Any:
        """What `set_value` has kept, `MISSING` if nothing."""
        for kept in self._places():
            if name in kept:
                return kept[name]
        return MISSING

    def begin(self) -> None:
        """What the constructor of `nn.Module` does: whatever was made before is lost."""
        for kept in (self._parameters, self._modules, self._buffers):
            kept.clear()
        self.is_initialized = True

    def take_over(self, layer: nn.Module) -> None:
        """Everything that a layer of the framework is, for a class that inherits from its class."""
        for name, value in layer.__dict__.items():
            if name in ("_modules", "_parameters", "_buffers"):
                self.__dict__[name].update(value)
            elif name not in OWN_ATTRIBUTES and not callable(value):
                self.__dict__[name] = value

    def base_forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the framework's base class computes."""
        return self.base_class.forward(self, *args, **kwargs)

    def reset_parameters(self) -> None:
        """Draws parameters of the class itself, whose text gives a rule that is not evaluated again: N(0, 0.02)."""
        own = getattr(self.base_class, "reset_parameters", None)
        if own is not None:
            own(self)
            return
        for parameter in self._parameters.values():
            if parameter is not None:
                nn.init.normal_(parameter, std=0.02)
        for buffer in self._buffers.values():
            if buffer is not None:
                buffer.zero_()

    def train(self, mode: bool = True) -> EvaluatedModule:
        """As PyTorch does; a class whose own `eval` or `train` makes it ready to be used stays as it was built."""
        super().train(mode)
        makers = (self.definition.find("eval"), self.definition.find("train"))
        if not mode and (isinstance(makers[0], Function) or _makes_ready(makers[1])):
            self.training = True
        return self

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluates the text's `forward`, or that of the framework's base class."""
        return self._run(self.entry, *args, **kwargs)

    def _run(self, entry: str, *args: Any, **kwargs: Any) -> Any:
        """Evaluates a method of the text."""
        if not self.is_initialized:
            name = self.definition.name
            raise ParseError(f"{name} never calls super().__init__(): write that first in its __init__.")
        evaluator, method = self.evaluator, self.definition.find(entry)
        own = self.values.get(entry)
        if own is not None:  # `net.forward = function`, which is not given the network
            method = own.function if isinstance(own, Bound) else own
        if isinstance(method, Unknown):
            raise method.refusal()
        if not isinstance(method, Function):
            return self.base_forward(*args, **kwargs)
        run = evaluator.run
        if run.budget.depth:
            return evaluator.call(method, [*self._receivers(own), *args], kwargs)
        before, run.budget, run.last_output = (run.budget, run.device, run.input_shape), run.forward_budget(), None
        first = first_tensor([*args, *kwargs.values()])
        run.device = torch.device("cpu") if first is None else first.device
        run.input_shape = None if first is None else tuple(first.shape)
        if evaluator.makes_states:
            forget_states(self)
        try:
            return self._outermost(method, self._receivers(own), list(args), kwargs)
        finally:
            run.spent += run.budget.spent if run.is_reading else 0
            run.budget, run.device, run.input_shape = before

    def _receivers(self, own: Any) -> list[Any]:
        """What stands before the inputs: the network, unless it was given a function of its own."""
        if own is None:
            return [self]
        return [own.receiver] if isinstance(own, Bound) else []

    def _outermost(self, method: Function, receivers: list[Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        if self.is_root and receivers:
            args, kwargs = completed(self, method, args, kwargs)
        try:
            output = self._checked(self.evaluator.call(method, [*receivers, *args], kwargs), method)
        except ParseError:
            if not self.is_cut or not isinstance(self.evaluator.run.last_output, Tensor):
                raise
            return self.evaluator.run.last_output
        return plain_output(output) if self.is_root else output

    def _checked(self, output: Any, method: Function) -> Any:
        """The output itself, unless it is nothing or nothing known."""
        if isinstance(output, Unknown):
            raise output.refusal()
        if isinstance(output, dict) and any(isinstance(one, nn.Module) for one in output.values()):
            raise ParseError(f"{_place(method)}forward() of {self.definition.name} returns layers, not what they give.")
        if isinstance(output, (Function, Builtin, Bound, Class, Type, nn.Module)):
            raise ParseError(
                f"{_place(method)}forward() of {self.definition.name} returns {type_name(output)} itself: call it."
            )
        if output is None:
            raise ParseError(
                f"{_place(method)}forward() of {self.definition.name} returns nothing: end it with return."
            )
        return output

    def extra_repr(self) -> str:
        return self.base_class.extra_repr(self)


def _call(module: EvaluatedModule, *args: Any, **kwargs: Any) -> Any:
    """What calling a network does whose class has a `__call__` of its own."""
    return module._run("__call__", *args, **kwargs)


def _makes_ready(method: Any) -> bool:
    """Whether a class's own `train` keeps what `forward` needs then: `self.table = self.biases[:, places]`."""
    if not isinstance(method, Function) or method.node.lineno == 0:
        return False
    parts = [one for one in ast.walk(method.node) if isinstance(one, ast.Attribute)]
    kept = [one for one in parts if isinstance(one.ctx, ast.Store) or one.attr == "register_buffer"]
    return any(isinstance(one.value, ast.Name) and one.value.id == "self" and one.attr != "training" for one in kept)


def _place(method: Function) -> str:
    return f"Line {getattr(method.node, 'lineno', 1)}: "


def other_entries(module: EvaluatedModule) -> list[str]:
    """Methods that may be run instead of `forward`, where the class has none or refuses to be called, as in `act`."""
    forward = module.definition.find("forward")
    if "forward" in module.values:  # a function that the constructor chose
        return []
    if not isinstance(forward, Function) and module.base_class is not nn.Module:
        return []
    node = forward.node if isinstance(forward, Function) else None
    body = node.body if isinstance(node, ast.FunctionDef) else []
    if any(not isinstance(one, (ast.Raise, ast.Pass)) and not is_text(one) for one in body):
        return []
    methods = [one for each in module.definition.lineage() for one in each.names.values() if isinstance(one, Function)]
    return [one.name for one in methods if one.kind == "function" and needed_inputs(one) and one.name[:1] != "_"]


def plain_output(output: Any) -> Any:
    """Outputs that are kept under names, in order; one alone by itself."""
    if isinstance(output, dict):
        found = [value for value in output.values() if isinstance(value, Tensor)]
        return found[0] if len(found) == 1 else tuple(found)
    return tuple(output) if isinstance(output, list) else output


def new_module(evaluator: Core, definition: Class) -> EvaluatedModule:
    """An object of a class of the text, before its `__init__`."""
    if definition.module is None:
        base = definition.base.cls[0] if definition.base else nn.Module
        bases = (EvaluatedModule,) if base is nn.Module else (EvaluatedModule, base)
        called = {"__call__": _call} if isinstance(definition.find("__call__"), Function) else {}
        definition.module = type(definition.name, bases, {"base_class": base, **called})
    made: Any = object.__new__(definition.module)
    nn.Module.__init__(made)
    is_whole = definition.base is not None and "is_made_whole" in definition.base.members
    made.__dict__.update(definition=definition, evaluator=evaluator, values={}, is_initialized=is_whole)
    return made
