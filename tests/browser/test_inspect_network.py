"""The browser's own network gives PyTorch's numbers, and from a drawing it is three clicks to the sum of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from core.lessons.inspect_network import columns_of, maps_of, trace, training_snapshots
from tests.browser.chromium import settle
from tests.browser.tabs import Tabs

pytestmark = pytest.mark.browser
FIND = """() => {
  const search = (node) => {
    for (const element of node.querySelectorAll('*')) {
      if (element.network) return element;
      const inside = element.shadowRoot && search(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  return search(document);
}"""
# The maps of every column, for an input and a step of the training.
RUN = """(root, [values, step]) => {
  const { model } = root.network;
  model.goTo(step);
  model.take({ shape: model.x.shape, values: Float32Array.from(values) });
  return model.columns.map((_, number) => [...model.shown(number).values]);
}"""
# Every number that is said of a cell, and whether it is the value of the map.
SUM = """(root, [number, channel, row, column]) => {
  const { network } = root;
  network.choose(network.board.element(number, channel), row, column);
  const value = network.model.map(number, channel)[row * network.model.columns[number].shape[2] + column];
  const line = root.querySelector('.total').textContent;
  const cards = [...root.querySelectorAll('.card')].map((card) => card.querySelector('.term').textContent);
  network.showNumbers(true);
  const stepper = network.cell.stepper;
  const said = (name) => stepper.sum.querySelector(name).textContent;
  const shown = { title: said('.name'), end: said('.end') };
  shown.largest = Math.max(...stepper.model.result.value.map((one, at) =>
    Math.abs(one / stepper.model.result.over - stepper.model.given.main[at])));
  network.release();
  return { value, line, cards, shown };
}"""


@pytest.fixture(scope="module")
def page(tabs: Tabs) -> Iterator[Page]:
    with tabs.lent(height=1000, reduced=True) as opened:
        yield opened


def opened(page: Page, app: str, link: str = "") -> Page:
    page.goto(f"{app}/inspect_network{link}")
    page.wait_for_function(FIND)  # the first to come waits for PyTorch
    settle(page)
    return page


def network(page: Page):
    return page.evaluate_handle(FIND)


def numbers(line: str) -> tuple[list[float], float, float]:
    """Terms, total and last value of a printed sum."""
    plain = re.sub(r"\([^)]*[a-z×][^)]*\)", "", line).replace("− ", "-").replace("−", "-").replace("+ ", "")
    terms, _, rest = plain.partition(" = ")
    values = [float(number) for number in re.findall(r"-?\d+\.\d+", rest)]
    return [float(term) for term in re.findall(r"-?\d+\.\d+", terms)], values[0], values[-1]


@pytest.mark.parametrize(("name", "link"), [("digits", ""), ("sketches", "?network=Sketched+cats+and+dogs&picture=3")])
def test_the_browser_computes_what_pytorch_does(page, app, name, link):
    root = network(opened(page, app, link))
    snapshots = training_snapshots(name)
    rng = np.random.default_rng(0)
    for step in (0, len(snapshots) - 1):
        model = snapshots[step].model
        shape = (model[0].in_channels, *root.evaluate("(root) => root.network.model.x.shape.slice(1)"))
        x = rng.random(shape, np.float32)
        layers = trace(model, torch.from_numpy(x)[None])
        computed = root.evaluate(RUN, [x.ravel().tolist(), step])
        for column, values in zip(columns_of(layers), computed, strict=True):
            expected = maps_of(layers[column.layers[-1]].output)
            np.testing.assert_allclose(np.reshape(values, expected.shape), expected, atol=2e-4)
        for number, column in enumerate(columns_of(layers)):
            maps = maps_of(layers[column.layers[-1]].output)
            cell = [number, 1, maps.shape[1] // 2, maps.shape[2] // 3]
            printed = root.evaluate(SUM, cell)
            terms, total, last = numbers(printed["line"])
            assert last == pytest.approx(float(maps[1, cell[2], cell[3]]), abs=1e-3)
            shown = printed["shown"]
            assert shown["largest"] < 2e-5, "the stepper's products add up to every cell that it shows"
            assert f"[1, {cell[2]}, {cell[3]}] = " in shown["title"]
            if column.kind != "pooling":
                before, result = shown["end"].replace("−", "-").rsplit(" = ", 1)
                own = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", before)]
                assert sum(own) == pytest.approx(float(result.split(" → ")[0]), abs=1e-9) == total
                assert float(result.split(": ")[-1]) == last
                assert sum(terms) == pytest.approx(total, abs=1e-9)
                said = [float(card.replace("−", "-")) for card in printed["cards"]]
                assert said == terms[: len(said)]


def test_from_a_drawing_to_the_sum_of_a_cell_in_three_clicks(page, app):
    root = network(opened(page, app))
    before = root.evaluate("(root) => root.querySelector('.headline').textContent")
    box = root.evaluate_handle("(root) => root.network.pad.canvas").as_element().bounding_box()
    line = [(0.5, 0.15), (0.5, 0.85)]
    (x, y), *rest = [(box["x"] + across * box["width"], box["y"] + down * box["height"]) for across, down in line]
    page.mouse.move(x, y)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    page.wait_for_function(
        "([root, before]) => root.querySelector('.headline').textContent !== before", arg=[root, before]
    )
    canvas = root.evaluate_handle("(root) => root.network.board.element(2, 3).canvas").as_element()
    canvas.click()
    assert root.evaluate("(root) => root.querySelectorAll('.is-source').length") == 6
    canvas.click()
    assert root.evaluate("(root) => root.network.cell.stepper.board.grids.kernel.length") == 6
    terms, total, last = numbers(root.evaluate("(root) => root.querySelector('.total').textContent"))
    assert sum(terms) == pytest.approx(total, abs=1e-9)
    assert last == max(total, 0)
    assert root.evaluate("(root) => root.querySelectorAll('.wire').length") == 6


def test_keys_alone_reach_the_numbers(page, app):
    root = network(opened(page, app, "?input=Included+image&picture=4"))
    root.evaluate("(root) => root.network.board.roving.entry.focus()")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert root.evaluate("(root) => [root.network.chosen.number, root.network.cell.open]")[0] == 1
    page.keyboard.press("Enter")
    assert root.evaluate("(root) => root.network.cell.open") is True
    before = root.evaluate("(root) => [root.network.chosen.row, root.network.chosen.column]")
    page.keyboard.press("ArrowRight")  # the stepper has the focus
    after = root.evaluate("(root) => [root.network.chosen.row, root.network.chosen.column]")
    assert (after[0], abs(after[1] - before[1])) == (before[0], 0 if before[1] == 11 else 1)
    spoken = root.evaluate("(root) => root.querySelector('.unseen').textContent")
    assert "pool1, map 1" in spoken
    page.keyboard.press("Escape")
    assert root.evaluate("(root) => root.network.chosen") is None


def test_on_paper_the_whole_network_and_its_lines_are_as_wide_as_a_sheet(page, app):
    root = network(opened(page, app))
    sides = """(root) => ['.pad', '.scores', '.wires', '.web'].map((name) => {
      const box = root.querySelector(name).getBoundingClientRect();
      return [box.left, box.right, box.height];
    })"""
    on_screen = root.evaluate(sides)
    page.emulate_media(media="print")
    pad, scores, wires, web = root.evaluate(sides)
    page.emulate_media(media="null")
    assert on_screen[1][1] - on_screen[0][0] > 700, "wider than paper"
    assert 600 < scores[1] - pad[0] <= 664
    assert pad[1] < web[0] + 2
    assert web[1] < scores[0] + 8  # to the square of a score
    assert wires[2] > web[2] > 200
