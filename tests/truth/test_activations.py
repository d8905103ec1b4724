"""What the activation page shows: curves, table, batch, fit, depth, 16-bit outputs and code."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.layers.activations import ACTIVATIONS, value_and_slope
from core.lessons import activations as lab
from core.percent import percent
from playground import units
from playground.activations import code_samples, settings, text, views
from tests.pages.helpers import open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs, knob_values, values_of

SHOWS = {
    "Curves and slopes": "tests/core/lessons/test_activations.py::test_curve_is_the_module_and_its_slope",
    "Table: maximum slope, where it is, where the activation is flat, outputs": "test_a_row_is_that_of_a_fine_grid",
    "Strips and grey background": "tests/pages/test_activations.py::"
    "test_every_saturated_range_is_marked_in_its_own_colour",
    "Which activations are steeper beyond the range": "test_what_is_said_of_slopes_beyond_the_range",
    "Challenge: nowhere steeper than a quarter": "test_suprema_are_those_of_the_formulas",
    "Formulas with the numbers of the sliders": "tests/core/layers/test_activations.py::"
    "test_values_follow_the_formula_and_slopes_its_difference",
    "Batch: dead and flat values": "test_a_batch_is_counted_as_it_is_said",
    "Fit: loss and learned parameters": "test_a_fit_says_that_nothing_is_learned_before_the_first_step",
    "Depth: difference, change by the inputs, reason": "test_what_is_said_of_depth_follows_from_the_outputs",
    "16-bit outputs: largest output and spacing": "test_spacings_are_those_of_the_formats",
    "The same in PyTorch": "test_blocks_print_the_row_of_the_table",
    "All of it together, as opened": "test_the_page_shows_what_its_functions_say",
}
NAMES = st.sampled_from(list(ACTIVATIONS))
CHOSEN = NAMES.flatmap(lambda name: st.tuples(st.just(name), knob_values(ACTIVATIONS[name].knobs)))
SUPREMA = {
    "Sigmoid": 0.25, "Tanh": 1, "ReLU": 1, "ReLU6": 1, "LeakyReLU": 1, "PReLU": 1, "ELU": 1, "CELU": 1,
    "SELU": 1.0507 * 1.67326, "SiLU (Swish)": 1.0998, "Hardswish": 1.5, "Hardsigmoid": 1 / 6, "GELU": 1.1289,
    "Mish": 1.0885, "Softplus": 1, "Softsign": 1, "Maxout": 1,
}  # fmt: skip


def numbers(words: str) -> list[float]:
    plain = words.replace("−", "-").replace("\u00a0", " ").replace("≈", "").replace(",", " ")
    return [float(one) for one in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", plain)]


@STATES
@given(CHOSEN, values_of(settings.RANGE))
def test_a_row_is_that_of_a_fine_grid(chosen, reach):
    name, knobs = chosen
    one = lab.curve(name, knobs, reach)
    x = torch.linspace(-reach, reach, 20_001, dtype=torch.float64)
    y, slope = (values.numpy() for values in value_and_slope(lab.build(name, knobs).double(), x))
    step = reach / 10_000
    cells = text.row(name, one)
    assert abs(one.max_slope[0]) == pytest.approx(np.abs(slope).max(), abs=10 * step)
    assert cells[1] == units.significant(one.max_slope[0])
    for at in numbers(cells[2].replace("to", " ")):
        at_x = torch.tensor([min(max(at, -reach), reach)], dtype=torch.float64)
        near = torch.cat([at_x - 0.006, at_x, at_x + 0.006])
        steepest = value_and_slope(lab.build(name, knobs).double(), near)[1].abs().max().item()
        assert steepest >= abs(one.max_slope[0]) - 0.005, "the maximum is where the table says"
    inside = np.zeros(len(x), bool)
    for low, high in one.saturated_ranges:
        inside |= (x.numpy() >= low) & (x.numpy() <= high)
    assert np.mean(inside != (np.abs(slope) < 0.05)) < 0.001
    assert one.span == pytest.approx((y.min(), y.max()), abs=2 * step)
    assert numbers(cells[4]) == pytest.approx(one.span, rel=5e-5, abs=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_suprema_are_those_of_the_formulas(name):
    assert lab.steepest_slope(name) == pytest.approx(SUPREMA[name], rel=5e-5)
    assert (name in views.gentle()) == (SUPREMA[name] <= 0.25)


@STATES
@given(st.lists(NAMES, min_size=1, max_size=3, unique=True), st.data(), values_of(settings.RANGE))
def test_what_is_said_of_slopes_beyond_the_range(names, data, reach):
    chosen = {name: data.draw(knob_values(ACTIVATIONS[name].knobs)) for name in names}
    shown = {name: lab.curve(name, knobs, reach) for name, knobs in chosen.items()}
    said = text.beyond(chosen, shown)
    for name, knobs in chosen.items():
        wide = np.geomspace(1e-3, 1e4, 400)
        x = torch.from_numpy(np.concatenate([-wide[::-1], wide]))
        slope = value_and_slope(lab.build(name, knobs).double(), x)[1].abs().max().item()
        supremum = lab.steepest_slope(name, knobs)
        assert slope <= supremum * (1 + 1e-4)
        inside = abs(shown[name].max_slope[0])
        if re.search(rf"[:,] {re.escape(name)} up to", said):
            assert supremum > inside
        else:
            assert float(f"{supremum:.4g}") <= inside * (1 + 2e-4)
    assert bool(said) == any(f"{name} up to" in said for name in names)


@STATES
@given(CHOSEN, configs(settings.GaussianSettings))
def test_a_batch_is_counted_as_it_is_said(chosen, gaussian):
    name, knobs = chosen
    result = lab.gaussian_batch(name, knobs, gaussian.mean, gaussian.deviation, gaussian.seed)
    slope = value_and_slope(lab.build(name, knobs).double(), torch.from_numpy(result.before))[1].numpy()
    said = text.batch(result)
    count, dead, zero, flat, size, *_ = numbers(said.replace(",", ""))
    assert (count, dead, zero, flat, size) == (4096, (slope == 0).sum(), 0, (np.abs(slope) < 0.05).sum(), 0.05)
    assert ("** where its size" in said) == (not dead)
    assert ("the dead ones included, where its size" in said) == bool(dead)


@STATES
@given(NAMES | st.none(), values_of(settings.LAYERS))
def test_what_is_said_of_depth_follows_from_the_outputs(name, depth):
    result = views.collapse(name, depth)
    effect, reason = text.depth_effect(result, depth, name), text.depth_reason(result, depth, name)
    variation = max(np.ptp(result.stack[:, unit]) for unit in range(16))
    difference = np.abs(result.stack - result.matrix).max()
    assert f"at most **{units.significant(difference, 3)}**" in effect
    assert effect.endswith(f"by at most {units.significant(variation, 3)}.")
    assert ("between them" in effect) == (depth > 1)
    rounding = 1e-11 * max(1.0, np.abs(result.stack).max())
    if "rounding in float64" in reason or "nothing remains" in reason:
        assert difference <= rounding
    elif "bends" in reason:
        assert variation >= 0.01
        assert difference > 0.01 * variation, "no sentence about an effect of size 0"
        assert f"{percent(difference / variation, 0)} of that change" in reason
    else:
        assert variation < 0.01
        assert ("to rounding, a constant" in reason) == (variation <= rounding)


def test_ten_sigmoids_are_all_but_constant():
    reason = text.depth_reason(lab.collapse("Sigmoid", 10), 10, "Sigmoid")
    assert "all but constant" in reason
    assert "bends" not in reason
    assert "comes from the bends" in text.depth_reason(lab.collapse("ReLU", 5), 5, "ReLU")


def test_a_fit_says_that_nothing_is_learned_before_the_first_step():
    first, second, *_ = lab.fit("PReLU", "Absolute value", 0.05, 0, steps=2)
    assert "Nothing is learned yet: **weight = 0.2500**" in text.fit(first)
    assert f"Learned so far: **weight = {second.parameters[0][1][0]:.4f}".replace("-", "−") in text.fit(second)


@STATES
@given(st.sampled_from(views.BOUNDED), values_of(settings.INPUT_RANGE), st.sampled_from(lab.FORMATS))
def test_spacings_are_those_of_the_formats(name, reach, dtype):
    found = lab.precision(name, (), reach, dtype)
    ends = torch.tensor([-reach, reach], dtype=torch.float64)
    assert found.largest >= lab.build(name).double()(ends).abs().max().item()
    power = 2.0 ** math.floor(math.log2(found.largest))
    start = torch.tensor(power).to(dtype)
    following = (start.view(torch.int16) + 1).view(dtype)
    assert found.spacing == following.double().item() - power
    assert lab.precision("ReLU6", (), 100.0, torch.float16).spacing == 1 / 256  # as the caption says


def test_blocks_print_the_row_of_the_table(tmp_path: Path):
    states = [(name, tuple(ACTIVATIONS[name].defaults.items()), 6.0) for name in ACTIVATIONS]
    states += [("SiLU (Swish)", (("beta", 0.1),), 20.0), ("Maxout", (("pieces", 5),), 3.0)]
    states += [("PReLU", (("init", -0.5),), 2.0), ("Softplus", (("beta", 5.0),), 1.0), ("ELU", (("alpha", 3.0),), 9.0)]
    curves = [lab.curve(*state) for state in states]
    blocks = [code_samples.curve(name, knobs, one) for (name, knobs, _), one in zip(states, curves, strict=True)]
    for printed, one, (_, _, reach) in zip(outputs(blocks, tmp_path), curves, states, strict=True):
        slope, span, flat = printed.splitlines()
        assert numbers(slope)[0] == pytest.approx(one.max_slope[0], rel=6e-4)
        assert numbers(span.replace("to", " ")) == pytest.approx(one.span, abs=2e-4 * reach)
        share = sum(high - low for low, high in one.saturated_ranges) / (2 * reach)
        assert numbers(flat)[0] == pytest.approx(100 * share, abs=0.06)
    assert not any("core" in block or "playground" in block for block in blocks)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ac_reach": "15.0", "ac_one": "ReLU", "ac_between": "Sigmoid"},
        {"ac_names": "Softplus", "ac_softplus_beta": "0.5", "ac_between": "ReLU", "ac_depth": "50"},
        {"ac_names": "Maxout", "ac_reach": "2.0", "ac_depth": "1", "ac_bits": "5000.0"},
        {"ac_one": "LeakyReLU", "ac_between": "Tanh", "ac_depth": "3"},
    ],
)
def test_the_page_shows_what_its_functions_say(query):
    page = open_page("activations", **query)
    assert not page.exception
    said = "\n".join([one.value for one in (*page.markdown, *page.caption)])
    reach, depth = page.get_by_key("ac_reach").value, page.get_by_key("ac_depth").value
    between = page.get_by_key("ac_between").value
    between = None if between == "None" else between
    assert text.depth_effect(lab.collapse(between, depth), depth, between) in said
    assert text.depth_reason(lab.collapse(between, depth), depth, between) in said
    names = query.get("ac_names", settings.OPENING)
    for name in [names] if isinstance(names, str) else names:
        knobs = (("beta", 0.5),) if name == "Softplus" else ()
        assert " | ".join(text.row(name, lab.curve(name, knobs, reach))) in said
    assert ("Steeper beyond this range: Softplus up to 1" in said) == (names == "Softplus")
