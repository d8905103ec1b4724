"""What a profile says: rows, totals, and memory through training and inference. Frozen, cheap to keep, picklable."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import PlaygroundError
from core.profiler.formatting import as_html, as_text, readable, readable_and_exact
from core.profiler.memory.lazy_usage import LazyUsage
from core.profiler.memory.usage import Span, Usage
from core.profiler.rows import Row, Shape
from core.profiler.setting import Setting
from core.profiler.size_text import shape_text


@dataclass(frozen=True)
class _Total:
    """A column of the rows, added up."""

    column: str

    def __get__(self, profile: Profile, owner: type) -> int:
        return sum(getattr(row, self.column) for row in profile.rows)


@dataclass(frozen=True)
class _Most:
    """The most that a category of bytes ever holds in training."""

    category: str

    def __get__(self, profile: Profile, owner: type) -> int:
        return profile.training.bytes_of(self.category)


@dataclass(frozen=True)
class Profile:
    """What a network costs, before it runs. MACs are per picture; bytes are of the whole batch.

    `rows` add up to the totals. `input_shapes` are name and size of every input, `input_shape` is the first size, both
    without the batch. `training` and `inference` say who holds how many bytes, and when; they are found when
    they, or what follows from them, are first asked for. Where the batch is split (accumulation, several devices),
    shapes and bytes are of one pass on one device: `setting.pass_size` pictures.
    """

    model: str
    input_shape: Shape
    setting: Setting
    rows: tuple[Row, ...] = field(repr=False)
    usages: LazyUsage = field(repr=False, hash=False)
    input_shapes: tuple[tuple[str, Shape], ...] = ()
    remarks: tuple[str, ...] = ()

    total_params = _Total("params")  # shared ones once
    frozen_params = _Total("frozen_params")  # those among them that are not trained
    total_macs = _Total("macs")  # multiply-accumulates of the forward pass of one picture, bias left out
    fixed_macs = _Total("fixed_macs")  # among those of the batch: of weights with each other, whatever the batch is
    output_bytes = _Total("output_bytes")  # of all outputs of all layers, of the whole batch
    saved_bytes = _Total("saved_bytes")  # kept for backward, of the whole batch; parameters left out
    parameter_bytes, buffer_bytes, gradient_bytes = _Most("parameters"), _Most("buffers"), _Most("gradients")
    optimizer_bytes = _Most("optimizer")  # state that the optimizer keeps between steps
    input_bytes = _Most("input")  # input and target
    kept_bytes = _Most("kept")  # activations; less than `saved_bytes` by what is kept anyway (input, buffers)

    @property
    def trainable_params(self) -> int:
        """Parameters that are trained; shared ones once."""
        return self.total_params - self.frozen_params

    @property
    def forward_flops(self) -> int:
        """Floating-point operations of forward and loss, of the whole batch: two a multiply-accumulate."""
        return self.usages.flops[0]

    @property
    def backward_flops(self) -> int:
        """The same of backward, counted from its operations; recomputed blocks are among them."""
        return self.usages.flops[1]

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said of the figures: that the network was run for real, and with how many inputs."""
        return tuple(dict.fromkeys(filter(None, (*self.remarks, self.usages.note))))

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
    def temporary_bytes(self) -> int:
        """What comes and goes: the part of the peak that is neither state nor kept."""
        return self.training.at_peak("temporaries")

    @property
    def title(self) -> str:
        """What was profiled, in a line."""
        setting = self.setting
        sizes = self.input_shapes or (("", self.input_shape),)
        given = ", ".join(f"{name} {shape_text(shape, '-')}".strip() for name, shape in sizes)
        inputs = given if given.startswith("input ") else f"input {given}"  # several are "input 1", "input 2"
        return (
            f"{self.model}, batch size {setting.batch_size}, {inputs}, {setting.precision}, "
            f"{setting.optimizer}; MACs per image, bytes for the whole batch"
        )

    @property
    def memory_lines(self) -> tuple[tuple[str, str], ...]:
        """What is worth saying about memory and operations, as (name, amount); of what stops, why it does."""
        trained = f"{self.trainable_params:,} trained, {self.frozen_params:,} frozen"
        fixed = (("MACs a batch that do not depend on its size", f"{self.fixed_macs:,}"),) if self.fixed_macs else ()
        lines = (("parameters by use", trained), *fixed, *self._training_lines(), *self._inference_lines())
        return (*lines, *(("note", note) for note in self.notes))

    def _training_lines(self) -> tuple[tuple[str, str], ...]:
        try:
            peak = self.training.peak
        except PlaygroundError as error:
            return (("training is not known", str(error)),)
        where = " ".join(part for part in (peak.phase, peak.name, peak.kind) if part)
        return (
            ("FLOPs forward, backward", f"{self.forward_flops:,}, {self.backward_flops:,}"),
            ("parameters", readable(self.parameter_bytes)),
            ("gradients", readable(self.gradient_bytes)),
            (f"optimizer state ({self.optimizer})", readable(self.optimizer_bytes)),
            ("input and target", readable(self.input_bytes)),
            ("saved activations beside the input", readable(self.kept_bytes)),
            (f"peak training memory (in {where})", readable_and_exact(self.training_peak_bytes)),
        )

    def _inference_lines(self) -> tuple[tuple[str, str], ...]:
        try:
            return (("peak inference memory", readable_and_exact(self.inference_peak_bytes)),)
        except PlaygroundError as error:
            return (("inference is not known", str(error)),)

    def __str__(self) -> str:
        return as_text(self.title, self.rows, self.memory_lines)

    def _repr_html_(self) -> str:
        return as_html(self.title, self.rows, self.memory_lines)
