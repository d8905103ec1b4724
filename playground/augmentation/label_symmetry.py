"""A whole alphabet turned over: which labels a flip or a rotation spoils."""

from __future__ import annotations

import streamlit as st

from core.lessons.augmentation import samples
from core.lessons.augmentation.label_symmetry import Turning, lines, turned
from core.lessons.augmentation.template_matching import ALPHABETS, NEAR, SURE, Reading
from playground import controls, lesson
from playground.charts import augmentation as charts


@st.fragment
def section() -> None:
    """Controls, every sign after the change, what each reads as, a challenge."""
    st.markdown(
        "A mirrored cat is a cat. A mirrored **b** is a **d**, and the network is told that it is a b. "
        "Turn all signs over at once and see whose label survives."
    )
    beside, stage = lesson.play((1, 2.4))
    with beside:
        signs = controls.pick("Signs", tuple(ALPHABETS), "ag_signs", "letters")
        turning = controls.edit(Turning, "ag_")
    pictures, readings = turned(turning, signs)
    another = [reading for reading in readings if reading.is_another]
    with stage:
        shown = zip(samples.as_pixels(pictures), readings, strict=True)
        st.html(charts.sheet([card(*each) for each in shown], "sign", small=True))
        if another:
            pairs = ", ".join(f"{reading.own} → {reading.name}" for reading in another)
            st.markdown(f"**{len(another)} of {len(readings)}** read as another sign: {pairs}.")
        else:
            st.markdown("None reads as another sign without doubt.")
        st.caption(
            "Each is compared with every upright sign, wherever it lies; under it is the largest correlation. "
            f"No colour: that sign is still itself. Red: it is another by {SURE:.1%} or more, without doubt. Orange: "
            f"another comes nearest, though not without doubt; below {NEAR:.0%} it is like none. The judge knows one "
            "typeface, the one that comes with Pillow, and nothing of handwriting: you know more."
        )
    lesson.code(lines(turning, signs))
    lesson.challenge(
        "Turn the **digits** so that exactly two of them read as another digit.",
        solved=signs == "digits" and len(another) == 2,
        hint="A 6 that is only upside down is as much a 6 as a 9. What else does it take?",
    )
    lesson.source("Shorten & Khoshgoftaar 2019, *A survey on image data augmentation*: which changes keep the label.")


def card(picture, reading: Reading) -> charts.Card:
    """One sign after the change."""
    return charts.Card(picture, f"{reading.score:.1%}", reading.words, charts.state_of(reading))
