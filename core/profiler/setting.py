"""How a network is going to be trained, as far as memory is concerned: the setting of a profile."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import PlaygroundError
from core.optim import get_precision
from core.optim.profiled import get_profiled
from core.profiler.inputs import wants_classes

LARGEST_COUNT = 10**12  # of pictures; sizes of tensors in bytes must stay below 2^63


@dataclass(frozen=True)
class Loss:
    """A loss and the target it wants: `target(output)` gives its size and type."""

    label: str
    function: Callable[[Tensor, Tensor], Tensor]
    target: Callable[[Tensor], tuple[tuple[int, ...], torch.dtype]]


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(
        "Cross-entropy",
        functional.cross_entropy,
        lambda output: ((output.shape[0], *output.shape[2:]), torch.int64),
    ),
    "bce": Loss(
        "Binary cross-entropy with logits",
        functional.binary_cross_entropy_with_logits,
        lambda output: (tuple(output.shape), output.dtype),
    ),
    "mse": Loss("Mean squared error", functional.mse_loss, lambda output: (tuple(output.shape), output.dtype)),
}


@dataclass(frozen=True)
class Setting:
    """Everything beside the network and the size of its input that decides how much memory training takes.

    Attributes:
        batch_size: pictures an optimizer step.
        optimizer: the key or name of an entry of `core.optim.OPTIMIZERS` or `core.optim.profiled.PROFILED`; it becomes
            the key.
        precision: the name of an entry of `core.optim.PRECISIONS`.
        loss: a key of `LOSSES`; "auto" is cross-entropy for (batch, classes), binary for (batch, 1), else mean squares.
            Or a function of the output, or of output and target, that gives one number.
        inplace: True makes every layer that can work in place do so, False none; None leaves them as written.
        channels_last: weights and input laid out N, H, W, C.
        checkpointed: paths of blocks that are computed again in backward instead of being kept.
        accumulate: passes an optimizer step; each takes `batch_size / accumulate` pictures.
        frozen: paths of modules that are not trained ("" is the whole network).
        device: the kernels whose temporaries are counted, "cpu" or "cuda".
        replicas: devices that share the batch, each with a copy of the network (data parallel); bytes are of one.
        sharding: what the devices divide among them instead of keeping a copy each, as the stage of ZeRO: 0 nothing,
            1 state of the optimizer, 2 gradients too, 3 weights too (FSDP), gathered layer by layer while it runs.
    """

    batch_size: int = 1
    optimizer: str = "sgd"
    precision: str = "fp32"
    loss: str | Callable[..., Tensor] = "auto"
    inplace: bool | None = None
    channels_last: bool = False
    checkpointed: tuple[str, ...] = ()
    accumulate: int = 1
    frozen: tuple[str, ...] = ()
    device: str = "cpu"
    replicas: int = 1
    sharding: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "optimizer", get_profiled(self.optimizer).key)
        object.__setattr__(self, "precision", get_precision(self.precision).name)
        if not callable(self.loss):
            self._require("loss", ("auto", *LOSSES))
        self._require("device", ("cpu", "cuda"))
        self._require("sharding", (0, 1, 2, 3))
        for name in ("batch_size", "accumulate", "replicas"):
            self._require_count(name)
        if self.accumulate * self.replicas > self.batch_size:
            devices = f"{self.replicas} device{'s' * (self.replicas > 1)}"
            steps = f"{self.accumulate} accumulation step{'s' * (self.accumulate > 1)}"
            raise PlaygroundError(
                f"batch size {self.batch_size} cannot be split over {devices} and {steps}: raise the batch "
                f"size to at least {self.accumulate * self.replicas}"
            )

    def _require_count(self, name: str) -> None:
        value = getattr(self, name)
        if not isinstance(value, numbers.Integral):
            raise PlaygroundError(f"{name} is {value!r}, but must be a whole number")
        count = int(value)
        if count < 1:
            raise PlaygroundError(f"{name} is {count}, but must be at least 1")
        if count > LARGEST_COUNT:
            raise PlaygroundError(f"{name} is {count:,}, but must be at most {LARGEST_COUNT:,}")

    def _require(self, name: str, known: Sequence[Any]) -> None:
        value = getattr(self, name)
        if value not in known:
            raise PlaygroundError(f"unknown {name} {value!r}: use one of {', '.join(map(str, known))}")

    @property
    def pass_size(self) -> int:
        """Pictures that go through one device at a time."""
        return -(-self.batch_size // (self.accumulate * self.replicas))

    @property
    def alike(self) -> Setting:
        """The setting with the fewest passes and devices that has the same bytes on each: pictures a pass decide.

        >>> Setting(64, accumulate=6, replicas=3).alike
        Setting(batch_size=16, optimizer='sgd', precision='fp32', loss='auto', inplace=None, channels_last=False, \
checkpointed=(), accumulate=2, frozen=(), device='cpu', replicas=2, \
sharding=0)
        """
        passes, devices = min(self.accumulate, 2), min(self.replicas, self.replicas if self.sharding else 2)
        return self.but(batch_size=self.pass_size * passes * devices, accumulate=passes, replicas=devices)

    def but(self, **changes: Any) -> Setting:
        """The same setting with some fields changed."""
        return dataclasses.replace(self, **changes)


def loss_of(setting: Setting, output: Tensor) -> Loss:
    """The loss that a setting means for this output; of a person's own function, with the target that it may want."""
    if callable(setting.loss):
        wanted = LOSSES["cross_entropy" if wants_classes(setting.loss) else "mse"]
        return Loss(getattr(setting.loss, "__name__", type(setting.loss).__name__), setting.loss, wanted.target)
    if setting.loss != "auto":
        return LOSSES[setting.loss]
    if output.dim() == 2 and output.shape[1] > 1:
        return LOSSES["cross_entropy"]
    return LOSSES["bce" if output.dim() <= 2 else "mse"]


def target_of(setting: Setting, output: Tensor) -> tuple[tuple[int, ...], torch.dtype]:
    """Size and type of the target that belongs to an output; data comes in fp32 unless everything is 16 bit."""
    size, dtype = loss_of(setting, output).target(output)
    return size, torch.float32 if dtype.is_floating_point and get_precision(setting.precision).autocast else dtype


def check_paths(model: nn.Module, paths: tuple[str, ...]) -> None:
    """Raises PlaygroundError where a path names no module."""
    known = dict(model.named_modules()) if paths else {}
    for path in paths:
        if path not in known:
            names = [name for name in known if name]
            parts = f"its parts are {', '.join(names[:8])}{', ...' * (len(names) > 8)}" if names else "it has none"
            raise PlaygroundError(f"the network has no part {path!r}: {parts}")
