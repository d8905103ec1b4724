"""The lines of PyTorch that reproduce what is on the screen."""

from __future__ import annotations

from core.layers.dropout import DROPOUTS
from core.lessons.dropout.comparison import DropoutTraining
from core.lessons.dropout.masks import DropoutSettings
from core.lessons.dropout.mc_dropout import PASSES

PREDICTIONS = """\
import torch

from core.lessons.dropout import rotated, trained, validation_digit

x, label = validation_digit({number})  # (1, 1, 8, 8)
x = rotated(x, {degrees})
network = trained("{kind}", {settings}, seed={seed})
with torch.no_grad():
    network.eval()
    evaluation = network(x).softmax(1)[0]
    network.train()
    passes = torch.cat([network(x).softmax(1) for _ in range({passes})])
mean, std = passes.mean(0), passes.std(0, correction=0)"""

COMPARISON = """\
from core.lessons.dropout import DropoutTraining, train

setup = {setup}
without = list(train(setup))
with_dropout = list(train(setup, "{kind}", {settings}))
print(without[-1], with_dropout[-1], sep="\\n")"""


def sample_code(kind: str, settings: DropoutSettings, photograph: str, seed: int) -> str:
    """One random mask: `x` or the block's input, and `y`."""
    entry = DROPOUTS[kind]
    built = entry.code.format(**dict(settings))
    if entry.on == "weights":
        names, x, y = "block_input, first_layer", f'block_input("{photograph}")  # (1, 40, 28, 28)', f"{built}(x)"
        x += f'\nlayer = first_layer("{photograph}")  # nn.Conv2d(40, 6, 1)'
    elif entry.on == "branch":
        names, x, y = "branches", "branches()  # five photographs, (5, 40, 28, 28) each", f"x + {built}(branch)"
    else:
        names = "standardized" if kind == "AlphaDropout" else "feature_maps"
        x, y = f'{names}("{photograph}")  # (1, 6, 28, 28)', f"{built}(x)"
    own = f"\nfrom core.layers.dropout import {entry.own}" if entry.own else ""
    inputs = "x, branch" if entry.on == "branch" else "x"
    nn = "" if entry.own else "\nfrom torch import nn"
    return (
        f"import torch{nn}\n\nfrom core.lessons.dropout import {names}{own}\n\n{inputs} = {x}\n"
        f"torch.manual_seed({seed})\nwith torch.no_grad():\n    y = {y}  # a new module is in training mode"
    )


def predictions_code(kind: str, settings: DropoutSettings, number: int, degrees: float, seed: int) -> str:
    """Many passes of one digit: `evaluation`, `passes`, `mean` and `std`."""
    return PREDICTIONS.format(kind=kind, settings=settings, number=number, degrees=degrees, seed=seed, passes=PASSES)


def comparison_code(setup: DropoutTraining, kind: str, settings: DropoutSettings) -> str:
    """Both runs, `without` and `with_dropout`, one result per epoch."""
    return COMPARISON.format(setup=setup, kind=kind, settings=settings)
