"""A network as the lines that build it: PyTorch's layers by their constructors, ours from their parts."""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from core.errors import PlaygroundError
from core.training.export.source_extraction import ScriptSource

WIDTH = 96
MOST_VALUES = 64  # of a parameter that is written out
_PLAIN = (int, float, bool, str, type(None))
_UNQUOTED = re.compile(r"(padding|padding_mode)=(same|valid|zeros|reflect|replicate|circular)\b")


def network_source(model: nn.Module, source: ScriptSource, order: list[nn.Module] | None = None) -> str:
    """The body of a function that builds `model` as it is before training; its classes are added to `source`.

    `order` is that in which its layers were made, where chance gave them their first weights one after the other.
    Raises: PlaygroundError if a layer cannot be written.
    """
    for kind, kinds in _parts_by_class(model).items():
        source.take_parts(kind, kinds[0] if len(set(kinds)) == 1 else None)
    late = _out_of_turn(model, order or [])
    lines = [f"    {name} = {_constructor(part, '    ')}" for name, part in late.items()]
    return "\n".join([*lines, f"    return {_constructor(model, '    ', {part: name for name, part in late.items()})}"])


def _parts_by_class(model: nn.Module) -> dict[type, list[tuple[str, ...]]]:
    """Classes of ours in a network with the names of the parts of each of their objects."""
    parts_of: dict[type, list[tuple[str, ...]]] = {}
    for module in model.modules():
        if _torchs(module) is None:
            parts_of.setdefault(type(module), []).append(tuple(_parts(module)))
    return parts_of


def _out_of_turn(model: nn.Module, order: list[nn.Module]) -> dict[str, nn.Module]:
    """The children of a chain in the order in which they were made, by a name; none if that is the chain's order."""
    position = {module: number for number, module in enumerate(order)}
    first = {
        f"part_{name}": (min(positions), child)
        for name, child in model.named_children()
        if (positions := [position[module] for module in child.modules() if module in position])
    }
    positions = [first_made for first_made, _ in first.values()]
    if positions == sorted(positions) or type(model) is not nn.Sequential:
        return {}
    return {name: child for name, (_, child) in sorted(first.items(), key=lambda item: item[1][0])}


@contextlib.contextmanager
def creation_order() -> Iterator[list[nn.Module]]:
    """Inside, the list takes in every module that is given a parameter, in that order."""
    order: list[nn.Module] = []
    handle = register_module_parameter_registration_hook(lambda module, name, parameter: order.append(module))
    try:
        yield order
    finally:
        handle.remove()


def _constructor(module: nn.Module, margin: str, known: Mapping[nn.Module, str] | None = None) -> str:
    kind, known = _torchs(module), known or {}
    if kind in (nn.Sequential, nn.ModuleList):
        children = [known.get(child) or _constructor(child, f"{margin}    ") for child in module.children()]
        inside = "".join(f"{margin}    {child},\n" for child in children)
        brackets = ("[\n", "]") if kind is nn.ModuleList else ("\n", "")
        return f"nn.{kind.__name__}({brackets[0]}{inside}{margin}{brackets[1]})"
    if kind is not None:
        return f"nn.{kind.__name__}({_short(kind, _quoted(module.extra_repr()))})"
    values = [f"{name}={_value(part, f'{margin}    ')}" for name, part in _parts(module).items()]
    line = f"{type(module).__name__}({', '.join(values)})"
    if len(line) + len(margin) <= WIDTH and "\n" not in line:
        return line
    return f"{type(module).__name__}(\n" + "".join(f"{margin}    {value},\n" for value in values) + f"{margin})"


def _torchs(module: nn.Module) -> type | None:
    """The class of PyTorch's that builds this layer: its own, or for our dropouts without dice of their own, a base."""
    for kind in type(module).__mro__:
        if kind is nn.Module:
            return None
        if kind.__module__.startswith("torch.nn"):
            same = kind is type(module) or getattr(module, "generator", module) is None
            return kind if same else None
    return None


def _parts(module: nn.Module) -> dict[str, object]:
    """Everything that a module of ours is made of, by name: modules, parameters and plain values."""
    if any(True for _ in module.named_buffers(recurse=False)):
        raise PlaygroundError(f"a {type(module).__name__} has buffers of its own: no script can be written for it yet.")
    hidden = set(vars(nn.Module()))
    values = {name: value for name, value in vars(module).items() if name not in hidden}
    return values | dict(module.named_parameters(recurse=False)) | dict(module.named_children())


def _value(part: object, margin: str) -> str:
    if isinstance(part, nn.Module):
        return _constructor(part, margin)
    if isinstance(part, nn.Parameter):
        return f"nn.Parameter({_tensor(part.detach())})"
    if isinstance(part, _PLAIN) or (isinstance(part, tuple) and all(isinstance(one, _PLAIN) for one in part)):
        return repr(part)
    raise PlaygroundError(f"a part of this network is a {type(part).__name__}: no script can be written for it yet.")


def _tensor(values: Tensor) -> str:
    if values.numel() and bool((values == values.flatten()[0]).all()):
        return f"torch.full({tuple(values.shape)}, {values.flatten()[0].item()!r})"
    if values.numel() <= MOST_VALUES:
        return f"torch.tensor({values.tolist()!r})"
    raise PlaygroundError(
        "a layer of this network starts with many values of its own: no script can be written for it."
    )


def _quoted(arguments: str) -> str:
    """What `extra_repr` leaves bare is put in quotes; `None` and numbers stay.

    >>> _quoted("3, 8, kernel_size=(3, 3), padding=same")
    "3, 8, kernel_size=(3, 3), padding='same'"
    """
    return _UNQUOTED.sub(r"\1='\2'", arguments)


def _short(kind: type, arguments: str) -> str:
    """The same arguments without those that are as they come, and (3, 3) as 3.

    >>> _short(nn.Conv2d, "3, 8, kernel_size=(3, 3), stride=(1, 1), bias=False")
    '3, 8, kernel_size=3, bias=False'
    """
    try:
        call = ast.parse(f"f({arguments})", mode="eval").body
        assert isinstance(call, ast.Call)
        positional = [repr(ast.literal_eval(one)) for one in call.args]  # literals only: a layer prints what it likes
        keywords = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    except (SyntaxError, ValueError, AssertionError) as error:
        raise PlaygroundError(f"a {kind.__name__} of this network cannot be written as a script.") from error
    parameters = inspect.signature(kind).parameters
    named = []
    for name, value in keywords.items():
        value = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
        if name not in parameters or parameters[name].default != value:
            named.append(f"{name}={value!r}")
    return ", ".join([*positional, *named])


def rebuild(source: str, begin: Callable[[], None]) -> nn.Module:
    """What the function `network` of this source builds after `begin()`, for comparison before anybody else uses it.

    The source is ours, made from a network that was built from checked text; nobody else's text is in it.
    """
    names: dict[str, Any] = {"__name__": "rebuilt"}
    exec(compile(source, "network", "exec"), names)
    begin()
    return names["network"]()


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Whether two networks hold the same values under the same names, bit for bit."""
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(value, theirs[name]) for name, value in mine.items())
