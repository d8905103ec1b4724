"""Which layer of a network an input meets first: not always the one that its constructor makes first."""

from __future__ import annotations

import contextlib

import torch
from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.utils.parametrize import is_parametrized

from core.parsing.evaluation.conditions import is_condition
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.forward_inputs import needed_inputs
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function

BATCH = 2
PROBES = ((3, 32, 32), (16, 32), (32,), (3, 8, 32, 32))  # inputs of any number of axes, without the batch


class _MetError(RuntimeError):
    """Ends a probe: a layer was met."""


def first_layer(module: nn.Module) -> nn.Module | None:
    """The first layer with weights that an input goes into, as `forward` calls them or else as they were made.

    What was found while the text was read is kept by its name: later others may be using the network.
    """
    leaves = {name: one for name, one in module.named_modules() if _is_leaf(name, one)}
    if isinstance(module, EvaluatedModule) and len(leaves) > 1:
        if "first_met" not in module.__dict__:
            module.__dict__["first_met"] = _met_first(module, leaves)
        return leaves.get(module.__dict__["first_met"]) or next(iter(leaves.values()))
    return next(iter(leaves.values()), None)


def _is_leaf(name: str, module: nn.Module) -> bool:
    """Whether a layer has parameters of its own and none in layers inside of it, such as an activation.

    What `weight_norm` works a weight out of is a part of the layer that it belongs to.
    """
    if "parametrizations" in name.split(".") or is_parametrized(module):
        return "parametrizations" not in name.split(".")
    inner = (parameter for child in module.children() for parameter in child.parameters())
    return bool(module._parameters) and next(inner, None) is None


def _met_first(module: EvaluatedModule, leaves: dict[str, nn.Module]) -> str:
    """The name of that layer, "" where no probe meets one."""
    if any(isinstance(one, LazyModuleMixin) for one in leaves.values()):  # which would take the sizes of the probe
        return ""
    met: list[nn.Module] = []
    shape: tuple[int, ...] = ()

    def note(layer: nn.Module, inputs: tuple[object, ...]) -> None:
        if inputs and isinstance(inputs[0], Tensor):
            met.append(layer)
            if inputs[0].shape == (BATCH, *shape):  # the input itself, and no time or class beside it
                met[:] = [layer]
                raise _MetError("a layer was met")

    hooks = [one.register_forward_pre_hook(note) for one in leaves.values()]
    device = next(module.parameters()).device
    was_training, was_root = module.training, module.is_root
    try:
        module.eval().is_root = True  # which gets all its inputs
        for shape in PROBES:
            with contextlib.suppress(*MISFITS), torch.no_grad():
                module(torch.empty(BATCH, *shape, device=device))
            if met:
                return _name_of(module, leaves, met)
        return ""
    finally:
        module.train(was_training).is_root = was_root
        for hook in hooks:
            hook.remove()


def _name_of(module: EvaluatedModule, leaves: dict[str, nn.Module], met: list[nn.Module]) -> str:
    """The first layer that was met, or the one made first of the others, where only a time or class went into those."""
    method = module.definition.find("forward")
    needed = needed_inputs(method) if isinstance(method, Function) else []
    beside = isinstance(method, Function) and any(is_condition(module, method, name, needed) for name in needed)
    others = [name for name, one in leaves.items() if not any(one is layer for layer in met)]
    if beside and others and isinstance(met[0], nn.Embedding):
        return others[0]
    return next(name for name, one in leaves.items() if one is met[0])
