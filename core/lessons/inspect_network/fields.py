"""What of the image each cell of a column sees."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from core.lessons.inspect_network.activations import INPUT, LayerOutput
from core.lessons.inspect_network.columns import Column, maps_of
from core.receptive_field import Field, receptive_fields
from core.receptive_field.index_sets import Span, union

Spans = tuple[tuple[Span, ...], tuple[Span, ...]]


def spans_of(
    model: nn.Module, layers: Sequence[LayerOutput], columns: Sequence[Column], input_shape: tuple[int, ...]
) -> tuple[Spans | None, ...]:
    """For each column the first and last pixel that each row, and each column, of its maps sees inside of the image.

    None where the maps do not lie over the image. `input_shape` is (C, H, W).
    """
    fields = _fields_of(layers, receptive_fields(model, input_shape))
    whole: Spans = tuple(tuple((cell, cell) for cell in range(side)) for side in input_shape[1:])  # type: ignore[assignment]
    known: dict[int, Spans | None] = {INPUT: whole}
    for at, column in enumerate(columns):
        shape = maps_of(layers[column.layers[-1]].output).shape[1:]
        behind = [fields[one] for one in column.layers if one in fields]
        own = _of_field(behind[-1], shape) if behind else _joined([known.get(source) for source in column.sources])
        known[at] = own if own is not None and tuple(map(len, own)) == tuple(shape) else None
    return tuple(known[at] for at in range(len(columns)))


def _fields_of(layers: Sequence[LayerOutput], fields: Sequence[Field]) -> dict[int, Field]:
    """The field of each layer by its number; a layer that is called again has one for each call."""
    calls: dict[str, list[Field]] = {}
    for field in fields:
        calls.setdefault(field.name, []).append(field)
    return {number: calls[layer.name].pop(0) for number, layer in enumerate(layers) if calls.get(layer.name)}


def _of_field(field: Field, shape: Sequence[int]) -> Spans:
    """A map without sides along the image is one cell that sees what its field says."""
    rows, columns = (side.cells for side in field.sides)
    if len(field.map_shape) == 2 or tuple(shape) != (1, 1):
        return rows, columns
    return (union(rows),), (union(columns),)


def _joined(sources: list[Spans | None]) -> Spans | None:
    """What the same cell of any source sees."""
    known = [spans for spans in sources if spans is not None]
    if not known or len(known) < len(sources):
        return None
    rows, columns = (
        tuple(union(cells) for cells in zip(*(spans[axis] for spans in known), strict=False)) for axis in (0, 1)
    )
    return rows, columns
