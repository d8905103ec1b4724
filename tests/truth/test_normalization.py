"""The normalization page in hundreds of states: what it says of the cube and of real layers is PyTorch's."""

import math
import re
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.layers.normalization import NORMALIZATIONS
from core.lessons import activations
from core.lessons import normalization as lab
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.normalization.effects import (
    before_after,
)
from core.percent import percent
from playground.charts import normalization as charts
from playground.normalization import text
from tests.pages.helpers import open_page
from tests.truth.knob_states import STATES, configs
from tests.truth.latex import evaluated

EFFECTS, CODE = "tests/truth/test_normalization_effects.py", "tests/truth/test_normalization_code.py"
SHOWS = {
    "cube: which normalizations share the same cells": "test_same_sets_are_said_where_they_are",
    "cube: arithmetic of the cells that are pointed at": "tests/browser/test_cube.py",
    "cube: where it breaks, and what PyTorch refuses": "test_only_what_pytorch_refuses_is_said_to_be_refused",
    "cube: sets, cells per set and differences of the four": "test_the_table_of_the_four_is_pytorchs",
    "cube: formula of one cell with its numbers": "test_the_terms_of_the_first_cell_give_its_result",
    "cube: own values": "tests/pages/test_normalization.py::test_own_values_are_read_and_wrong_ones_get_a_sentence",
    "before and after: histograms, mean, std and flat share of each channel": "test_channels_are_drawn_as_they_are",
    "before and after: where the activation passes no gradient": "test_flat_shares_are_said_as_the_slopes_are",
    "order: curves, table, ratio of gradients": f"{EFFECTS}::test_orders_are_told_alike_by_curve_table_and_challenge",
    "order: verdict on the claim": f"{EFFECTS}::test_the_claim_is_judged_by_its_accuracies",
    "order: training": "tests/pages/test_normalization_effects.py::test_the_claim_is_judged_by_the_race_itself",
    "train and eval: dots, extreme batches, accuracies": (
        "tests/pages/test_normalization_effects.py::test_both_modes_are_told_as_pytorch_has_them"
    ),
    "train and eval: running averages": f"{EFFECTS}::test_the_initial_share_is_what_batch_norm_keeps",
    "train and eval: how far eval() is behind": f"{EFFECTS}::test_the_lag_is_said_only_where_there_is_one",
    "batch size: errors, theory, independent cells": f"{EFFECTS}::test_errors_of_batches_are_told_as_drawn",
    "batch size: verdict on batches of 2": f"{EFFECTS}::test_small_batches_are_judged_by_their_accuracies",
    "folding: what it saves": f"{EFFECTS}::test_folding_saves_what_is_no_longer_run_or_written",
    "folding: factor and bias with their numbers": f"{EFFECTS}::test_the_terms_of_folding_give_its_results",
    "all tabs: code": f"{CODE}::test_code_prints_the_numbers_on_the_screen",
    "all tabs: challenges": ("tests/pages/test_normalization.py", "tests/pages/test_normalization_effects.py"),
}  # fmt: skip


FEWER = settings(STATES, max_examples=80)  # of each of five tests


@st.composite
def cubes(draw):
    """A state of the cube; every second one is small, where sets of different kinds coincide or break."""
    most = draw(st.sampled_from([2, 4]))
    sides = [draw(st.integers(1, most)) for _ in range(4)]
    own = " ".join(map(str, draw(st.lists(st.integers(-99, 99), min_size=math.prod(sides), max_size=math.prod(sides)))))
    return lab.NormalizationCube(
        draw(st.sampled_from(list(NORMALIZATIONS))),
        lab.TensorSize(*sides),
        draw(st.sampled_from([number for number in lab.NUMBERS if number != "Photographs" or sides[1] <= 3])),
        draw(st.integers(0, 20)),
        own,
        draw(st.sampled_from([groups for groups in range(1, sides[1] + 1) if sides[1] % groups == 0])),
        draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])),
        draw(configs(lab.AffineParameters)),
    )


