"""A network of ghosts made ready for a setting: frozen parts, in-place layers, checkpointed blocks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch import nn
from torch.utils.checkpoint import checkpoint

from core.profiler.setting import Setting, check_paths
from core.profiler.tracing import tensors_in


def prepare(model: nn.Module, setting: Setting, on_input: Callable[[Any], None]) -> None:
    """Changes `model` (our own copy of somebody's) as the setting says.

    `on_input` hears of the tensors that a checkpointed block keeps: those it is given.
    """
    check_paths(model, setting.frozen + setting.checkpointed)
    for path in setting.frozen:
        model.get_submodule(path).requires_grad_(False)
    if setting.inplace is not None:
        for module in model.modules():
            if isinstance(getattr(module, "inplace", None), bool):
                module.inplace = setting.inplace
    for path in setting.checkpointed:
        block = model.get_submodule(path)
        block.forward = functools.partial(_checkpointed, block.forward, on_input)


def _checkpointed(forward: Callable[..., Any], on_input: Callable[[Any], None], *args: Any, **kwargs: Any) -> Any:
    for tensor in tensors_in((args, kwargs)):
        on_input(tensor)
    return checkpoint(forward, *args, use_reentrant=False, preserve_rng_state=False, **kwargs)
