"""The cube: which cells share a mean and a variance, and what becomes of each."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.knobs import Knob
from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from playground import controls, lesson
from playground.components.cube import cube
from playground.components.formula import maths

FAMILY = ("Batch", "Layer", "Instance", "Group")


def choose() -> lab.Cube:
    """The controls, top to bottom: which normalization, the tensor, what fills it, what follows."""
    name = controls.pick("normalization", tuple(NORMALIZATIONS), "nm_name")
    entry = NORMALIZATIONS[name]
    numbers = controls.pick("numbers", lab.NUMBERS, "nm_numbers")
    limits = {"channels": Knob(3, 1, 3, label="C: channels")} if numbers == "photographs" else {}
    own, seed = "", 0
    if numbers == "own values":
        own = st.text_area(
            "values, row after row",
            " ".join(map(str, range(24))),
            key="nm_own",
            help="N x C x H x W numbers of at most two decimals, with spaces, commas or line ends between them.",
            bind=controls.LINK,
        )
    if numbers == "random":
        seed = controls.widget("seed", Knob(0, 0, 20, label="seed"), "nm_seed")
    size = controls.edit(lab.Size, "nm_", **limits)
    groups, rho = 1, 0.5
    if "groups" in entry.knobs:
        divisors = tuple(g for g in range(1, size.channels + 1) if size.channels % g == 0)
        groups = controls.widget(
            "groups", Knob(1, choices=divisors, label="G: groups", help=entry.knobs["groups"].help), "nm_groups"
        )
    if "rho" in entry.knobs:
        rho = controls.widget("rho", entry.knobs["rho"], "nm_rho")
    affine = controls.edit(lab.Affine, "nm_")
    return lab.Cube(name, size, numbers, seed, own or "", groups, rho, affine)


def verdict(state: lab.Cube) -> str:
    """What is special about this moment, in a sentence."""
    size, groups = state.size, state.groups
    if lab.refuses(state):
        return (
            "**Here it breaks.** Each cell stands alone: its mean is itself, its variance 0, and every output is beta, "
            "whatever the picture shows. PyTorch refuses to train on it."
        )
    if state.name in ("Batch", "Batch-instance") and size.batch == 1:
        return (
            "**A batch of one.** The statistics of “the batch” are those of a single picture: batch normalization has "
            "become instance normalization, and the running averages it keeps for evaluation follow every picture."
        )
    agreeing = [name for name in FAMILY if name != state.name and lab.same_sets(state.name, name, size.shape, groups)]
    if agreeing:
        return f"**{state.name}** takes exactly the same sets of cells here as **{' and '.join(agreeing)}**."
    if state.entry.on_weights:
        return "Here the tensor is a kernel: the weights of each output channel are normalized, the signal is not."
    return "No other of the four takes the same sets of cells here."


def family(state: lab.Cube) -> str:
    """The four classic ones on this tensor, as a table."""
    rows = ["| | each cell shares with | sets | cells in each | on these numbers |", "|---|---|---:|---:|---|"]
    cells = int(np.prod(state.size.shape))
    for name in FAMILY:
        (labels,) = lab.labels(name, state.size.shape, state.groups)
        sets = int(labels.max()) + 1
        shown = f"**{name}**" if name == state.name else name
        if name == "Group":
            shown += f" (G = {state.groups})"
        same = "shown" if name == state.name else difference(state, name)
        rows.append(f"| {shown} | {NORMALIZATIONS[name].words} | {sets} | {cells // sets} | {same} |")
    return "\n".join(rows)


def difference(state: lab.Cube, other: str) -> str:
    """How far another one's outputs lie from those on the screen."""
    if state.entry.on_weights:
        return "works on the signal, not on weights"
    gap = lab.largest_gap(state, other)
    if gap is None:
        return "PyTorch refuses: one cell a set"
    return "the same outputs" if gap < 1e-9 else f"outputs differ by up to {gap:.4g}"


def numbers(state: lab.Cube) -> str:
    """The formula's line for the first cell, in LaTeX."""
    found = lab.first_cell(state)
    return rf"y_{{0,0,0,0}} = {found}"


@st.fragment
def section() -> None:
    """The controls, the cube, who coincides with whom, and the lines."""
    beside, stage = lesson.play()
    with beside:
        state = choose()
    with stage, lesson.friendly():
        cube(state)
        st.markdown(verdict(state))
        st.markdown(family(state))
        formula = rf"\text{{{state.name}}}: \quad {state.entry.formula}"
        maths(rf"\begin{{gathered}} {formula} \\[1em] {numbers(state)} \end{{gathered}}", key="nm-formula")
        lesson.code(lab.lines(state), "The same in NumPy (y) and in PyTorch (z)")
    challenges(state)
    lesson.source(
        f"{state.name}: {state.entry.paper}. The picture of the cube follows Wu & He 2018, *Group Normalization*."
    )


def challenges(state: lab.Cube) -> None:
    size = state.size
    coincide = all(lab.same_sets("Group", name, size.shape, state.groups) for name in ("Layer", "Instance"))
    lesson.challenge(
        "With group normalization, find a tensor on which **layer, instance and group** are one and the same, "
        "although each picture has more than one cell.",
        solved=state.name == "Group" and coincide and size.height * size.width > 1,
        hint="Layer takes all channels, instance one. How many channels must there be for both to mean the same?",
    )
    lesson.challenge(
        "Keep at least two channels, and make **group** normalization be **instance** normalization.",
        solved=state.name == "Group" and size.channels > 1 and state.groups == size.channels,
        hint="Then each group holds a single channel.",
    )
    lesson.challenge(
        "Break **batch** normalization: every output must be exactly beta.",
        solved=state.name == "Batch" and lab.refuses(state),
        hint="A cell that shares with nobody is its own mean.",
    )
