"""The dropout page in hundreds of states: what it says of p, blocks, passes and runs is what was computed."""

import dataclasses
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.layers.dropout import DROPOUTS
from core.lessons import dropout as lab
from core.lessons.dropout import code_samples
from core.percent import percent
from playground.charts import svg
from playground.dropout import text, views
from playground.live_training import LiveRun
from tests.pages.helpers import open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs, knob_values
from tests.truth.latex import evaluated

SHOWS = {
    "masks: maps with each mask, dropped share, means": (
        "tests/core/lessons/test_dropout.py::test_a_draw_repeats_itself_and_counts_what_went",
        "test_code_prints_the_numbers_on_the_screen",
    ),
    "masks: what is dropped, scaled and marked": "test_nothing_is_said_to_be_dropped_at_p_zero",
    "masks: scale, gamma, share of cells": "test_the_share_of_cells_is_said_as_it_is",
    "why kept values are scaled: curves, table, standard error": "test_means_are_told_as_drawn",
    "why kept values are scaled: expectation with its numbers": "test_the_terms_of_the_expectation_give_its_result",
    "one digit, many predictions: dots, evaluation, votes, mean, std": "test_passes_are_told_as_they_are",
    "one digit, many predictions: curve over angles": (
        "tests/pages/test_dropout.py::test_the_curve_over_angles_goes_through_the_passes_above_it"
    ),
    "with and without: what differs": "test_the_experiment_says_in_what_the_networks_differ",
    "with and without: accuracies, gap, losses": "test_the_printed_accuracies_give_the_printed_gap",
    "with and without: curves": "tests/pages/test_dropout.py::test_both_train_and_the_lines_give_the_last_round",
    "all kinds: formulas": "tests/core/layers/test_dropout.py::test_forward_and_backward_are_the_formula",
    "all parts: code": "test_code_prints_the_numbers_on_the_screen",
    "all parts: challenges": "tests/pages/test_dropout.py::"
    "test_nothing_is_solved_at_first_and_two_challenges_are_by_hand",
}
kinds = st.sampled_from(list(DROPOUTS))
chosen = kinds.flatmap(lambda kind: st.tuples(st.just(kind), knob_values(DROPOUTS[kind].knobs)))
blocks = st.sampled_from(["DropBlock", "Disout"]).flatmap(
    lambda kind: st.tuples(st.just(kind), knob_values(DROPOUTS[kind].knobs))
)


@STATES
@given(chosen)
def test_nothing_is_said_to_be_dropped_at_p_zero(state):
    kind, knobs = state
    said = text.effect(kind, knobs)
    assert ("nothing is dropped" in said) == (dict(knobs)["p"] == 0)
    if dict(knobs)["p"] == 0:
        assert "brighter" not in said
        assert "Purple" not in said


@STATES
@given(blocks)
def test_the_share_of_cells_is_said_as_it_is(state):
    kind, knobs = state
    values = dict(knobs)
    said, p, k = text.share_of_cells(kind, knobs), values["p"], min(values["block_size"], text.SIDE)
    gamma = p / k**2 * text.SIDE**2 / (text.SIDE - k + 1) ** 2
    covering = np.array([min(i, text.SIDE - k) - max(i - k + 1, 0) + 1 for i in range(text.SIDE)])
    share = 1 - ((1 - gamma) ** np.outer(covering, covering)).mean()
    if p == 0:
        assert "no cell is" in said
        return
    (shown,) = re.findall(r"\*\*([\d.]+)\xa0%\*\*", said)
    assert float(shown) == pytest.approx(100 * share, abs=0.0051)
    if "fewer than" in said:
        (bound,) = re.findall(r"fewer than (\d+)\xa0%", said)
        assert float(shown) < float(bound) == pytest.approx(100 * p)
    else:
        assert k == 1
        assert float(shown) == pytest.approx(100 * p)


FEW = settings(STATES, max_examples=60)


