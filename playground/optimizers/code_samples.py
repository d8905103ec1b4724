"""The PyTorch lines of the optimizers page; they run as they stand."""

from __future__ import annotations

from core.lessons.optimizers.surfaces import SURFACES, KnobValues
from core.lessons.optimizers.training import STEPS, LessonRun
from core.optim import get_optimizer, get_schedule


def descent(surface: str, optimizer: str, start: tuple[float, float], lr: float, knobs: KnobValues) -> str:
    """150 steps of an optimizer on a surface."""
    entry = SURFACES[surface]
    call = get_optimizer(optimizer).code("[theta]", f"{lr}", dict(knobs))
    noise = "noise = torch.from_numpy(np.random.default_rng(0).normal(0, 1, (150, 2)))\n" if entry.noise else ""
    return (
        f"{'import numpy as np' + chr(10) if entry.noise else ''}import torch\n\n"
        f"theta = torch.tensor([{start[0]}, {start[1]}], dtype=torch.float64, requires_grad=True)\n"
        f"optimizer = {call}\n{noise}"
        "path = [theta.tolist()]\n"
        "for step in range(150):\n"
        "    x, y = theta\n"
        f"    loss = {entry.code}{' + (noise[step] * theta).sum()' if entry.noise else ''}\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    path.append(theta.tolist())"
    )


def schedule(run: LessonRun) -> str:
    """The learning rate of every step."""
    entry = get_schedule(run.schedule)
    example = f"max({STEPS} // 2 - step, 0)  # a loss that falls for the first half"
    loss = f"    loss = {example}\n" if entry.watches else ""
    return (
        "import torch\n\n"
        "weight = torch.zeros(1, requires_grad=True)\n"
        f"optimizer = torch.optim.SGD([weight], lr={run.learning_rate})\n"
        f"scheduler = {entry.code(STEPS, run.learning_rate, dict(run.schedule_knobs))}\n"
        "rates = []\n"
        f"for step in range({STEPS}):\n"
        '    rates.append(optimizer.param_groups[0]["lr"])\n'
        f"    optimizer.step()\n{loss}"
        f"    scheduler.step({'loss' if entry.watches else ''})"
    )
