"""The layers of a network as columns: a convolution with its normalization and activation is one, a pooling another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from core.lessons.inspect_network.activations import ADD, INPUT, MEAN, RELU, RESHAPE, LayerOutput

CONVOLUTION, POOLING, LINEAR, ADDITION, OTHER = "convolution", "pooling", "linear", "addition", "other"
_FOLLOWS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)
_POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


@dataclass(frozen=True, eq=False)
class Column:
    """Consecutive layers that are drawn as one: `layers` are their numbers, `main` that of the one that mixes maps.

    `sources` are the numbers of the columns that it reads, `INPUT` for the image; empty where it reads what no column
    shows. `stage` counts the changes of the size of maps: a pooling is the last column of its stage.
    """

    layers: tuple[int, ...]
    main: int
    kind: str
    sources: tuple[int, ...]
    stage: int


def maps_of(output: Tensor) -> Tensor:
    """An output as maps (C, H, W); features (F,) are F maps of one cell."""
    return output if output.dim() == 3 else output.reshape(-1, 1, 1)


def columns_of(layers: Sequence[LayerOutput]) -> tuple[Column, ...]:
    """The columns in the order of the layers, each layer in one of them."""
    groups: list[list[int]] = []
    for number, layer in enumerate(layers):
        if groups and _joins(layers, groups[-1], number, layer):
            groups[-1].append(number)
        else:
            groups.append([number])
    last = {group[-1]: at for at, group in enumerate(groups)} | {INPUT: INPUT}
    columns: list[Column] = []
    for group in groups:
        main = next((number for number in group if kind_of(layers[number]) != OTHER), group[0])
        inputs = layers[group[0]].inputs
        sources = tuple(last[number] for number in inputs) if all(number in last for number in inputs) else ()
        kind = kind_of(layers[main])
        columns.append(Column(tuple(group), main, kind, sources, _stage(layers, columns, group, kind)))
    return tuple(columns)


def kind_of(layer: LayerOutput) -> str:
    """How a layer makes a map of others: one of the kinds of a column."""
    if isinstance(layer.module, nn.Conv2d):
        return CONVOLUTION
    if isinstance(layer.module, nn.Linear):
        return LINEAR
    if isinstance(layer.module, _POOLS) or layer.kind == MEAN:
        return POOLING
    return ADDITION if layer.kind == ADD else OTHER


def _joins(layers: Sequence[LayerOutput], group: list[int], number: int, layer: LayerOutput) -> bool:
    """Whether a layer is drawn with those before it: elementwise behind any, and a linear one behind a reshape."""
    if layer.inputs != (group[-1],):
        return False
    reshapes = all(_is_reshape(layers[at]) for at in group)
    if reshapes:
        return isinstance(layer.module, nn.Linear) or _is_reshape(layer)
    if isinstance(layer.module, _FOLLOWS) or layer.kind == RELU:
        return True
    is_activation = layer.module is not None and type(layer.module).__module__.startswith("torch.nn.modules.activation")
    return is_activation and layer.output.shape == layers[group[-1]].output.shape


def _is_reshape(layer: LayerOutput) -> bool:
    return layer.kind == RESHAPE or isinstance(layer.module, nn.Flatten)


def _stage(layers: Sequence[LayerOutput], columns: list[Column], group: list[int], kind: str) -> int:
    """A pooling ends the stage of the maps that it pools."""
    if not columns or kind == POOLING:
        return columns[-1].stage if columns else 0
    before, now = (maps_of(layers[at].output).shape[1:] for at in (columns[-1].layers[-1], group[-1]))
    is_new = columns[-1].kind == POOLING or before != now
    return columns[-1].stage + is_new
