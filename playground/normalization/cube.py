"""The cube: which cells share a mean and a variance, and what becomes of each."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.knobs import Knob
from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from core.lessons.normalization.cube import FROM_PHOTOGRAPHS, OWN, RANDOM
from playground import controls, lesson
from playground.components.cube import cube
from playground.components.formula import formula
from playground.markup import table

COMMON = ("Batch", "Layer", "Instance", "Group")


@st.fragment
def section() -> None:
    beside, stage = lesson.play()
    with beside:
        state = choose()
    with stage, lesson.friendly():
        cube(state)
        st.markdown(verdict(state))
        st.markdown(common(state))
        definition = rf"\text{{{state.name}}}: \quad {state.entry.formula}"
        numbers = rf"y_{{0,0,0,0}} = {lab.first_cell(state)}"
        formula(rf"\begin{{gathered}} {definition} \\[1em] {numbers} \end{{gathered}}", key="nm-formula")
        lesson.legend(state.entry.symbols)
        lines = lab.lines(state)
        needs = " (needs this project's repository)" if "from core" in lines else ""
        lesson.code(lines, f"The same in NumPy (y) and in PyTorch (z){needs}")
    challenges(state)
    lesson.source(f"{state.name}: {state.entry.paper}. The cube follows Wu & He 2018, *Group Normalization*, figure 2.")


def choose() -> lab.NormalizationCube:
    """The controls, top to bottom: the normalization, the tensor and its values, weight and bias."""
    name = controls.pick("Normalization", tuple(NORMALIZATIONS), "nm_name")
    entry = NORMALIZATIONS[name]
    numbers = controls.pick("Values", lab.NUMBERS, "nm_numbers")
    limits = {"channels": Knob(3, 1, 3, label="C: channels")} if numbers == FROM_PHOTOGRAPHS else {}
    own, seed = "", 0
    if numbers == OWN:
        own = st.text_area(
            "Values, row by row",
            " ".join(map(str, range(24))),
            key="nm_own",
            help="N × C × H × W numbers with at most two decimals, separated by spaces, commas or line breaks.",
            bind=controls.LINK,
        )
    if numbers == RANDOM:
        seed = controls.widget("seed", Knob(0, 0, 20, label="Seed"), "nm_seed")
    size = controls.edit(lab.TensorSize, "nm_", **limits)
    groups, rho = 1, 0.5
    if "groups" in entry.knobs:
        divisors = tuple(g for g in range(1, size.channels + 1) if size.channels % g == 0)
        knob = Knob(1, choices=divisors, label="G: groups", help=entry.knobs["groups"].help)
        groups = controls.widget("groups", knob, "nm_groups")
    if "rho" in entry.knobs:
        rho = controls.widget("rho", entry.knobs["rho"], "nm_rho")
    affine = controls.edit(lab.AffineParameters, "nm_")
    return lab.NormalizationCube(name, size, numbers, seed, own or "", groups, rho, affine)


def verdict(state: lab.NormalizationCube) -> str:
    """What is special about this state, in a sentence."""
    size, groups = state.size, state.groups
    if lab.is_degenerate(state):
        return (
            "**Here it breaks.** Every cell is a set of its own: its mean is its value, its variance is 0, and every "
            "output is beta, whatever the input. PyTorch refuses to train on it."
        )
    if state.name in ("Batch", "Batch-instance") and size.batch == 1:
        return (
            "**A batch of one.** The statistics of the “batch” are those of a single image: batch normalization has "
            "become instance normalization, and the running averages for evaluation follow every image."
        )
    same = [name for name in COMMON if name != state.name and lab.same_sets(state.name, name, size.shape, groups)]
    if same:
        return f"**{state.name}** uses exactly the same sets of cells here as **{' and '.join(same)}**."
    if state.entry.on_weights:
        return "Here the tensor is a kernel: the weights of each output channel are normalized, not the signal."
    return "No other of the four common normalizations uses the same sets of cells here."


def common(state: lab.NormalizationCube) -> str:
    """The four common normalizations on this tensor, as a table."""
    cells, rows = int(np.prod(state.size.shape)), []
    for name in COMMON:
        (labels,) = lab.set_labels(name, state.size.shape, state.groups)
        sets = int(labels.max()) + 1
        title = f"**{name}**" if name == state.name else name
        if name == "Group":
            title += f" (G\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{state.groups})"
        outputs = "shown above" if name == state.name else difference(state, name)
        rows.append((title, NORMALIZATIONS[name].shares_with, f"{sets}", f"{cells // sets}", outputs))
    return table(("", "each cell shares with", "sets", "cells per set", "on these values"), rows, "-->>-")


def difference(state: lab.NormalizationCube, other: str) -> str:
    """How far the outputs of another normalization are from those on the screen."""
    if state.entry.on_weights:
        return "works on the signal, not on weights"
    largest = lab.largest_difference(state, other)
    if largest is None:
        return "PyTorch refuses: one cell per set"
    return "the same outputs" if largest < 1e-9 else f"outputs differ by up to {largest:.4g}"


def challenges(state: lab.NormalizationCube) -> None:
    size = state.size
    coincide = all(lab.same_sets("Group", name, size.shape, state.groups) for name in ("Layer", "Instance"))
    lesson.challenge(
        "With group normalization, find a tensor for which **layer, instance and group** normalization are the same, "
        "although each image has more than one cell.",
        solved=state.name == "Group" and coincide and size.height * size.width > 1,
        hint="Layer uses all channels, instance one. With how many channels is that the same?",
    )
    lesson.challenge(
        "Keep at least two channels, and turn **group** normalization into **instance** normalization.",
        solved=state.name == "Group" and size.channels > 1 and state.groups == size.channels,
        hint="Then each group holds a single channel.",
    )
    lesson.challenge(
        "Break **batch** normalization: every output must be exactly beta.",
        solved=state.name == "Batch" and lab.is_degenerate(state),
        hint="A cell that shares with no other is its own mean.",
    )
