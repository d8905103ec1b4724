"""Nine draws of one picture, and whether its label survives them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from core.augmentation import AUGMENTATIONS, Augmentations
from core.lessons.augmentation import code_samples, samples
from core.lessons.augmentation.sample_images import Subject
from core.lessons.augmentation.samples import Nine
from playground import controls, lesson
from playground.augmentation import settings
from playground.charts import augmentation as charts
from playground.kernels.image_source import download


@dataclass(frozen=True)
class Shown:
    """What the page says of one picture, recipe and seed: the nine as HTML, their labels in a sentence, the lines."""

    sheet: str
    verdict: str
    lines: str
    spoilt: int


@st.fragment
def section() -> None:
    """Controls, the nine, what they say of the label, the risks, lines, challenges."""
    with st.container(horizontal=True, gap="small"):
        for name in settings.CASES:
            st.button(name, key=f"case-{name}", on_click=settings.load_case, args=(name,))
    beside, stage = lesson.play((1, 1.9))
    with beside:
        subject = settings.subject()
        recipe = settings.recipe()
        seed = controls.widget("seed", settings.SEED, "au_seed")
    settings.remember(recipe)
    shown = drawn(subject.key, subject, recipe, seed)
    with stage:
        st.html(shown.sheet)
        st.markdown(shown.verdict)
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            st.button("Nine others", icon=":material/casino:", on_click=next_seed)
            settings.train_link(recipe, settings.training_set(subject))
    risks(recipe)
    lesson.code(shown.lines, "The first of the nine in PyTorch and kornia")
    if "picture.png" in subject.code:
        download(subject.image[0].permute(1, 2, 0).numpy(), "au_")
    challenges(shown.spoilt, subject, recipe)
    papers = dict.fromkeys(AUGMENTATIONS[name].paper for name in recipe.active)
    lesson.source("; ".join(papers) or "nothing is changed.")


@st.cache_data(max_entries=200, show_spinner=False)
def drawn(key: str, _subject: Subject, recipe: Augmentations, seed: int) -> Shown:
    """The nine of a subject that `key` stands for; a class looks at the same cases again and again."""
    found = samples.draw(_subject, recipe, seed)
    return Shown(
        charts.sheet(cards(found, _subject), f"{_subject.label}, draw"),
        verdict(found, _subject),
        code_samples.lines(_subject.code, recipe, found.draws, found.batch),
        found.spoilt,
    )


def next_seed() -> None:
    st.session_state["au_seed"] = (st.session_state.get("au_seed", 0) + 1) % 1000


def cards(found: Nine, subject: Subject) -> list[charts.Card]:
    """The nine with what chance decided and what is left of the label."""
    return [
        charts.Card(picture, ", ".join(whole(found.words(place))), *left_of_label(found, subject, place))
        for place, picture in enumerate(found.pictures)
    ]


def whole(words: Iterable[str]) -> list[str]:
    """The same words, of which none is broken at the end of a line."""
    return [one.replace(" ", "\u00a0") for one in words]


def left_of_label(found: Nine, subject: Subject, place: int) -> tuple[str, str]:
    """What is left of the label of one of the nine, and how bad that is (a key of `charts.RIM`)."""
    if found.readings:
        return found.readings[place].words, charts.state_of(found.readings[place])
    if found.parts is not None:
        ears = " and ".join(f"{part:.0%}" for part in found.parts[place].tolist())
        return f"{subject.label}: ears {ears} in view", "bad" if found.is_spoilt(place) else ""
    return "", ""


def verdict(found: Nine, subject: Subject) -> str:
    """The nine labels, judged in a sentence."""
    if found.readings:
        how = f"Judged by a printed **{subject.label}** that goes through the same nine draws"
        doubtful = sum(reading.is_doubtful for reading in found.readings)
        if found.spoilt:
            nearer = f" In {doubtful} more it comes nearer to another than to itself." if doubtful else ""
            return f"{how}: in **{found.spoilt} of 9** it reads as another sign, and the label is wrong.{nearer}"
        if doubtful:
            return f"{how}: none reads as another sign, but **{doubtful}** come nearer to another than to itself."
        return f"{how}: in all nine it still is one."
    if found.parts is not None:
        if found.spoilt:
            return (
                f"Only the ears tell cat from dog. In **{found.spoilt} of 9** less than half of either is in view, and "
                "the network is told a label that it cannot see."
            )
        return "Only the ears tell cat from dog, and in all nine at least half of one is in view: the label stays true."
    least, most = (f"{float(share):.0%}" for share in (found.visible.min(), found.visible.max()))
    view = f"from {least} to {most} of it in view" if least != most else f"{least} of it in view"
    return f"One picture, {view}, nine times under one label. Whether that stays true is for you to see."


def risks(recipe: Augmentations) -> None:
    """What each change that is on does, and which labels it can spoil."""
    if not recipe.active:
        return
    with st.expander("What each change does, and which labels it can spoil", icon=":material/warning:"):
        for name in recipe.active:
            entry = AUGMENTATIONS[name]
            st.markdown(f"**{settings.title(name)}** — ${entry.formula}$  \n{entry.spoils}")


def challenges(spoilt: int, subject: Subject, recipe: Augmentations) -> None:
    left, right = st.columns(2)
    with left:
        lesson.challenge(
            "Make at least **six of the nine** read as another sign, without rotating anything. "
            f"Now it is **{spoilt if subject.is_sign else 0}**.",
            solved=subject.is_sign and spoilt >= 6 and not recipe.rotation,
            hint="Which letter is another one in the mirror, and yet another one upside down?",
        )
    with right:
        lesson.challenge(
            "On a drawn face, let crops keep **half of the area or less**, and still have half of an ear or more "
            "in view in all nine.",
            solved=subject.boxes is not None and recipe.crop <= 0.5 and not spoilt,
            hint="The seed decides where the crops lie; and some faces sit further from the border than others.",
        )
