"""MixUp and CutMix: two images in one, with both labels in their shares."""

from __future__ import annotations

import streamlit as st

from core.augmentation import AUGMENTATIONS
from core.knobs import knobs_of
from core.lessons.augmentation import pairs
from core.lessons.augmentation.pairs import KINDS, MixSettings
from playground import controls, lesson
from playground.augmentation import settings, text
from playground.charts import augmentation as charts
from playground.components.inline_svg import inline_svg


@lesson.fragment
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
            charts.AugmentedImage(pixels, text.box_size(mixed, mixing, index), text.target(mixed, index))
            for index, pixels in enumerate(mixed.images)
        ]
        st.html(charts.sheet(cards, mixing.kind))
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            controls.reseed("Six new samples", knobs_of(MixSettings)["seed"], "am_seed")
            settings.train_link(mixing.recipe, "sketches" if mixing.pair == "Cat and dog" else "")
        st.markdown(
            f"**Distribution of the shares**, Beta({mixing.alpha:g}, {mixing.alpha:g}){text.cut_off(mixing.alpha)}, "
            "and the six shares above:"
        )
        inline_svg(
            charts.density_curve(
                lambda share: pairs.density(share, mixing.alpha), shares, "Density of the shares, and the six samples"
            ),
            key="am-law",
        )
        if mixing.kind == "CutMix":
            st.caption(text.clipping(mixed))
    st.markdown(f"**Label risk.** {entry.label_risk}")
    lesson.latex(entry.formula)
    lesson.latex(text.target_formula(mixed, mixing))
    lesson.legend(entry.symbols)
    lesson.code(pairs.lines(mixing), "The first sample in PyTorch")
    for name, sample in zip(("first", "second"), pairs.pair_of(mixing), strict=True):
        if sample.is_file:
            lesson.download_png(sample.pixels, f"am_{name}", f"{name}.png")
    lesson.challenge(
        "Find a sample that is **half and half**: a share between 49\N{NO-BREAK SPACE}% and 51\N{NO-BREAK SPACE}%.",
        solved=any(0.49 <= text.printed_share(mixed, index) <= 0.51 for index in range(pairs.COUNT)),
        hint="With a large alpha, shares near one half are frequent.",
    )
    lesson.source(entry.paper)
