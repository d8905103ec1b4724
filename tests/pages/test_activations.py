"""The activation page: curves, counts and the little run."""

import numpy as np
import pytest

from core.layers.activations import ACTIVATIONS
from core.lessons import activations as lab
from tests.pages.helpers import open_page


def words(page) -> str:
    return "\n".join(text.value for text in page.markdown)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_printed_lines_give_the_drawn_curve(name):
    page = open_page("activations", ac_names=name)
    assert not page.exception
    names = {}
    exec(page.code[0].value, names)
    found = lab.curve(name)
    np.testing.assert_allclose(names["y"].detach().numpy(), found.y, atol=1e-12)
    np.testing.assert_allclose(names["slope"].numpy(), found.slope, atol=1e-12)


def test_table_says_a_quarter_and_the_challenge_checks_it():
    page = open_page("activations")
    table = words(page).replace("\u00a0", " ")
    assert "| Sigmoid | 0.25 | 0 | −6 to −2.89, 2.89 to 6 | 0.0024726 to 0.99753 |" in table
    assert "| Tanh | 1 | 0 | −6 to −2.18, 2.18 to 6 | −0.99999 to 0.99999 |" in table  # it never gets there
    assert "| SiLU (Swish) | 1.1 | 2.40 | −6 to −4.08, −1.56 to −1.08 | −0.27846 to 5.9852 |" in table
    assert "| ReLU | 1 | 0 to 6 | −6 to 0 | 0 to 6 |" in table
    assert "Solved" not in words(page)
    page.get_by_key("ac_reach").set_value(15.0).run()
    assert "| Sigmoid | 0.25 | 0 | −15 to −2.89, 2.89 to 15 | 3.059e−7 to ≈ 1 |" in words(page).replace("\u00a0", " ")
    page.get_by_key("ac_names").set_value(["Sigmoid", "Hardsigmoid"]).run()
    assert "Solved" in words(page)
    page.get_by_key("ac_names").set_value([]).run()
    assert not page.exception


def test_all_at_once_are_all_drawn_and_told_apart(monkeypatch):
    drawn = []
    monkeypatch.setattr("playground.activations.views.curves", lambda x, panels, **rest: drawn.append(panels))
    page = open_page("activations")
    page.get_by_key("ac_names").set_value(list(ACTIVATIONS)).run()
    assert not page.exception
    lines = next(panels[0].lines for panels in drawn if len(panels[0].lines) == len(ACTIVATIONS))
    assert len({(line.colour, line.dash) for line in lines}) == len(ACTIVATIONS)
    assert words(page).count("| Softsign |") == 1
    labels = [slider.label for slider in page.slider]
    assert {"ELU: alpha", "CELU: alpha", "Softplus: beta"} <= set(labels)


def test_race_starts_moves_on_and_stops():
    page = open_page("activations")
    assert "run:ac-fit" not in page.session_state
    page.get_by_key("ac-fit-start").click().run()
    run = page.session_state["run:ac-fit"]
    passed = len(run.history)
    page.run()
    assert len(run.history) > passed or run.is_over
    page.get_by_key("ac-fit-stop").click().run()
    assert run.is_over
    assert not page.exception


def test_depth_without_activation_is_rounding_only():
    assert "with no activation between them" in words(open_page("activations", ac_depth="50"))
    assert "One layer has nothing" in "\n".join(
        text.value for text in open_page("activations", ac_between="ReLU", ac_depth="1").caption
    )
    assert "best least-squares fit" in "\n".join(
        text.value for text in open_page("activations", ac_between="ReLU").caption
    )


def test_every_saturated_range_is_marked_in_its_own_colour(monkeypatch):
    drawn = []
    monkeypatch.setattr("playground.activations.views.curves", lambda x, panels, **rest: drawn.append(panels))
    open_page("activations")
    for panel in drawn[0]:
        assert {line.name: line.marks for line in panel.lines} == {
            name: lab.curve(name).saturated_ranges for name in ("Sigmoid", "Tanh", "ReLU", "SiLU (Swish)")
        }


def test_formulas_of_all_chosen_with_their_numbers():
    page = open_page("activations", ac_elu_alpha="2.5")
    page.get_by_key("ac_names").set_value(["Sigmoid", "ELU"]).run()
    assert ACTIVATIONS["Sigmoid"].formula in page.latex[0].value
    assert ACTIVATIONS["ELU"].formula + r",\quad \text{alpha} = 2.5" in page.latex[0].value


def test_the_knobs_of_an_activation_reach_its_batch():
    page = open_page("activations", ac_one="LeakyReLU", ac_g_leakyrelu_negative_slope="0.5")
    assert "**0** fall where the slope is exactly 0 (**dead**: no gradient) and **0** where its size" in words(page)
    page = open_page("activations", ac_one="LeakyReLU")
    found = lab.gaussian_batch("LeakyReLU", (), 0.0, 1.0, 0)
    assert found.dead[0] == 0
    assert f"and **{found.saturated[0]:,}** where its size is below 0.05 (**flat**)" in words(page)
