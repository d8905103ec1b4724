"""The gradient page: its code, its badge, its presets and its training run."""

import pytest

from core.lessons import gradients
from core.lessons.gradients import PRESETS
from playground import units
from playground.gradients.text import progress, violins
from tests.pages.helpers import components, formulas, open_page


def words(page) -> str:
    return "\n".join(text.value for text in page.markdown)


def marked(page) -> set[str]:
    return {button.label for button in page.button if button.proto.type == "primary"} & set(PRESETS)


def test_opens_on_twenty_sigmoid_layers_against_relu():
    page = open_page("gradients")
    assert not page.exception
    assert "differ in one setting: Activation (Sigmoid vs. ReLU)" in words(page)
    assert PRESETS["Sigmoid vs. ReLU"].summary in words(page)
    assert any("0.25^{19}" in latex for latex in formulas(page))
    opening = PRESETS["Sigmoid vs. ReLU"]
    assert violins({"A": opening.a, "B": opening.b}) in components(page, "inline_svg")[0]


def test_printed_lines_give_the_first_and_last_gradient():
    page = open_page("gradients", ga_depth="7", ga_kind="3×3 conv", ga_norm="Batch", g_seed="2")
    names = {}
    exec(page.code[0].value, names)
    first, last = names["gradients"][0], names["gradients"][-1]
    rows = {"Loss": (names["loss"].item(), 4), "‖∂L/∂W‖, first layer": (first, 3)}
    for name, (value, digits) in (rows | {"‖∂L/∂W‖, last layer": (last, 3)}).items():
        assert f"| {name} | {units.significant(value, digits)} |" in words(page)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_sets_both_networks(preset):
    page = open_page("gradients")
    page.get_by_key(f"preset-{preset}").click().run()
    assert not page.exception
    chosen = PRESETS[preset]
    losses = " | ".join(units.significant(gradients.inspect(config).loss) for config in (chosen.a, chosen.b))
    assert f"| Loss | {losses} |" in words(page)
    assert "differ in one setting" in words(page)
    assert chosen.summary in words(page)
    assert page.get_by_key("g_what").value == chosen.view
    assert marked(page) == {preset}
    assert marked(open_page("gradients", **page.query_params)) == {preset}


def test_a_moved_control_redraws_what_follows_it_and_no_control():
    page = open_page("gradients", gb_depth="9")
    page.get_by_key("ga_depth").set_value(7).run()
    assert not page.exception
    assert not page.slider
    assert not page.selectbox
    assert not page.button, "no other preset is on the screen"
    assert "differ in 2 settings" in words(page)
    assert "depth, width = 7, 32" in page.code[0].value
    assert page.run().get_by_key("ga_depth").value == 7


def test_a_control_that_leaves_a_preset_takes_its_mark_away_and_one_that_comes_to_a_preset_marks_it():
    page = open_page("gradients")
    page.get_by_key("ga_depth").set_value(7).run()
    assert len(page.button) == len(PRESETS)
    assert marked(page) == set()
    page.run().get_by_key("ga_depth").set_value(20).run()
    assert marked(page) == {"Sigmoid vs. ReLU"}


def test_warns_when_more_than_one_setting_differs():
    page = open_page("gradients", gb_depth="5")
    assert "differ in 2 settings" in words(page)
    page.get_by_key("gb_activation").set_value("Sigmoid")
    page.get_by_key("gb_depth").set_value(20).run()
    assert "the same network" in words(page)
    assert "Two networks of your own" in words(page)


def test_challenge_is_solved_by_batch_norm():
    assert "Solved" not in words(open_page("gradients"))
    assert "Solved" in words(open_page("gradients", ga_norm="Batch"))


def test_both_train_and_the_slider_goes_back():
    page = open_page("gradients", ga_depth="3", gb_depth="3")
    page.get_by_key("g-run-start").click().run()
    run = page.session_state["run:g-run"]
    for _ in range(60):
        if run.is_over:
            break
        page.run()
    assert run.is_over
    assert len(run.history) == 200
    page.run()
    page.get_by_key("g-step").set_value(10).run()
    assert not page.exception
    a, _, seed = run.settings
    assert run.history[10][0].loss == list(gradients.train(a, seed, 11))[10].loss
    changed = "The settings have changed since this run"
    assert not any(changed in text.value for text in page.caption)
    page.get_by_key("gb_gain").set_value(2.0).run()
    assert any(changed in text.value for text in page.caption)


def test_a_run_is_of_what_the_controls_say_when_it_starts():
    page = open_page("gradients", ga_depth="3", gb_depth="3")
    page.get_by_key("g_seed").set_value(4).run()
    page.run().get_by_key("g-run-start").click().run()
    assert not page.exception
    run = page.session_state["run:g-run"]
    assert (run.settings.seed, run.settings.a.depth) == (4, 3)
    a, _, seed = run.settings
    assert run.history[0][0].loss == next(gradients.train(a, seed)).loss


def test_a_run_that_diverged_says_where_and_gives_no_figure_that_is_none():
    *_, last = gradients.train(PRESETS["Gradient clipping"].a, 0, 30)
    assert progress(last) == f"diverged at step {last.number}, where the loss is no longer finite"
    first = next(gradients.train(PRESETS["Gradient clipping"].a, 0, 30))
    assert progress(first).startswith("step 0, loss 24,350, dead units")


def test_two_students_racing_do_not_change_each_others_runs():
    pages = [open_page("gradients", ga_depth="3", gb_depth="3", g_seed=seed) for seed in ("1", "2")]
    for page in pages:
        page.get_by_key("g-run-start").click().run()
    for _ in range(3):
        for page in pages:
            page.run()
    for page, seed in zip(pages, (1, 2), strict=True):
        run = page.session_state["run:g-run"]
        alone = gradients.train(run.settings[0], seed, len(run.history))
        assert [point[0].loss for point in run.history] == [step.loss for step in alone]
