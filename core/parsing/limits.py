"""How large a network may be that a text builds: parameters, layers, nesting."""

from __future__ import annotations

from torch import nn

from core.errors import ParseError
from core.parsing.plan import MAX_HEIGHT, MAX_LAYERS

MAX_PARAMETERS = 100_000_000_000


def check_size(module: nn.Module) -> None:
    """Raises ParseError for more parameters or layers than the caps allow, or deeper nesting."""
    _check_depth(module)
    total = sum(p.numel() for p in module.parameters())
    if total > MAX_PARAMETERS:
        raise ParseError(f"The network has {total:,} parameters; at most {MAX_PARAMETERS:,} are accepted.")
    _count_runs(module, {})


def _check_depth(module: nn.Module) -> None:
    inside = [module]
    for _ in range(MAX_HEIGHT):
        inside = list({part: None for outer in inside for part in outer._modules.values() if part is not None})
        if not inside:
            return
    raise ParseError(f"More than {MAX_HEIGHT} containers are nested in each other; nest fewer.")


def _count_runs(module: nn.Module, known: dict[nn.Module, int]) -> int:
    """How many layers run, a reused one counted each time: names make doubling cheap to write."""
    if module not in known:
        known[module] = sum(_count_runs(part, known) for part in module._modules.values() if part is not None) or 1
        if known[module] > MAX_LAYERS:
            raise ParseError(f"The network runs more than {MAX_LAYERS:,} layers; it must have fewer.")
    return known[module]