@FEW
@given(chosen, st.sampled_from(lab.CELLS), st.integers(1, 200))
def test_means_are_told_as_drawn(state, cell, seed):
    kind, knobs = state
    mean = lab.estimate(kind, knobs, "camera", cell, seed)
    said = text.averages(kind, mean)
    rows = {line.split("|")[1].strip(): line.split("|")[2].strip() for line in said.splitlines() if line[:1] == "|"}
    assert rows["mean of 1,000 draws"] == text.signed(mean.draws.mean())
    assert rows["mean of 1 draw"] == text.signed(mean.draws[0])
    assert rows["**without dropout**"] == text.signed(mean.value)
    assert "−0.0000" not in said
    if dict(knobs)["p"] == 0:
        assert "Nothing changes this value" in said
    if "Nothing changes this value" in said:
        np.testing.assert_allclose(mean.draws, mean.value, rtol=2e-6, atol=1e-9)
    elif "too large" in said or "too small" in said:
        kept, average = (float(number) for number in re.findall(r"\*\*([\d.]+)\*\*", said.partition("This cell")[2]))
        assert ("too large" in said) == (kept > average)
        assert ("too small" in said) == (kept < average)
        assert (cell == "Corner") == (kept > average)
    elif "like every other" in said:
        assert dict(knobs)["block_size"] == 1
    else:
        shown = re.search(r"mean \*\*(−?[\d.]+)\*\* and standard deviation ([\d.]+)", said)
        assert float(shown[1].replace("−", "-")) == pytest.approx(mean.expected, abs=5.1e-5)
        assert float(shown[2]) == pytest.approx(mean.std, abs=5.1e-5)
        assert abs(mean.draws.mean() - mean.expected) < 5 * mean.std / math.sqrt(lab.DRAWS) + 1e-6


@STATES
@given(kinds, st.integers(0, 90).map(lambda percent_: percent_ / 100), st.floats(-9, 9, allow_nan=False))
def test_the_terms_of_the_expectation_give_its_result(kind, p, x):
    if kind in ("DropBlock", "Disout"):
        return
    latex = text.expectation_formula(kind, p, x)
    assert "-0.0000" not in latex
    if kind == "AlphaDropout":
        terms, _, result = latex.rpartition(r" \approx ")
        assert evaluated(terms.partition(r"\approx ")[2]) == pytest.approx(float(result), abs=5.2e-5)
    elif kind != "DropConnect":
        terms, _, result = latex.partition(r"p \cdot 0 = ")[2].rpartition(" = ")
        assert evaluated(terms) == pytest.approx(float(result), abs=1e-9)


def test_passes_that_agree_are_said_to_agree():
    evaluation = np.eye(10)[3]
    said = text.predictions(
        "Dropout", (("p", 0.01),), lab.StochasticPredictions(evaluation, np.tile(evaluation, (60, 1)), 3)
    )
    assert "all 60 passes agree" in said
    assert "differ" not in said


@pytest.mark.parametrize("kind", DROPOUTS)
@pytest.mark.parametrize("p", [0.0, 0.3])
def test_passes_are_told_as_they_are(kind, p):
    knobs = tuple((DROPOUTS[kind].defaults | {"p": p}).items())
    for number, degrees, seed in ((26, 40, 1), (0, 0, 2), (77, -90, 3)):
        mc = lab.predict(kind, knobs, number, degrees, seed)
        said, predicted = text.predictions(kind, knobs, mc), int(mc.evaluation.argmax())
        assert f"predicts **{predicted}** with {percent(mc.evaluation.max(), 1)}" in said
        differ = np.ptp(mc.passes, axis=0).max() > 0
        assert (" differ: " in said) == differ
        assert differ or "the same" in said or "agree" in said
        assert ("With p = 0" in said) == (p == 0)
        if p == 0:
            np.testing.assert_allclose(mc.passes, np.broadcast_to(mc.evaluation, mc.passes.shape), atol=1e-6)
        if differ:
            votes = re.search(r"(\d) is predicted in (\d+) of them", said)
            assert mc.votes.max() == int(votes[2]) == mc.votes[int(votes[1])]
            assert f"is {percent(mc.passes[:, predicted].mean(), 1)} on average" in said
            assert f"deviation of {100 * mc.passes[:, predicted].std():.1f} percentage" in said


