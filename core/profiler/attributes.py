"""The settings of a layer from which its formulas follow."""

from __future__ import annotations

import functools
from typing import Any

from torch import nn

NAMES = (
    *("in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "dilation", "groups"),
    *("padding_mode", "ceil_mode", "count_include_pad", "in_features", "out_features", "in1_features", "in2_features"),
    *("num_features", "num_groups", "num_channels", "normalized_shape", "eps", "momentum", "affine"),
    *("output_size", "size", "scale_factor", "mode", "upscale_factor", "downscale_factor", "norm_type"),
    *("p", "negative_slope", "alpha", "inplace", "start_dim", "end_dim", "dim", "num_parameters", "approximate"),
    *("embed_dim", "num_heads", "batch_first", "input_size", "hidden_size", "num_layers", "bidirectional"),
    *("num_embeddings", "embedding_dim", "block_size"),
)
SCALARS = frozenset((bool, int, float, str))


def attributes_of(module: nn.Module) -> tuple[tuple[str, Any], ...]:
    """Name and value of each setting the module has, in the order of `NAMES`; `bias` last, as a bool.

    >>> attributes_of(nn.Linear(4, 2))
    (('in_features', 4), ('out_features', 2), ('bias', True))
    """
    own, parameters = module.__dict__, module._parameters
    settings = []
    for name in _known(tuple(own)):
        value = own[name]
        if (
            type(value) in SCALARS
            or (type(value) is tuple and SCALARS.issuperset(map(type, value)))
            or _is_plain(value)
        ):
            settings.append((name, _plain(value)))
    if "bias" in parameters:
        settings.append(("bias", parameters["bias"] is not None))
    return tuple(settings)


@functools.lru_cache(maxsize=256)
def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name in names)


def _is_plain(value: Any) -> bool:
    if type(value) in SCALARS:
        return True
    if isinstance(value, (list, tuple)):
        return all(_is_plain(part) or part is None for part in value)
    return isinstance(value, tuple(SCALARS))


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, (list, tuple)) else value