def partition(name, state):
    """The sets of cells by a loop over pairs, independent of the page's labels; two for batch-instance."""
    n, c, h, w = state.size.shape
    cells = [(i, j, k, m) for i in range(n) for j in range(c) for k in range(h) for m in range(w)]
    size = c // state.groups
    keys = {
        "Batch": lambda cell: cell[1],
        "Layer": lambda cell: cell[0],
        "Instance": lambda cell: cell[:2],
        "Group": lambda cell: (cell[0], cell[1] // size),
        "RMS": lambda cell: cell[0],
        "Layer, channels only": lambda cell: (cell[0], *cell[2:]),
        "Weight standardization": lambda cell: cell[0],
    }
    if name == "Batch-instance":
        return {*partition("Batch", state), *partition("Instance", state)}
    ordered = sorted(cells, key=keys[name])
    return {frozenset(members) for _, members in groupby(ordered, key=keys[name])}


def by_pytorch(state, name=None):
    """What PyTorch gives in training, or None where it refuses."""
    try:
        return lab.normalized(replace(state, name=name or state.name))
    except ValueError:
        return None


@FEWER
@given(cubes())
def test_same_sets_are_said_where_they_are(state):
    said = text.cube_verdict(state)
    mine = partition(state.name, state)
    same = [name for name in text.COMMON if name != state.name and partition(name, state) == mine]
    if "uses exactly the same sets" in said:
        assert re.findall(r"\*\*(.+?)\*\*", said) == [state.name, " and ".join(same)]
        assert ("no mean" in said) == (state.name == "RMS")
    elif "four common" in said:
        assert same == []
        assert said.startswith("No other" if state.name in text.COMMON else "None")
    elif "A batch of one" in said:
        assert state.size.batch == 1
        np.testing.assert_allclose(by_pytorch(state), by_pytorch(state, "Instance"), atol=1e-9)
    elif "only one of the two sets" in said:
        only = "Batch" if state.rho else "Instance"
        assert f"**{only}**" in said
        np.testing.assert_allclose(by_pytorch(state), by_pytorch(state, only), atol=1e-9)


@FEWER
@given(cubes())
def test_only_what_pytorch_refuses_is_said_to_be_refused(state):
    said, result = text.cube_verdict(state), by_pytorch(state)
    assert lab.is_degenerate(state) == (result is None)
    assert ("refuses" in said) == (result is None)
    single = min(len(cells) for cells in partition(state.name, state)) == 1
    assert ("Here it breaks" in said) == single
    if "whatever the input. PyTorch computes" in said:
        value = state.affine.beta if state.entry.affine == "both" else 0.0
        np.testing.assert_allclose(result, value, atol=1e-12)
    for name in text.COMMON:
        row = text.difference(state, name)
        refused = by_pytorch(state, name) is None and not state.entry.on_weights
        assert row.startswith("PyTorch refuses") == refused


@FEWER
@given(cubes())
def test_the_table_of_the_four_is_pytorchs(state):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.common(state).splitlines()[2:]]
    cells, mine = math.prod(state.size.shape), by_pytorch(state)
    for name, (title, _, sets, per_set, outputs_) in zip(text.COMMON, rows, strict=True):
        assert name in title
        assert int(sets) == len(partition(name, state))
        assert int(sets) * int(per_set) == cells
        other = by_pytorch(state, name)
        if outputs_ == "the same outputs":
            np.testing.assert_allclose(mine, other, atol=1e-9)
        elif outputs_.startswith("outputs differ"):
            assert outputs_.endswith(f" {np.abs(mine - other).max():.4g}")
        elif outputs_ == "shown above":
            assert name == state.name


