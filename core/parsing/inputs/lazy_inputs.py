"""An input for layers that take their sizes from the first one, where any input would give them the same sizes."""

from __future__ import annotations

import copy

import torch
from torch import nn

from core.parsing.evaluation.core import MISFITS
from core.parsing.inputs.trial import BATCH, MOST_TRIED, Shape, evaluating, lazy_layers
from core.parsing.inputs.usual_inputs import candidate_inputs


def input_of_lazy(module: nn.Module) -> Shape | None:
    """The first likely input that goes through, batch not included; None where others give the layers other sizes.

    `nn.LazyLinear` behind convolutions with a known number of channels and a pool over all places is such a case;
    behind a flattened image it is not.
    """
    first = next(
        (part for part in module.modules() if part._parameters and not any(True for _ in part.children())), None
    )
    if first is None or first in lazy_layers(module):
        return None
    sizes = {shape: found for shape in candidate_inputs(module)[:MOST_TRIED] if (found := _sizes_with(module, shape))}
    return next(iter(sizes)) if len(set(sizes.values())) == 1 else None


def _sizes_with(module: nn.Module, shape: Shape) -> tuple[torch.Size, ...]:
    """The shapes of all weights once an input has gone through a copy; none where it does not, or misses a layer."""
    trial = copy.deepcopy(module)
    device = next((p.device for p in module.parameters()), torch.device("meta"))
    try:
        with evaluating(trial):
            trial(torch.empty(BATCH, *shape, device=device))
    except MISFITS:
        return ()
    return () if lazy_layers(trial) else tuple(parameter.shape for parameter in trial.parameters())
