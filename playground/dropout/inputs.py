"""The controls of the dropout lesson."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.images.center_crop import PHOTOGRAPHS
from core.knobs import Knob, knobs_of
from core.layers.dropout import DROPOUTS
from core.lessons.dropout import VALIDATION_SIZE, DropoutSettings, DropoutTraining
from playground import controls

FRAMES, PHOTOGRAPH = 6, "china"
KINDS = tuple(DROPOUTS)
SEED = Knob(1, 1, 200, label="Random seed", help="The same seed gives the same mask.")
FIRST_SEED = Knob(6, 1, 200, label="Random seed", help="Of the first draw.")
PASSES_SEED = Knob(1, 1, 200, label="Random seed", help="Of the first pass.")
ANIMATE = Knob(True, label="Animate", help=f"This mask and the next {FRAMES - 1}.")
NUMBER = Knob(26, 0, VALIDATION_SIZE - 1, label="Digit", help=f"One of {VALIDATION_SIZE} validation digits.")
DEGREES = Knob(40, -90, 90, step=5, label="Rotation (degrees)", help="Counter-clockwise.")
LARGE = {
    "p": {"DropBlock": 0.15, "Disout": 0.15, "StochasticDepth": 0.4},
    "block_size": {"DropBlock": 5},
    "alpha": {"Disout": 50.0},
}
SMALL = {"p": dict.fromkeys(KINDS, 0.5), "block_size": {"DropBlock": 3, "Disout": 3}, "alpha": {"Disout": 50.0}}
MILD = SMALL | {"p": dict.fromkeys(KINDS, 0.3)}
TRAINING_KEYS = {"train_size": "pictures", "label_noise": "wrong", "epochs": "rounds"}  # in the address bar


def dropout(prefix: str, defaults: dict[str, dict[str, float]]) -> tuple[str, DropoutSettings]:
    """A kind of dropout and its settings; `defaults` replaces those of the registry."""
    kind = controls.pick("Kind of dropout", KINDS, f"{prefix}kind")
    knobs = {
        key: replace(knob, default=defaults.get(key, {}).get(kind, knob.default))
        for key, knob in DROPOUTS[kind].knobs.items()
    }
    return kind, controls.knob_values(knobs, f"{prefix}{kind.lower()}_")


def photograph(kind: str) -> str:
    """One of the photographs; a residual branch is shown on all of them."""
    if DROPOUTS[kind].on == "branch":
        return PHOTOGRAPH
    return controls.pick("Photograph", PHOTOGRAPHS, "do_picture", default=PHOTOGRAPH)


def seeds() -> range:
    """The seeds of the masks that are shown."""
    first = controls.widget("draw", SEED, "do_draw")
    st.button("New random mask", icon=":material/casino:", key="do_again", on_click=_next_seed)
    animate = controls.widget("moving", ANIMATE, "do_moving")
    return range(first, first + (FRAMES if animate else 1))


def training() -> DropoutTraining:
    """What both networks are trained on."""
    return DropoutTraining(
        **{
            name: controls.widget(name, knob, f"dr_{TRAINING_KEYS.get(name, name)}")
            for name, knob in knobs_of(DropoutTraining).items()
        }
    )


def _next_seed() -> None:
    st.session_state["do_draw"] = st.session_state["do_draw"] % int(SEED.high) + 1
