"""The dropout page: its printed lines give what it shows, and its challenges can be solved."""

import contextlib
import dataclasses
import io
import re

import numpy as np
import pytest

from core.layers.dropout import DROPOUTS
from core.lessons import dropout as lab
from core.lessons.dropout.masks import DropoutSample
from core.percent import percent
from playground.charts import dropout as charts
from playground.dropout import text as words
from playground.live_training import LiveRun
from tests.pages.helpers import open_page


def said(page) -> str:
    return "\n".join(text.value for text in page.markdown)


def run(text: str) -> dict:
    names = {}
    exec(text, names)
    return names


@pytest.fixture(scope="module", params=DROPOUTS)
def page(request):
    """The page with one kind everywhere."""
    kind = request.param
    found = open_page("dropout", do_kind=kind, dm_kind=kind, da_kind=kind, dr_kind=kind, do_draw="3", dr_rounds="5")
    assert not found.exception
    return kind, found


def test_printed_lines_give_the_draw_on_the_screen(page):
    kind, found = page
    y = run(found.code[0].value)["y"].numpy()
    knobs = tuple((key, found.session_state[f"do_{kind.lower()}_{key}"]) for key in DROPOUTS[kind].knobs)
    after = lab.sample(kind, knobs, "china", 3).after
    if DROPOUTS[kind].on == "branch":  # one map of each photograph is shown
        distance = np.abs(y.swapaxes(0, 1) - after).max((1, 2, 3))
        assert distance.min() < 1e-5
    else:
        np.testing.assert_allclose(y[0], after, rtol=1e-5, atol=1e-5)


def test_printed_lines_give_the_answers_on_the_screen(page):
    _, found = page
    names = run(found.code[1].value)
    first = int(names["evaluation"].argmax())
    mean, std = names["mean"][first].item(), names["std"][first].item()
    assert f"predicts **{first}** with {percent(names['evaluation'].max().item(), 1)}" in said(found)
    assert (
        f"the probability of {first} is {percent(mean, 1)} on average, with a standard deviation of {100 * std:.1f} "
        in (said(found))
    )


def test_the_mean_shown_is_the_mean_of_the_draws(page):
    kind, found = page
    knobs = tuple((key, found.session_state[f"dm_{kind.lower()}_{key}"]) for key in DROPOUTS[kind].knobs)
    means = lab.estimate(kind, knobs, "camera", lab.CELLS[0], found.session_state["dm_seed"])
    mean, value = (f"{one:.4f}".replace("-", "−") for one in (means.draws.mean(), means.value))
    assert re.search(rf"\| mean of 1,000 draws \| {mean} \|", said(found))
    assert re.search(rf"\| \*\*without dropout\*\* \| {value} \|", said(found))


def test_both_train_and_the_lines_give_the_last_round():
    page = open_page("dropout", dr_pictures="40", dr_rounds="5", dr_kind="Dropout")
    page.get_by_key("dr-run-start").click().run()
    live = page.session_state["run:dr-run"]
    for _ in range(20):
        if live.is_over:
            break
        page.run()
    page.run()
    assert not page.exception
    assert len(live.history) == 5
    with contextlib.redirect_stdout(io.StringIO()):
        names = run(page.code[2].value)
    history = [tuple(dataclasses.astuple(epoch) for epoch in pair) for pair in live.history]
    assert list(zip(names["without"], names["with_dropout"], strict=True)) == history
    a, b = live.history[-1]
    assert f"| training accuracy | {percent(a.accuracy, 1)} | {percent(b.accuracy, 1)} |" in said(page)
    assert (
        f"| **generalization gap** | **{100 * words.gap(a):.1f}** points | **{100 * words.gap(b):.1f}** points |"
        in said(page)
    )


def test_draw_again_throws_the_dice_once_more():
    page = open_page("dropout", do_draw="200")
    page.get_by_key("do_again").click().run()
    assert page.get_by_key("do_draw").value == 1
    page.get_by_key("do_again").click().run()
    assert page.get_by_key("do_draw").value == 2
    assert "torch.manual_seed(2)" in page.code[0].value


def test_nothing_is_solved_at_first_and_two_challenges_are_by_hand():
    assert "Solved" not in said(open_page("dropout"))
    page = open_page(
        "dropout", do_kind="DropBlock", do_dropblock_block_size="3", do_dropblock_p="0.22",
        da_number="10", da_degrees="90",
    )  # fmt: skip
    assert said(page).count("Solved") == 2
    assert 0.195 < words.expected_share((("p", 0.22), ("block_size", 3))) < 0.205


def test_the_race_challenge_asks_for_half_the_gap_of_a_whole_run():
    course = lab.DropoutTraining()
    knobs = (("p", 0.5),)
    live = LiveRun((course, "Dropout", knobs), iter(()), list(lab.train_both(course, "Dropout", knobs)), is_over=True)
    a, b = live.history[-1]
    assert words.gap(b) <= words.gap(a) / 2
    assert words.halves_the_gap(live) == (b.validation_accuracy >= a.validation_accuracy)
    assert words.halves_the_gap(live)
    assert not words.halves_the_gap(None)
    assert not words.halves_the_gap(LiveRun(live.settings, iter(()), live.history[:-1], is_over=True))
    assert not words.halves_the_gap(LiveRun(live.settings, iter(()), [(a, a)] * course.epochs, is_over=True))


def test_draws_are_frames_of_one_drawing_and_stand_still_for_those_who_ask():
    zeros = np.zeros((5, 4, 4))
    shown = [DropoutSample(zeros + 1, zeros + place, zeros > 0) for place in range(3)]
    drawn = charts.masks(shown, 7, "maps", "values dropped")
    assert drawn.count("<svg") == 2
    assert drawn.count('class="draw-frame"') == 2 * 3
    assert "prefers-reduced-motion" in drawn
    assert "Mask 9: 0.0\N{NO-BREAK SPACE}% of values dropped" in drawn
    assert "Mean 2, without dropout 1" in drawn
    assert "@keyframes" not in charts.masks(shown[:1], 7, "maps", "values dropped")


def test_the_curve_over_angles_goes_through_the_passes_above_it(monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        "playground.dropout.views.curves", lambda x, panels, key, **rest: drawn.update({key: (x, panels)})
    )
    page = open_page("dropout", da_degrees="45")
    found = lab.predict("Dropout", (("p", 0.5),), 26, 45, 1)
    angles, (panel,) = drawn["da-sweep"]
    place = angles.index(45)
    assert list(angles) == sorted({*lab.ANGLES, 45})
    assert panel.lines[0].y[place] == found.evaluation[found.label]
    assert panel.lines[1].y[place] == pytest.approx(found.passes[:, found.label].mean())
    assert f"is predicted in {found.votes.max()} of them" in said(page)
