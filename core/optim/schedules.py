"""Learning-rate schedules. To add one is to add its entry to `SCHEDULES`.

The entry is all that the lesson, the trainer, the exported script and the command line know of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch.optim import lr_scheduler

from core.errors import PlaygroundError
from core.knobs import HasKnobs, Knob
from core.optim.lookup import lookup, registry


@dataclass(frozen=True)
class Schedule(HasKnobs):
    """How the learning rate changes during a run.

    Attributes:
        name: what it is called on the screen, in recipes and in saved runs.
        scheduler: `scheduler(optimizer, steps, **knobs)` is PyTorch's own; the optimizer was made with the peak rate.
        factor: the share of the peak rate in use when `progress` (0 to 1) of a run is done. None where the rate follows
            the loss, which the trainer does not offer.
        formula: LaTeX, the rate of step t; `symbols` says what only this one has, apart from $\\eta$, $t$ and $T$.
        call: the PyTorch call, with {steps}, {lr} and {knob} to be filled in.
        description: what it is like, in a sentence.
        watches: it takes the loss at every step: `scheduler.step(loss)`.
    """

    name: str
    scheduler: Callable[..., lr_scheduler.LRScheduler]
    factor: Callable[[float], float] | None
    formula: str
    call: str
    description: str
    paper: str
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    symbols: tuple[str, ...] = ()
    watches: bool = False

    @property
    def key(self) -> str:
        """What it is called on the command line: "Warm restarts" is warm-restarts."""
        return self.name.lower().replace(" ", "-")

    def attach(self, optimizer: torch.optim.Optimizer, steps: int, **knobs: float) -> Callable[[float], None]:
        """Attach it to an optimizer; what comes back is called after each optimizer step, with that step's loss."""
        scheduler = self.scheduler(optimizer, steps, **(self.defaults | knobs))
        if self.watches:
            return scheduler.step  # type: ignore[return-value]
        return lambda loss: scheduler.step()

    def code(self, steps: int, lr: float, knobs: Mapping[str, float] | None = None) -> str:
        """The line of Python that attaches it to `optimizer`."""
        return self.call.format(steps=steps, lr=lr, **(self.defaults | dict(knobs or {})))


WARM_UP = 0.25  # share of a run in which a warm-up or the first part of a one-cycle takes place


def _cosine(progress: float) -> float:
    return (1 + math.cos(math.pi * progress)) / 2


def _one_cycle(progress: float) -> float:
    """From 1/25 up along a cosine, then down to nearly nothing."""
    if progress < WARM_UP:
        return 1 / 25 + (1 - 1 / 25) * (1 - _cosine(progress / WARM_UP))
    return _cosine((progress - WARM_UP) / (1 - WARM_UP))


def _warm_restarts(progress: float) -> float:
    """Three cosines, each twice as long as the last: a seventh, two sevenths and four sevenths of the run."""
    cycle = min(2, int(math.log2(7 * progress + 1)))
    return _cosine((7 * progress + 1) / 2**cycle - 1)


_GAMMA = Knob(0.1, 0.05, 1.0, step=0.05, label="Gamma", help="γ: what the learning rate is multiplied by.")
_STEP_GAMMA = Knob(0.98, 0.9, 1.0, step=0.005, label="Gamma", help="γ: what each step multiplies the learning rate by.")
_PATIENCE = Knob(10, 0, 50, label="Patience", help="p: how many steps without a new lowest loss are tolerated.")
_FACTOR = Knob(0.3, 0.05, 0.95, step=0.05, label="Factor", help="γ: what each drop multiplies it by.")

