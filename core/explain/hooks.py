"""Recording the output of one layer of a network during a forward pass; the network itself is left as it was."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from core import receptive_field
from core.errors import PlaygroundError

_HOOKS = threading.Lock()  # a network may be used from two browser tabs


def convolutions(model: nn.Module) -> tuple[str, ...]:
    """Names of the two-dimensional convolutions, in the order in which they were registered.

    >>> convolutions(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)))
    ('0', '2')
    """
    return tuple(name for name, module in model.named_modules() if isinstance(module, nn.Conv2d))


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode inside; each module's own mode comes back. One visitor at a time."""
    with _HOOKS, receptive_field.evaluating(model):
        yield


@contextlib.contextmanager
def hooked(
    model: nn.Module,
    hook: Callable[[nn.Module, tuple, Any], Any],
    modules: Iterable[nn.Module] | None = None,
    before: Callable[[nn.Module, tuple], Any] | None = None,
) -> Iterator[None]:
    """Evaluation mode inside, and `hook(module, inputs, output)` after each call of `modules`, without them of all.

    `before(module, inputs)` comes before each call. What they return replaces the output, or the inputs, as in PyTorch.
    Calls by other threads are passed over: several visitors share a network, and most of them use it without hooks.
    """
    thread = threading.get_ident()

    def ours(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: function(*arguments) if threading.get_ident() == thread else None

    with evaluating(model), contextlib.ExitStack() as handles:
        for module in model.modules() if modules is None else modules:
            handles.callback(module.register_forward_hook(ours(hook)).remove)
            if before is not None:
                handles.callback(module.register_forward_pre_hook(ours(before)).remove)
        yield


@contextlib.contextmanager
def capturing(model: nn.Module, layer: str, detached: bool = True) -> Iterator[list[Tensor]]:
    """Inside, the list is filled with the output of `layer` at each call; gradients can be taken with respect to it.

    If it is `detached`, the graph begins there: what lies before the layer costs no memory. A copy goes on, so that a
    ReLU which works in place does not change what was recorded.
    Raises: PlaygroundError if there is no such layer.
    """
    outputs: list[Tensor] = []

    def record(_: nn.Module, __: tuple, output: Tensor) -> Tensor:
        outputs.append(output.detach().requires_grad_() if detached else output)
        return outputs[-1].clone()

    with hooked(model, record, [layer_of(model, layer)]):
        yield outputs


def layer_of(model: nn.Module, name: str) -> nn.Module:
    """The module of that name. Raises: PlaygroundError if there is none."""
    modules = dict(model.named_modules())
    if name not in modules or (not name and len(modules) > 1):  # without a name it is the whole network
        known = ", ".join(convolutions(model)) or "none"
        raise PlaygroundError(f"the network has no layer {name!r}: its convolutions are {known}.")
    return modules[name]


def last_maps(model: nn.Module, x_BCHW: Tensor) -> str:
    """The name of the last module whose output is a stack of feature maps of more than one cell; '' without one.

    It is what the methods that take a layer explain by unless another is chosen.
    """
    names: list[str] = []
    known = {module: name for name, module in model.named_modules()}

    def record(module: nn.Module, _: tuple, output: Tensor) -> None:
        if isinstance(output, Tensor) and output.dim() == 4 and output.shape[2] * output.shape[3] > 1:
            names.append(known[module])

    with hooked(model, record), torch.no_grad():
        model(x_BCHW[:1])
    return names[-1] if names else ""
