"""Augmentation: one picture, many guises, one label - as long as the label survives."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "Show a network the same cat in ever new guises and it learns what does not matter. Change too much, and **the "
    "label is a lie**."
):
    from playground.augmentation import label_symmetry, mixing, random_samples, speed

PARTS = {
    "Nine draws": random_samples.section,
    "Signs turned over": label_symmetry.section,
    "Two in one": mixing.section,
    "What it costs": speed.section,
}


parts = st.tabs(list(PARTS), key="part", bind=controls.LINK)
for part, section in zip(parts, PARTS.values(), strict=True):
    if part.open:
        with part:
            section()
