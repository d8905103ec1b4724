"""Optimizers: how gradients become a step. To add one is to add its entry to `OPTIMIZERS`.

The entry is all that the lesson, the trainer, the exported script, the memory model and the command line know of it.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from core.knobs import HasKnobs, Knob
from core.optim import update_rules as rules
from core.optim.lookup import lookup, registry
from core.optim.update_rules import Assignment


@dataclass(frozen=True)
class OptimizerMemory:
    """What an optimizer holds beside weights and gradients; tests measure it.

    Attributes:
        slots: tensors of a parameter's size that it keeps for each parameter.
        constants: bytes beside these for each parameter (a step counter).
        scratch: tensors of a parameter's size it makes while it updates that parameter (on the CPU, one by one).
        lingers: the last of these lives until the next parameter has its own.
        scratch_of_all: tensors of all parameters' sizes it makes at once (on a GPU, where it updates all together).
        state: bytes of each tensor that it keeps for a parameter of a shape and of so many bytes a value, in place of
            `slots`, where these follow from the shape.
        work: the same of what it makes while it updates that parameter, in place of `scratch`.
        once: bytes that it keeps for all parameters together.
    """

    slots: int = 0
    constants: int = 0
    scratch: int = 0
    lingers: bool = False
    scratch_of_all: int = 0
    state: Callable[[tuple[int, ...], int], tuple[int, ...]] | None = None
    work: Callable[[tuple[int, ...], int], tuple[int, ...]] | None = None
    once: int = 0

    def state_of(self, shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
        """Bytes of each tensor that is kept for a parameter; counters left out."""
        return self.state(shape, itemsize) if self.state else (math.prod(shape) * itemsize,) * self.slots

    def work_of(self, shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
        """Bytes of each tensor that is made while a parameter is updated."""
        return self.work(shape, itemsize) if self.work else (math.prod(shape) * itemsize,) * self.scratch


@dataclass(frozen=True)
class Optimizer(HasKnobs):
    """One way to step.

    Attributes:
        name: what it is called on the screen, in recipes and in saved runs.
        key: what it is called on the command line and by the profiler.
        kind: the class that steps, of `torch.optim` or one like them.
        good_rate: where to begin with a small network.
        lines: its update as PyTorch computes it, line by line; `textbook` is the same as texts write it.
        difference: what tells the two apart.
        arguments: the class's keyword arguments for values of the knobs, where they are not just these.
    """

    name: str
    key: str
    kind: type[torch.optim.Optimizer]
    good_rate: float
    memory: OptimizerMemory
    lines: tuple[Assignment, ...]
    textbook: tuple[Assignment, ...]
    difference: str
    paper: str
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    arguments: Callable[..., Mapping[str, Any]] = dict

    @property
    def eps(self) -> float:
        """The epsilon that its class adds to denominators; 0 if it has none."""
        parameter = inspect.signature(self.kind).parameters.get("eps")
        return float(parameter.default) if parameter else 0.0

    def build(
        self, params: Iterable[Any], lr: float, *, foreach: bool | None = None, **knobs: float
    ) -> torch.optim.Optimizer:
        """An optimizer of `params`, tensors or groups of them. Knobs that it does not have are left out.

        `foreach` False spares small networks the question whether all parameters could be updated at once.
        """
        arguments = {"lr": lr, **self._arguments(knobs)} | ({} if foreach is None else {"foreach": foreach})
        return self.kind(params, **arguments)

    def code(self, params: str, lr: str, knobs: Mapping[str, float] | None = None) -> str:
        """The line of Python that builds it.

        >>> get_optimizer("momentum").code("model.parameters()", "0.1")
        'torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.0)'
        """
        own = "torch.optim." if self.is_torchs else ""
        words = [params, f"lr={lr}", *(f"{key}={value!r}" for key, value in self._arguments(knobs or {}).items())]
        return f"{own}{self.kind.__name__}({', '.join(words)})"

    @property
    def is_torchs(self) -> bool:
        """Whether its class comes with PyTorch."""
        return self.kind.__module__.startswith("torch.")

    def _arguments(self, knobs: Mapping[str, float]) -> Mapping[str, Any]:
        return self.arguments(**(self.defaults | {key: value for key, value in knobs.items() if key in self.knobs}))


def _nesterov(momentum: float, weight_decay: float) -> dict[str, Any]:
    return {"momentum": momentum, "weight_decay": weight_decay, "nesterov": momentum > 0}


def _betas(beta1: float, beta2: float, weight_decay: float) -> dict[str, Any]:
    return {"betas": (beta1, beta2), "weight_decay": weight_decay}


_MOMENTUM = Knob(
    0.9,
    0.0,
    0.99,
    step=0.01,
    label="Momentum",
    help="μ: share of the previous update that is carried over to the next.",
)
_WEIGHT_DECAY = Knob(0.0, 0.0, 0.5, step=0.01, label="Weight decay", help="λ: pulls every weight towards 0.")
_DECOUPLED_DECAY = Knob(
    0.01, 0.0, 0.5, step=0.01, label="Weight decay (AdamW)", help="λ: shrinks every weight beside the step."
)
_ALPHA = Knob(
    0.99, 0.5, 0.999, step=0.001, label="Alpha (RMSprop)", help="α: how long squared gradients are remembered."
)
_BETAS = {
    "beta1": Knob(0.9, 0.0, 0.99, step=0.01, label="Beta 1 (Adam)", help="β₁: how long gradients are remembered."),
    "beta2": Knob(
        0.999, 0.5, 0.999, step=0.001, label="Beta 2 (Adam)", help="β₂: how long squared gradients are remembered."
    ),
}
_ADAM_MEMORY = OptimizerMemory(slots=2, constants=4, scratch=2, lingers=True, scratch_of_all=1)

OPTIMIZERS: dict[str, Optimizer] = registry([
    Optimizer(
        "SGD", "sgd", torch.optim.SGD, 0.1,
        OptimizerMemory(),
        (rules.WEIGHT_DECAY, rules.GRADIENT_STEP),
        (rules.WEIGHT_DECAY, rules.GRADIENT_STEP),
        "The same line in both. S is for stochastic: $g$ is the gradient of one batch, not of all data.",
        "Robbins & Monro 1951",
        {"weight_decay": _WEIGHT_DECAY},
    ),
    Optimizer(
        "SGD with momentum", "momentum", torch.optim.SGD, 0.05,
        OptimizerMemory(slots=1),
        (rules.WEIGHT_DECAY, rules.VELOCITY, rules.VELOCITY_STEP),
        (rules.WEIGHT_DECAY, rules.TEXTBOOK_VELOCITY, rules.TEXTBOOK_VELOCITY_STEP),
        "The textbook puts the learning rate into $v$, PyTorch multiplies by it afterwards. The positions are "
        "identical while the learning rate is constant. When it drops, PyTorch's next step shrinks at once; the "
        "textbook's $v$ has to fade first.",
        "Polyak 1964; Sutskever et al. 2013",
        {"momentum": _MOMENTUM, "weight_decay": _WEIGHT_DECAY},
    ),
    Optimizer(
        "Nesterov", "nesterov", torch.optim.SGD, 0.05,
        OptimizerMemory(slots=1, scratch=1),
        (rules.WEIGHT_DECAY, rules.VELOCITY, rules.NESTEROV_STEP),
        (*rules.LOOK_AHEAD, rules.TEXTBOOK_VELOCITY, rules.TEXTBOOK_VELOCITY_STEP),
        "The textbook takes the gradient ahead, where momentum is about to carry the weights. PyTorch stores that "
        "position ahead as its weights: it is the textbook's $\\tilde{\\theta}$ of each step.",
        "Nesterov 1983; Sutskever et al. 2013",
        {"momentum": _MOMENTUM, "weight_decay": _WEIGHT_DECAY},
        _nesterov,
    ),
    Optimizer(
        "Adagrad", "adagrad", torch.optim.Adagrad, 0.05,
        OptimizerMemory(slots=1, constants=4, scratch=1, lingers=True, scratch_of_all=2),
        (rules.WEIGHT_DECAY, rules.SUM_OF_SQUARES, rules.scaled_step("G")),
        (rules.WEIGHT_DECAY, rules.SUM_OF_SQUARES, rules.textbook_scaled_step("G")),
        "Many texts put epsilon under the root, PyTorch beside it. It matters only where gradients are tiny.",
        "Duchi, Hazan & Singer 2011",
        {"weight_decay": _WEIGHT_DECAY},
    ),
    Optimizer(
        "RMSprop", "rmsprop", torch.optim.RMSprop, 0.005,
        OptimizerMemory(slots=1, constants=4, scratch=1, lingers=True, scratch_of_all=1),
        (rules.WEIGHT_DECAY, rules.MEAN_OF_SQUARES, rules.scaled_step("v")),
        (rules.WEIGHT_DECAY, rules.MEAN_OF_SQUARES, rules.textbook_scaled_step("v")),
        "Many texts put epsilon under the root, PyTorch beside it. Nothing corrects the start at $v = 0$, so the first "
        "steps are long: with alpha = 0.99 the very first is ten times the learning rate.",
        "Tieleman & Hinton 2012, lecture 6e",
        {"alpha": _ALPHA, "weight_decay": _WEIGHT_DECAY},
    ),
    Optimizer(
        "Adam", "adam", torch.optim.Adam, 0.01,
        _ADAM_MEMORY,
        (rules.WEIGHT_DECAY, *rules.MOMENTS, *rules.BIAS_CORRECTION, rules.ADAM_STEP),
        (rules.WEIGHT_DECAY, *rules.MOMENTS, rules.PAPER_ADAM_STEP),
        "The paper's faster form puts both corrections into the learning rate. That also scales epsilon, and nothing "
        "else.",
        "Kingma & Ba 2014, arXiv:1412.6980",
        {**_BETAS, "weight_decay": _WEIGHT_DECAY},
        _betas,
    ),
    Optimizer(
        "AdamW", "adamw", torch.optim.AdamW, 0.01,
        _ADAM_MEMORY,
        (rules.DECOUPLED_DECAY, *rules.MOMENTS, *rules.BIAS_CORRECTION, rules.ADAM_STEP),
        (*rules.MOMENTS, *rules.BIAS_CORRECTION, rules.PAPER_ADAMW_STEP),
        "PyTorch shrinks the weights first and then steps; the sum is the same. The paper's own $\\lambda$ is not "
        "multiplied by the learning rate, PyTorch's is. Adam adds the decay to $g$, and the root divides it away "
        "again.",
        "Loshchilov & Hutter 2017, arXiv:1711.05101",
        {**_BETAS, "weight_decay": _DECOUPLED_DECAY},
        _betas,
    ),
])  # fmt: skip


def get_optimizer(name: str) -> Optimizer:
    """The optimizer of that name or key. Raises: PlaygroundError if there is none."""
    return lookup("optimizer", OPTIMIZERS, name)