@STATES
@given(configs(lab.DropoutTraining), chosen)
def test_the_experiment_says_in_what_the_networks_differ(setup, state):
    kind, knobs = state
    said = text.experiment(setup, kind, knobs)
    assert ("the same network" in said) == (dict(knobs)["p"] == 0)
    wrong = lab.wrong_labels(setup)
    assert ("all of them with correct labels" in said) == (wrong == 0)
    assert wrong == 0 or f"{wrong} of them have a wrong label" in said
    assert ("wrong labels" in text.dashes(setup)) == (wrong > 0)


def epochs(size):
    share = st.integers(0, size).map(lambda count: count / size)
    validation = st.integers(0, lab.VALIDATION_SIZE).map(lambda count: count / lab.VALIDATION_SIZE)
    return st.builds(lab.EpochResult, st.floats(0, 5), share, st.floats(0, 5), validation)


@STATES
@given(st.integers(2, 20).flatmap(lambda k: st.tuples(epochs(20 * k), epochs(20 * k))))
def test_the_printed_accuracies_give_the_printed_gap(last):
    table = text.gaps({"A": [last[0]], "B": [last[1]]}).splitlines()
    rows = {line.split("|")[1].strip(): line.split("|")[2:4] for line in table[2:]}
    for side in (0, 1):
        training, validation, gap = (
            float(re.search(r"-?[\d.]+", rows[name][side])[0])
            for name in ("training accuracy", "validation accuracy", "**generalization gap**")
        )
        assert gap == pytest.approx(training - validation, abs=1e-9)
        assert training == pytest.approx(100 * last[side].accuracy, abs=0.0501)
    setup = lab.DropoutTraining(epochs=1)
    run = LiveRun((setup, "Dropout", ()), iter(()), [last], is_over=True)
    a, b = (text.gap(epoch) for epoch in last)
    assert text.halves_the_gap(run) == (b <= a / 2 and last[1].validation_accuracy >= last[0].validation_accuracy)


def states_of_code():
    """Each kind as it is at first, and once with all its knobs moved."""
    for number, kind in enumerate(DROPOUTS):
        knobs = DROPOUTS[kind].knobs
        yield kind, tuple(DROPOUTS[kind].defaults.items()), number + 1
        moved = {"p": 0.35, "block_size": 2, "alpha": 50.0, "per_channel": False, "per_example": True}
        yield kind, tuple((name, moved[name]) for name in knobs), number + 20


def numbers(printed):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", printed)]


