"""MixUp and CutMix: two pictures in one, two labels in their shares."""

from __future__ import annotations

import streamlit as st

from core.augmentation import AUGMENTATIONS
from core.lessons.augmentation import pairs
from core.lessons.augmentation.pairs import KINDS, Mixed, Mixing
from playground import controls, lesson
from playground.augmentation import settings
from playground.charts import augmentation as charts
from playground.components.inline_svg import drawing


@st.fragment
def section() -> None:
    """Controls, six draws, the law of the shares, one target in numbers, lines, a challenge."""
    st.markdown(
        "These two change the label **with** the picture: the target is no class any more, but a share of two, and "
        "`F.cross_entropy` takes it as it is."
    )
    beside, stage = lesson.play((1, 1.9))
    with beside:
        mixing = controls.edit(Mixing, "am_")
    found = pairs.mix(mixing)
    own = found.targets[:, 0].tolist()
    entry = AUGMENTATIONS[KINDS[mixing.kind]]
    with stage:
        cards = [
            charts.Card(picture, where(found, mixing, place), said(found, place))
            for place, picture in enumerate(found.pictures)
        ]
        st.html(charts.sheet(cards, mixing.kind))
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            st.button("Six others", icon=":material/casino:", on_click=next_seed)
            settings.train_link(mixing.recipe, "sketches" if mixing.pair == "cat and dog" else "")
        st.markdown(f"**Chances of each share**, Beta({mixing.alpha:g}, {mixing.alpha:g}), and the six shares above:")
        drawing(
            charts.law(lambda share: pairs.density(share, mixing.alpha), own, "Density of the shares, six drawn"),
            key="am-law",
        )
        if mixing.kind == "CutMix":
            st.caption("The box is drawn by that law, then cut off at the border: the shares lie further to the right.")
    st.markdown(f"**Labels that it spoils.** {entry.spoils}")
    st.latex(entry.formula)
    st.latex(numbers(found, mixing))
    lesson.code(pairs.lines(mixing), "The first of the six in PyTorch")
    lesson.challenge(
        "Find a draw that is **neither one nor the other**: a share between 49% and 51%.",
        solved=any(0.49 <= share <= 0.51 for share in own),
        hint="With a large alpha shares near one half are frequent.",
    )
    lesson.source(entry.paper)


def next_seed() -> None:
    st.session_state["am_seed"] = (st.session_state.get("am_seed", 0) + 1) % 1000


def said(found: Mixed, place: int) -> str:
    """The target of one draw; the two numbers add up to 100 as they are shown."""
    first = round(100 * float(found.targets[place, 0]), 1)
    return f"{first:.1f}% {found.labels[0]}, {100 - first:.1f}% {found.labels[1]}"


def where(found: Mixed, mixing: Mixing, place: int) -> str:
    """The box of one draw, for CutMix."""
    if mixing.kind == "MixUp":
        return ""
    height, width = found.cut(place)
    return f"box {height} × {width} px"


def numbers(found: Mixed, mixing: Mixing) -> str:
    """The first draw's target with its numbers, in LaTeX."""
    first = round(float(found.targets[0, 0]), 4)
    target = rf"y' = {first:.4f} \cdot \text{{{found.labels[0]}}} + {1 - first:.4f} \cdot \text{{{found.labels[1]}}}"
    if mixing.kind == "MixUp":
        return target
    height, width = found.cut(0)
    side = found.side
    return rf"\lambda = 1 - \frac{{{height} \cdot {width}}}{{{side} \cdot {side}}} = {first:.4f}, \quad {target}"