SCHEDULES: dict[str, Schedule] = registry([
    Schedule(
        "Constant",
        lambda optimizer, steps: lr_scheduler.ConstantLR(optimizer, 1.0),
        lambda progress: 1.0,
        r"\eta_t = \eta",
        "torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)",
        "The learning rate stays: steps shrink only where gradients do.",
        "Robbins & Monro 1951 showed why it must shrink",
    ),
    Schedule(
        "Step",
        lambda optimizer, steps, step_size, gamma: lr_scheduler.StepLR(optimizer, step_size, gamma),
        lambda progress: 0.1 ** int(3 * progress),
        r"\eta_t = \eta \cdot \gamma^{\lfloor t / s \rfloor}",
        "torch.optim.lr_scheduler.StepLR(optimizer, step_size={step_size}, gamma={gamma})",
        "Every so many steps the learning rate is multiplied by a factor, all at once.",
        "He et al. 2015, arXiv:1512.03385, trained ResNets this way",
        {"step_size": Knob(60, 5, 200, step=5, label="Steps between drops"), "gamma": _GAMMA},
        ("$s$ = steps between drops", r"$\gamma$ = factor of each drop"),
    ),
    Schedule(
        "Exponential",
        lambda optimizer, steps, gamma: lr_scheduler.ExponentialLR(optimizer, gamma),
        lambda progress: 0.01**progress,
        r"\eta_t = \eta \cdot \gamma^t",
        "torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma={gamma})",
        "Every step multiplies it by the same factor.",
        "Bottou 2012; torch.optim.lr_scheduler.ExponentialLR",
        {"gamma": _STEP_GAMMA},
        (r"$\gamma$ = factor of each step",),
    ),
    Schedule(
        "Cosine",
        lambda optimizer, steps, eta_min: lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min),
        _cosine,
        r"\eta_t = \eta_{min} + \tfrac12 (\eta - \eta_{min}) \left(1 + \cos\frac{\pi t}{T}\right)",
        "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={steps}, eta_min={eta_min})",
        "Half a cosine: it changes slowly at first, fast in the middle, slowly at the end.",
        "Loshchilov & Hutter 2016, arXiv:1608.03983",
        {"eta_min": Knob(0.0, 0.0, 0.05, step=0.001, label="Lowest learning rate")},
        ("$T$ = number of steps", r"$\eta_{min}$ = lowest learning rate"),
    ),
    Schedule(
        "Warm restarts",
        lambda optimizer, steps, T_0, T_mult: lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0, T_mult),
        _warm_restarts,
        r"\eta_t = \tfrac12\, \eta \left(1 + \cos\frac{\pi\, t_i}{T_i}\right), \quad T_{i+1} = T_{mult} T_i",
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0={T_0}, T_mult={T_mult})",
        "A cosine, and up again at once; each cycle takes the steps of the last times a factor.",
        "Loshchilov & Hutter 2016, arXiv:1608.03983",
        {
            "T_0": Knob(30, 5, 200, step=5, label="Steps of the first cycle"),
            "T_mult": Knob(2, 1, 4, label="Steps of each cycle by those of the last"),
        },
        ("$t_i$ = steps since the last restart", "$T_i$ = steps of the cycle", "$T_{mult}$ = factor between cycles"),
    ),
    Schedule(
        "Warm-up",
        lambda optimizer, steps, **knobs: lr_scheduler.LinearLR(optimizer, **knobs),
        lambda progress: min(1.0, 0.01 + 0.99 * progress / WARM_UP),
        r"\eta_t = \eta \cdot \left(f + (1 - f) \min\left(1, \frac{t}{w}\right)\right)",
        "torch.optim.lr_scheduler.LinearLR(optimizer, start_factor={start_factor}, total_iters={total_iters})",
        "It begins at a share of the learning rate and comes to all of it, since gradients are erratic at first.",
        "Goyal et al. 2017, arXiv:1706.02677",
        {
            "total_iters": Knob(50, 5, 200, step=5, label="Steps of warm-up"),
            "start_factor": Knob(0.01, 0.01, 1.0, step=0.01, label="Initial share of the learning rate"),
        },
        ("$f$ = initial share of the learning rate", "$w$ = steps of warm-up"),
    ),
    Schedule(
        "One-cycle",
        lambda optimizer, steps, pct_start: lr_scheduler.OneCycleLR(
            optimizer, optimizer.param_groups[0]["lr"], total_steps=steps, pct_start=pct_start, cycle_momentum=False
        ),
        _one_cycle,
        r"\eta_t:\; \eta / 25 \;\nearrow\; \eta \;\searrow\; \eta / 250{,}000",
        "torch.optim.lr_scheduler.OneCycleLR(\n"
        "    optimizer, max_lr={lr}, total_steps={steps}, pct_start={pct_start}, cycle_momentum=False\n)",
        "Up to the learning rate and far below where it began, once.",
        "Smith & Topin 2017, arXiv:1708.07120",
        {"pct_start": Knob(0.3, 0.05, 0.95, step=0.05, label="Share of steps that go up")},
    ),
    Schedule(
        "Plateau",
        lambda optimizer, steps, **knobs: lr_scheduler.ReduceLROnPlateau(optimizer, **knobs),
        None,
        r"\eta_{t+1} = \gamma\, \eta_t \text{ if } b_t > p, \text{ else } \eta_t",
        "torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor={factor}, patience={patience})",
        "The learning rate waits for the loss: it drops when the loss has stopped falling.",
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        {"patience": _PATIENCE, "factor": _FACTOR},
        (r"$\gamma$ = factor of each drop", "$b_t$ = steps since the last new lowest loss or drop", "$p$ = patience"),
        watches=True,
    ),
])  # fmt: skip


def get_schedule(name: str) -> Schedule:
    """The schedule of that name or key. Raises: PlaygroundError if there is none."""
    return lookup("schedule", SCHEDULES, name)


def trainable_schedules() -> tuple[str, ...]:
    """Names of those that the trainer offers: all whose rate does not follow the loss."""
    return tuple(name for name, schedule in SCHEDULES.items() if schedule.factor)


def factor_of(name: str) -> Callable[[float], float]:
    """The factor of a run's schedule.

    Raises: PlaygroundError if there is no such schedule, or it follows the loss.
    """
    factor = get_schedule(name).factor
    if factor is None:
        raise PlaygroundError(f"schedule {name!r} follows the loss: choose one of {', '.join(trainable_schedules())}.")
    return factor
