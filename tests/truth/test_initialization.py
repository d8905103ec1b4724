"""What the initialization page shows: variances through layers, theory, drawn weights, hidden units, LSUV, code."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS
from core.lessons.initialization import signal_propagation as lab
from core.lessons.initialization.fan_arithmetic import LayerShape, draw_weight, expected_std
from core.lessons.initialization.signal_propagation import LinearStack
from core.lessons.initialization.symmetry import train_hidden_units
from playground import units
from playground.initialization import code_samples, text
from tests.pages.helpers import open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs, knob_values

SHOWS = {
    "Curves: mean and variance, band over seeds": "tests/pages/test_initialization.py::"
    "test_the_drawn_variances_are_the_variances",
    "Curve: theory of wide layers": "tests/core/lessons/test_initialization.py::test_theory_is_what_wide_layers_do",
    "What a layer does to the variance: median seed, range, total": "test_what_a_layer_does_is_what_a_seed_shows",
    "Why there is no theory": "test_the_reason_for_no_theory_is_true",
    "Theory with numbers": "test_the_numbers_of_the_theory_multiply_to_the_number_shown",
    "Challenge: 10 % per layer on average": "test_the_challenge_asks_for_what_it_checks",
    "Fans and the deviation of drawn weights": "test_the_deviation_is_that_of_the_weights_and_near_the_formula",
    "Hidden units: how many are distinct, the loss before and after": "test_what_is_said_of_hidden_units_is_so",
    "Heat map of schemes": "tests/core/lessons/test_initialization.py::test_table_of_scales_is_that_of_the_stack",
    "LSUV: curves and sentence": "test_lsuv_reaches_what_its_sentence_says",
    "The same in PyTorch": "test_blocks_print_the_variances_of_the_page",
    "All of it together": "test_the_page_shows_what_its_functions_say",
}
SCHEMES = st.sampled_from(list(INITIALIZATIONS)).flatmap(
    lambda name: st.tuples(st.just(name), knob_values(INITIALIZATIONS[name].knobs))
)


def numbers(words: str) -> list[float]:
    plain = words.replace("−", "-").replace("*", "").replace(",", "")
    return [float(one) for one in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e-?\d+)?", plain)]


@STATES
@given(configs(LinearStack), SCHEMES)
def test_what_a_layer_does_is_what_a_seed_shows(stack, scheme):
    statistics = lab.signal(stack, *scheme, seeds=3)
    said, layers = text.layer_effect(statistics), stack.depth - 1
    first, last = statistics.variance[:, 1], statistics.variance[:, -1]
    if layers < 1:
        assert "single layer" in said
    elif not np.isfinite(statistics.variance).all():
        assert "beyond what float32 can hold" in said
    elif not (first > 0).all() or not (last > 0).all():
        assert "Nothing is left" in said
    else:
        changes = sorted(last / first)
        shown, *rest = numbers(said.split("variance by")[1])
        assert shown**layers == pytest.approx(changes[1], rel=5.1e-3)
        if layers > 1:
            total, low, high = rest
            assert f"by {units.significant(shown**layers, 3)} in total" in said
            assert total == pytest.approx(changes[1], rel=5.1e-3)
        else:
            low, high = rest
            assert "in total" not in said
        assert low <= shown * (1 + 1e-3)
        assert shown <= high * (1 + 1e-3)
        assert (low, high) == pytest.approx((changes[0] ** (1 / layers), changes[2] ** (1 / layers)), rel=5e-4)


def test_the_median_is_that_of_one_seed():
    assert lab.SEEDS % 2 == 1
    statistics = lab.signal(LinearStack(depth=6), "Xavier normal")
    assert statistics.factor in statistics.factors


def evaluated(latex: str) -> float:
    """The value of a product as it is printed."""
    return float(eval(re.sub(r"\^\{(-?\d+)\}", r"**(\1)", latex.replace(r"\cdot", "*"))))


@STATES
@given(configs(LinearStack), SCHEMES)
def test_the_numbers_of_the_theory_multiply_to_the_number_shown(stack, scheme):
    said = text.theory_with_numbers(stack, *scheme)
    assert (said is None) == (lab.theory(stack, *scheme) is None)
    if said is None:
        return
    product, result = (evaluated(side.split(r" \quad")[0]) for side in said.split(r"\;\approx\;"))
    assert f"{product:.4g}" == f"{result:.4g}"
    assert said.startswith(f"{stack.width} ")
    layer = min(2, stack.depth)
    assert said.endswith(f"(l = {layer})")
    mean, variance = lab.theory(stack, *scheme)
    before = mean[layer - 1] ** 2 + variance[layer - 1]
    assert product == pytest.approx(stack.width * lab.weight_variance(stack, *scheme) * before, rel=1e-4)


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_the_reason_for_no_theory_is_true(name):
    if lab.theory(LinearStack(), name) is not None:
        return
    one, two = (lab.linear_layers(LinearStack(depth=1, width=16), name, (), seed)[0].weight.detach() for seed in (0, 1))
    said = text.without_theory(name)
    assert ("are not random" in said) == torch.equal(one, two)
    if name == "LSUV":
        gram = one @ one.T
        torch.testing.assert_close(gram, torch.eye(16) * gram[0, 0], atol=1e-4, rtol=0)  # scaled orthogonal


def test_the_challenge_asks_for_what_it_checks():
    assert "on average over the layers" in text.CHALLENGE
    page = open_page("initialization", in_name="Normal", in_width="56", in_normal_std="0.1", in_gain="1.9")
    statistics = lab.signal(LinearStack(depth=20, width=56, gain=1.9), "Normal", (("std", 0.1),))
    assert any("Solved" in one.value for one in page.markdown)
    assert 0.9 < statistics.factor < 1.1


@STATES
@given(configs(LayerShape), SCHEMES)
def test_the_deviation_is_that_of_the_weights_and_near_the_formula(shape, scheme):
    name, knobs = scheme
    weight = draw_weight(shape, name, knobs)
    expected = expected_std(weight, name, knobs)
    said = text.drawn_weights(weight, expected, name)
    values = weight.double().numpy().ravel()
    if len(values) == 1:
        assert f"One weight drawn with seed 0{', scaled' if name == 'LSUV' else ''}" in said
        assert f"**{values[0]:.5g}**" in said
        return
    std = np.sqrt(np.mean((values - values.mean()) ** 2))
    shown = float(said.split("standard deviation of **")[1].split("**")[0])
    assert shown == pytest.approx(std, rel=1e-4, abs=1e-12)
    if name == "Constant":
        assert "standard deviation of **0**; the formula gives **0**" in said
    elif expected is not None and len(values) > 3000:
        zeros = 1 if name != "Sparse" else (values != 0).mean() ** -0.5
        assert shown == pytest.approx(expected, rel=0.06 * zeros)


def test_lsuv_is_scaled_orthogonal_where_its_weights_are_drawn():
    weight = draw_weight(LayerShape("Conv", 4, 8, 3), "LSUV").flatten(1)
    gram = weight @ weight.T
    assert gram[0, 0] > 0
    torch.testing.assert_close(gram, torch.eye(8) * gram[0, 0], atol=1e-4, rtol=1e-4)
    x = lab.batch(36, 0)
    assert (x @ weight.T).var().item() == pytest.approx(1, abs=0.011)


@pytest.mark.parametrize("steps", [1, 2, 15])
@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_what_is_said_of_hidden_units_is_so(name, steps):
    run = train_hidden_units(name, steps=steps)
    said = text.hidden_units(run, steps)
    first, last = units.significant(run.first_loss), units.significant(run.last_loss)
    assert (f"stays at **{last}**" in said) == (first == last)
    assert (f"goes from {first} to **{last}**" in said) == (first != last)
    assert f"after {steps} step{'s' if steps > 1 else ''} ({run.distinct[0]} at the start)" in said
    rows = {tuple(np.round(unit.ravel(), 5)) for unit in run.after}
    assert len(rows) == run.distinct[-1]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_lsuv_reaches_what_its_sentence_says(activation):
    stack = LinearStack(activation, 12)
    variances, orthogonal = (lab.before_activation(stack, name) for name in ("LSUV", "Orthogonal"))
    said = text.lsuv(variances, orthogonal)
    assert np.abs(variances - 1).max() < 0.0101, "within 1 %"
    assert f"is now **{variances[-1]:.3f}**" in said
    assert f"leave {units.significant(orthogonal[-1], 3)}." in said


BLOCKS = [
    (LinearStack(), "Xavier normal", ()),
    (LinearStack("SiLU (Swish)", 5, 16, 1.3), "LSUV", ()),
    (LinearStack("Maxout", 6, 24, 0.8), "Sparse", (("sparsity", 0.5),)),
    (LinearStack("Tanh", 1), "Orthogonal", ()),
    (LinearStack("ReLU", 20, 56, 1.9), "Normal", (("std", 0.1),)),
    (LinearStack("PReLU", 4), "Identity", ()),
    (LinearStack("GELU", 12), "Uniform", (("bound", 0.2),)),
    (LinearStack("ReLU", 30, 64, 3.0), "Constant", (("value", 1.0),)),
]


def test_blocks_print_the_variances_of_the_page(tmp_path: Path):
    statistics = [lab.signal(*state) for state in BLOCKS]
    blocks = [
        code_samples.variances(*state, has_factor=not math.isnan(one.factor))
        for state, one in zip(BLOCKS, statistics, strict=True)
    ]
    for printed, one in zip(outputs(blocks, tmp_path), statistics, strict=True):
        last, *effect = printed.splitlines()
        assert float(last.split()[-1]) == pytest.approx(one.variance[0, -1], rel=1e-3, nan_ok=True)
        assert bool(effect) == (not math.isnan(one.factor))
        if effect:
            shown = [one.factor, one.factors.min(), one.factors.max()]
            assert numbers(effect[0]) == pytest.approx(shown, rel=1e-3)
    assert not any("core" in block or "playground" in block for block in blocks)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"in_name": "LSUV", "in_depth": "3", "in_f_kind": "Fully connected", "in_fs_name": "Constant"},
        {"in_name": "Constant", "in_depth": "30", "in_gain": "3.0", "in_constant_value": "1.0", "in_s_steps": "1"},
        {"in_name": "Sparse", "in_depth": "1", "in_fs_name": "LSUV", "in_f_inputs": "1", "in_f_units": "1"},
        {"in_activation": "Sigmoid", "in_l_act": "Tanh", "in_s_name": "Kaiming normal", "in_fs_name": "Sparse"},
    ],
)
def test_the_page_shows_what_its_functions_say(query):
    page = open_page("initialization", **query)
    assert not page.exception
    said = "\n".join(one.value for one in (*page.markdown, *page.caption))
    value = {key: page.get_by_key(key).value for key in ("in_activation", "in_depth", "in_width", "in_gain", "in_name")}
    stack = LinearStack(value["in_activation"], value["in_depth"], value["in_width"], value["in_gain"])
    knobs = (("value", 1.0),) if value["in_name"] == "Constant" else ()
    assert text.through_layers(stack, value["in_name"], lab.signal(stack, value["in_name"], knobs)) in said
    shape = LayerShape(*(page.get_by_key(f"in_f_{field}").value for field in ("kind", "inputs", "units", "kernel")))
    scheme = page.get_by_key("in_fs_name").value
    weight = draw_weight(shape, scheme)
    assert text.drawn_weights(weight, expected_std(weight, scheme), scheme) in said
    steps, units_name = page.get_by_key("in_s_steps").value, page.get_by_key("in_s_name").value
    assert text.hidden_units(train_hidden_units(units_name, steps=steps), steps) in said
    deep = LinearStack(page.get_by_key("in_l_act").value, page.get_by_key("in_l_depth").value)
    assert text.lsuv(lab.before_activation(deep, "LSUV"), lab.before_activation(deep, "Orthogonal")) in said
