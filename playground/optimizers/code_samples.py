"""The PyTorch lines of the optimizers page; they run as they stand, anywhere."""

from __future__ import annotations

from core.lessons.optimizers.surfaces import FAR, NEAR, SETTLED, STEPS, SURFACES, KnobValues
from core.lessons.optimizers.training import STEPS as TRAINING_STEPS
from core.lessons.optimizers.training import LessonRun
from core.optim import get_optimizer, get_schedule

DESCENT = """\
import math

{numpy}import torch

theta = torch.tensor([{x}, {y}], dtype=torch.float64, requires_grad=True)
optimizer = {call}
{draws}path = [theta.tolist()]
for step in range({steps}):
    x, y = theta
    loss = {loss}
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    path.append(theta.tolist())
    if not theta.abs().max() < {limit:.6g}:
        break  # diverged

for number in range(1, min(3, len(path))):
    print(f"step {{number}}: ({{path[number][0]:.6g}}, {{path[number][1]:.6g}})")
x, y = theta.detach()
print(f"step {{len(path) - 1}}: f = {{{value}:.4g}}")
minima = {minima}
near = [any(math.dist(point, minimum) <= {near:.6g} for minimum in minima) for point in path]
arrived = len(path) - [*near[::-1], False].index(False)
if arrived + {settled} < len(path):
    print(f"at the minimum from step {{arrived}} on")"""
SCHEDULE = """\
import torch

weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr={lr})
scheduler = {scheduler}
rates = []
for step in range({steps}):
    rates.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
{loss}    scheduler.step({watched})
highest = max(range({steps}), key=rates.__getitem__)
print(f"begins at {{rates[0]:.3g}}, ends at {{rates[-1]:.3g}}, highest at step {{highest}}: {{rates[highest]:.3g}}")"""


def descent(surface: str, optimizer: str, start: tuple[float, float], lr: float, knobs: KnobValues) -> str:
    """The steps of an optimizer on a surface."""
    entry = SURFACES[surface]
    draws = f"noise = torch.from_numpy(np.random.default_rng(0).normal(0, 1, ({STEPS}, 2)))\n" if entry.noise else ""
    return DESCENT.format(
        numpy="import numpy as np\n" if entry.noise else "",
        x=start[0],
        y=start[1],
        call=get_optimizer(optimizer).code("[theta]", f"{lr}", dict(knobs)),
        draws=draws,
        steps=STEPS,
        loss=f"{entry.code}{' + (noise[step] * theta).sum()' if entry.noise else ''}",
        limit=FAR * entry.diagonal,
        value=entry.code,
        minima=list(entry.minima),
        near=NEAR * entry.diagonal,
        settled=SETTLED,
    )


def schedule(run: LessonRun) -> str:
    """The learning rate of every step."""
    entry = get_schedule(run.schedule)
    example = f"max({TRAINING_STEPS} // 2 - step, 0)  # a loss that falls for the first half"
    return SCHEDULE.format(
        lr=run.learning_rate,
        scheduler=entry.code(TRAINING_STEPS, run.learning_rate, dict(run.schedule_knobs)),
        steps=TRAINING_STEPS,
        loss=f"    loss = {example}\n" if entry.watches else "",
        watched="loss" if entry.watches else "",
    )
