"""Inputs with more axes than the first layer takes, such as clips for 2D convolutions, or with fewer."""

from __future__ import annotations

import ast
import re
from typing import Any

from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.usual_inputs import STEPS, assumed_width

Shape = tuple[int, ...]
FRAMES = 8
SIDES = (64, 224)
FRAME_COUNT = re.compile(
    r"(n|num|number)?_?(of_)?frames?|(clip|seq|sequence|video|window|history)_?(len|length|size)|n_?(clips|segments|views)"
    r"|time_?steps?|t_?(in|dim)|n_?steps",
)
POINTS = 1024
GLOBAL_POOLS: dict[type[nn.Module], int] = {
    nn.AdaptiveAvgPool1d: 1,
    nn.AdaptiveMaxPool1d: 1,
    nn.AdaptiveAvgPool3d: 3,
    nn.AdaptiveMaxPool3d: 3,
}
MOST_CHANNELS = 4  # of an image whose channels come last, as `x.permute(0, 3, 1, 2)` takes it
TURNING = {"permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "rearrange", "einsum"}
TEXT_WIDTH = 16  # a kernel as wide goes over whole words


def other_axes(module: nn.Module) -> list[Shape]:
    """Such shapes without the batch, the likeliest first.

    `forward` may flatten a clip into images, go through it step by step, or give a table a channel by `unsqueeze(1)`.
    """
    first = first_layer(module)
    if isinstance(first, nn.Conv2d):
        clips = [(_frames(module), first.in_channels, side, side) for side in SIDES]
        is_turned = first.in_channels <= MOST_CHANNELS and turns_axes(module)
        turned = [(side, side, first.in_channels) for side in SIDES] if is_turned else []
        is_pairwise = first.kernel_size == (1, 1) and first.in_channels % 2 == 0
        clouds = [(first.in_channels // 2, POINTS)] if is_pairwise else []  # each point beside its neighbours
        return [*(_tables(module, first) if first.in_channels == 1 else []), *turned, *clouds, *clips]
    if isinstance(first, nn.Conv3d):
        return [(2 * FRAMES, 2 * SIDES[0], 2 * SIDES[0])] if first.in_channels == 1 else []
    if isinstance(first, nn.Conv1d) and first.in_channels == 1:
        return [(width,) for width in (*assumed_width(module), 128, 1024)]
    return _pooled(module, first.in_features) if isinstance(first, nn.Linear) else []


def _pooled(module: nn.Module, channels: int) -> list[Shape]:
    """What a pool over all places may leave so many channels of, where no image does."""
    pools = (layer for layer in module.modules() if isinstance(layer, tuple(GLOBAL_POOLS)))
    axes = next((GLOBAL_POOLS[type(one)] for one in pools), 0)
    return [(channels, *(STEPS[0],) * axes)] if axes else []


def turns_axes(module: nn.Module) -> bool:
    """Whether a network of a text brings axes into another order, as `x.permute(0, 3, 1, 2)` does."""
    calls = [part.func for part in nodes_of(module) if isinstance(part, ast.Call)]
    names = [one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls]
    return not TURNING.isdisjoint(names)


def nodes_of(module: nn.Module) -> list[ast.AST]:
    """What stands in the methods of the classes of a text that a network is made of."""
    modules = [part for part in module.modules() if isinstance(part, EvaluatedModule)]
    classes = {cls for definition in {part.definition for part in modules} for cls in definition.lineage()}
    functions = [one for cls in classes for one in cls.names.values() if isinstance(one, Function)]
    return [part for one in functions for part in all_nodes(one.node)]


def _tables(module: nn.Module, first: nn.Conv2d) -> list[Shape]:
    """Rows and columns: words by their numbers where the kernel is as wide as those are, steps of assumed features."""
    width = first.kernel_size[1]
    if width >= TEXT_WIDTH:
        return [(STEPS[0], width)]
    return [(STEPS[0], one) for one in (*assumed_width(module), SIDES[0])]


def _frames(module: nn.Module) -> int:
    """How many images a clip has: what the network was made for, if it says so."""
    counts = (value for name, value in _numbers(module).items() if FRAME_COUNT.fullmatch(name.lower()))
    return next((value for value in counts if type(value) is int and 1 < value <= 64), FRAMES)


def _numbers(module: nn.Module) -> dict[str, Any]:
    if not isinstance(module, EvaluatedModule):
        return {}
    init = module.definition.find("__init__")
    return {**(init.defaults if isinstance(init, Function) else {}), **module.values, **module.made_with}
