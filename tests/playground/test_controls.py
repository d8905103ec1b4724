"""Controls: every state is a link, and no link, however spoilt, ends in a traceback."""

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.knobs import Knob
from playground.controls import bounds, log_steps

APP = Path(__file__).with_name("widgets_app.py")
DEFAULT = {
    "kernel": 3,
    "alpha": 0.25,
    "lr": 0.1,
    "bias": True,
    "mode": "zeros",
    "batch": 4,
    "padding": 0,
    "side": "1",
}


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params.update(query)
    return app.run()


def values(app: AppTest) -> dict:
    assert not app.exception
    return json.loads(app.json[0].value)


def test_an_empty_link_gives_the_defaults():
    assert values(opened()) == DEFAULT


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ({"k_kernel": "7"}, {"kernel": 7}),
        ({"k_kernel": "7", "k_padding": "3"}, {"kernel": 7, "padding": 3}),
        ({"k_alpha": "0.5"}, {"alpha": 0.5}),
        ({"k_lr": "0.005"}, {"lr": 0.005}),
        ({"k_bias": "false"}, {"bias": False}),
        ({"k_mode": "circular"}, {"mode": "circular"}),
        ({"k_batch": "8"}, {"batch": 8}),
        ({"k_side": "colour"}, {"side": "3"}),
    ],
)
def test_a_link_sets_its_control_and_stays(query, changed):
    app = opened(**query)
    assert values(app) == DEFAULT | changed
    assert app.query_params == query
    assert values(app.run()) == DEFAULT | changed


SPOILT = [
    "garbage",
    "",
    "99999",
    "-99999",
    "nan",
    "inf",
    "1e999",
    "9" * 400,
    "0x10",
    "true",
    "None",
    "[]",
    "é\u0661",
    " ",
]


@pytest.mark.parametrize("value", SPOILT)
def test_a_spoilt_link_is_no_traceback_and_everything_stays_legal(value):
    found = values(opened(**{f"k_{name}": value for name in DEFAULT}))
    assert found["kernel"] in (1, 3, 5, 7, 9)
    assert 0 <= found["alpha"] <= 1
    assert found["lr"] in log_steps(0.001, 1, 0.1)
    assert found["bias"] in (True, False)
    assert found["mode"] in ("zeros", "reflect", "replicate", "circular")
    assert found["batch"] in (1, 2, 4, 8)
    assert 0 <= found["padding"] <= found["kernel"] // 2
    assert found["side"] in ("1", "3")


def test_a_value_between_two_steps_goes_to_a_step():
    app = opened(k_kernel="4")
    assert values(app)["kernel"] in (3, 5)
    assert values(app.run())["kernel"] == app.slider(key="k_kernel").value


def test_a_shrinking_bound_takes_its_value_along():
    app = opened(k_kernel="9", k_padding="4")
    assert values(app)["padding"] == 4
    app.slider(key="k_kernel").set_value(5).run()
    assert values(app)["padding"] == 2
    app.slider(key="k_kernel").set_value(1).run()
    assert values(app)["padding"] == 0


def read(app: AppTest) -> dict:
    assert not app.exception
    return ast.literal_eval(app.code[0].value)


@pytest.mark.parametrize("query", [{}, {"k_kernel": "4", "k_lr": "0.04", "k_batch": "3"}, dict.fromkeys(DEFAULT, "é")])
def test_what_is_read_is_what_the_controls_return(query):
    app = opened(**query)
    shown = values(app)
    assert read(app) == {name: shown[name] for name in read(app)}


def test_a_control_can_redraw_a_part_of_the_page_alone():
    app = opened(alone="1")
    app.slider(key="k_kernel").set_value(7).run()
    assert read(app)["kernel"] == 7
    assert not app.slider
    assert values(app.run())["kernel"] == 7


@given(st.integers(-5, 5), st.integers(0, 30), st.integers(-50, 50))
def test_bounds_hold_the_default_and_its_type(low, span, default):
    for kind in (int, float):
        found = bounds(Knob(kind(default), low, low + span))
        assert {type(value) for value in found} == {kind}
        assert found[0] <= found[2] <= found[1]
        assert found[3] > 0


@settings(deadline=None)
@given(st.floats(1e-6, 1), st.floats(1, 1e4), st.floats(0, 1))
def test_log_steps_rise_from_bound_to_bound(low, high, share):
    default = low * (high / low) ** share
    steps = log_steps(low, high, default)
    assert list(steps) == sorted(set(steps))
    assert default in steps
    assert (steps[0], steps[-1]) == (low, high) or default in (steps[0], steps[-1])
