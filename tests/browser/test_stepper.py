"""Each number that the stepper shows is PyTorch's, in every mode; its rules are those of core.lessons.convolution."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from core.knobs import knobs_of
from core.lessons.convolution import PRESETS, Stepper, constructor, input_cells, kernel_cells, nearest_legal, violation
from tests.browser.chromium import settle
from tests.browser.stepping import FIND
from tests.browser.tabs import Tabs
from tests.stepper_oracle import oracle

pytestmark = pytest.mark.browser
CASES = 80
SUMS = 4  # cells a case whose written sum is added up

# What is on the screen in a state: the text of each cell, the lines, and the sums of some outputs.
READ = """(root, [params, backward, sums]) => {
  const stepper = root.stepper;
  const afterLead = (row) => row.textContent.slice(row.querySelector('b').textContent.length);
  stepper.player.pause();
  stepper.set({...params, backward: '0'});
  const texts = (kind) => [...root.querySelectorAll(`.block.${kind} .cell`)];
  const shown = {
    y: texts('output').map((cell) => cell.textContent),
    x: texts('input').filter((cell) => !cell.classList.contains('pad')).map((cell) => cell.textContent),
    unread: texts('input').filter((cell) => cell.classList.contains('unread')).length,
    hits: texts('output').map((cell) => cell.dataset.badge ?? ''),
    line: root.querySelector('.facts .line').textContent,
    size: [...root.querySelectorAll('.facts .size')].map((line) => line.textContent),
    sums: [],
  };
  const outputs = texts('output');
  for (let i = 0; i < sums; i += 1) {
    const cell = outputs[Math.floor((i + 0.5) * outputs.length / sums)];
    cell.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
    shown.sums.push({
      value: cell.textContent, title: root.querySelector('.sum .name').textContent,
      rows: [...root.querySelectorAll('.sum .terms')].map(afterLead),
      end: root.querySelector('.sum .end').textContent,
    });
    stepper.board.root.dispatchEvent(new PointerEvent('pointerleave'));
  }
  stepper.set({...params, backward: '1'});
  shown.dx = texts('input').filter((cell) => !cell.classList.contains('pad')).map((cell) => cell.textContent);
  const byIndex = (kind) => stepper.board.at[kind].map((cell) => cell.textContent);
  shown.dw = byIndex('w');
  shown.db = byIndex('b');
  shown.grads = [];
  for (const cells of [stepper.board.at.x.filter((cell) => !cell.classList.contains('pad')), stepper.board.at.w]) {
    const cell = cells[Math.floor(cells.length / 2)];
    if (cell.kind === 'w' && stepper.model.plan.pool) continue;
    cell.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
    shown.grads.push({value: cell.textContent, title: root.querySelector('.sum .name').textContent,
      row: afterLead(root.querySelector('.sum .terms')), end: root.querySelector('.sum .end').textContent});
    stepper.board.root.dispatchEvent(new PointerEvent('pointerleave'));
  }
  return shown;
}"""


@pytest.fixture(scope="module")
def page(tabs: Tabs, app: str) -> Iterator[Page]:
    with tabs.lent(reduced=True) as page:
        page.goto(f"{app}/convolution")
        settle(page)
        page.wait_for_function(f"() => ({FIND})()")
        yield page


@pytest.fixture
def root(page: Page) -> Any:
    return page.evaluate_handle(FIND)


def number(text: str) -> Fraction:
    return Fraction(text.replace("−", "-"))


def cases() -> list[Stepper]:
    """Random states over all modes, padding modes and settings, with cells edited to two decimals, all legal."""
    dice = random.Random(20160323)
    return [nearest_legal(_wish(dice, turn)) for turn in range(CASES)]


def _wish(dice: random.Random, turn: int) -> Stepper:
    chosen = {}
    for name, knob in knobs_of(Stepper).items():
        if knob.choices:
            chosen[name] = dice.choice(knob.choices)
        elif isinstance(knob.default, bool):
            chosen[name] = dice.random() < 0.4
        elif isinstance(knob.default, tuple):
            most = {"size": 9, "padding": 3, "stride": 3, "kernel": 4}.get(name, int(knob.high))
            chosen[name] = tuple(dice.randint(int(knob.low), most) for _ in knob.default)
        else:
            chosen[name] = dice.randint(int(knob.low), int(knob.high))
    chosen |= {"mode": ("conv", "conv", "transposed", "max", "average")[turn % 5], "backward": False}
    edits = "~".join(f"0.{dice.randint(0, 4)}.{dice.randint(0, 4)}.{dice.randint(-999, 999)}" for _ in range(3))
    picked = f"0.{dice.randint(0, 2)}.{dice.randint(0, 2)}" if dice.random() < 0.5 else ""
    return Stepper(**chosen, x=edits, w=f"0.0.0.0.{dice.randint(-999, 999)}", b="0.37", picked=picked)


def agrees(texts: list[str], tensor: torch.Tensor) -> None:
    shown = torch.tensor([float(number(text)) for text in texts], dtype=torch.double)
    torch.testing.assert_close(shown, tensor.flatten(), rtol=1e-12, atol=1e-9)


def check(state: Stepper, shown: dict[str, Any]) -> None:
    y, dx, dw, db = oracle(state)
    agrees(shown["y"], y)
    agrees(shown["x"], torch.tensor(input_cells(state)).double() / 100)
    agrees(shown["dx"], dx)
    if dw is not None:
        agrees(shown["dw"], dw)
    if db is not None:
        agrees(shown["db"], db)
    assert shown["line"] == constructor(state)
    sides = [line.rpartition(" = ")[2].split(",")[0] for line in shown["size"]]
    assert (sides * 2)[:2] == [str(side) for side in state.output_size]
    if state.mode != "transposed":
        unused = [(re.findall(r", (\d+) input cells? unused", line) or [0])[0] for line in shown["size"]]
        assert ([int(count) for count in unused] * 2)[:2] == [unread_places(state, axis) for axis in (0, 1)]
    for told in shown["sums"]:
        adds_up(state, told)
    for told in shown["grads"]:
        gradient_adds_up(told)


def unread_places(config: Stepper, axis: int) -> int:
    """Rows (0) or columns (1) of the input that no window reads, neither themselves nor as a copy in the padding."""
    state = config.effective
    size, places = state.size[axis], np.arange(state.size[axis])
    modes = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if state.padding_mode == "zeros":
        source = np.pad(places, state.ends(axis), constant_values=-1)
    else:
        source = np.pad(places, state.ends(axis), mode=modes[state.padding_mode])
    starts = range(0, state.output_size[axis] * state.stride[axis], state.stride[axis])
    read = {source[start + tap * state.dilation[axis]] for start in starts for tap in range(state.kernel[axis])}
    return size - len(read - {-1})


def adds_up(state: Stepper, told: dict[str, Any]) -> None:
    """The printed terms give the printed sums, and those the printed value, exactly as printed."""
    assert told["title"].split(" = ")[1].split(",")[0] == told["value"]
    if state.mode == "max":
        terms = [number(term) for term in told["rows"][0].split(", ") if "∞" not in term]
        largest = number(told["value"])
        assert max(terms) == largest
        equal = terms.count(largest)
        assert told["end"].startswith(f"{equal} cells of this window") if equal > 1 else not told["end"]
        return
    sums = [_row_sum(row) for row in told["rows"]]
    if not told["end"]:
        assert sums == [number(told["value"])]
        return
    added, value = told["end"].rsplit(" = ", 1)
    added, _, bias = added.removesuffix(" (bias)").rpartition(" + ") if state.effective.bias else (added, "", "")
    added, _, share = added.partition(" ÷ ")
    parts = [_product(part) for part in (added[1:-1] if share and len(sums) > 1 else added).split(" + ")]
    assert parts == sums
    assert sum(parts) / int(share or 1) + (_product(bias) if bias else 0) == number(value) == number(told["value"])


def gradient_adds_up(told: dict[str, Any]) -> None:
    """The same for the sum behind one gradient."""
    assert told["title"].split(" = ")[1] == told["value"]
    share = int(told["end"].partition(" ÷ ")[2].partition(" ")[0] or 1)
    assert _row_sum(told["row"]) / share == number(told["value"])


def _row_sum(row: str) -> Fraction:
    """The sum a row states, once its terms have been found to give it."""
    terms, stated = row.rsplit("= ", 1)
    products = [] if terms.strip().startswith(("no input", "no output")) else terms.strip().split(" + ")
    assert sum(map(_product, products)) == number(stated.strip())
    return number(stated.strip())


def _product(term: str) -> Fraction:
    """`3×(−1)` or `−1`, exactly."""
    result = Fraction(1)
    for factor in term.split("×"):
        result *= number(factor.strip().removeprefix("(").removesuffix(")"))
    return result


def test_every_number_of_many_random_states_is_pytorchs(page: Page, root: Any) -> None:
    states = cases()
    assert all(violation(state) is None for state in states)
    assert len({state.mode for state in states}) == 4
    assert len({state.padding_mode for state in states if state.mode == "conv" and any(state.padding)}) == 4
    all_shown = page.evaluate(f"([root, jobs]) => jobs.map((job) => ({READ})(root, job))", [root, jobs(states)])
    for state, shown in zip(states, all_shown, strict=True):
        try:
            check(state, shown)
        except AssertionError as error:
            raise AssertionError(f"{state.params}: {error}") from error


def jobs(states: list[Stepper]) -> list[Any]:
    return [[state.params, False, SUMS] for state in states]


@pytest.mark.parametrize("mode", ["conv", "transposed"])
@pytest.mark.parametrize("flip", [False, True])
def test_the_largest_state_shows_pytorchs_numbers(page: Page, root: Any, mode: str, flip: bool) -> None:
    wish = Stepper(mode=mode, flip=flip, size=(16, 16), in_channels=3, out_channels=4, kernel=(7, 7), padding=(6,) * 4)
    state = nearest_legal(replace(wish, bias=True, picture="random", weights="random"))
    assert (state.size, state.kernel, state.in_channels, state.out_channels) == ((16, 16), (7, 7), 3, 4)
    check(state, page.evaluate(f"([root, job]) => ({READ})(root, job)", [root, jobs([state])[0]]))


@pytest.mark.parametrize("name", PRESETS)
def test_every_scene_shows_pytorchs_numbers(page: Page, root: Any, name: str) -> None:
    state = replace(PRESETS[name], backward=False)
    check(state, page.evaluate(f"([root, job]) => ({READ})(root, job)", [root, jobs([state])[0]]))


def test_rules_and_repairs_are_those_of_the_server(page: Page, root: Any) -> None:
    dice = random.Random(7)
    wishes = [replace(_wish(dice, turn), size=(dice.randint(1, 6), dice.randint(1, 6))) for turn in range(150)]
    assert any(violation(wish) for wish in wishes)
    mended = page.evaluate(
        "([root, all]) => all.map((params) => { root.stepper.set(params); return root.stepper.params; })",
        [root, [wish.params for wish in wishes]],
    )
    for wish, params in zip(wishes, mended, strict=True):
        assert Stepper.from_params(params) == nearest_legal(wish) == Stepper.from_params(wish.params)


def test_unread_cells_are_hatched_and_hits_counted(page: Page, root: Any) -> None:
    read = f"([root, job]) => ({READ})(root, job)"
    strided = page.evaluate(read, [root, jobs([PRESETS["Stride skips cells"]])[0]])
    assert strided["unread"] == 19  # of 10x10, the last row and the last column
    hits = page.evaluate(read, [root, jobs([PRESETS["Checkerboard"]])[0]])["hits"]
    ones = torch.nn.functional.conv_transpose2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3), stride=2)
    assert [int(hit) for hit in hits] == [int(count) for count in ones.flatten()]


TIES = [
    Stepper(mode="max", size=(8, 8), kernel=(2, 2), stride=(2, 2)),
    Stepper(mode="max", picture="edge", size=(7, 6), kernel=(3, 3), padding=(1,) * 4),
    Stepper(mode="max", picture="checkerboard", size=(6, 6), kernel=(3, 2), dilation=(2, 1), in_channels=2),
]


def late_maxima(state: Stepper) -> torch.Tensor:
    """For each input the number of windows that have its value as their maximum, and earlier at another place."""
    x = torch.tensor(input_cells(state)).double()
    top, _, left, _ = state.padding
    settings = (state.kernel, state.stride, (top, left), state.dilation)
    y, winner = torch.nn.functional.max_pool2d(x[None], *settings, return_indices=True)
    late = torch.zeros_like(x)
    for channel, i, j in np.ndindex(*y.shape[1:]):
        rows = i * state.stride[0] - top + np.arange(state.kernel[0]) * state.dilation[0]
        columns = j * state.stride[1] - left + np.arange(state.kernel[1]) * state.dilation[1]
        inside = [(r, q) for r in rows for q in columns if 0 <= r < state.size[0] and 0 <= q < state.size[1]]
        equal = [place for place in inside if x[(channel, *place)] == y[0, channel, i, j]]
        assert divmod(int(winner[0, channel, i, j]), state.size[1]) == equal[0]
        for place in equal[1:]:
            late[(channel, *place)] += 1
    return late


@pytest.mark.parametrize("state", TIES)
def test_equal_maxima_are_told_and_the_first_is_credited(page: Page, root: Any, state: Stepper) -> None:
    told = page.evaluate(
        """([root, params]) => {
          root.stepper.player.pause();
          root.stepper.set(params);
          return root.stepper.board.at.x.filter((cell) => !cell.classList.contains('pad')).map((cell) => {
            cell.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
            const text = root.querySelector('.sum').textContent;
            root.stepper.board.root.dispatchEvent(new PointerEvent('pointerleave'));
            return text;
          });
        }""",
        [root, replace(state, backward=True).params],
    )
    late = late_maxima(state)
    assert late.sum() > 0
    for text, windows in zip(told, late.flatten().int().tolist(), strict=True):
        said = "One window has" if windows == 1 else f"{windows} windows have"
        assert (f"{said} the same maximum earlier" in text) == (windows > 0), text


SIGNS = [("conv", "0", "⋆"), ("conv", "1", "∗"), ("transposed", "0", "∗"), ("transposed", "1", "⋆")]


@pytest.mark.parametrize(("mode", "flip", "sign"), SIGNS)
def test_the_sign_is_a_star_for_cross_correlation_alone(page: Page, root: Any, mode: str, flip: str, sign: str) -> None:
    page.evaluate("([root, params]) => root.stepper.set(params)", [root, {"mode": mode, "flip": flip, "size": "4"}])
    shown = page.evaluate(
        "(root) => [root.stepper.board.signs.input.textContent, root.stepper.board.signs.input.title]", root
    )
    assert shown == [sign, "cross-correlation" if sign == "⋆" else "convolution"]


def test_weights_are_those_of_the_server(page: Page, root: Any) -> None:
    state = Stepper(weights="random", in_channels=3, out_channels=4, kernel=(5, 4), seed=11)
    page.evaluate("([root, params]) => root.stepper.set(params)", [root, state.params])
    shown = page.evaluate("(root) => root.stepper.board.at.w.map((cell) => cell.textContent)", root)
    agrees(shown, torch.tensor(kernel_cells(state)).double() / 100)
