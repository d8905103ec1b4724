"""The cube: which cells share a mean and a variance, and what becomes of each."""

from __future__ import annotations

import streamlit as st

from core.knobs import Knob
from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from core.lessons.normalization.cube import FROM_PHOTOGRAPHS, OWN, RANDOM
from playground import controls, lesson
from playground.components.cube import cube
from playground.components.formula import formula
from playground.normalization import text


@lesson.fragment
def section() -> None:
    beside, stage = lesson.play()
    with beside:
        state = choose()
    with stage, lesson.friendly():
        cube(state)
        st.markdown(text.cube_verdict(state))
        st.markdown(text.common(state))
        definition = rf"\text{{{state.name}}}: \quad {state.entry.formula}"
        numbers = rf"y_{{0,0,0,0}} = {lab.first_cell(state)}"
        formula(rf"\begin{{gathered}} {definition} \\[1em] {numbers} \end{{gathered}}", key="nm-formula")
        lesson.legend(state.entry.symbols)
        lesson.code(lab.lines(state), "The same in NumPy (y) and in PyTorch (z)")
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
        "Break **batch** normalization: make every cell a set of its own, so that every output is exactly beta.",
        solved=state.name == "Batch" and lab.is_degenerate(state),
        hint="A cell that shares with no other is its own mean.",
    )
