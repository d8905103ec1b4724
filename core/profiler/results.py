"""What a profile says. Plain frozen dataclasses: they travel, pickle, and are cheap to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.errors import ShapeError
from core.profiler.memory.lazy_usage import Usages
from core.profiler.memory.usage import Span, Usage
from core.profiler.setting import Setting

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
        macs: multiply-accumulates of one picture; adding bias is left out.
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


class LayerShapeError(ShapeError):
    """A network stops in the middle: `rows` holds the layers before it, `failed` says where and why."""

    def __init__(self, message: str, rows: tuple[Row, ...], failed: Failure) -> None:
        super().__init__(message)
        self.rows = rows
        self.failed = failed

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.rows, self.failed)


@dataclass(frozen=True)
class Profile:
    """What a network costs, before it runs. MACs are per picture; bytes are of the whole batch.

    `rows` add up to the totals. `training` and `inference` say who holds how many bytes, and when; they are found when
    they, or what follows from them, are first asked for. Where the batch is split (accumulation, several devices),
    shapes and bytes are of one pass on one device: `setting.pass_size` pictures.
    """

    model: str
    input_shape: Shape
    setting: Setting
    rows: tuple[Row, ...] = field(repr=False)
    usages: Usages = field(repr=False, hash=False)

    @property
    def training(self) -> Usage:
        """Live bytes through an iteration of training."""
        return self.usages.training

    @property
    def inference(self) -> Usage:
        """Live bytes through a prediction."""
        return self.usages.inference

    def settled(self) -> Profile:
        """The same profile, with everything found that can be asked of it.

        Raises: PlaygroundError where the network cannot go on from the forward pass of its training.
        """
        _ = self.usages.inference
        return self

    @property
    def batch_size(self) -> int:
        """Pictures an optimizer step."""
        return self.setting.batch_size

    @property
    def optimizer(self) -> str:
        """The name of the optimizer."""
        return self.setting.optimizer

    @property
    def total_params(self) -> int:
        """Parameters; shared ones once."""
        return sum(row.params for row in self.rows)

    @property
    def total_macs(self) -> int:
        """Multiply-accumulates of the forward pass of one picture, bias left out."""
        return sum(row.macs for row in self.rows)

    @property
    def output_bytes(self) -> int:
        """Bytes of all outputs of all layers, of the whole batch."""
        return sum(row.output_bytes for row in self.rows)

    @property
    def saved_bytes(self) -> int:
        """Bytes kept for backward, of the whole batch; parameters left out."""
        return sum(row.saved_bytes for row in self.rows)

    @property
    def training_peak_bytes(self) -> int:
        """The most that is allocated at once in a steady iteration of training."""
        return self.training.peak_bytes

    @property
    def inference_peak_bytes(self) -> int:
        """The most that is allocated at once when the network only predicts."""
        return self.inference.peak_bytes

    @property
    def timeline(self) -> tuple[Span, ...]:
        """Live bytes through forward, loss, backward and update."""
        return self.training.spans

    @property
    def parameter_bytes(self) -> int:
        return self.training.bytes_of("parameters")

    @property
    def buffer_bytes(self) -> int:
        return self.training.bytes_of("buffers")

    @property
    def gradient_bytes(self) -> int:
        return self.training.bytes_of("gradients")

    @property
    def optimizer_bytes(self) -> int:
        """State that the optimizer keeps between steps."""
        return self.training.bytes_of("optimizer")

    @property
    def input_bytes(self) -> int:
        """Input and target."""
        return self.training.bytes_of("input")

    @property
    def kept_bytes(self) -> int:
        """Activations kept for backward; less than `saved_bytes` by what is kept anyway (input, buffers)."""
        return self.training.bytes_of("kept")

    @property
    def temporary_bytes(self) -> int:
        """What comes and goes: the part of the peak that is neither state nor kept."""
        return self.training.at_peak("temporaries")

    def __str__(self) -> str:
        from core.profiler.formatting import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from core.profiler.formatting import as_html

        return as_html(self)
