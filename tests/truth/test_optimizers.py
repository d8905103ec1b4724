"""What the optimizers page shows: surfaces and what is said of them, outcomes, steps, range test, schedules, code."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.lessons.optimizers import surfaces
from core.lessons.optimizers import training as lab
from core.lessons.optimizers.surfaces import SURFACES
from core.lessons.optimizers.worked_steps import decimal
from core.lessons.optimizers.worked_steps import worked_steps as work_out
from core.optim import OPTIMIZERS, SCHEDULES
from core.training.lr_range_test import suggestion
from playground import controls, units
from playground.optimizers import code_samples, settings, text, views
from playground.optimizers.settings import DescentSettings
from tests.core.lessons.test_optimizers_surfaces import evaluated
from tests.pages.helpers import components, open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, knob_values, values_of

SHOWS = {
    "What is said of each surface": "test_what_is_said_of_the_surfaces",
    "Paths": "tests/core/lessons/test_optimizers_surfaces.py::test_path_is_what_the_plain_loop_gives",
    "Outcome of a path: at the minimum or not, stuck, diverged": "test_an_outcome_is_what_the_points_say",
    "What at the minimum means": "test_what_is_said_of_the_surfaces",
    "Warning: who diverges": "test_an_outcome_is_what_the_points_say",
    "First steps with numbers": "test_worked_steps_add_up_and_lead_where_the_path_goes",
    "AdamW's own weight decay": "test_adamw_has_a_decay_of_its_own_which_follows_the_common_one",
    "Challenge of the ravine": "tests/pages/test_optimizers.py::test_challenge_wants_less_memory_and_longer_steps",
    "Training: losses and accuracy": "tests/core/lessons/test_optimizers_training.py::test_training_is_the_plain_loop",
    "Range test: curve, suggestion and sentence": "test_what_is_said_of_the_range_test_is_in_its_steps",
    "Schedules: rates and sentence": "test_a_schedule_does_what_is_said",
    "The same in PyTorch, paths": "test_blocks_walk_the_drawn_paths",
    "The same in PyTorch, schedules": "test_blocks_print_the_drawn_rates",
    "All of it together": "test_the_page_shows_what_its_functions_say",
}
NAMES = st.sampled_from(list(OPTIMIZERS))


@st.composite
def descents(draw) -> tuple[DescentSettings, str]:
    """A state of the first controls, and one of the optimizers."""
    surface, name = draw(st.sampled_from(list(SURFACES))), draw(NAMES)
    entry = SURFACES[surface]
    hundredths = [st.integers(round(100 * low), round(100 * high)) for low, high in (entry.x, entry.y)]
    x, y = (draw(axis | st.just(0)) / 100 for axis in hundredths)
    knobs = {settings.slider_of(name, key): value for key, value in draw(knob_values(OPTIMIZERS[name].knobs))}
    return DescentSettings(surface, (name,), (x, y), draw(values_of(settings.RATE)), (*knobs.items(),)), name


@STATES
@given(descents())
def test_an_outcome_is_what_the_points_say(state):
    descent, name = state
    path = views.paths(descent)[name]
    entry, points = SURFACES[descent.surface], path.points
    near = [min(np.hypot(*(point - low)) for low in entry.minima) <= entry.diagonal / 100 for point in points]
    said = path.outcome
    if "diverged" in said:
        assert not np.abs(points[-1]).max() < 1000 * entry.diagonal
        assert said.startswith(f"diverged after {len(points) - 1} step")
        assert f"At a learning rate of {descent.lr:g}, {name} diverges" in text.divergence(descent.lr, {name: path})
        return
    assert text.divergence(descent.lr, {name: path}) == ""
    assert len(points) == 151
    if "stuck" in said:
        for axis in said.split("in ")[1].split(" and "):
            k = "xy".index(axis)
            assert len(set(points[:, k])) == 1
            assert all(low[k] != points[0, k] for low in entry.minima), "no minimum can be reached"
    elif said.startswith(("at the minimum", "starts at")):
        first = path.arrived
        assert all(near[first:])
        assert first == 0 or not near[first - 1]
        assert len(points) - first > surfaces.SETTLED
    else:
        assert said == "not at the minimum after 150 steps"
        assert not all(near[-surfaces.SETTLED - 1 :])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_who_starts_on_the_ridge_of_the_saddle_is_stuck_and_not_on_its_way(optimizer):
    for x, lr in itertools.product((-2.0, 0.0, 1.3), (0.0001, 0.05)):
        assert surfaces.path("Saddle", optimizer, (x, 0.0), lr).outcome == "stuck: no gradient in y"
    assert "stuck" not in surfaces.path("Saddle", optimizer, (-2.0, 0.01), 0.05).outcome


def test_what_is_said_of_the_surfaces():
    curved = {}
    for name, surface in SURFACES.items():
        point = torch.tensor(surface.minima[0], dtype=torch.float64)
        hessian = torch.autograd.functional.hessian(lambda p, surface=surface: surface.value(p[0], p[1]), point)
        low, high = np.linalg.eigvalsh(hessian.numpy())
        curved[name] = high / low
        said = text.surface_legend(name)
        assert ("The crosses mark the minima" in said) == (len(surface.minima) > 1)
        assert f"within {surface.diagonal / 100:.2g} of it (1 % of the map's diagonal)" in said
        assert f"the last {surfaces.SETTLED} steps" in said
    assert curved["Bowl"] == 1
    assert "25 times flatter" in SURFACES["Ravine"].description
    assert curved["Ravine"] == pytest.approx(25)
    assert f"{curved['Rosenbrock']:,.0f} times as curved" in SURFACES["Rosenbrock"].description
    said = SURFACES["Beale"].description
    for x, y in ((5, -2.5), (-1, 2)):
        size = f"{np.hypot(*SURFACES['Beale'].gradient(x, y)):,.0f}"
        assert re.search(rf"{size} in the *corner \({x}, {y}\)", said.replace("−", "-"))


@STATES
@given(st.floats(0.001, 5), st.sampled_from(["Bowl", "Ravine"]))
def test_plain_sgd_does_on_bowl_and_ravine_what_is_said(lr, name):
    surface = SURFACES[name]
    path = surfaces.path(name, "SGD", surface.start, lr, steps=400)
    if name == "Bowl":
        overshoots = np.sign(path.points[1, 0]) != np.sign(path.points[0, 0]) and path.points[1, 0] != 0
        assert overshoots == (lr > 1)
        assert (lr > 2.1) <= (path.diverged is not None) <= (lr > 2)
    else:
        assert (lr > 0.84) <= (path.diverged is not None) <= (lr > 0.8)
        if lr <= 0.8:
            assert 1 - path.points[1, 0] / path.points[0, 0] <= 0.08 + 1e-9


def test_a_constant_rate_keeps_sgd_jumping_where_gradients_are_noisy():
    surface = SURFACES["Noisy"]
    last = surfaces.path("Noisy", "SGD", surface.start, surface.rate).points[-50:]
    assert np.hypot(*np.diff(last, axis=0).T).min() > 0
    assert surfaces.path("Noisy", "SGD", surface.start, surface.rate).arrived is None


@STATES
@given(descents(), st.sampled_from("xy"), st.sampled_from(["lines", "textbook"]))
def test_worked_steps_add_up_and_lead_where_the_path_goes(state, axis, form):
    descent, name = state
    knobs, k = descent.knobs_of(name), "xy".index(axis)
    steps = work_out(descent.surface, name, descent.start, descent.lr, knobs, form, axis=k)
    for line in (line for step in steps for line in step if "partial" not in line.numbers):
        assert decimal(evaluated(line.numbers), 6) == line.result, line
    points = views.paths(descent)[name].points
    if form == "lines" and len(points) > 2:
        assert evaluated(steps[1][-1].result) == pytest.approx(points[2, k], rel=1e-5, abs=1e-9)


def test_adamw_has_a_decay_of_its_own_which_follows_the_common_one():
    page = open_page("optimizers")
    common, own = (lambda: page.get_by_key("op_weight_decay"), lambda: page.get_by_key("op_adamw_weight_decay"))
    assert (common().value, own().value) == (0, 0.01)
    common().set_value(0.05).run()
    assert own().value == 0.05
    own().set_value(0.2).run()
    assert (common().value, own().value) == (0.05, 0.2)
    common().set_value(0.0).run()
    assert own().value == 0.01
    start, lr = SURFACES["Ravine"].start, 0.1
    descent = DescentSettings(
        "Ravine", tuple(OPTIMIZERS), start, lr, (("weight_decay", 0), ("adamw_weight_decay", 0.01))
    )
    adam, adamw = (views.paths(descent)[name].points for name in ("Adam", "AdamW"))
    assert not np.array_equal(adam, adamw)
    assert dict(descent.knobs_of("AdamW"))["weight_decay"] == 0.01
    assert dict(descent.knobs_of("Adam"))["weight_decay"] == 0
    assert not np.array_equal(*(
        [step.loss for step in lab.train(lab.LessonRun(name, 0.01, steps=5), 0)] for name in ("Adam", "AdamW")
    ))  # fmt: skip


@pytest.mark.parametrize(("optimizer", "seed"), [(name, seed) for name in OPTIMIZERS for seed in (0, 7, 20)])
def test_what_is_said_of_the_range_test_is_in_its_steps(optimizer, seed):
    steps = list(lab.range_test(optimizer, seed))
    good = suggestion(steps)
    said = text.range_test(steps, good)
    later = [step for step in steps if step.rate >= good]
    lowest = min(step.smooth for step in later if np.isfinite(step.smooth))
    if "still on its way" in said:
        assert later[0].smooth > lowest
        assert f"from {units.significant(later[0].smooth, 3)} to {units.significant(lowest, 3)}" in said
    is_short = len(steps) < lab.RANGE_TEST_STEPS
    blown_up = not steps[-1].smooth <= 4 * min(step.smooth for step in steps if np.isfinite(step.smooth))
    assert ("where the loss blew up" in said) == is_short
    assert blown_up or not is_short
    assert said.startswith(f"{10 * good:.2g} is the highest learning rate")
    near = [step for step in later if step.rate <= 10 * good * (1 + 1e-9)][-1].smooth
    assert all(step.smooth > near or step.rate <= 10 * good * (1 + 1e-9) for step in steps), "none higher is as low"
    assert f"The test ended at {steps[-1].rate:.2g}" in said


@STATES
@given(st.data(), st.sampled_from(list(SCHEDULES)), values_of(settings.SCHEDULED_RATE))
def test_a_schedule_does_what_is_said(data, name, lr):
    knobs = data.draw(knob_values(SCHEDULES[name].knobs))
    rates = lab.rates(name, lr, knobs)
    said = text.schedule_effect(rates)
    digits = "{:.3g}".format
    if "it stays at" in said:
        assert digits(rates.min()) == digits(rates.max())
        assert said.endswith(f" {units.significant(rates[0], 3)}.")
    else:
        assert f"begins at {units.significant(rates[0], 3)}" in said
        assert said.endswith(f"ends at {units.significant(rates[-1], 3)}.")
        if "is highest" in said:
            step = int(re.search(r"at step (\d+)", said)[1])
            assert rates[step] == rates.max() > max(rates[0], rates[-1])
        else:
            assert digits(rates.max()) in (digits(rates[0]), digits(rates[-1]))
    caption = text.schedule_caption(lab.LessonRun("SGD", lr, (), name, knobs), rates)
    assert ("follows the loss" in caption) == (name == "Plateau")


def test_warm_restarts_say_nothing_of_longer_cycles_where_they_are_equal():
    rates = lab.rates("Warm restarts", 0.5, (("T_0", 30), ("T_mult", 1)))
    peaks = np.flatnonzero(rates == rates.max())
    assert set(np.diff(peaks)) == {30}
    assert "longer" not in SCHEDULES["Warm restarts"].description
    assert "as long" not in SCHEDULES["Constant"].description


def numbers(words: str) -> list[float]:
    return [float(one) for one in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?|nan|inf", words)]


PATHS = [("Ravine", name, SURFACES["Ravine"].start, 0.1) for name in OPTIMIZERS] + [
    ("Saddle", "Adam", (-2.0, 0.0), 0.05),
    ("Rosenbrock", "SGD with momentum", (-1.2, 1.0), 0.001),
    ("Beale", "SGD", (5.0, -2.5), 0.1),
    ("Beale", "SGD", (4.0, -2.0), 0.01),
    ("Noisy", "Adagrad", (-4.0, 2.4), 1.0),
    ("Bowl", "SGD", (1.0, 0.5), 1.0),
]


KNOBS = {name: tuple(OPTIMIZERS[name].defaults.items()) for name in OPTIMIZERS}
RUNS = [lab.LessonRun("SGD", 0.5, (), name, tuple(SCHEDULES[name].defaults.items())) for name in SCHEDULES]
RUNS.append(lab.LessonRun("SGD", 0.1, (), "Warm restarts", (("T_0", 50), ("T_mult", 1))))


@pytest.fixture(scope="module")
def printed_blocks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What all blocks of this file print, from one start of Python."""
    paths = [code_samples.descent(*state, KNOBS[state[1]]) for state in PATHS]
    rates = [code_samples.schedule(run) for run in RUNS]
    assert not any("core" in block or "playground" in block for block in (*paths, *rates))
    printed = outputs([*paths, *rates], tmp_path_factory.mktemp("stranger"))
    return {"paths": printed[: len(paths)], "rates": printed[len(paths) :]}


