"""How far batch statistics are from those of the whole dataset, and batch vs. group norm on small batches."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.knobs import Knob
from core.lessons.normalization.effects import batch_size as lab
from core.lessons.normalization.effects import code_samples
from playground import controls, lesson, live_training
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import formula
from playground.normalization import text

errors = st.cache_data(lab.errors, max_entries=300, show_spinner=False)
SIZE = Knob(2, choices=lab.SIZES, label="Batch size")
RATE = Knob(
    0.1, 0.01, 1.0, log=True, label="Learning rate", help="For batches of 32; a sixteenth of it for batches of 2."
)
SEED = Knob(0, 0, 20, label="Seed", help="Of the weights and of the order of the images.")
NAMES = [f"{run.norm}, batches of {run.batch}" for run in lab.RUNS]
HEADS = ("loss, mean of the last 256 images", "validation accuracy, in `eval()`")


@lesson.fragment
def section() -> None:
    st.markdown("A batch is a sample. How far are its mean and variance from those of **all** images?")
    beside, stage = lesson.play()
    with beside:
        size = controls.widget("size", SIZE, "ns_size")
        selection = controls.edit(lab.ChannelSelection, "ns_")
    result = errors(selection)
    row = lab.SIZES.index(size)
    with stage:
        theories = {
            "theory (sampling images)": result.theory,
            "theory (if cells were independent)": result.theory_independent,
        }
        panels = [
            Panel("Error of the mean / std", charts.band(result.mean, result.mean_rmse, theories), log=True),
            Panel("Error of the variance / variance", charts.band(result.variance, result.variance_rmse, {}), log=True),
        ]
        curves(np.log2(lab.SIZES), panels, "ns-errors", "log2 of the batch size", float(np.log2(size)))
        st.markdown(text.batch_error(result, row, size))
    worked(selection, size)
    enough = next((n for n, (_, median, _) in zip(lab.SIZES, result.variance, strict=True) if median < 0.05), None)
    lesson.challenge(
        "Choose the smallest batch size for which half of all batches estimate the **variance** of this channel to "
        "within 5\N{NO-BREAK SPACE}%.",
        solved=size == enough,
        hint="The solid blue line on the right is the median error.",
    )
    lesson.code(code_samples.batch_size_code(selection, size))
    lesson.subheader("Batch vs. group normalization, batch sizes 32 and 2")
    compete()


def worked(selection: lab.ChannelSelection, size: int) -> None:
    """The theory of the mean with this moment's numbers."""
    means, squares, _ = lab.by_image(selection)
    sigma, std = float(means.std()), float(np.sqrt(squares.mean() - means.mean() ** 2))
    value = lab.mean_error(sigma, size, len(means))
    root = rf"\frac{{{sigma:.4g}}}{{\sqrt{{{size}}}}}\sqrt{{\frac{{{len(means)} - {size}}}{{{len(means) - 1}}}}}"
    quotient = rf"\frac{{{value:.4g}}}{{{std:.4g}}} \approx {value / std:.3f}"
    relative = rf"\frac{{\text{{RMSE}}(\mu_B)}}{{\text{{std}}}} = {quotient}"
    error = rf"{lesson.formula_of(lab.mean_error)} \;=\; {root} \approx {value:.4g}"
    formula(error, relative, key="ns-worked")
    lesson.legend(
        r"$\mu_B$ = mean of the batch, $\sigma$ = std of the means of single images, $n$ = batch size, $P$ = number of "
        "images"
    )


@lesson.fragment
def compete() -> None:
    beside, stage = lesson.play()
    with beside:
        rate = controls.widget("rate", RATE, "ns_rate")
        seed = controls.widget("seed", SEED, "ns_r_seed")
        live_training.controls("ns-run", (seed, rate), lambda: lab.train_side_by_side(lab.RUNS, seed, rate), "Train")
    with stage:
        if not live_training.has_started("ns-run"):
            st.markdown(text.standings(NAMES, [], *HEADS))
        live_training.watch("ns-run", show)
        st.caption(
            f"Five blocks, of which the first two pool, on {lab.POINTS * lab.IMAGES_PER_POINT:,} digits: the same "
            "images in the same order for all four, learning rate proportional to the batch size (Goyal et al. 2017, "
            "arXiv:1706.02677). Group norm has two groups of four channels."
        )
    lesson.source("Wu & He 2018, Group Normalization, arXiv:1803.08494")


def show(run: live_training.LiveRun) -> None:
    points = len(run.history)
    dashes = {32: "", 2: "6 4"}
    colours = {"Batch": PALETTE[0], "Group": PALETTE[1]}
    lines = [
        Line(name, charts.averages(text.losses(run.history, k), lab.POINTS), colours[one.norm], dashes[one.batch])
        for k, (name, one) in enumerate(zip(NAMES, lab.RUNS, strict=True))
    ]
    x = np.arange(1, lab.POINTS + 1) * lab.IMAGES_PER_POINT
    title = f"Loss in train(), mean of the last {8 * lab.IMAGES_PER_POINT} images"
    curves(x, [Panel(title, lines, low=0.0, high=3.0)], "ns-run-curves", "images", float(x[max(points - 1, 0)]))
    st.markdown(text.standings(NAMES, run.history, *HEADS))
    if run.is_over and points == lab.POINTS:
        st.markdown(text.batch_size_judgement(run.history))
