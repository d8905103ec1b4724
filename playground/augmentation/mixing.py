"""MixUp and CutMix: two images in one, with both labels in their shares."""

from __future__ import annotations

import streamlit as st

from core.augmentation import AUGMENTATIONS
from core.knobs import knobs_of
from core.lessons.augmentation import pairs
from core.lessons.augmentation.pairs import KINDS, MixedImages, MixSettings
from core.percent import percent
from playground import controls, lesson
from playground.augmentation import settings
from playground.charts import augmentation as charts
from playground.components.inline_svg import inline_svg


@st.fragment
def section() -> None:
    st.markdown(
        "These two change the label **with** the image: the target is no longer one class but a mixture of two; "
        "`F.cross_entropy` accepts it."
    )
    beside, stage = lesson.play((1, 1.9))
    with beside:
        mixing = controls.edit(MixSettings, "am_")
    mixed = pairs.mix(mixing)
    shares = mixed.targets[:, 0].tolist()
    entry = AUGMENTATIONS[KINDS[mixing.kind]]
    with stage:
        cards = [
            charts.AugmentedImage(pixels, box_size(mixed, mixing, index), target(mixed, index))
            for index, pixels in enumerate(mixed.images)
        ]
        st.html(charts.sheet(cards, mixing.kind))
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            controls.reseed("Six new samples", knobs_of(MixSettings)["seed"], "am_seed")
            settings.train_link(mixing.recipe, "sketches" if mixing.pair == "Cat and dog" else "")
        st.markdown(
            f"**Distribution of the shares**, Beta({mixing.alpha:g}, {mixing.alpha:g}), and the six shares above:"
        )
        inline_svg(
            charts.density_curve(
                lambda share: pairs.density(share, mixing.alpha), shares, "Density of the shares, and the six samples"
            ),
            key="am-law",
        )
        if mixing.kind == "CutMix":
            st.caption(
                "The box is sampled from this distribution, then clipped at the border, so the shares are larger."
            )
    st.markdown(f"**Label risk.** {entry.label_risk}")
    st.latex(entry.formula)
    st.latex(numbers(mixed, mixing))
    lesson.legend(entry.symbols)
    lesson.code(pairs.lines(mixing), "The first sample with this project's code (needs its repository)")
    lesson.challenge(
        "Find a sample that is **half and half**: a share between 49\N{NO-BREAK SPACE}% and 51\N{NO-BREAK SPACE}%.",
        solved=any(0.49 <= share <= 0.51 for share in shares),
        hint="With a large alpha, shares near one half are frequent.",
    )
    lesson.source(entry.paper)


def target(mixed: MixedImages, index: int) -> str:
    """The target of one sample; the two printed numbers add up to 100."""
    first = round(float(mixed.targets[index, 0]), 3)
    return f"{percent(first, 1)} {mixed.labels[0]}, {percent(1 - first, 1)} {mixed.labels[1]}"


def box_size(mixed: MixedImages, mixing: MixSettings, index: int) -> str:
    if mixing.kind == "MixUp":
        return ""
    height, width = mixed.box(index)
    return f"box {height} × {width} px".replace(" ", "\N{NO-BREAK SPACE}")


def numbers(mixed: MixedImages, mixing: MixSettings) -> str:
    """The target of the first sample with its numbers, in LaTeX."""
    first = round(float(mixed.targets[0, 0]), 4)
    equation = rf"y' = {first:.4f} \cdot \text{{{mixed.labels[0]}}} + {1 - first:.4f} \cdot \text{{{mixed.labels[1]}}}"
    if mixing.kind == "MixUp":
        return equation
    height, width = mixed.box(0)
    side = mixed.side
    return rf"\lambda = 1 - \frac{{{height} \cdot {width}}}{{{side} \cdot {side}}} = {first:.4f}, \quad {equation}"
