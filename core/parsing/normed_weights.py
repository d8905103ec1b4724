"""First weights of layers under `weight_norm` and `spectral_norm`, which work the weight out of others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm


def is_normed(part: nn.Module) -> bool:
    """Whether a layer's weight is worked out of others."""
    return is_parametrized(part) or any(_older_norms(part))


def draw_normed(part: Any) -> None:
    """Draws the weight as the layer would without its norm, and sets those that it is worked out of."""
    names = list(part.parametrizations) if is_parametrized(part) else [norm.name for norm in _older_norms(part)]
    plain = {name: torch.empty_like(getattr(part, name)) for name in names}
    for norm in _older_norms(part):
        source = part._parameters.get(f"{norm.name}_v", part._parameters.get(f"{norm.name}_orig"))
        plain[norm.name] = torch.empty_like(source)
    kind: Any = type(part).__mro__[1] if is_parametrized(part) else type(part)
    kind.reset_parameters(SimpleNamespace(**{**part.__dict__, **part._parameters, **plain}))
    for name in names if is_parametrized(part) else ():
        for norm in part.parametrizations[name]:
            _draw_vectors(norm)
        setattr(part, name, plain[name])
    for norm in _older_norms(part):
        _set_older(part, norm, plain[norm.name])


def _older_norms(part: nn.Module) -> list[Any]:
    return [hook for hook in part._forward_pre_hooks.values() if isinstance(hook, (WeightNorm, SpectralNorm))]


def _set_older(part: nn.Module, norm: Any, weight: Tensor) -> None:
    if isinstance(norm, WeightNorm):
        part._parameters[f"{norm.name}_v"].copy_(weight)  # type: ignore[union-attr]
        part._parameters[f"{norm.name}_g"].copy_(torch.norm_except_dim(weight, 2, norm.dim))  # type: ignore[union-attr]
    else:
        part._parameters[f"{norm.name}_orig"].copy_(weight)  # type: ignore[union-attr]
        for end in ("u", "v"):
            vector = part._buffers[f"{norm.name}_{end}"]
            vector.copy_(nn.functional.normalize(torch.randn_like(vector), dim=0, eps=norm.eps))  # type: ignore
    part.__dict__[norm.name] = weight


def _draw_vectors(norm: nn.Module) -> None:
    """The vectors by which spectral normalization measures a weight."""
    for vector in norm._buffers.values():
        if vector is not None:
            vector.copy_(nn.functional.normalize(torch.randn_like(vector), dim=0))
