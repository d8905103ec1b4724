"""The lines of PyTorch that give what is on the screen."""

from __future__ import annotations

from core.layers.dropout import DROPOUTS
from core.lessons.dropout.comparison import Course
from core.lessons.dropout.masks import Knobs
from core.lessons.dropout.mc_dropout import PASSES

ASK = """\
import torch

from core.lessons.dropout import example, trained, turned

x, label = example({number})  # (1, 1, 8, 8)
x = turned(x, {degrees})
network = trained("{kind}", {knobs}, seed={seed})
with torch.no_grad():
    network.eval()
    evaluation = network(x).softmax(1)[0]
    network.train()
    passes = torch.cat([network(x).softmax(1) for _ in range({passes})])
mean, deviation = passes.mean(0), passes.std(0, correction=0)"""

RACE = """\
from core.lessons.dropout import Course, train

course = {course}
without = list(train(course))
with_dropout = list(train(course, "{kind}", {knobs}))
print(without[-1], with_dropout[-1], sep="\\n")"""


def of_draw(kind: str, knobs: Knobs, picture: str, seed: int) -> str:
    """One draw: `x` or the block's input, and `y`."""
    entry = DROPOUTS[kind]
    built = entry.code.format(**dict(knobs))
    if entry.on == "weights":
        names, x, y = "block_input, first_layer", f'block_input("{picture}")  # (1, 40, 28, 28)', f"{built}(x)"
        x += f'\nlayer = first_layer("{picture}")  # nn.Conv2d(40, 6, 1)'
    elif entry.on == "branch":
        names, x, y = "branches", "branches()  # five photographs, (5, 40, 28, 28) each", f"x + {built}(branch)"
    else:
        names = "standardized" if kind == "AlphaDropout" else "feature_maps"
        x, y = f'{names}("{picture}")  # (1, 6, 28, 28)', f"{built}(x)"
    own = f"\nfrom core.layers.dropout import {entry.own}" if entry.own else ""
    given = "x, branch" if entry.on == "branch" else "x"
    nn = "" if entry.own else "\nfrom torch import nn"
    return (
        f"import torch{nn}\n\nfrom core.lessons.dropout import {names}{own}\n\n{given} = {x}\n"
        f"torch.manual_seed({seed})\nwith torch.no_grad():\n    y = {y}  # a new module is in training mode"
    )


def of_passes(kind: str, knobs: Knobs, number: int, degrees: float, seed: int) -> str:
    """The same digit again and again: `evaluation`, `passes`, `mean` and `deviation`."""
    return ASK.format(kind=kind, knobs=knobs, number=number, degrees=degrees, seed=seed, passes=PASSES)


def of_race(course: Course, kind: str, knobs: Knobs) -> str:
    """Both runs, `without` and `with_dropout`, a moment a round."""
    return RACE.format(course=course, kind=kind, knobs=knobs)
