"""How far batch statistics are from those of the whole dataset, and batch vs. group norm on small batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.knobs import Knob
from core.lessons.normalization.effects import batch_size as lab
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.placement import last_accuracy
from core.percent import percent
from playground import controls, lesson, live_training
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import formula
from playground.normalization.placement import losses, standings

errors = st.cache_data(lab.errors, max_entries=300, show_spinner=False)
SIZE = Knob(2, choices=lab.SIZES, label="Batch size")
RATE = Knob(
    0.1, 0.01, 1.0, log=True, label="Learning rate", help="For batches of 32; a sixteenth of it for batches of 2."
)
SEED = Knob(0, 0, 20, label="Seed", help="Of the weights and of the order of the images.")
NAMES = [f"{run.norm}, batches of {run.batch}" for run in lab.RUNS]
HEADS = ("loss, mean of the last 256 images", "validation accuracy, in `eval()`")
CODE = """\
from core.lessons.normalization.effects.batch_size import SIZES, ChannelSelection, errors

result = errors({selection})
row = SIZES.index({size})
print(result.mean_rmse[row], result.theory[row], result.variance_rmse[row])"""


@st.fragment
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
        st.markdown(verdict(result, row, size))
    worked(selection, size)
    enough = next((n for n, (_, median, _) in zip(lab.SIZES, result.variance, strict=True) if median < 0.05), None)
    lesson.challenge(
        "Choose the smallest batch size for which half of all batches estimate the **variance** of this channel to "
        "within 5\N{NO-BREAK SPACE}%.",
        solved=size == enough,
        hint="The solid blue line on the right is the median error.",
    )
    lesson.code(CODE.format(selection=selection, size=size))
    st.subheader("Batch vs. group normalization, batch sizes 32 and 2", anchor=False)
    compete()


def verdict(result: lab.StatisticErrors, row: int, size: int) -> str:
    """The errors for this batch size, and how many independent cells an image counts for."""
    low, median, high = (percent(error, 1) for error in result.variance[row])
    return (
        f"In batches of **{size}** of {nets.VALIDATION_SIZE} digits the root mean square error of the mean is "
        f"**{result.mean_rmse[row]:.3f}** standard deviations ({lab.DRAWS} batches; theory: {result.theory[row]:.3f}). "
        f"The median error of the variance is {median}; it is above {high} in 1 of 20 batches and below {low} in "
        f"another 1 of 20. {effective_cells(result)}"
    )


def effective_cells(result: lab.StatisticErrors) -> str:
    """How many independent cells an image counts for."""
    cells, effective = round(1 / result.theory_independent[0] ** 2), 1 / result.theory[0] ** 2
    comparison = f"for the mean, an image of {cells} cells counts as **{effective:.0f}** independent cells."
    if effective < cells:
        return f"The cells of one image are correlated: {comparison}"
    return f"In this channel the cells within one image compensate each other: {comparison}"


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


@st.fragment
def compete() -> None:
    beside, stage = lesson.play()
    with beside:
        rate = controls.widget("rate", RATE, "ns_rate")
        seed = controls.widget("seed", SEED, "ns_r_seed")
        live_training.controls("ns-run", (seed, rate), lambda: lab.train_side_by_side(lab.RUNS, seed, rate), "Train")
    with stage:
        if not live_training.has_started("ns-run"):
            st.markdown(standings(NAMES, [], *HEADS))
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
        Line(name, charts.averages(losses(run.history, k), lab.POINTS), colours[one.norm], dashes[one.batch])
        for k, (name, one) in enumerate(zip(NAMES, lab.RUNS, strict=True))
    ]
    x = np.arange(1, lab.POINTS + 1) * lab.IMAGES_PER_POINT
    title = f"Loss in train(), mean of the last {8 * lab.IMAGES_PER_POINT} images"
    curves(x, [Panel(title, lines, low=0.0, high=3.0)], "ns-run-curves", "images", float(x[max(points - 1, 0)]))
    st.markdown(standings(NAMES, run.history, *HEADS))
    if run.is_over and points == lab.POINTS:
        st.markdown(judgement(run.history))


def judgement(history: Sequence[tuple[lab.RunProgress | None, ...]]) -> str:
    """The change in accuracy of both from batches of 32 to batches of 2."""
    accuracy = {run: last_accuracy(history, index) or 0.0 for index, run in enumerate(lab.RUNS)}
    change = {
        norm: 100 * (accuracy[lab.BatchSizeRun(norm, 2)] - accuracy[lab.BatchSizeRun(norm, 32)])
        for norm in ("Batch", "Group")
    }
    changes = " and ".join(f"**{norm}** {points:+.1f} points" for norm, points in change.items()).replace("-", "−")
    return (
        f"From batches of 32 to batches of 2 the validation accuracy changes: {changes}. Small batches mean 16 times "
        "as many steps, which helps both; with batch normalization they also mean statistics of only two images."
    )
