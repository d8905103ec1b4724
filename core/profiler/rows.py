"""The rows of a profile, one per call of a layer, and the layer at which a network fails. Plain frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import PlaygroundError, ShapeError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One call of a layer, or of a function inside a module.

    Attributes:
        name: path of the module in the network, as `model.get_submodule` takes it; for a function, that of the module
            that calls it ("" is the network itself).
        kind: the class of the layer ("Conv2d") or the name of the function ("relu", "cat").
        input_shape, output_shape: first tensor in, first tensor out, batch included; () where there is none.
        params: parameters first used here; shared ones are counted once, where they are first used.
        macs: multiply-accumulates of one picture, those of the whole batch shared out; adding bias is left out.
        fixed_macs: those of a whole forward pass that do not depend on the batch: products of weights with each other.
        frozen_params: those among `params` that are not trained.
        output_bytes: bytes of all outputs, of the whole batch.
        saved_bytes: bytes kept for backward that no row before keeps, of the whole batch; parameters left out.
        input_shapes: every tensor that came in.
        attributes: settings from which the formulas of a layer follow (kernel_size, stride, ...), in order.
        sources: the rows whose output is read, by index; -1 is the network's input.
        is_function: a function call, not a layer.
        called: False for a layer whose parameters count but which the network never calls.
    """

    name: str
    kind: str
    input_shape: Shape
    output_shape: Shape
    params: int
    macs: int
    output_bytes: int
    saved_bytes: int
    input_shapes: tuple[Shape, ...] = ()
    attributes: tuple[tuple[str, Any], ...] = ()
    sources: tuple[int, ...] = ()
    is_function: bool = False
    called: bool = True
    fixed_macs: int = 0
    frozen_params: int = 0

    def attribute(self, name: str, default: Any = None) -> Any:
        """One setting of the layer, such as `row.attribute("stride")`."""
        return dict(self.attributes).get(name, default)

    @property
    def label(self) -> str:
        """What to call the row where a name is shown: its path, or its kind where the network is one layer."""
        return self.name or self.kind


@dataclass(frozen=True)
class Failure:
    """The layer at which a network stops, in plain words.

    `argument` and `value` are the one number to change ("in_features", 9216), where one number mends it.
    """

    name: str
    kind: str
    got: tuple[Shape, ...]
    needed: str
    change: str
    argument: str | None = None
    value: int | None = None
    attributes: tuple[tuple[str, Any], ...] = ()

    @property
    def label(self) -> str:
        return self.name or self.kind


class LayerError(PlaygroundError):
    """A network stops in the middle: `rows` holds the layers before it, `failed` says where and why."""

    def __init__(self, message: str, rows: tuple[Row, ...], failed: Failure) -> None:
        super().__init__(message)
        self.rows = rows
        self.failed = failed

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.rows, self.failed)


class LayerShapeError(LayerError, ShapeError):
    """The same, where sizes do not fit together."""
