"""Nine random samples of one image, and whether its label is still correct."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from core.augmentation import AUGMENTATIONS, Augmentations
from core.lessons.augmentation import code_samples, samples
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.samples import RandomSamples
from playground import controls, lesson, notebook
from playground.augmentation import settings, text
from playground.charts import augmentation as charts


@dataclass(frozen=True)
class RenderedSamples:
    """The random samples of one image, recipe and seed: images as HTML, a verdict on their labels, the code."""

    sheet: str
    verdict: str
    lines: str
    mislabelled: int


@lesson.fragment
def section() -> None:
    with st.container(horizontal=True, gap="small"):
        controls.presets(settings.PRESETS, "case", settings.load_preset)
    beside, stage = lesson.play((1, 1.9))
    with beside:
        image = settings.sample_image()
        recipe = settings.recipe()
        seed = controls.widget("seed", settings.SEED, "au_seed")
    settings.remember(recipe)
    rendered = render(image.key, image, recipe, seed)
    with stage:
        st.html(rendered.sheet)
        st.markdown(rendered.verdict)
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            controls.reseed("Nine new samples", settings.SEED, "au_seed")
            settings.train_link(recipe, settings.training_set(image))
    risks(recipe)
    lesson.code(rendered.lines, "The first sample in PyTorch" + (" and kornia" if "kornia" in rendered.lines else ""))
    if image.is_file:
        lesson.download_png(image.pixels, "au_png")
    challenges(rendered.mislabelled, image, recipe)
    papers = dict.fromkeys(AUGMENTATIONS[name].paper for name in recipe.active)
    lesson.source("; ".join(papers) or "no augmentation is on.")


@st.cache_data(max_entries=200, show_spinner=False)
def render(key: str, _image: SampleImage, recipe: Augmentations, seed: int) -> RenderedSamples:
    """The random samples of the image with this key; a class looks at the same ones again and again."""
    nine = samples.draw(_image, recipe, seed)
    return RenderedSamples(
        charts.sheet(cards(nine, _image), f"{_image.label}, sample"),
        text.verdict(nine, _image),
        code_samples.lines(_image, recipe, nine.draws, nine.batch),
        nine.mislabelled,
    )


def cards(nine: RandomSamples, image: SampleImage) -> list[charts.AugmentedImage]:
    return [
        charts.AugmentedImage(pixels, ", ".join(unbroken(nine.descriptions(index))), *text.label_of(nine, image, index))
        for index, pixels in enumerate(nine.images)
    ]


def unbroken(descriptions: Iterable[str]) -> list[str]:
    """The same texts with no-break spaces."""
    return [text.replace(" ", "\N{NO-BREAK SPACE}") for text in descriptions]


def risks(recipe: Augmentations) -> None:
    """What each active transform does, and when it makes the label wrong."""
    if not recipe.active:
        return
    with st.expander("What each transform does, and when it makes the label wrong", icon=":material/warning:"):
        for name in recipe.active:
            entry = AUGMENTATIONS[name]
            st.markdown(f"**{entry.title.capitalize()}** — ${entry.formula}$  \nLabel risk: {entry.label_risk}")
            notebook.record("formula", rf"\text{{{entry.title.capitalize()}}}: \quad {entry.formula}")
            lesson.legend(entry.symbols)


def challenges(mislabelled: int, image: SampleImage, recipe: Augmentations) -> None:
    left, right = st.columns(2)
    with left:
        lesson.challenge(
            "Make at least **six of the nine** samples match another character, without rotation. "
            f"Now: **{mislabelled if image.is_character else 0}**.",
            solved=image.is_character and mislabelled >= 6 and not recipe.rotation,
            hint="Which letter becomes another one when flipped horizontally, and yet another when flipped vertically?",
        )
    with right:
        lesson.challenge(
            "On a drawn face, allow crops of **half of the area or less**, and still show at least half of an ear in "
            "all nine samples.",
            solved=image.boxes is not None and recipe.crop <= 0.5 and not mislabelled,
            hint="The seed decides the position of the crops; and some faces are further from the border than others.",
        )
