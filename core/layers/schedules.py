"""Schedules: how the learning rate changes from step to step. One entry each; `build` gives torch's own scheduler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch.optim import lr_scheduler

from core.knobs import Knob


@dataclass(frozen=True)
class Schedule:
    """One schedule: `build(optimizer, steps, **knobs)`; `lr` is the rate that the optimizer was made with.

    One that `watches` the loss takes it at every step: `scheduler.step(loss)`.
    """

    build: Callable[..., lr_scheduler.LRScheduler]
    formula: str  # LaTeX: the rate of step t of T
    code: str  # the PyTorch call, with {steps}, {lr} and {knob} places
    words: str
    paper: str
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    watches: bool = False


_GAMMA = Knob(0.1, 0.05, 1.0, step=0.05, label="gamma", help="What the rate is multiplied by.")

SCHEDULES: dict[str, Schedule] = {
    "Constant": Schedule(
        lambda optimizer, steps: lr_scheduler.ConstantLR(optimizer, 1.0),
        r"\eta_t = \eta",
        "torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)",
        "The rate stays. Late steps are as long as early ones, so the loss keeps trembling.",
        "Robbins & Monro 1951 showed why it must shrink",
    ),
    "Step": Schedule(
        lambda optimizer, steps, step_size, gamma: lr_scheduler.StepLR(optimizer, step_size, gamma),
        r"\eta_t = \eta \cdot \gamma^{\lfloor t / s \rfloor}",
        "torch.optim.lr_scheduler.StepLR(optimizer, step_size={step_size}, gamma={gamma})",
        "The rate drops at once, now and then.",
        "He et al. 2015, arXiv:1512.03385, trained ResNets so",
        {"step_size": Knob(60, 5, 200, step=5, label="steps between drops"), "gamma": _GAMMA},
    ),
    "Exponential": Schedule(
        lambda optimizer, steps, gamma: lr_scheduler.ExponentialLR(optimizer, gamma),
        r"\eta_t = \eta \cdot \gamma^t",
        "torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma={gamma})",
        "The same factor at each step.",
        "torch.optim.lr_scheduler.ExponentialLR",
        {"gamma": Knob(0.98, 0.9, 1.0, step=0.005, label="gamma", help="What each step multiplies the rate by.")},
    ),
    "Cosine": Schedule(
        lambda optimizer, steps, eta_min: lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min),
        r"\eta_t = \eta_{min} + \tfrac12 (\eta - \eta_{min}) \left(1 + \cos\frac{\pi t}{T}\right)",
        "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={steps}, eta_min={eta_min})",
        "Slowly at first, fast in the middle, slowly at the end.",
        "Loshchilov & Hutter 2016, arXiv:1608.03983",
        {"eta_min": Knob(0.0, 0.0, 0.05, step=0.001, label="lowest rate")},
    ),
    "Warm restarts": Schedule(
        lambda optimizer, steps, T_0, T_mult: lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0, T_mult),
        r"\eta_t = \tfrac12\, \eta \left(1 + \cos\frac{\pi\, t_{since}}{T_i}\right), \quad T_{i+1} = T_{mult} T_i",
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0={T_0}, T_mult={T_mult})",
        "A cosine, and up again, each round longer than the last.",
        "Loshchilov & Hutter 2016, arXiv:1608.03983",
        {
            "T_0": Knob(30, 5, 200, step=5, label="steps of the first round"),
            "T_mult": Knob(2, 1, 4, label="each round longer by"),
        },
    ),
    "Warm-up": Schedule(
        lambda optimizer, steps, total_iters, start_factor: lr_scheduler.LinearLR(
            optimizer, start_factor, total_iters=total_iters
        ),
        r"\eta_t = \eta \cdot \left(f + (1 - f) \min\left(1, \frac{t}{w}\right)\right)",
        "torch.optim.lr_scheduler.LinearLR(optimizer, start_factor={start_factor}, total_iters={total_iters})",
        "Short steps first, while gradients are still wild.",
        "Goyal et al. 2017, arXiv:1706.02677",
        {
            "total_iters": Knob(50, 5, 200, step=5, label="steps of warm-up"),
            "start_factor": Knob(0.01, 0.01, 1.0, step=0.01, label="begins at this share"),
        },
    ),
    "One-cycle": Schedule(
        lambda optimizer, steps, pct_start: lr_scheduler.OneCycleLR(
            optimizer, optimizer.param_groups[0]["lr"], total_steps=steps, pct_start=pct_start, cycle_momentum=False
        ),
        r"\eta / 25 \;\nearrow\; \eta \;\searrow\; \eta / 250{,}000",
        "torch.optim.lr_scheduler.OneCycleLR(\n"
        "    optimizer, max_lr={lr}, total_steps={steps}, pct_start={pct_start}, cycle_momentum=False\n)",
        "Up to a large rate and far down again, once.",
        "Smith & Topin 2017, arXiv:1708.07120",
        {"pct_start": Knob(0.3, 0.05, 0.95, step=0.05, label="share of steps that go up")},
    ),
    "Plateau": Schedule(
        lambda optimizer, steps, patience, factor: lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=factor, patience=patience
        ),
        r"\eta \leftarrow \gamma \eta \text{ when the loss has not fallen for more than } p \text{ steps}",
        "torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor={factor}, patience={patience})",
        "The rate waits for the loss: it drops when the loss no longer does.",
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        {
            "patience": Knob(10, 0, 50, label="patience", help="Steps without a new lowest loss that are forgiven."),
            "factor": Knob(0.3, 0.05, 0.95, step=0.05, label="factor"),
        },
        watches=True,
    ),
}


def defaults(name: str) -> dict[str, float]:
    """An entry's knobs at their defaults."""
    return {key: knob.default for key, knob in SCHEDULES[name].knobs.items()}


def build(
    name: str, optimizer: torch.optim.Optimizer, steps: int, knobs: Mapping[str, float] | None = None
) -> Callable[[float], None]:
    """Attach the schedule; what comes back is called after each optimizer step, with that step's loss."""
    entry = SCHEDULES[name]
    scheduler = entry.build(optimizer, steps, **(defaults(name) | dict(knobs or {})))
    if entry.watches:
        return scheduler.step
    return lambda loss: scheduler.step()