@pytest.mark.parametrize("every", [2, pytest.param(1, marks=pytest.mark.soak)])
def test_code_prints_the_numbers_on_the_screen(every, tmp_path):
    """The two programs that train take turns over the kinds, and take all of them by `make soak`."""
    states, photographs = list(states_of_code()), ("china", "chelsea", "flower", "astronaut", "camera")
    setups = [lab.DropoutTraining(40 + 20 * (k % 3), 0.2, 5, ("ReLU", "SELU")[k % 2], k) for k in range(len(DROPOUTS))]
    trained = states[::2][: len(DROPOUTS) - 2 : every]
    compared = list(enumerate(states[1::2]))[every - 1 :: every]
    programs = [code_samples.sample_code(*one[:2], photographs[k % 5], one[2]) for k, one in enumerate(states)]
    programs += [code_samples.predictions_code(kind, knobs, 26, 40, seed) for kind, knobs, seed in trained]
    programs += [code_samples.comparison_code(setups[k], *one[:2]) for k, one in compared]
    printed = iter(outputs(programs, tmp_path))
    for k, (kind, knobs, seed) in enumerate(states):
        sample = lab.sample(kind, knobs, photographs[k % 5], seed)
        assert numbers(next(printed)) == pytest.approx([sample.after.mean(), sample.before.mean()], abs=6e-4)
    for kind, knobs, seed in trained:
        mc = lab.predict(kind, knobs, 26, 40, seed)
        best = int(mc.evaluation.argmax())
        evaluation, passes, votes = next(printed).splitlines()
        assert numbers(evaluation) == pytest.approx([mc.label, best, 100 * mc.evaluation[best]], abs=0.051)
        wanted = [100 * mc.passes[:, best].mean(), 100 * mc.passes[:, best].std()]
        assert numbers(passes) == pytest.approx(wanted, abs=0.051)
        assert numbers(votes) == mc.votes.tolist()
    for k, (kind, knobs, _) in compared:
        last = list(lab.train_both(setups[k], kind, knobs))[-1]
        for epoch, line in zip(last, next(printed).splitlines(), strict=True):
            loss, accuracy, validation_loss, validation_accuracy = dataclasses.astuple(epoch)
            assert numbers(line)[:2] == pytest.approx([100 * accuracy, 100 * validation_accuracy], abs=0.051)
            assert numbers(line)[2:] == pytest.approx([loss, validation_loss], abs=1e-3)


@pytest.mark.parametrize("kind", [kind for kind in DROPOUTS if DROPOUTS[kind].own])
def test_definitions_in_the_code_are_the_layers_here(kind):
    scope = {}
    imports = "import torch\nfrom torch import nn\nfrom torch.func import functional_call, vmap\nF = nn.functional\n"
    exec(imports + code_samples.DEFINITIONS[kind], scope)
    for p in (0.0, 0.4, 0.9):
        knobs = DROPOUTS[kind].defaults | {"p": p}
        layer = [torch.nn.Conv2d(3, 4, 1)] if DROPOUTS[kind].on == "weights" else []
        printed = scope[kind](*layer, **knobs)
        ours = DROPOUTS[kind].build(*layer, **knobs, generator=torch.Generator().manual_seed(3))
        x = torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(1))
        torch.manual_seed(3)
        assert torch.equal(printed(x), ours(x))
        assert torch.equal(printed.eval()(x), ours.eval()(x))


SCREENS = [
    (
        {"do_kind": "DropBlock", "do_dropblock_block_size": "1", "do_dropblock_p": "0.2"},
        "one cell do not overlap",
    ),
    ({"da_kind": "Dropout", "da_dropout_p": "0.0"}, "With p = 0 nothing is dropped: all 60 passes"),
    ({"da_kind": "SpatialDropout", "da_spatialdropout_p": "0.3"}, "the network, trained with this dropout, predicts"),
    ({"dm_kind": "DropBlock", "dm_cell": "Corner"}, "it lies in fewer blocks"),
    ({"dr_kind": "Dropout", "dr_dropout_p": "0.0", "dr_wrong": "0.0"}, "both are the same network"),
]


@pytest.mark.parametrize(("query", "wanted"), SCREENS)
def test_the_page_says_what_is_tested_here(query, wanted):
    page = open_page("dropout", **query)
    assert not page.exception
    assert wanted in "\n".join(one.value for one in page.markdown)
    kind = query.get("do_kind", "Dropout")
    knobs = tuple((name, page.session_state[f"do_{kind.lower()}_{name}"]) for name in DROPOUTS[kind].knobs)
    sample = lab.sample(kind, knobs, views.PHOTOGRAPH, 1)
    drawn = str(views.charts.masks([sample], 1, "", text.dropped_unit(kind)))
    assert f"Mean {svg.plain(float(sample.after.mean()))}, without" in drawn
    assert page.code[0].value == code_samples.sample_code(kind, knobs, views.PHOTOGRAPH, 1)
