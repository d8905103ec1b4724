"""Each number under the pointer of the cube is PyTorch's, and what lights up is what shares statistics."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Page

from core.layers.normalization import NORMALIZATIONS
from core.lessons.normalization import NUMBERS, AffineParameters, NormalizationCube, TensorSize, set_labels, values
from playground.components.cube import cube_data
from tests.browser.chromium import rest, settle
from tests.browser.tabs import Tabs

pytestmark = pytest.mark.browser
CASES = 96
CELLS = 4  # a case

FIND = """() => {
  const search = (node) => {
    for (const element of node.querySelectorAll('*')) {
      if (element.cube) return element;
      const inside = element.shadowRoot && search(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  return search(document);
}"""
# All outputs of a state, and for some cells what is lit and what is written.
READ = """(root, [data, cells]) => {
  const cube = root.cube;
  cube.show(data);
  const told = cells.map((cell) => {
    cube.point(cell);
    const lit = cube.lit;
    return {
      inner: [...lit.inner], outer: [...lit.outer], head: root.querySelector('.head').textContent,
      sharing: [...root.querySelectorAll('.sharing')].map((line) => line.textContent),
      rows: [...root.querySelectorAll('.row')].map((row) => [...row.children].map((part) => part.textContent.trim())),
    };
  });
  return { y: cube.model.y, told };
}"""


@pytest.fixture(scope="module")
def page(app: str, tabs: Tabs) -> Iterator[Page]:
    with tabs.lent(height=1000, reduced=True) as opened:
        opened.goto(f"{app}/normalization")
        settle(opened)
        opened.wait_for_function(FIND)
        yield opened


@pytest.fixture
def root(page: Page) -> Any:
    return page.evaluate_handle(FIND)


def random_case(seed: int) -> NormalizationCube:
    """Every normalization in turn, on a random tensor, one axis in five of length 1."""
    dice = random.Random(seed)
    names = list(NORMALIZATIONS)
    batch, channels, height, width = (1 if dice.random() < 0.2 else dice.randint(1, 8) for _ in range(4))
    numbers = dice.choice(NUMBERS)
    channels = min(channels, 3) if numbers == "Photographs" else channels
    size = TensorSize(batch, channels, height, width)
    cells = math.prod(size.shape)
    own = " ".join(f"{dice.choice((0, dice.uniform(-99, 99), dice.randint(-9999, 9999))):.2f}" for _ in range(cells))
    return NormalizationCube(
        names[seed % len(names)],
        size,
        numbers,
        seed,
        own,
        groups=dice.choice([g for g in range(1, channels + 1) if channels % g == 0]),
        rho=dice.randint(0, 20) / 20,
        affine=AffineParameters(
            dice.randint(-30, 30) / 10, dice.randint(-50, 50) / 10, dice.choice((1e-6, 1e-5, 1e-3, 1.0))
        ),
    )


def oracle(case: NormalizationCube) -> torch.Tensor:
    """By `torch.nn.functional` alone."""
    x, eps = torch.from_numpy(values(case)), case.affine.eps
    channels = case.size.channels
    gamma, beta = (torch.full((channels,), v, dtype=torch.float64) for v in (case.affine.gamma, case.affine.beta))
    scale, shift = (v[:, None, None].expand(x.shape[1:]) for v in (gamma, beta))
    alone = case.size.height * case.size.width == 1

    def instance() -> torch.Tensor:
        # With one cell a set PyTorch refuses; its layer norm over the same axes does not.
        return F.layer_norm(x, x.shape[2:], eps=eps) if alone else F.instance_norm(x, eps=eps)

    def batch() -> torch.Tensor:
        lonely = alone and case.size.batch == 1
        return instance() if lonely else F.batch_norm(x, None, None, training=True, eps=eps)

    def group() -> torch.Tensor:
        lonely = alone and case.size.batch == 1 and case.groups == channels
        return instance() * scale + shift if lonely else F.group_norm(x, case.groups, gamma, beta, eps)

    mixed = case.rho * batch() + (1 - case.rho) * instance()
    return {
        "Batch": lambda: batch() * scale + shift,
        "Layer": lambda: F.layer_norm(x, x.shape[1:], scale, shift, eps),
        "Instance": lambda: instance() * scale + shift,
        "Group": group,
        "RMS": lambda: F.rms_norm(x, x.shape[1:], scale, eps),
        "Layer, channels only": lambda: F.layer_norm(x.movedim(1, -1), (channels,), gamma, beta, eps).movedim(-1, 1),
        "Batch-instance": lambda: mixed * scale + shift,
        "Weight standardization": lambda: F.layer_norm(x, x.shape[1:], eps=eps),
    }[case.name]()


def computed(text: str) -> float:
    """The value of a written piece of arithmetic."""
    plain = text.replace("−", "-").replace("×", "*").replace("²", "**2")
    plain = re.sub(r"√\(", "math.sqrt(", plain)
    assert re.fullmatch(r"(math\.sqrt|[\d\s.()+*/-])+", plain), plain
    return eval(plain, {"math": math})


def adds_up(text: str, places: int) -> None:
    """Each side of = and ≈ in a written line has the value of the next, to the digits that are printed."""
    parts = re.split(r"([=≈])", text)
    *before, sign, last = parts
    for left, mark, right in itertools.zip_longest(parts[0::2], parts[1::2], parts[2::2]):
        if right is not None:
            off = abs(computed(left) - computed(right))
            size = max(1.0, abs(computed(right)))
            limit = 1e-9 * size if mark == "=" else 0.5001 * 10**-places + 1e-9 * size
            assert off <= limit, (left, right, text)
    assert before
    if sign == "≈":
        assert len(last.strip().partition(".")[2]) <= places


def test_every_number_is_pytorchs_and_every_line_adds_up(root: Any) -> None:
    for seed in range(CASES):
        case = random_case(seed)
        x, expected = values(case), oracle(case).numpy()
        dice = random.Random(seed)
        cells = [dice.randrange(x.size) for _ in range(CELLS)]
        shown = root.evaluate(READ, [cube_data(case), cells])
        np.testing.assert_allclose(shown["y"], expected.ravel(), rtol=1e-6, atol=1e-6, err_msg=str(case))
        for cell, told in zip(cells, shown["told"], strict=True):
            check_cell(case, x, float(expected.ravel()[cell]), cell, told)


def check_cell(case: NormalizationCube, x: np.ndarray, y: float, cell: int, told: dict[str, Any]) -> None:
    kinds = set_labels(case.name, case.size.shape, case.groups)
    sets = [np.flatnonzero(kind.ravel() == kind.ravel()[cell]) for kind in kinds]
    assert sorted(told["outer"]) == sets[0].tolist()
    assert sorted(told["inner"]) == sets[-1].tolist()
    for line, shared in zip(told["sharing"], sets, strict=True):
        assert f"{len(shared)} " in line
    rows = iter(told["rows"])
    for shared in sets:
        met = x.ravel()[shared]
        mean = met.mean() if case.entry.centred else 0.0
        named = [("mean", mean), ("variance", met.var())] if case.entry.centred else [("mean square", (met**2).mean())]
        for name, value in named:
            title, text = next(rows)
            assert title == name
            adds_up(text, 6)
            assert computed(re.split("[=≈]", text)[-1]) == pytest.approx(value, abs=1e-6, rel=1e-9)
            assert f"/ {len(shared)}" in text
        _, text = next(rows)
        *_, middle, last = re.split("≈", text)
        places = 4 if len(sets) == 1 else 6
        assert computed(middle) == pytest.approx(computed(last), abs=0.5001 * 10**-places + 1e-9)
    if len(sets) > 1:
        _, text = next(rows)
        adds_up(text, 4)
    assert next(rows, None) is None
    assert computed(text.split("≈")[-1]) == pytest.approx(y, abs=0.6e-4)
    assert computed(told["head"].split("→")[-1]) == pytest.approx(y, abs=0.6e-4)


def test_opening_state_is_the_classic_case(app: str, visit: Any) -> None:
    one = visit("/normalization")
    text = one.page.evaluate_handle(FIND).evaluate("root => root.querySelector('.panel').textContent")
    assert "8 of 24 cells" in text
    assert "92 / 8 = 11.5" in text
    assert "298 / 8 = 37.25" in text
    assert one.problems() == []


def test_the_mouse_finds_cells_in_both_views_and_turning_keeps_them(root: Any, page: Page) -> None:
    root.evaluate(
        "(root, data) => root.cube.show(data)", cube_data(NormalizationCube("Group", TensorSize(2, 4, 3, 3), groups=2))
    )
    root.evaluate("root => root.scrollIntoView({block: 'center'})")
    rest(page, 200)
    for cell in (0, 17, 40, 71):
        x, y = root.evaluate(
            """(root, cell) => {
              const s = root.cube.flatScene.squares.find(({index}) => index === cell);
              const box = root.cube.flat.getBoundingClientRect();
              return [box.left + s.x + s.side / 2, box.top + s.y + s.side / 2];
            }""",
            cell,
        )
        page.mouse.move(x, y)
        assert root.evaluate("root => root.cube.cell") == cell
    front = """root => {
      const {corners, index} = root.cube.blockScene.faces.at(-1);
      const box = root.cube.blocks.getBoundingClientRect();
      const [x, y] = [0, 1].map((k) => corners.reduce((sum, corner) => sum + corner[k], 0) / 4);
      return [box.left + x, box.top + y, index];
    }"""
    x, y, cell = root.evaluate(front)
    page.mouse.move(x, y)
    assert root.evaluate("root => root.cube.cell") == cell
    yaw = root.evaluate("root => root.cube.rotation.yaw")
    page.mouse.down()
    page.mouse.move(x + 90, y, steps=4)
    page.mouse.up()
    assert root.evaluate("root => root.cube.rotation.yaw") == pytest.approx(yaw - 0.9)
    assert root.evaluate("root => root.cube.cell") == cell
    x, y, cell = root.evaluate(front)
    page.mouse.move(x, y)
    assert root.evaluate("root => root.cube.cell") == cell


def test_keys_walk_turn_hold_and_are_spoken(root: Any, page: Page) -> None:
    root.evaluate(
        "(root, data) => { root.cube.show(data); root.cube.point(0); }",
        cube_data(NormalizationCube(size=TensorSize(2, 3, 2, 2))),
    )
    root.evaluate("root => root.querySelector('.stage').focus()")
    for key, cell in (
        ("ArrowRight", 1),
        ("ArrowDown", 3),
        ("PageDown", 7),
        ("n", 19),
        ("Shift+N", 7),
        ("ArrowLeft", 6),
    ):
        page.keyboard.press(key)
        assert root.evaluate("root => root.cube.cell") == cell, key
    spoken = root.evaluate("root => root.querySelector('[aria-live]').textContent")
    assert "n 0, c 1, h 1, w 0: 6" in spoken
    assert "8 of 24 cells" in spoken
    before = root.evaluate("root => root.cube.rotation.yaw")
    page.keyboard.press("Shift+ArrowRight")
    assert root.evaluate("root => root.cube.rotation.yaw") != before
    page.keyboard.press("Space")
    assert root.evaluate("root => root.cube.held")
    page.keyboard.press("Escape")
    assert not root.evaluate("root => root.cube.held")


def test_arrow_keys_choose_in_the_bar_and_reaching_the_cube_says_where_one_is(root: Any, page: Page) -> None:
    root.evaluate(
        "(root, data) => { root.cube.show(data); root.cube.set({view: 'both'}); }", cube_data(NormalizationCube())
    )
    group = root.query_selector("[role=radiogroup]")
    assert [one.get_attribute("tabindex") for one in group.query_selector_all("[role=radio]")] == [
        "0",
        "-1",
        "-1",
        "-1",
    ]
    group.query_selector("[aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")
    assert root.evaluate("root => root.cube.view") == "blocks"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert root.evaluate("root => root.cube.view") == "slice"
    page.keyboard.press("ArrowRight")
    assert root.evaluate("root => root.cube.view") == "both"
    root.evaluate("root => { root.cube.live.textContent = ''; }")
    page.keyboard.press("Tab")  # past the rest of the group, to the next one
    page.keyboard.press("Tab")
    assert root.evaluate("root => root.getRootNode().activeElement === root.cube.stage")
    assert "cells share these statistics" in root.evaluate("root => root.cube.live.textContent")


@pytest.mark.parametrize("axis", "NCHW")
def test_a_slice_shows_the_cells_at_one_place_of_an_axis(root: Any, axis: str) -> None:
    case = NormalizationCube(size=TensorSize(3, 4, 2, 5))
    shown = root.evaluate(
        """(root, [data, axis]) => {
          root.cube.show(data);
          root.cube.set({view: 'slice', slice: {axis, at: 1}});
          const shown = root.cube.flatScene.squares.map(({index}) => index);
          root.cube.set({view: 'both'});
          return shown;
        }""",
        [cube_data(case), axis],
    )
    place = np.indices(case.size.shape)["NCHW".index(axis)].ravel()
    assert sorted(shown) == np.flatnonzero(place == 1).tolist()
