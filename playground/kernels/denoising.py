"""Noise on a picture, and which filter removes it best."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from core.images import SAMPLES
from core.images.center_crop import PHOTOGRAPHS
from core.lessons.kernels.denoising import FILTERS, NO_FILTER, SALT, DenoisingSetup, psnr
from core.lessons.kernels.filtering import as_planes
from core.lessons.kernels.preprocessing import NOISES, Preprocessing
from playground import controls, lesson
from playground.charts import pictures as drawing
from playground.components.image_compare import ColourScale, image_compare
from playground.kernels import code_samples
from playground.kernels.image_source import prepared_sample

SIDE = 192
SYMBOLS = r"$x$ = clean image, $\hat x$ = filtered image, both in 0…1; the mean is over all pixels and channels"


@lesson.fragment
def section() -> None:
    st.markdown(
        "Each pixel is replaced by a value computed from its neighbours. Does the **mean** restore it best, or another "
        "filter?"
    )
    left, stage = lesson.play((1, 2.1))
    with left:
        name = controls.pick("Image", PHOTOGRAPHS, "n_pic", "camera")
        setup = controls.edit(DenoisingSetup, "n_")
    clean, noisy = pictures_of(name, setup)
    filtered = "Not filtered" if setup.filter == NO_FILTER else f"{setup.filter} filter"
    scores = score(name, setup.noise, setup.amount, setup.size)
    with stage:
        image_compare(
            noisy,
            FILTERS[setup.filter].run(as_planes(noisy), setup.size),
            ColourScale("picture", 1.0),
            alt=f"{SAMPLES[name].title} with noise ({setup.noise}); right: {filtered}, "
            f"window {setup.size}×{setup.size}.",
            names=("Noisy", filtered),
            key="n-stage",
        )
        st.markdown(f"**PSNR of each filter** (higher is better), window {setup.size}×{setup.size}")
        st.html(drawing.score_bars(scores, setup.filter))
        explain(setup)
    lesson.formula(psnr, numbers(clean, noisy, setup, scores[setup.filter]), SYMBOLS)
    lesson.code(code_samples.denoising(setup, name, noisy.shape))
    best = max(scores, key=scores.__getitem__)
    lesson.challenge(
        f"With at least 10 % of {SALT.lower()} noise, choose the filter that restores this image best.",
        solved=setup.noise == SALT and setup.amount >= 10 and setup.filter == best,
        hint="One white pixel among eight dark ones: what is the mean of the nine, and what is the median?",
    )
    lesson.source("Tukey 1977, Exploratory data analysis: the running median.")


def pictures_of(name: str, setup: DenoisingSetup) -> tuple[np.ndarray, np.ndarray]:
    clean = prepared_sample(name, Preprocessing(side=SIDE))
    return clean, NOISES[setup.noise](clean, setup.amount / 100)


@st.cache_data(max_entries=200, show_spinner=False)
def score(name: str, noise: str, amount: int, size: int) -> dict[str, float]:
    """Peak signal-to-noise ratio in dB after each filter."""
    clean, noisy = (as_planes(picture) for picture in pictures_of(name, DenoisingSetup(noise, amount)))
    return {label: psnr(clean, one.run(noisy, size)) for label, one in FILTERS.items()}


def numbers(clean: np.ndarray, noisy: np.ndarray, setup: DenoisingSetup, score: float) -> str:
    """The formula of the score with this moment's numbers, in as few digits as give the score."""
    restored = FILTERS[setup.filter].run(as_planes(noisy), setup.size)
    error = float(np.mean((as_planes(clean).astype(np.float64) - restored) ** 2))
    if not error:
        return r"\infty"
    decibels = f"{score:.2f}"
    shown = (f"{error:.{digits}e}" for digits in range(3, 17))
    digits, _, exponent = next(one for one in shown if f"{-10 * math.log10(float(one)):.2f}" == decibels).partition("e")
    return rf"10 \log_{{10}} \frac{{1}}{{{digits} \cdot 10^{{{int(exponent)}}}}} = {decibels}\;\text{{dB}}"


def explain(setup: DenoisingSetup) -> None:
    """Why not the mean: one white pixel among equal ones."""
    cells = setup.size**2
    mean = (0.5 * (cells - 1) + 1) / cells
    st.markdown(
        f"One white pixel (1) among {cells - 1} of 0.5: the **mean** is ({cells - 1} × 0.5 + 1) / {cells} = "
        f"**{mean:.4f}**, so the speck is spread over {cells} pixels. The **median**, the middle of the "
        f"{cells} sorted values, is **0.5**: the speck is gone. The median is not a convolution: it is not a "
        "weighted sum."
    )
