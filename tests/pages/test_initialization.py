"""The initialization page: its printed lines, its sums, and what it says of symmetry."""

import re

import numpy as np
import pytest

from core.layers.initialization import INITIALIZATIONS
from core.lessons.initialization import signal_propagation as lab
from core.lessons.initialization.fan_arithmetic import LayerShape, draw_weight
from playground import units
from tests.pages.helpers import open_page


def words(page) -> str:
    return "\n".join(text.value for text in page.markdown)


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_printed_lines_give_the_variances_of_every_seed(name):
    page = open_page("initialization", in_name=name, in_depth="5", in_gain="1.2", in_activation="SELU")
    assert not page.exception
    names = {}
    exec(page.code[0].value, names)
    found = lab.signal(lab.LinearStack("SELU", 5, 64, 1.2), name)
    np.testing.assert_allclose(names["variances"], found.variance, rtol=1e-4)


def test_formula_with_numbers_multiplies_out():
    told = next(one.value for one in open_page("initialization").latex if "approx" in one.value)
    numbers = told.split(r"{=\;")[-1]
    one, two, three, result = (float(v) for v in re.findall(r"\d+\.?\d*(?:e-?\d+)?", numbers)[:4])
    assert f"{one * two * three:.4g}" == f"{result:.4g}"


def test_fan_arithmetic_and_the_drawn_weights():
    page = open_page("initialization")
    assert any(
        r"32 \cdot 3 \cdot 3 = 288" in one.value and r"64 \cdot 3 \cdot 3 = 576" in one.value for one in page.latex
    )
    weight = draw_weight(LayerShape("Conv", 32, 64, 3), "Kaiming normal")
    assert f"**{weight.std(correction=0):.5g}**; the formula gives **{(2 / 288) ** 0.5:.5g}**" in words(page)


def test_a_constant_has_one_unit_and_chance_eight():
    assert "**1** distinct unit of 8" in words(open_page("initialization"))
    assert "**8** distinct units of 8" in words(open_page("initialization", in_s_name="Kaiming normal"))


def test_challenge_is_solved_by_the_root_of_two_over_fan_in():
    asked = {"in_name": "Normal", "in_width": "56", "in_normal_std": "0.1", "in_gain": "1.9"}
    assert "Solved" not in words(open_page("initialization"))
    assert "Solved" in words(open_page("initialization", **asked))


def test_where_theory_is_silent_the_page_says_so():
    said = words(open_page("initialization", in_name="LSUV"))
    assert "No theory curve is drawn" in said
    assert "No theory curve is drawn" not in words(open_page("initialization"))


def test_the_drawn_variances_are_the_variances(monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        "playground.initialization.views.curves", lambda x, panels, key, *rest, **more: drawn.update({key: panels})
    )
    page = open_page("initialization", in_depth="6")
    found = lab.signal(lab.LinearStack(depth=6), "Xavier normal")
    variance, mean = drawn["in-signal"]
    low, middle, high = found.band("variance")
    assert variance.log
    assert not mean.log
    np.testing.assert_array_equal(variance.bands[0].low, low)
    np.testing.assert_array_equal(variance.bands[0].high, high)
    np.testing.assert_array_equal(next(line.y for line in variance.lines if line.name == "Median over seeds"), middle)
    changes = sorted(found.variance[:, -1] / found.variance[:, 1])
    assert f"by {units.significant(changes[lab.SEEDS // 2], 3)} in total" in words(page)
    assert drawn["in-lsuv"][0].log
    np.testing.assert_allclose(
        drawn["in-lsuv"][0].lines[0].y, lab.before_activation(lab.LinearStack("GELU", 20), "Orthogonal"), rtol=1e-6
    )


def test_lsuv_line_is_what_the_lab_finds():
    found = lab.before_activation(lab.LinearStack("GELU", 20), "LSUV")[-1]
    assert f"variance is now **{found:.3f}**" in words(open_page("initialization"))


@pytest.mark.parametrize("query", [{"in_name": "x", "in_depth": "-3"}, {"in_activation": "y", "in_depth": "1"}])
def test_a_spoilt_link_opens(query):
    assert not open_page("initialization", **query).exception
