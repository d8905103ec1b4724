"""Nine random samples of one image, and whether its label is still correct."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from core.augmentation import AUGMENTATIONS, Augmentations
from core.lessons.augmentation import code_samples, samples
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.samples import RandomSamples
from core.percent import percent
from playground import controls, lesson
from playground.augmentation import settings
from playground.charts import augmentation as charts
from playground.kernels.image_source import download


@dataclass(frozen=True)
class RenderedSamples:
    """The random samples of one image, recipe and seed: images as HTML, a verdict on their labels, the code."""

    sheet: str
    verdict: str
    lines: str
    mislabelled: int


@st.fragment
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
    is_own = "picture.png" in image.code
    libraries = "in PyTorch and kornia" if is_own else "with this project's code (needs its repository)"
    lesson.code(rendered.lines, f"The first sample {libraries}")
    if is_own:
        download(image.image[0].permute(1, 2, 0).numpy(), "au_")
    challenges(rendered.mislabelled, image, recipe)
    papers = dict.fromkeys(AUGMENTATIONS[name].paper for name in recipe.active)
    lesson.source("; ".join(papers) or "no augmentation is on.")


@st.cache_data(max_entries=200, show_spinner=False)
def render(key: str, _image: SampleImage, recipe: Augmentations, seed: int) -> RenderedSamples:
    """The random samples of the image with this key; a class looks at the same ones again and again."""
    nine = samples.draw(_image, recipe, seed)
    return RenderedSamples(
        charts.sheet(cards(nine, _image), f"{_image.label}, sample"),
        verdict(nine, _image),
        code_samples.lines(_image.code, recipe, nine.draws, nine.batch),
        nine.mislabelled,
    )


def cards(nine: RandomSamples, image: SampleImage) -> list[charts.AugmentedImage]:
    return [
        charts.AugmentedImage(pixels, ", ".join(unbroken(nine.descriptions(index))), *label_of(nine, image, index))
        for index, pixels in enumerate(nine.images)
    ]


def unbroken(descriptions: Iterable[str]) -> list[str]:
    """The same texts with no-break spaces."""
    return [text.replace(" ", "\N{NO-BREAK SPACE}") for text in descriptions]


def label_of(nine: RandomSamples, image: SampleImage, index: int) -> tuple[str, str]:
    """The label of one sample, and whether it is still correct (a key of `charts.RIM`)."""
    if nine.matches:
        return nine.matches[index].description, charts.state_of(nine.matches[index])
    if nine.parts is not None:
        ears = " and ".join(percent(part, 0) for part in nine.parts[index].tolist())
        return f"{image.label}: ears {ears} in view", "bad" if nine.is_mislabelled(index) else ""
    return "", ""


def verdict(nine: RandomSamples, image: SampleImage) -> str:
    """Whether the nine labels are correct, in a sentence."""
    if nine.matches:
        test = f"Tested with a printed **{image.label}** and the same nine random transforms"
        doubtful = sum(match.is_doubtful for match in nine.matches)
        if nine.mislabelled:
            more = f" In {doubtful} more another character matches better." if doubtful else ""
            return f"{test}: **{nine.mislabelled} of 9** match another character, so the label is wrong.{more}"
        if doubtful:
            return f"{test}: none clearly matches another character, but in **{doubtful}** another matches better."
        return f"{test}: all nine still match it."
    if nine.parts is not None:
        if nine.mislabelled:
            return (
                f"Only the ears distinguish cat from dog. In **{nine.mislabelled} of 9** less than half of either is "
                "in view: the network cannot see what the label says."
            )
        return "Only the ears distinguish cat from dog, and all nine show at least half of one: the label is correct."
    least, most = (percent(float(share), 0) for share in (nine.visible.min(), nine.visible.max()))
    view = f"{least} to {most} of it in view" if least != most else f"{least} of it in view"
    return f"One image, {view}, nine samples, one label. Is the label still correct? Judge for yourself."


def risks(recipe: Augmentations) -> None:
    """What each active transform does, and when it makes the label wrong."""
    if not recipe.active:
        return
    with st.expander("What each transform does, and when it makes the label wrong", icon=":material/warning:"):
        for name in recipe.active:
            entry = AUGMENTATIONS[name]
            st.markdown(f"**{entry.title.capitalize()}** — ${entry.formula}$  \nLabel risk: {entry.label_risk}")
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
