"""How far a batch's statistics lie from everybody's, and a race of batch against group norm on small batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.knobs import Knob
from core.lessons.normalization.effects import batch_size as lab
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.placement import last_right
from playground import controls, lesson, live_training
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import maths

errors = st.cache_data(lab.errors, max_entries=300, show_spinner=False)
SIZE = Knob(2, choices=lab.SIZES, label="pictures in the batch")
RATE = Knob(0.1, 0.01, 1.0, log=True, label="learning rate", help="At a batch of 32; at 2 it is a sixteenth of that.")
SEED = Knob(0, 0, 20, label="seed", help="Of the weights and of the order of the pictures.")
CODE = """\
from core.lessons.normalization.effects.batch_size import SIZES, Place, errors

found = errors({place})
row = SIZES.index({size})
print(found.mean_rms[row], found.told[row], found.variance_rms[row])"""


@st.fragment
def section() -> None:
    """Errors over batch sizes with a band, then the race."""
    st.markdown("A batch is a sample. How far are its mean and variance from those of **all** pictures?")
    beside, stage = lesson.play()
    with beside:
        size = controls.widget("size", SIZE, "ns_size")
        place = controls.edit(lab.Place, "ns_")
    found = errors(place)
    row = lab.SIZES.index(size)
    with stage:
        theories = {"theory: pictures are drawn": found.told, "theory, if cells were drawn": found.naive}
        panels = [
            Panel("error of the mean / deviation", charts.band(found.mean, found.mean_rms, theories), log=True),
            Panel("error of the variance / variance", charts.band(found.variance, found.variance_rms, {}), log=True),
        ]
        curves(np.log2(lab.SIZES), panels, "ns-errors", "log2 of the batch size", float(np.log2(size)))
        st.markdown(verdict(found, row, size))
    worked(place, size)
    enough = next((n for n, (_, middle, _) in zip(lab.SIZES, found.variance, strict=True) if middle < 0.05), None)
    lesson.challenge(
        "Choose the smallest batch with which half of all batches know the **variance** of this channel to 5 %.",
        solved=size == enough,
        hint="The solid blue line on the right says what half of the batches keep below.",
    )
    lesson.code(CODE.format(place=place, size=size))
    st.subheader("Batch against group, at 32 and at 2", anchor=False)
    compete()


def verdict(found: lab.Errors, row: int, size: int) -> str:
    """How far a batch of this size is off, and what one picture is worth."""
    low, middle, high = found.variance[row]
    return (
        f"In batches of **{size}** of {nets.HELD_OUT} digits the mean is off by **{found.mean_rms[row]:.3f}** "
        f"deviations (root mean square of {lab.DRAWS} batches; theory says {found.told[row]:.3f}). The variance is off "
        f"by {middle:.1%} in half of the batches, by more than {high:.1%} in one of twenty and by less than {low:.1%} "
        f"in another. {worth(found)}"
    )


def worth(found: lab.Errors) -> str:
    """As how many independent cells a picture counts."""
    cells, draws = round(1 / found.naive[0] ** 2), 1 / found.told[0] ** 2
    told = f"a picture of {cells} cells counts for the mean as **{draws:.0f}** cells drawn by themselves."
    if draws < cells:
        return f"Cells of one picture resemble each other: {told}"
    return f"In this channel the cells of one picture make up for each other: {told}"


def worked(place: lab.Place, size: int) -> None:
    """The theory of the mean with this moment's numbers."""
    means, squares, _ = lab.by_picture(place)
    sigma, deviation = float(means.std()), float(np.sqrt(squares.mean() - means.mean() ** 2))
    value = lab.mean_error(sigma, size, len(means))
    root = rf"\frac{{{sigma:.4g}}}{{\sqrt{{{size}}}}}\sqrt{{\frac{{{len(means)} - {size}}}{{{len(means) - 1}}}}}"
    share = rf"\frac{{{value:.4g}}}{{{deviation:.4g}}} \approx {value / deviation:.3f} \text{{ deviations}}"
    told = rf"{lesson.formula_of(lab.mean_error)} \;=\; {root} \approx {value:.4g}"
    maths(told, share, key="ns-worked")


@st.fragment
def compete() -> None:
    """Four runs on the same pictures."""
    beside, stage = lesson.play()
    with beside:
        rate = controls.widget("rate", RATE, "ns_rate")
        seed = controls.widget("seed", SEED, "ns_r_seed")
        live_training.controls("ns-race", (seed, rate), lambda: lab.race(lab.RUNNERS, seed, rate), "Race")
    with stage:
        if "race:ns-race" not in st.session_state:
            st.markdown(standings([]))
        live_training.watch("ns-race", show)
        st.caption(
            f"Five blocks, of which the first two pool, on {lab.MOMENTS * lab.PASS:,} digits: the same pictures in the "
            "same order for all four, and a rate in proportion to the batch (Goyal et al. 2017, arXiv:1706.02677). "
            "The group norm has two groups of four channels."
        )
    lesson.source("Wu & He 2018, Group Normalization, arXiv:1803.08494")


def name_of(runner: lab.Runner) -> str:
    return f"{runner.norm}, batches of {runner.batch}"


def show(run: live_training.Race) -> None:
    passed = len(run.moments)
    dashes = {32: "", 2: "6 4"}
    colours = {"Batch": PALETTE[0], "Group": PALETTE[1]}
    lines = [
        Line(name_of(one), charts.averages(losses(run.moments, k), lab.MOMENTS), colours[one.norm], dashes[one.batch])
        for k, one in enumerate(lab.RUNNERS)
    ]
    x = np.arange(1, lab.MOMENTS + 1) * lab.PASS
    title = f"loss in train(), mean of the last {8 * lab.PASS} pictures"
    curves(x, [Panel(title, lines, low=0.0, high=3.0)], "ns-race-curves", "pictures", float(x[max(passed - 1, 0)]))
    st.markdown(standings(run.moments))
    if run.over and passed == lab.MOMENTS:
        st.markdown(judgement(run.moments))


def losses(moments: Sequence[tuple[lab.Moment | None, ...]], place: int) -> list[float]:
    return [moment[place].loss if moment[place] else np.nan for moment in moments]


def standings(moments: Sequence[tuple[lab.Moment | None, ...]]) -> str:
    rows = ["| | loss, mean of the last 256 pictures | held-out digits right, in `eval()` |", "|---|---:|---:|"]
    for place, runner in enumerate(lab.RUNNERS):
        right = last_right(moments, place)
        loss = charts.recent(losses(moments, place))
        rows.append(f"| {name_of(runner)} | {loss} | {'' if right is None else f'{right:.1%}'} |")
    return "\n".join(rows)


def judgement(moments: Sequence[tuple[lab.Moment | None, ...]]) -> str:
    """What becomes of each of the two from batches of 32 to batches of 2."""
    right = {runner: last_right(moments, place) or 0.0 for place, runner in enumerate(lab.RUNNERS)}
    change = {norm: 100 * (right[lab.Runner(norm, 2)] - right[lab.Runner(norm, 32)]) for norm in ("Batch", "Group")}
    told = " and ".join(f"**{norm}** {points:+.1f} points" for norm, points in change.items()).replace("-", "−")
    return (
        f"From batches of 32 to batches of 2, {told} of {nets.HELD_OUT} held-out digits. Small batches bring 16 times "
        "as many steps, which helps both; with batch normalization they also bring statistics of two pictures."
    )
