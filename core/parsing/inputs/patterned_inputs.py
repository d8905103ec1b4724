"""Inputs of networks that begin with a layer of einops: its pattern says how many axes they have."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from einops.layers.torch import Rearrange
from torch import nn

SIDES = (32, 64, 224, 256)
AXIS = re.compile(r"\(([^)]*)\)|(\S+)")
TIME = re.compile(r"(num_|n_)?(t|f|time|frames?|depth)(_size)?")


def patterned_inputs(module: nn.Module, features: int, named: Mapping[str, int]) -> list[tuple[int, ...]]:
    """Shapes without the batch that the first layer takes apart into so many features.

    Args: `named` are numbers that were taken for the names of a text.

    >>> patterned_inputs(nn.Sequential(Rearrange("b c (h p) (w q) -> b (h w) (p q c)", p=8, q=8)), 192, {})[0]
    (3, 32, 32)
    """
    first = next((one for one in module.modules() if not any(True for _ in one.children())), None)
    if not isinstance(first, Rearrange):
        return []
    axes = [(inner or name).split() for inner, name in AXIS.findall(first.pattern.split("->")[0])]
    known = [math.prod(first.axes_lengths.get(name, 1) for name in names) for names in axes[1:]]
    channels = max(1, features // math.prod(known))
    times = [value for name, value in named.items() if TIME.fullmatch(name)]
    shapes = []
    for side in (*(value for name, value in named.items() if name.endswith("size") and value in SIDES), *SIDES):
        sizes = [
            channels if len(names) == 1 else (times[0] if times and TIME.fullmatch(names[0]) else side)
            for names in axes[1:]
        ]
        if all(size % factor == 0 for size, factor in zip(sizes, known, strict=True)):
            shapes.append(tuple(sizes))
    return shapes