@FEWER
@given(cubes())
def test_the_terms_of_the_first_cell_give_its_result(state):
    terms, _, shown = lab.first_cell(state).partition(r" \approx ")
    assert evaluated(terms) == pytest.approx(float(shown), abs=6.1e-5)
    assert shown != "-0.0000"
    result = by_pytorch(state)
    if result is not None:
        assert float(shown) == pytest.approx(float(result[0, 0, 0, 0]), abs=5.1e-5)


layers = configs(before_after.LayerSelection).map(lambda one: replace(one, seed=one.seed % 2))


def compared(selection, affine):
    x = before_after.convolved(selection.layer, selection.trained, selection.seed)[: selection.batch]
    return x, before_after.compare(selection.norm, selection.activation, x, affine)


@FEWER
@given(layers, configs(before_after.ChannelAffine))
def test_flat_shares_are_said_as_the_slopes_are(selection, affine):
    x, histograms = compared(selection, affine)
    said = text.flat_shares(selection.activation, histograms)
    flat, dead = [], []
    for values in (x, before_after.normalized(selection.norm, x, affine)):
        values = values.clone().requires_grad_()
        (slope,) = torch.autograd.grad(activations.build(selection.activation)(values).sum(), values)
        flat.append((slope.abs() < SATURATION_SLOPE).double().mean().item())
        dead.append((slope == 0).double().mean().item())
    if "No input" in said:
        assert flat == [0, 0]
        return
    assert re.findall(r"\*\*(.+?)\*\*", said)[1:] == [percent(share, 1) for share in flat]
    assert ("exactly 0" in said) == (flat == pytest.approx(dead))
    if selection.activation == "LeakyReLU":
        assert "no gradient" not in said
        assert "some does" in said


@FEWER
@given(layers, configs(before_after.ChannelAffine))
def test_channels_are_drawn_as_they_are(selection, affine):
    x, histograms = compared(selection, affine)
    y = before_after.normalized(selection.norm, x, affine)
    channel = selection.batch % before_after.CHANNELS
    both = [one[:, channel].double() for one in (x, y)]
    mean, std, flat = charts.figures(histograms, channel)
    assert mean == "mean " + " → ".join(charts.decimals(one.mean().item()) for one in both)
    assert std == "std " + " → ".join(charts.decimals(one.std(correction=0).item()) for one in both)
    shares = [share[channel] for share in histograms.saturated_share]
    assert flat == "flat " + " → ".join(percent(share, 0) for share in shares)
    edges = histograms.edges
    for counts, one in zip(histograms.counts, both, strict=True):
        inside = ((one >= edges[0]) & (one <= edges[-1])).sum()
        assert counts[channel].sum() == inside


SCREENS = {
    "The cube": ({"nm_batch": "1", "nm_height": "1", "nm_width": "1"}, ["PyTorch refuses: one cell per set", "| 3 |"]),
    "Before and after": ({"nb_activation": "LeakyReLU"}, ["but some does: it does not saturate"]),
    "Order in a block": ({"np_what": "Saturated values"}, ["Flat values"]),
    "Train vs. eval": ({"nm_m_pytorch": "1.0"}, ["in batches of 64: the first 320"]),
    "Batch size": ({"ns_size": "1"}, ["In batches of **1**"]),
    "Folding into the convolution": ({"nf_depth": "2"}, ["multiplies each value", "bytes written"]),
}


@pytest.mark.parametrize("tab", SCREENS)
def test_each_tab_says_on_the_screen_what_is_tested_here(tab):
    query, wanted = SCREENS[tab]
    page = open_page("normalization", part=tab, **query)
    assert not page.exception
    shown = "\n".join(one.value for one in [*page.markdown, *page.caption])
    assert all(one in shown for one in wanted)
    assert "They differ in **which cells" in shown
    if tab == "The cube":
        rows = {name: next(line for line in shown.splitlines() if line.startswith(f"| {name}")) for name in
                ("Layer", "Group")}  # fmt: skip
        assert not any("refuses" in row for row in rows.values())
