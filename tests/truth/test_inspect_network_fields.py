"""The tab on receptive fields: component, table, sentences and printed program agree with gradients."""

import re

import pytest
import torch
from hypothesis import given
from markupsafe import Markup

from core.explain import effective_field
from core.lessons.inspect_network import INCLUDED, included_network
from core.lessons.inspect_network.receptive_field import StackSettings, cells_read, growth
from core.receptive_field import distinct, receptive_fields
from playground.charts import receptive_field as charts
from playground.inspect_network.receptive_field import code_samples, text, views
from tests.pages.helpers import components, open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs

TAB = {"part": "Receptive field", "input": "Included image", "picture": "3"}


def subject_of(name):
    images, _ = INCLUDED[name].test_images()
    return included_network(name), images[3:4] / 255


@pytest.mark.parametrize("name", INCLUDED)
def test_component_has_the_fields_of_theory_and_of_the_gradient(name):
    page = open_page("inspect_network", network=INCLUDED[name].title, **TAB)
    assert not page.exception
    (drawn,) = components(page, "receptive_field")
    model, x = subject_of(name)
    expected = distinct(receptive_fields(model, tuple(x.shape[1:])))
    assert [layer["name"] for layer in drawn["layers"]] == [title for title, _ in expected]
    for layer, (_, one) in zip(drawn["layers"], expected, strict=True):
        assert layer["size"] == [side.size for side in one.sides]
        if len(one.map_shape) == 2:
            measured = effective_field(model, one.name, x)
            assert layer["effective"]["window"] == [list(span) for span in measured.window]
            sides = [measured.side_holding(share) for share in (0.5, 0.95)]
            assert [layer["effective"]["half"], layer["effective"]["most"]] == sides


def test_table_has_a_row_for_each_layer_of_the_component():
    page = open_page("inspect_network", network="Digits", **TAB)
    (drawn,) = components(page, "receptive_field")
    (table,) = [one.value for one in page.dataframe]
    assert list(table["Layer"]) == [layer["name"] for layer in drawn["layers"]]
    assert list(table["Size"]) == [str(layer["size"][0]) for layer in drawn["layers"]]
    assert list(table["Half within"]) == [str(layer["effective"]["half"]) for layer in drawn["layers"]]
    assert list(table["95 % within"]) == [str(layer["effective"]["most"]) for layer in drawn["layers"]]


@pytest.mark.parametrize("name", INCLUDED)
def test_sentence_names_the_first_layer_that_sees_everything(name):
    model, x = subject_of(name)
    steps = growth(model, x)
    said = text.coverage(steps, tuple(x.shape[2:]))
    seen = []
    for step in steps:
        (top, bottom), (left, right) = step.effective.window
        seen.append((top, left, bottom + 1, right + 1) == (0, 0, *x.shape[2:]))
    assert f"From **{steps[seen.index(True)].name}** on" in said
    partial = steps[: seen.index(True)]
    assert f"that of the last, `{partial[-1].name}`, sees " in text.coverage(partial, tuple(x.shape[2:]))


@STATES
@given(configs(StackSettings))
def test_cone_and_sentence_count_the_pixels(settings):
    read, size = cells_read(settings)[-1], settings.size
    sizes = [(1, 1), *((one.size, one.jump) for one in settings.fields)]
    drawing = str(charts.cone(cells_read(settings), sizes, settings.kernel, settings.stride, settings.dilation))
    assert drawing.count("<circle") == sum(map(len, cells_read(settings))) + size - len(read)
    assert f"reads {len(read)} of {size} pixels" in drawing
    said = Markup(text.stack(settings)).striptags()
    assert f"one cell sees **{size}** of the input's pixels" in said
    assert ("every one of them" in said) == (read == tuple(range(size)))
    assert all(
        numbers.endswith(f"= {one.size}")
        for numbers, one in zip(views.stack_numbers(settings), settings.fields, strict=True)
    )
    for number, formula in enumerate(views.stack_numbers(settings), 1):
        below, dilation, taps, jump, total = map(int, re.findall(r"\d+", formula.split("=", 1)[1]))
        assert below + dilation * taps * jump == total == settings.fields[number - 1].size


def test_program_prints_size_and_pixels_read(tmp_path):
    tried = [StackSettings(), StackSettings(4, 3, 2), StackSettings(2, 3, 1, 3), StackSettings(1, 1)]
    for settings, printed in zip(
        tried, outputs([code_samples.stack_program(one) for one in tried], tmp_path), strict=True
    ):
        assert f"receptive field: {settings.size} pixels" in printed
        assert f"pixels read: {len(cells_read(settings)[-1])}" in printed


def test_challenge_is_solved_by_stride_2_and_not_before():
    for link, solved in (({}, False), ({"rf_layers": "4", "rf_stride": "2"}, True), ({"rf_layers": "4"}, False)):
        page = open_page("inspect_network", network="Digits", **TAB, **link)
        assert any("Solved" in block.value for block in page.markdown) == solved


def test_influence_is_drawn_in_blocks_that_lose_nothing():
    influence = torch.rand(224, 150, generator=torch.Generator().manual_seed(0)).double().numpy()
    drawn = views.coarse(influence)
    assert drawn.shape == (112, 75)
    assert drawn.sum() == pytest.approx(influence.sum())
    assert views.coarse(influence[:223]).shape == (223, 150)
