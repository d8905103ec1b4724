"""Salt and pepper on a picture, and which window takes it off again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.images import SAMPLES
from core.images.squares import PHOTOGRAPHS
from core.knobs import knob
from core.lessons.kernels.denoising import FILTERS, psnr
from core.lessons.kernels.filtering import as_planes
from core.lessons.kernels.preprocessing import NOISES, Preparation
from playground import controls, lesson
from playground.charts import pictures as drawing
from playground.components.image_compare import View, compare
from playground.kernels import code_samples
from playground.kernels.image_source import download, prepared_sample

SALT = "salt and pepper"
SIDE = 192


@dataclass(frozen=True)
class Rescue:
    """What spoils the picture, and what is tried against it."""

    noise: str = knob(SALT, choices=(SALT, "Gaussian"), label="Noise")
    amount: int = knob(10, 0, 50, label="Noise in percent", help="Of all pixels; Gaussian: of full white.")
    filter: str = knob("mean", choices=tuple(FILTERS), label="Against it")
    size: int = knob(3, 3, 9, step=2, label="Window")


@st.fragment
def section() -> None:
    """The controls, the rescued picture, how well each window does, the lines, a challenge."""
    st.markdown("Each pixel asks its neighbours. Does their **mean** tell it best what it was, or somebody else?")
    beside, stage = lesson.play((1, 2.1))
    with beside:
        name = controls.pick("Picture", PHOTOGRAPHS, "n_pic", "camera")
        asked = controls.edit(Rescue, "n_")
    clean, spoilt = pictures_of(name, asked)
    scores = score(name, asked.noise, asked.amount, asked.size)
    with stage:
        compare(
            spoilt,
            FILTERS[asked.filter].run(as_planes(spoilt), asked.size),
            View("picture", 1.0),
            alt=f"{SAMPLES[name].title} with {asked.noise} noise, and after {asked.filter}, windows of {asked.size}.",
            names=("spoilt", f"after {asked.filter}"),
            key="n-stage",
        )
        st.markdown(f"**How near each comes to the clean picture**, with windows of {asked.size}×{asked.size}")
        st.html(drawing.score_bars(scores, asked.filter))
        explain(asked)
        lesson.formula(psnr, numbers(clean, spoilt, asked))
    lesson.code(lines(asked, 1 if spoilt.ndim == 2 else 3))
    download(spoilt, "n_")
    best = max(scores, key=scores.__getitem__)
    lesson.challenge(
        f"Against at least 10 % of {SALT}, choose what saves this picture best.",
        solved=asked.noise == SALT and asked.amount >= 10 and asked.filter == best,
        hint="A single white pixel among nine dark ones: what is the mean of the nine, and what is the middle one?",
    )
    lesson.source("Tukey 1977, Exploratory data analysis: the running median.")


def pictures_of(name: str, asked: Rescue) -> tuple[np.ndarray, np.ndarray]:
    """The clean picture and the spoilt one, uint8."""
    clean = prepared_sample(name, Preparation(side=SIDE))
    return clean, NOISES[asked.noise](clean, asked.amount / 100)


@st.cache_data(max_entries=200, show_spinner=False)
def score(name: str, noise: str, amount: int, size: int) -> dict[str, float]:
    """Peak signal-to-noise ratio in dB after each filter."""
    clean, spoilt = (as_planes(picture) for picture in pictures_of(name, Rescue(noise, amount)))
    return {label: psnr(clean, each.run(spoilt, size)) for label, each in FILTERS.items()}


def numbers(clean: np.ndarray, spoilt: np.ndarray, asked: Rescue) -> str:
    """The formula of the score with this moment's numbers."""
    rescued = FILTERS[asked.filter].run(as_planes(spoilt), asked.size)
    error = float(np.mean((as_planes(clean).astype(np.float64) - rescued) ** 2))
    if not error:
        return r"\infty"
    return rf"10 \log_{{10}} \frac{{1}}{{{error:.6f}}} = {psnr(as_planes(clean), rescued):.2f}\;\text{{dB}}"


def explain(asked: Rescue) -> None:
    """Why not the mean: one white pixel among equals."""
    cells = asked.size**2
    moved = (0.5 * (cells - 1) + 1) / cells
    st.markdown(
        f"One white pixel (1) among {cells - 1} of 0.5: the **mean** is ({cells - 1} × 0.5 + 1) / {cells} = "
        f"**{moved:.4f}**, so the speck is spread over {cells} pixels. The **median**, the middle of the sorted "
        f"{cells}, is **0.5**: the speck is gone. The median is no kernel: no weights give it, since it is not a sum."
    )


def lines(asked: Rescue, depth: int) -> str:
    """The filter in PyTorch, reading picture.png, leaving `y` (1, depth, H, W)."""
    program = FILTERS[asked.filter].code.format(size=asked.size, reach=asked.size // 2, depth=depth)
    return "\n".join([*code_samples.reading(depth), program]).replace(
        "from torch import nn", "from torch.nn import functional as F"
    )
