"""The optimizer page: paths, written steps, runs, range test and schedules."""

import numpy as np
import pytest

from core.lessons.optimizers import surfaces
from core.lessons.optimizers import training as lab
from core.optim import OPTIMIZERS, SCHEDULES
from core.training.lr_range_test import suggestion
from tests.pages.helpers import formulas, open_page


def words(page) -> str:
    return "\n".join(text.value for text in page.markdown)


@pytest.mark.parametrize(
    ("surface", "name"), [("Ravine", one) for one in OPTIMIZERS] + [("Noisy", "Adam"), ("Beale", "SGD")]
)
def test_printed_lines_walk_the_drawn_path(surface, name):
    page = open_page("optimizers", op_surface=surface, op_one=name, op_lr="0.01", op_weight_decay="0.05")
    assert not page.exception
    names = {}
    exec(page.code[0].value, names)
    start = (page.get_by_key("op_x").value, page.get_by_key("op_y").value)
    knobs = {key: page.get_by_key(f"op_{key}").value for key in OPTIMIZERS[name].knobs}
    found = surfaces.path(surface, name, start, 0.01, tuple(knobs.items()))
    np.testing.assert_allclose(names["path"], found.points, rtol=1e-7, atol=1e-9)


def test_first_steps_are_written_in_the_form_that_is_chosen():
    page = open_page("optimizers")
    shown = "\n".join(formulas(page))
    assert r"v_{1} &= 0.9 \cdot 0 + 6.25 = 6.25" in shown
    assert r"y_{1} &= 2.5 - 0.1 \cdot 6.25 = 1.875" in shown
    page.get_by_key("op_form").set_value("textbook").run()
    shown = "\n".join(formulas(page))
    assert r"v_{1} &= 0.9 \cdot 0 - 0.1 \cdot 6.25 = -0.625" in shown
    assert r"0.9 \cdot 0 + 6.25 = 6.25" not in shown


def test_diverging_is_said_and_a_new_surface_brings_its_start():
    page = open_page("optimizers", op_lr="1")
    assert "SGD" in page.warning[0].value
    assert "diverge" in page.warning[0].value
    page.get_by_key("op_surface").set_value("Rosenbrock").run()
    assert (page.get_by_key("op_x").value, page.get_by_key("op_y").value) == surfaces.SURFACES["Rosenbrock"].start
    assert page.get_by_key("op_lr").value == surfaces.SURFACES["Rosenbrock"].rate
    page.get_by_key("op_names").set_value([]).run()
    assert not page.exception


def test_challenge_wants_less_memory_and_longer_steps():
    assert "Solved" not in words(open_page("optimizers"))
    assert "Solved" in words(open_page("optimizers", op_lr="1", op_momentum="0.4"))


@pytest.mark.parametrize("name", SCHEDULES)
def test_printed_schedule_gives_the_drawn_rates(name):
    page = open_page("optimizers", op_s_one=name)
    names = {}
    exec(page.code[1].value, names)
    np.testing.assert_array_equal(names["rates"], lab.rates(name, 0.5))


@pytest.mark.parametrize("key", ["op-run", "op-three", "op-sched"])
def test_races_start_move_on_and_stop(key):
    page = open_page("optimizers")
    page.get_by_key(f"{key}-start").click().run()
    run = page.session_state[f"run:{key}"]
    passed = len(run.history)
    page.run()
    assert len(run.history) > passed or run.is_over
    page.get_by_key(f"{key}-stop").click().run()
    assert run.is_over
    assert not page.exception


def test_suggested_rate_is_a_tenth_of_the_highest_that_is_as_low():
    page = open_page("optimizers")
    good = suggestion(list(lab.range_test("SGD", 0)))
    assert page.metric[0].value == f"{good:.2g}"
    assert f"{10 * good:.2g} is the highest learning rate at which" in words(page)
    assert f"one tenth of that, **{good:.2g}**" in words(page)


@pytest.mark.parametrize("query", [{"op_surface": "moon", "op_lr": "nan"}, {"op_x": "1e9", "op_names": "nobody"}])
def test_a_spoilt_link_opens(query):
    page = open_page("optimizers", **query)
    assert not page.exception