def test_blocks_walk_the_drawn_paths(printed_blocks):
    for printed, (surface, name, start, lr) in zip(printed_blocks["paths"], PATHS, strict=True):
        path = surfaces.path(surface, name, start, lr, KNOBS[name])
        *steps, last = [line for line in printed.splitlines() if line.startswith("step")]
        for number, line in enumerate(steps, start=1):
            assert numbers(line) == pytest.approx([number, *path.points[number]], rel=1e-5, abs=1e-9)
        assert numbers(last) == pytest.approx([len(path.points) - 1, path.losses[-1]], rel=1e-3, nan_ok=True)
        assert (f"at the minimum from step {path.arrived} on" in printed) == (path.arrived is not None)


def test_blocks_print_the_drawn_rates(printed_blocks):
    for printed, run in zip(printed_blocks["rates"], RUNS, strict=True):
        rates = lab.rates(run.schedule, run.learning_rate, run.schedule_knobs)
        shown = [rates[0], rates[-1], rates.argmax(), rates.max()]
        assert numbers(printed) == pytest.approx(shown, rel=5e-3)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"op_surface": "Bowl", "op_lr": "5.0", "op_s_one": "Constant"},
        {"op_surface": "Saddle", "op_x": "-2.0", "op_y": "0.0", "op_lr": "0.05", "op_s_one": "Plateau"},
        {"op_surface": "Noisy", "op_one": "AdamW", "op_axis": "x", "op_s_one": "Warm restarts"},
        {"op_names": "AdamW", "op_adamw_weight_decay": "0.3", "op_f_one": "Adagrad", "op_s_one": "Step"},
    ],
)
def test_the_page_shows_what_its_functions_say(query):
    page = open_page("optimizers", **query)
    assert not page.exception
    said = "\n".join(one.value for one in (*page.markdown, *page.caption, *page.warning))
    surface, lr = page.get_by_key("op_surface").value, page.get_by_key("op_lr").value
    start = (page.get_by_key("op_x").value, page.get_by_key("op_y").value)
    drawn = components(page, "loss_surface")[0]["tracks"]
    for track in drawn:
        own = {key: settings.slider_of(track["name"], key) for key in OPTIMIZERS[track["name"]].knobs}
        knobs = {key: page.get_by_key(f"op_{slider}").value for key, slider in own.items()}
        path = surfaces.path(surface, track["name"], start, lr, (*knobs.items(),))
        assert track["outcome"] == path.outcome
        assert track["lost"] == (path.diverged is not None)
        assert (track["name"] in said.split("A path ends")[0].split("At a learning rate")[-1]) >= track["lost"]
    assert text.surface_legend(surface) in said
    steps = list(lab.range_test(page.get_by_key("op_f_one").value, 0))
    assert text.range_test(steps, suggestion(steps)) in said
    schedule = page.get_by_key("op_s_one").value
    rates = lab.rates(schedule, page.get_by_key("op_s_lr").value, tuple(SCHEDULES[schedule].defaults.items()))
    assert text.schedule_effect(rates) in said
    assert controls.legal(settings.RATE, lr) == lr
