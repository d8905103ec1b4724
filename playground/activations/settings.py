"""The controls of the activation page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.knobs import Knob, knob
from core.layers.activations import ACTIVATIONS
from core.lessons import activations as lab
from playground import controls

OPENING = ["Sigmoid", "Tanh", "ReLU", "SiLU (Swish)"]
RANGE = Knob(6.0, 1.0, 20.0, step=1.0, label="Range of x (±)")
INPUT_RANGE = Knob(100.0, 1.0, 10000.0, log=True, label="Range of the inputs (±)")
LAYERS = Knob(10, 1, 50)
NONE = "None"


@dataclass(frozen=True)
class GaussianSettings:
    """A batch of 4,096 normally distributed values."""

    mean: float = knob(0.0, -3.0, 3.0, step=0.1, label="Mean of the input")
    deviation: float = knob(1.0, 0.1, 5.0, step=0.1, label="Std of the input", help="Standard deviation.")
    seed: int = knob(0, 0, 20)


@dataclass(frozen=True)
class FitSettings:
    """A fit of an activation's own parameters."""

    name: str = knob("PReLU", choices=lab.LEARNABLE, label="Activation")
    goal: str = knob(next(iter(lab.TARGETS)), choices=tuple(lab.TARGETS), label="Target curve")
    learning_rate: float = knob(0.05, 0.001, 2.0, log=True)
    seed: int = knob(0, 0, 20)


def choose_activations() -> Mapping[str, lab.ActivationKnobs]:
    chosen = controls.pick_several("Activations", list(ACTIVATIONS), "ac_names", OPENING)
    return {name: choose_knobs(name, "ac_") for name in chosen}


def choose_knobs(name: str, prefix: str) -> lab.ActivationKnobs:
    short = "".join(letter for letter in name.split()[0].lower() if letter.isalnum())
    knobs = {
        key: replace(one, label=f"{name}: {one.label or key.replace('_', ' ')}")
        for key, one in ACTIVATIONS[name].knobs.items()
        if key != "approximate"
    }
    return controls.knob_values(knobs, f"{prefix}{short}_")


def choose_batch() -> tuple[str, lab.ActivationKnobs, GaussianSettings]:
    name = controls.pick("Activation", tuple(ACTIVATIONS), "ac_one", default="ReLU")
    return name, choose_knobs(name, "ac_g_"), controls.edit(GaussianSettings, "ac_g_")


def choose_depth() -> tuple[int, str | None]:
    """A number of linear layers, and the activation between them or none."""
    depth = controls.widget("layers", LAYERS, "ac_depth")
    name = controls.pick("Activation between them", (NONE, *ACTIVATIONS), "ac_between", default=NONE)
    return depth, None if name == NONE else name
