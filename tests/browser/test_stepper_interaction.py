"""The stepper under a hand: it plays, gives way to mouse, keys and fingers, and can be edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from core.lessons.convolution import PRESETS, Stepper, constructor, kernel_cells
from playground.charts.theme import WEIGHT_SCALE, rgb
from tests.browser.chromium import rest, settle
from tests.browser.stepping import FIND
from tests.browser.visit import Visit
from tests.stepper_oracle import forward, oracle, run_lines

pytestmark = pytest.mark.browser
SENT = "window.talk.times"
# Kind and number of the grid that has the focus, row and column of its cell.
AT = """(root) => {
  const cell = root.getRootNode().activeElement;
  if (!cell?.grid) return '';
  const grids = root.stepper.board.grids[cell.grid.kind];
  return `${cell.grid.kind} ${grids.indexOf(cell.grid)}: ${cell.row}, ${cell.column}`;
}"""


@pytest.fixture
def opened(visit: Callable[..., Visit]) -> Callable[..., tuple[Page, Any]]:
    """Opens the page, with a link's text if one is given; returns it and the stepper's element."""

    def open_page(link: str = "", reduced: bool = True, **how: Any) -> tuple[Page, Any]:
        page = visit(f"/convolution{link}", reduced=reduced, **{"height": 1000, **how}).page
        page.wait_for_function(f"() => ({FIND})()")
        return page, page.evaluate_handle(FIND)

    return open_page


def cell(root: Any, kind: str, index: int) -> Any:
    return root.evaluate_handle(f"(root) => root.stepper.board.at.{kind}[{index}]").as_element()


def texts(root: Any, kind: str) -> list[str]:
    return root.evaluate(f"(root) => root.stepper.board.at.{kind}.filter(Boolean).map((cell) => cell.textContent)")


def title(root: Any) -> str:
    return root.evaluate("(root) => root.querySelector('.sum .name').textContent")


def lit(root: Any, kind: str) -> set[int]:
    """What is lit of one kind: numbers of input cells (not padding), weights or outputs."""
    found = root.evaluate("(root) => root.stepper.spotlight.story.lit.map(([kind, at]) => [kind, at])")
    source = root.evaluate("(root) => [...root.stepper.model.plan.source]")
    numbers = {at for of, at in found if of == kind}
    return {source[at] for at in numbers} - {-1} if kind == "x" else numbers


def test_it_plays_by_itself_gives_way_to_the_mouse_and_resumes(opened):
    page, root = opened(reduced=False)
    page.wait_for_function("(root) => root.stepper.player.place > 2", arg=root)
    cell(root, "y", 24).hover()
    held = root.evaluate("(root) => root.stepper.player.place")
    rest(page, 900)
    assert root.evaluate("(root) => root.stepper.player.place") == held
    assert title(root) == "y[0, 3, 3] = 3"
    page.mouse.move(5, 5)
    page.wait_for_function("([root, held]) => root.stepper.player.place > held", arg=[root, held])


def test_reduced_motion_does_not_play_and_hides_nothing(opened):
    page, root = opened()
    rest(page, 1000)
    assert root.evaluate("(root) => [root.stepper.player.place, root.stepper.player.playing]") == [0, False]
    assert root.evaluate("(root) => root.querySelectorAll('.curtain.on').length") == 0


def test_step_scrub_and_play_buttons(opened):
    page, root = opened()
    page.get_by_role("button", name="Step forward", exact=True).click()
    assert title(root).startswith("y[0, 0, 1]")
    page.get_by_role("slider", name="Step", exact=True).fill("8")
    assert title(root).startswith("y[0, 1, 1]")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("(root) => root.stepper.player.place > 8", arg=root)


def test_hover_sends_nothing_and_a_click_holds(opened):
    page, root = opened()
    rest(page, 1500)
    settle(page)
    sent = page.evaluate(SENT)
    for kind, index in (("y", 3), ("x", 40), ("w", 4), ("y", 10)):
        cell(root, kind, index).hover()
    cell(root, "y", 16).click()
    cell(root, "x", 0).hover()
    assert title(root).startswith("y[0, 2, 2]")
    page.keyboard.press("Escape")
    rest(page, 600)
    assert page.evaluate(SENT) == sent


def test_all_grids_are_one_stop_of_the_tab_key_and_keys_walk_in_and_between_them(opened):
    page, root = opened("?in_channels=2&out_channels=3&size=6")
    page.get_by_role("combobox", name="Speed").focus()
    page.keyboard.press("Tab")  # the direction
    walked = []
    keys = ("Tab", "ArrowRight", "PageDown", "End", "Control+Home", "PageDown", "PageDown", "Home")
    for key in (*keys, "ArrowUp", "Control+End", "PageUp"):
        page.keyboard.press(key)
        walked.append(root.evaluate(AT))
    assert walked[:4] == ["input 0: 0, 0", "input 0: 0, 1", "input 1: 0, 1", "input 1: 0, 5"]
    assert walked[4:8] == ["input 1: 0, 0", "kernel 0: 0, 0", "kernel 1: 0, 0", "kernel 1: 0, 0"]
    assert walked[8:] == ["kernel 1: 0, 0", "kernel 1: 2, 2", "kernel 0: 2, 2"]
    stops = "(root) => [...root.querySelectorAll('.cell')].filter((cell) => cell.tabIndex === 0).length"
    assert root.evaluate(stops) == 1
    page.keyboard.press("Tab")
    assert root.evaluate(AT) == ""


def test_what_the_keys_reach_is_announced(opened):
    page, root = opened()
    cell(root, "x", 0).focus()
    for key in ("PageDown", "PageDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert title(root) == "y[0, 1, 1] = 3"
    said = root.evaluate("(root) => root.querySelector('[aria-live]').textContent")
    assert "y[0, 1, 1] = 3" in said
    assert "1 × 1 + 0 × 0" in said


def test_presets_are_one_stop_of_the_tab_key(opened):
    page, root = opened()
    active = "(root) => root.getRootNode().activeElement.textContent"
    names = list(PRESETS)
    page.get_by_role("button", name=names[0], exact=True).focus()
    for key, name in (("ArrowRight", names[1]), ("End", names[-1]), ("ArrowRight", names[0]), ("ArrowLeft", names[-1])):
        page.keyboard.press(key)
        assert root.evaluate(active) == name
    page.keyboard.press("Tab")
    assert root.evaluate("(root) => root.getRootNode().activeElement.getAttribute('role')") == "radio"


def test_an_edit_changes_the_output_survives_other_controls_and_is_in_the_link(opened):
    page, root = opened()
    cell(root, "x", 0).click()
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    cell(root, "w", 0).dblclick()
    page.keyboard.type("-0.5")
    page.keyboard.press("Enter")
    state = Stepper(x="0.0.0.250", w="0.0.0.0.-50")
    assert texts(root, "y")[0] == "0.75"
    page.wait_for_function("() => location.search.includes('x=0.0.0.250')")
    page.get_by_role("slider", name="Stride", exact=True).press("ArrowRight")
    page.get_by_role("slider", name="Stride", exact=True).press("ArrowLeft")
    shown = [float(text.replace("−", "-")) for text in texts(root, "y")]
    assert shown == pytest.approx(oracle(state)[0].flatten().tolist())
    settle(page)
    page.reload()
    settle(page)
    page.wait_for_function(f"() => ({FIND})()")
    assert texts(page.evaluate_handle(FIND), "y")[0] == "0.75"


def test_what_is_no_number_is_refused(opened):
    page, root = opened()
    cell(root, "x", 0).click()
    for wrong in ("1e5", "--2", "1.234", "100"):
        page.keyboard.press("Enter")
        page.keyboard.type(wrong)
        page.keyboard.press("Enter")
    assert texts(root, "x")[0] == "1"


def test_the_lines_on_the_page_reproduce_the_cells(opened):
    page, root = opened()
    settle(page)
    for name in ("Three channels", "Checkerboard", "Average pooling"):
        page.get_by_role("button", name=name, exact=True).click()
        line = constructor(PRESETS[name])
        page.wait_for_function(
            "(line) => document.querySelector('[data-testid=stCode]').innerText.includes(line)", arg=line
        )
        code = page.locator("[data-testid=stCode] code").first.inner_text()
        shown = torch.tensor([float(text.replace("−", "-")) for text in texts(root, "y")])
        torch.testing.assert_close(run_lines(code)["y"].detach().flatten(), shown, atol=1e-4, rtol=1e-5)


def test_backward_a_click_picks_the_output_that_is_differentiated(opened):
    page, root = opened("?picture=random&weights=random&size=6&backward=1")
    assert set(texts(root, "y")) == {"1"}
    cell(root, "y", 5).click()
    state = Stepper(picture="random", weights="random", size=(6, 6), backward=True, picked="0.1.1")
    assert [float(text.replace("−", "-")) for text in texts(root, "x")] == oracle(state)[1].flatten().tolist()
    page.wait_for_function("() => location.search.includes('picked=0.1.1')")


@pytest.mark.parametrize(
    "state",
    [
        Stepper(size=(6, 7), kernel=(2, 3), stride=(2, 1), dilation=(2, 1), padding=(1, 1, 0, 1), weights="blur"),
        Stepper(size=(4, 4), in_channels=2, out_channels=4, groups=2, weights="blur", padding=(1,) * 4),
        Stepper(mode="transposed", size=(4, 3), stride=(2, 2), padding=(1,) * 4, weights="blur", in_channels=2),
    ],
)
def test_a_weight_lights_the_inputs_it_meets_and_an_input_the_outputs_that_read_it(opened, state):
    link = "?" + "&".join(f"{name}={value}" for name, value in (state.params | {"picture": "ramp"}).items())
    page, root = opened(link)
    x, weight, y = _graph(state)
    for index in (0, weight.numel() // 2, weight.numel() - 1):
        page.mouse.move(2, 2)
        cell(root, "w", index).hover()
        (gradient,) = torch.autograd.grad(y.sum(), weight, create_graph=True)
        (met,) = torch.autograd.grad(gradient.flatten()[index], x, retain_graph=True)
        assert lit(root, "x") == set(met.flatten().nonzero().flatten().tolist())
    places = root.evaluate("(root) => root.stepper.model.plan.copies.map((copies) => copies[0])")
    for index in (0, x.numel() // 2):
        cell(root, "x", places[index]).hover()
        readers = [
            o for o in range(y.numel()) if torch.autograd.grad(y.flatten()[o], x, retain_graph=True)[0].flatten()[index]
        ]
        assert lit(root, "y") == set(readers)


def _graph(state: Stepper) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """x, weight and y of a state, all numbers 1, with the graph that joins them."""
    state = state.effective
    x = torch.ones(1, state.in_channels, *state.size, dtype=torch.double, requires_grad=True)
    weight = torch.ones(kernel_cells(state).shape, dtype=torch.double, requires_grad=True)
    return x, weight, forward(state, x, weight, None)


def test_each_cell_of_the_window_wears_the_colour_of_its_weight(opened):
    page, root = opened()
    page.get_by_role("button", name="Three channels", exact=True).click()
    cell(root, "y", 4).hover()
    colours = root.evaluate("""(root) => root.stepper.board.grids.input.map((grid) => {
      const {wide, tall, pen} = grid.overlay;
      return [1, 2, 3].map((row) => [1, 2, 3].map((column) =>
        [...pen.getImageData(column * wide + 4, row * tall + 4, 1, 1).data].slice(0, 3)));
    })""")
    kernel = kernel_cells(PRESETS["Three channels"])[0] / 100
    expected = rgb(kernel, np.abs(kernel_cells(PRESETS["Three channels"])).max() / 100, WEIGHT_SCALE)
    assert np.abs(np.array(colours, dtype=int) - expected.astype(int)).max() <= 1


def test_a_finger_holds_a_cell(opened):
    _, root = opened(width=390, height=844, touch=True)
    cell(root, "y", 8).tap()
    assert title(root).startswith("y[0, 1, 1]")
    assert root.evaluate("(root) => Boolean(root.stepper.pointing.pinned)")
