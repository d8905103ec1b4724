"""Every channel of a real layer on a real batch, before and after, with gamma and beta to move."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.layers.activations import ACTIVATIONS
from core.layers.normalization import NORMALIZATIONS
from core.lessons.normalization.effects import before_after as lab
from playground import controls, lesson
from playground.charts import normalization as charts
from playground.components.inline_svg import drawing

CODE = """\
import torch
from core.lessons.normalization.effects.before_after import Affine, convolved, module

x = convolved(layer={layer}, trained={trained}, seed={seed})[:{batch}]  # (B, C, H, W), real digits
norm = module("{norm}", x, {affine})  # {kind}, in training mode
with torch.no_grad():
    y = norm(x)
means, deviations = y.mean((0, 2, 3)), y.std((0, 2, 3), correction=0)"""


@st.fragment
def section() -> None:
    """The controls, eight channels, what follows from them, the lines, two challenges."""
    st.markdown("The same batch of digits, in front of a normalization and behind it. Move **gamma** and **beta**.")
    beside, stage = lesson.play()
    with beside:
        affine = controls.edit(lab.Affine, "nb_")
        look = controls.edit(lab.Look, "nb_")
    x = lab.convolved(look.layer, look.trained, look.seed)[: look.batch]
    found = lab.compare(look.norm, look.activation, x, affine)
    with stage:
        st.markdown(
            f":gray[:material/square: before] and :blue[:material/square: after] {look.norm} normalization: all "
            f"{x.numel() // x.shape[1]:,} values of each channel, {look.batch} pictures of {x.shape[2]} × {x.shape[3]}."
        )
        drawing("".join(charts.channel(found, place) for place in range(lab.CHANNELS)), key="nb-channels")
        st.markdown(verdict(look, found))
        st.latex(NORMALIZATIONS[look.norm].formula)
    lesson.code(lines(look, affine))
    challenges(look, affine, found)
    lesson.source(
        f"{look.norm}: {NORMALIZATIONS[look.norm].paper}. That gamma and beta can undo it: Ioffe & Szegedy 2015, "
        "section 3."
    )


def verdict(look: lab.Look, found: lab.Channels) -> str:
    """What the activation behind is left with."""
    before, after = (float(one.mean()) for one in found.off)
    flat = "the slope is exactly 0" if look.activation in ("ReLU", "ReLU6") else "the slope is under 0.05"
    side = "" if ACTIVATIONS[look.activation].saturates != "no" else " (it is flat nowhere)"
    return (
        f"Of what **{look.activation}** would be given{side}, **{before:.1%}** lies where {flat} without the "
        f"normalization, and **{after:.1%}** with it. No gradient, or hardly any, comes back from there."
    )


def challenges(look: lab.Look, affine: lab.Affine, found: lab.Channels) -> None:
    left, right = st.columns(2)
    with left:
        one = affine.channel != lab.ALL
        gap = float(found.gap[int(affine.channel)]) if one else np.inf
        now = f" Now its values move by up to {gap:.2g} deviations." if one else ""
        lesson.challenge(
            "Pick one channel and let gamma and beta **undo** the normalization of the batch, so that no value of it "
            f"moves by more than a fifth of a deviation.{now}",
            solved=look.norm == "Batch" and gap < 0.2,
            hint="The mean was taken away, and then it was divided by the deviation. Both stand under the channel.",
        )
    with right:
        share = float(found.off[1].mean())
        lesson.challenge(
            "With one slider, make a batch-normalized **ReLU** layer all but dead: at least 95 % of its outputs 0.",
            solved=look.norm == "Batch" and look.activation == "ReLU" and share >= 0.95,
            hint="Where must the mean of all channels lie? Nothing keeps training from moving it there.",
        )


def lines(look: lab.Look, affine: lab.Affine) -> str:
    return CODE.format(
        layer=look.layer,
        trained=look.trained,
        seed=look.seed,
        batch=look.batch,
        norm=look.norm,
        affine=f'Affine("{affine.channel}", gamma={affine.gamma}, beta={affine.beta})',
        kind=NORMALIZATIONS[look.norm].code.split("(")[0],
    )
