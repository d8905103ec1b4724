"""Letters and digits under flips and rotations: when the label becomes wrong."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.augmentation import samples
from core.lessons.augmentation.label_symmetry import SymmetryTransform, lines, transformed
from core.lessons.augmentation.template_matching import ALPHABETS, CERTAIN, SIMILAR, TemplateMatch
from core.percent import percent
from playground import controls, lesson
from playground.augmentation import text
from playground.charts import augmentation as charts


@lesson.fragment
def section() -> None:
    st.markdown(
        "A flipped cat is a cat. A horizontally flipped **b** is a **d**, but its label still says b. Transform all "
        "characters at once and see which labels stay correct."
    )
    beside, stage = lesson.play((1, 2.4))
    with beside:
        alphabet = controls.pick("Characters", tuple(ALPHABETS), "ag_signs", "Letters")
        transform = controls.edit(SymmetryTransform, "ag_")
    images, matches = transformed(transform, alphabet)
    confused = [match for match in matches if match.is_confused]
    with stage:
        pairs = zip(samples.as_pixels(images), matches, strict=True)
        st.html(charts.sheet([card(*pair) for pair in pairs], "character", small=True))
        st.markdown(text.symmetry(matches))
        st.caption(
            "Each is compared with every untransformed character at every shift; below it is the largest correlation. "
            f"No colour: it still matches itself best. Red: it matches another with {percent(CERTAIN, 1)} or more. "
            f"Orange: another matches best, but less clearly; below {percent(SIMILAR, 0)} it is like none. The "
            "templates are one typeface, Pillow's default, and no handwriting: you know more."
        )
    lesson.code(lines(transform, alphabet))
    lesson.challenge(
        "Transform the **digits** so that exactly two of them match another digit.",
        solved=alphabet == "Digits" and len(confused) == 2,
        hint="A vertically flipped 6 is a mirrored 9. What else does it take?",
    )
    lesson.source(
        "Shorten & Khoshgoftaar 2019, *A survey on image data augmentation*: which transforms preserve the label."
    )


def card(pixels: np.ndarray, match: TemplateMatch) -> charts.AugmentedImage:
    return charts.AugmentedImage(pixels, text.score(match), match.description, charts.state_of(match))
