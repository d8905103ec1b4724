"""Which layer of a network an input meets first: not always the one that its constructor makes first."""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin

from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.modules import EvaluatedModule

PROBES = ((3, 32, 32), (16, 32), (32,), (3, 8, 32, 32))  # inputs of any number of axes, without the batch


class _MetError(RuntimeError):
    """Ends a probe: a layer was met."""


def first_layer(module: nn.Module) -> nn.Module | None:
    """The first layer with weights that an input goes into, as `forward` calls them or else as they were made.

    What was found while the text was read is kept by its name: later others may be using the network.
    """
    leaves = {name: one for name, one in module.named_modules() if one._parameters and not one._modules}
    if isinstance(module, EvaluatedModule) and len(leaves) > 1:
        if "first_met" not in module.__dict__:
            module.__dict__["first_met"] = _met_first(module, leaves)
        return leaves.get(module.__dict__["first_met"]) or next(iter(leaves.values()))
    return next(iter(leaves.values()), None)


def _met_first(module: EvaluatedModule, leaves: dict[str, nn.Module]) -> str:
    """The name of that layer, "" where no probe meets one."""
    if any(isinstance(one, LazyModuleMixin) for one in leaves.values()):  # which would take the sizes of the probe
        return ""
    met: list[nn.Module] = []

    def note(layer: nn.Module, inputs: tuple[object, ...]) -> None:
        if inputs and isinstance(inputs[0], Tensor):
            met.append(layer)
            raise _MetError("a layer was met")

    hooks = [one.register_forward_pre_hook(note) for one in leaves.values()]
    device = next(module.parameters()).device
    was_training = module.training
    try:
        module.eval()
        for shape in PROBES:
            with contextlib.suppress(*MISFITS), torch.no_grad():
                module(torch.empty(2, *shape, device=device))
            if met:
                return next(name for name, one in leaves.items() if one is met[0])
        return ""
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
