"""The controls of the optimizers page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.knobs import Knob
from core.lessons.optimizers.surfaces import SURFACES, KnobValues, LossSurface
from core.lessons.optimizers.training import LessonRun
from core.optim import OPTIMIZERS, SCHEDULES, get_optimizer
from playground import controls

RATE = Knob(0.1, 0.0001, 5.0, log=True, label="Learning rate", help="η, the same for all optimizers.")
SCHEDULED_RATE = Knob(0.5, 0.001, 5.0, log=True, label="Learning rate", help="η, which SGD is created with.")
MULTIPLIER = Knob(1.0, 0.01, 100.0, log=True, label="Learning-rate multiplier", help="1 is a good rate for each.")
FORMS = {"lines": "PyTorch", "textbook": "Textbook"}  # attributes of an optimizer's entry
DECAY, ADAMW_DECAY = "weight_decay", "adamw_weight_decay"
SEED = Knob(0, 0, 20, label="Seed", help="Of the initial weights and of the order of the batches.", typed=True)


@dataclass(frozen=True)
class DescentSettings:
    """Which optimizers go down which surface, from where and how fast."""

    surface: str
    optimizers: tuple[str, ...]
    start: tuple[float, float]
    lr: float
    knobs: KnobValues

    def knobs_of(self, optimizer: str) -> KnobValues:
        """Those of the knobs that an optimizer has, so that changing another one's finds its path in the cache."""
        chosen = dict(self.knobs)
        own = get_optimizer(optimizer).knobs
        return tuple((key, chosen.get(slider_of(optimizer, key), knob.default)) for key, knob in own.items())


def choose_descent() -> DescentSettings:
    name = controls.pick("Surface", tuple(SURFACES), "op_surface", default="Ravine", on_change=_begin)
    lr = controls.widget("lr", RATE, "op_lr")
    optimizers = choose_optimizers("op_names")
    return DescentSettings(name, optimizers, lr=lr, knobs=_knobs(optimizers), start=_start(SURFACES[name]))


def choose_optimizers(key: str) -> tuple[str, ...]:
    return controls.pick_several("Optimizers", list(OPTIMIZERS), key, list(OPTIMIZERS))


def move_start(x: float, y: float) -> None:
    """A callback: the starting point, wherever it was chosen."""
    st.session_state["op_x"], st.session_state["op_y"] = x, y


def _begin() -> None:
    """A new surface comes with its own start and rate."""
    surface = SURFACES.get(st.session_state["op_surface"])
    if surface:
        move_start(*surface.start)
        st.session_state["op_lr"] = surface.rate


def slider_of(optimizer: str, knob: str) -> str:
    """The slider that sets a knob: one for all optimizers, but one of its own where an optimizer begins elsewhere.

    >>> slider_of("Adam", "weight_decay"), slider_of("AdamW", "weight_decay")
    ('weight_decay', 'adamw_weight_decay')
    """
    entry = get_optimizer(optimizer)
    common = next(other.knobs[knob] for other in OPTIMIZERS.values() if knob in other.knobs)
    return knob if entry.knobs[knob] == common else f"{entry.key}_{knob}"


def _knobs(optimizers: tuple[str, ...]) -> KnobValues:
    """A slider for each knob that any of these has; AdamW's own decay follows the common one, and can be set apart."""
    union = {slider_of(name, key): knob for name in optimizers for key, knob in get_optimizer(name).knobs.items()}
    values: dict[str, float] = {}
    for slider in sorted(union, key=lambda slider: (slider.endswith(DECAY), slider != DECAY)):
        if slider == ADAMW_DECAY:
            knob = replace(union[slider], default=_adamw_decay(values.get(DECAY, 0.0)))
        else:
            knob = union[slider]
        follow = _adamw_follows if slider == DECAY and ADAMW_DECAY in union else None
        values[slider] = controls.widget(slider, knob, f"op_{slider}", on_change=follow)
    return tuple(values.items())


def _adamw_decay(common: float) -> float:
    """Where AdamW's decay stands until it is set apart."""
    return common or get_optimizer("AdamW").knobs[DECAY].default


def _adamw_follows() -> None:
    st.session_state[f"op_{ADAMW_DECAY}"] = _adamw_decay(st.session_state[f"op_{DECAY}"])


def _start(surface: LossSurface) -> tuple[float, float]:
    """Two sliders, which clicks on the surface change too."""
    x, y = (
        controls.widget(axis, Knob(at, *span, step=0.01, label=f"Start {axis}"), f"op_{axis}")
        for axis, at, span in zip("xy", surface.start, (surface.x, surface.y), strict=True)
    )
    return x, y


def choose_worked() -> tuple[str, str, str]:
    """Whose first steps are worked out, for which weight, and in which form of the update rule."""
    left, middle, right = st.columns(3)
    with left:
        name = choose_optimizer("op_one", "SGD with momentum")
    with middle:
        axis = controls.pick("Weight", ("x", "y"), "op_axis", default="y")
    with right:
        return name, axis, controls.pick("Update rule", FORMS, "op_form")


def choose_optimizer(key: str, default: str) -> str:
    return controls.pick("Optimizer", tuple(OPTIMIZERS), key, default=default)


def choose_schedule() -> LessonRun:
    name = controls.pick("Schedule", tuple(SCHEDULES), "op_s_one", default="One-cycle")
    lr = controls.widget("lr", SCHEDULED_RATE, "op_s_lr")
    short = "".join(letter for letter in name.lower() if letter.isalpha())
    return LessonRun("SGD", lr, (), name, controls.knob_values(SCHEDULES[name].knobs, f"op_s_{short}_"))
