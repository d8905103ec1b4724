"""A network as one picture: columns of maps from the image to the class scores, and the sum behind any cell.

A small network is computed in the browser, so that a drawing is followed at once; the maps of a large one are sent, and
so is what a chosen map is made of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st
import torch.nn.functional as F
from torch import Tensor, nn

from core import file_tensors
from core.lessons.inspect_network import INPUT, Column, LayerOutput, Parts, maps_of
from playground.components import bundle
from playground.markup import from_base64, packed

SIDE = 28  # cells of a map that is sent: larger ones come in means of several cells
SHOWN = 10  # maps of a column of a large network
Span = tuple[float, float]
_HERE = Path(__file__).parent
_SHEETS = (_HERE.parent / "shared" / "base.css", _HERE.parent / "stepper" / "stepper.css", _HERE / "colour_key.css")
_STEPPER = bundle.style(*_SHEETS)
_RANKINGS: WeakKeyDictionary[LayerOutput, tuple[list[int], float]] = WeakKeyDictionary()
_mount = bundle.component("feature_columns", STEPPER_CSS=_STEPPER)


@dataclass(frozen=True)
class ColumnsView:
    """What a person has chosen in the browser: a column and a map of it, and the stages that are unfolded.

    `checkpoint` is the number of the one that `network` is shown at, -1 for that of the page.
    """

    chosen: tuple[int, int] | None = None
    open: tuple[int, ...] | None = None
    network: str = ""
    checkpoint: int = -1

    @classmethod
    def of(cls, sent: Any) -> ColumnsView:
        """From what the browser sent, which can be anything."""
        if not isinstance(sent, Mapping):
            return cls()
        chosen, unfolded, network, number = (sent.get(name) for name in ("chosen", "open", "network", "checkpoint"))
        is_pair = isinstance(chosen, list) and len(chosen) == 2 and all(type(part) is int for part in chosen)
        stages = tuple(part for part in unfolded if type(part) is int) if isinstance(unfolded, list) else None
        pair = (chosen[0], chosen[1]) if is_pair else None
        if isinstance(network, str) and type(number) is int:
            return cls(pair, stages, network, number)
        return cls(pair, stages)


@dataclass(frozen=True, eq=False)
class NetworkPicture:
    """All that is drawn of a network on an image.

    `pixels` is uint8 (H, W) or (H, W, 3) and `x_CHW` what the network takes; `programs` compute it in the browser, one
    for each of the `checkpoints` of its training, each a title and a result; `layers` are those of number `checkpoint`.
    `spans` are the receptive fields of each column's cells, along the height and the width; `dead` the maps of each
    column that were zero for all of `tried` images.
    """

    network: str
    pixels: np.ndarray
    name: str
    x_CHW: Tensor
    classes: tuple[str, ...]
    label: int | None
    layers: Sequence[LayerOutput]
    columns: Sequence[Column]
    spans: Sequence[tuple[Sequence[Span], Sequence[Span]] | None]
    programs: Sequence[list[dict[str, Any]]] | None = None
    checkpoints: Sequence[tuple[str, str]] = ()
    checkpoint: int = -1
    parts: Parts | None = None
    draws: bool = False
    dead: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    tried: int = 0


def feature_columns(picture: NetworkPicture, view: ColumnsView, key: str, drew: Callable[[np.ndarray], None]) -> None:
    """Show the network; `drew` is called with what was drawn, uint8 (H, W)."""

    def remember() -> None:
        grey = _drawing(st.session_state[key].get("drawing"), picture.x_CHW.shape[1:])
        if grey is not None:
            drew(grey)

    _mount(data=columns_data(picture, view), key=key, on_drawing_change=remember, on_view_change=lambda: None)


def view_of(key: str) -> ColumnsView:
    """What is chosen in the component of that key."""
    state = st.session_state.get(key)
    return ColumnsView.of(state.get("view") if state else None)


def _drawing(sent: Any, sides: Sequence[int]) -> np.ndarray | None:
    """What was drawn, from what a browser sent, which can be anything."""
    pixels = from_base64(sent) if isinstance(sent, str) else None
    if pixels is None or len(pixels) != math.prod(sides):
        return None
    return np.frombuffer(pixels, np.uint8).reshape(sides)


def columns_data(picture: NetworkPicture, view: ColumnsView) -> dict[str, Any]:
    """What the browser gets."""
    pixels = picture.pixels[..., 0] if picture.draws else picture.pixels
    is_local = picture.programs is not None
    visible = visible_columns(picture.columns, view)
    return {
        "network": picture.network,
        "draws": picture.draws,
        "picture": {
            "values": packed(pixels, "u1"),
            "height": pixels.shape[0],
            "width": pixels.shape[1],
            "name": picture.name,
        },
        "x": _packed_tensor(picture.x_CHW[: None if is_local else 0]),
        "classes": list(picture.classes),
        "label": picture.label,
        "columns": [_column(picture, at, not is_local and at in visible) for at in range(len(picture.columns))],
        "scores": None if is_local else packed(picture.layers[-1].output.numpy(), "<f4"),
        "programs": [[_operation(one) for one in program] for program in picture.programs or ()] or None,
        "checkpoints": [{"title": title, "result": result} for title, result in picture.checkpoints],
        "checkpoint": max(0, picture.checkpoint),
        "parts": _parts(picture.parts, view) if picture.parts is not None else None,
        "open": list(view.open or ()),
        "tried": picture.tried,
    }


def visible_columns(columns: Sequence[Column], view: ColumnsView) -> set[int]:
    """The numbers of the columns that are drawn: those of unfolded stages, and the last one of each."""
    last = {column.stage: at for at, column in enumerate(columns)}
    return {at for at, column in enumerate(columns) if column.stage in (view.open or ())} | set(last.values())


def _column(picture: NetworkPicture, at: int, sends: bool) -> dict[str, Any]:
    column, maps = picture.columns[at], maps_of(picture.layers[picture.columns[at].layers[-1]].output)
    order, bound = ranking(picture.layers[column.layers[-1]])
    order = order if picture.programs is None else list(range(len(maps)))
    small = _small(maps[order]) if sends else None
    file_tensors.let_go(maps)  # of EfficientNet-Lite0's columns together it would be 57 MB
    spans = picture.spans[at]
    return {
        "layers": [
            {"number": one, "name": picture.layers[one].name, "kind": picture.layers[one].kind} for one in column.layers
        ],
        "main": column.main,
        "kind": column.kind,
        "sources": list(column.sources),
        "stage": column.stage,
        "shape": list(maps.shape),
        "channels": order,
        "sent": list((maps if small is None else small).shape[1:]),
        "values": None if small is None else packed(small.numpy(), "<f4"),
        "bound": bound,
        "opaque": not column.sources,
        "dead": list(picture.dead.get(at, ())),
        "filters": _filters(picture, column, order),
        "spans": None if spans is None else [[list(span) for span in side] for side in spans],
    }


def _filters(picture: NetworkPicture, column: Column, order: list[int]) -> dict[str, Any] | None:
    """The kernels of these maps where a convolution reads the image itself and the browser has no weights."""
    module = picture.layers[column.main].module
    if picture.programs is not None or column.sources != (INPUT,) or not isinstance(module, nn.Conv2d):
        return None
    return _packed_tensor(module.weight.detach()[order])


def ranking(layer: LayerOutput) -> tuple[list[int], float]:
    """The strongest channels of an output and its largest magnitude; computed once, for it goes through all values."""
    if layer not in _RANKINGS:
        maps_CHW = maps_of(layer.output)
        _RANKINGS[layer] = strongest(maps_CHW), float(maps_CHW.abs().max())
    return _RANKINGS[layer]


def strongest(maps_CHW: Tensor, most: int = SHOWN) -> list[int]:
    """The channels with the largest mean magnitude, the strongest first."""
    order = maps_CHW.abs().mean((1, 2)).argsort(descending=True, stable=True)
    return order[:most].tolist()


def _small(maps_CHW: Tensor) -> Tensor:
    """Means over squares of cells where a map is larger than what is drawn of it."""
    factor = math.ceil(max(maps_CHW.shape[1:]) / SIDE)
    divides = all(side % factor == 0 for side in maps_CHW.shape[1:])
    if factor == 1:
        return maps_CHW
    return F.avg_pool2d(maps_CHW, factor) if divides else F.adaptive_avg_pool2d(maps_CHW, SIDE)


def _operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"shape": list(value.shape), "packed": packed(value.detach().numpy(), "<f4")}
        if isinstance(value, Tensor)
        else value
        for name, value in operation.items()
    }


def _packed_tensor(tensor: Tensor) -> dict[str, Any]:
    return {"shape": list(tensor.shape), "values": packed(tensor.numpy(), "<f4")}


def _parts(parts: Parts, view: ColumnsView) -> dict[str, Any]:
    assert view.chosen is not None
    number, channel = view.chosen
    return {
        "number": number,
        "channel": channel,
        "reduces": parts.reduces,
        "bias": parts.bias,
        "stride": list(parts.stride),
        "dilation": list(parts.dilation),
        "padding": list(parts.padding),
        "windows": parts.windows and [[list(one) for one in along] for along in parts.windows],
        "rows": parts.main.shape[0],
        "columns": parts.main.shape[1],
        "main": packed(parts.main.numpy(), "<f4"),
        "rest": None if parts.rest is None else packed(parts.rest.numpy(), "<f4"),
        "restCount": parts.rest_count,
        "sources": [
            {
                "column": source.column,
                "channel": source.channel,
                "values": packed(source.values.numpy(), "<f4"),
                "height": source.values.shape[0],
                "width": source.values.shape[1],
                "kernel": packed(source.kernel.numpy(), "<f4"),
                "high": source.kernel.shape[0],
                "wide": source.kernel.shape[1],
            }
            for source in parts.sources
        ],
        "later": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "values": packed(layer.values.numpy(), "<f4"),
                "scale": layer.scale,
                "shift": layer.shift,
            }
            for layer in parts.later
        ],
    }
