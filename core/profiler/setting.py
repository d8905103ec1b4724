"""How a network is going to be trained, as far as memory is concerned: the setting of a profile."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import PlaygroundError


@dataclass(frozen=True)
class OptimizerKind:
    """An optimizer of `torch.optim`, how it is called here, and what it holds.

    Attributes:
        slots: tensors of a parameter's size that it keeps for each parameter.
        constants: bytes beside these for each parameter (a step counter).
        scratch: tensors of a parameter's size it makes while it updates that parameter (on the CPU, one by one).
        lingers: the last of these lives until the next parameter has its own.
        scratch_of_all: tensors of all parameters' sizes it makes at once (on a GPU, where it updates all together).
    """

    label: str
    build: Callable[..., torch.optim.Optimizer]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    slots: int = 0
    constants: int = 0
    scratch: int = 0
    lingers: bool = False
    scratch_of_all: int = 0


OPTIMIZERS: dict[str, OptimizerKind] = {
    "sgd": OptimizerKind("SGD", torch.optim.SGD, {"lr": 0.01}),
    "momentum": OptimizerKind("SGD with momentum", torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}, slots=1),
    "nesterov": OptimizerKind(
        *("SGD with Nesterov momentum", torch.optim.SGD, {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
        slots=1,
        scratch=1,
    ),
    "rmsprop": OptimizerKind(
        *("RMSprop", torch.optim.RMSprop, {"lr": 0.001}),
        **{"slots": 1, "constants": 4, "scratch": 1, "lingers": True, "scratch_of_all": 1},
    ),
    "adam": OptimizerKind(
        *("Adam", torch.optim.Adam, {"lr": 0.001}),
        **{"slots": 2, "constants": 4, "scratch": 2, "lingers": True, "scratch_of_all": 1},
    ),
    "adamw": OptimizerKind(
        *("AdamW", torch.optim.AdamW, {"lr": 0.001}),
        **{"slots": 2, "constants": 4, "scratch": 2, "lingers": True, "scratch_of_all": 1},
    ),
}


@dataclass(frozen=True)
class Precision:
    """In which floats a network runs. `autocast`: weights stay fp32 and layers run in 16 bit; `pure`: all is 16 bit."""

    label: str
    autocast: torch.dtype | None = None
    pure: torch.dtype | None = None


PRECISIONS: dict[str, Precision] = {
    "fp32": Precision("fp32"),
    "bf16": Precision("bf16 autocast, fp32 weights", autocast=torch.bfloat16),
    "fp16": Precision("fp16 autocast, fp32 weights", autocast=torch.float16),
    "pure-bf16": Precision("bf16 throughout", pure=torch.bfloat16),
    "pure-fp16": Precision("fp16 throughout", pure=torch.float16),
}


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
        optimizer: a key of `OPTIMIZERS`.
        precision: a key of `PRECISIONS`.
        loss: a key of `LOSSES`; "auto" is cross-entropy for (batch, classes), binary for (batch, 1), else mean squares.
        inplace: True makes every layer that can work in place do so, False none; None leaves them as written.
        channels_last: weights and input laid out N, H, W, C.
        checkpointed: paths of blocks that are computed again in backward instead of being kept.
        accumulate: passes an optimizer step; each takes `batch_size / accumulate` pictures.
        frozen: paths of modules that are not trained ("" is the whole network).
        device: the kernels whose temporaries are counted, "cpu" or "cuda".
        replicas: devices that share the batch, each with a copy of the network (data parallel); bytes are of one.
    """

    batch_size: int = 1
    optimizer: str = "sgd"
    precision: str = "fp32"
    loss: str = "auto"
    inplace: bool | None = None
    channels_last: bool = False
    checkpointed: tuple[str, ...] = ()
    accumulate: int = 1
    frozen: tuple[str, ...] = ()
    device: str = "cpu"
    replicas: int = 1

    def __post_init__(self) -> None:
        self._require_known("optimizer", OPTIMIZERS)
        self._require_known("precision", PRECISIONS)
        self._require_known("loss", {"auto": None, **LOSSES})
        self._require_known("device", {"cpu": None, "cuda": None})
        for name in ("batch_size", "accumulate", "replicas"):
            if getattr(self, name) < 1:
                raise PlaygroundError(f"{name} is {getattr(self, name)}, but must be at least 1")
        if self.accumulate * self.replicas > self.batch_size:
            raise PlaygroundError(
                f"batch size {self.batch_size} cannot be split over {self.replicas} devices and {self.accumulate} "
                f"accumulation steps: raise the batch size to at least {self.accumulate * self.replicas}"
            )

    def _require_known(self, name: str, known: Mapping[str, Any]) -> None:
        value = getattr(self, name)
        if value not in known:
            raise PlaygroundError(f"unknown {name} {value!r}: use one of {', '.join(known)}")

    @property
    def pass_size(self) -> int:
        """Pictures that go through one device at a time."""
        return -(-self.batch_size // (self.accumulate * self.replicas))

    @property
    def alike(self) -> Setting:
        """The setting with the fewest passes and devices that has the same bytes on each: pictures a pass decide.

        >>> Setting(64, accumulate=6, replicas=3).alike
        Setting(batch_size=16, optimizer='sgd', precision='fp32', loss='auto', inplace=None, channels_last=False, \
checkpointed=(), accumulate=2, frozen=(), device='cpu', replicas=2)
        """
        passes, devices = min(self.accumulate, 2), min(self.replicas, 2)
        return self.but(batch_size=self.pass_size * passes * devices, accumulate=passes, replicas=devices)

    def but(self, **changes: Any) -> Setting:
        """The same setting with some fields changed."""
        return dataclasses.replace(self, **changes)


def loss_of(setting: Setting, output: Tensor) -> Loss:
    """The loss that a setting means for this output."""
    if setting.loss != "auto":
        return LOSSES[setting.loss]
    if output.dim() == 2 and output.shape[1] > 1:
        return LOSSES["cross_entropy"]
    return LOSSES["bce" if output.dim() <= 2 else "mse"]


def target_of(setting: Setting, output: Tensor) -> tuple[tuple[int, ...], torch.dtype]:
    """Size and type of the target that belongs to an output; data comes in fp32 unless everything is 16 bit."""
    size, dtype = loss_of(setting, output).target(output)
    return size, torch.float32 if dtype.is_floating_point and PRECISIONS[setting.precision].autocast else dtype


def check_paths(model: nn.Module, paths: tuple[str, ...]) -> None:
    """Raises PlaygroundError where a path names no module."""
    known = dict(model.named_modules()) if paths else {}
    for path in paths:
        if path not in known:
            raise PlaygroundError(f"the network has no part {path!r}: its parts are {', '.join(list(known)[1:9])}, ...")
