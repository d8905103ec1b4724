"""The calculator page: the worked case, links into it, and whatever a stranger pastes."""

from __future__ import annotations

import pytest

from core.models import MODELS
from playground.calculator import links
from tests.pages.helpers import open_page


def words(page) -> str:
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "latex", "error") for element in page.get(kind)
    )


def cards(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_it_opens_on_the_worked_case_with_its_numbers():
    page = open_page("calculator")
    assert not page.exception
    said = words(page)
    assert cards(page)["Parameters"] == "15,200"
    assert "225,000,000 MACs" in said
    assert "450,000,000 FLOPs" in said
    assert "12,000,000 B = 12.00 MB = 11.44 MiB" in said
    assert r"\left(5 \cdot 5 \cdot 3 + 1\right) \cdot 200" in said
    assert r"150 \cdot 100 \cdot 5 \cdot 5 \cdot 3 \cdot 200" in said
    assert "225{,}000{,}000" in said


@pytest.mark.parametrize("name", ["lenet5", "resnet18"])
def test_a_preset_opens_by_its_title_with_its_own_input(name):
    page = open_page("calculator", **links.of_preset(MODELS[name].title, 4))
    assert not page.exception
    assert page.number_input(key=links.BATCH).value == 4
    shape = "x".join(map(str, MODELS[name].input_shape))
    assert page.text_input(key=links.INPUT).value == shape
    assert f"{MODELS[name].params:,}" in words(page)


def test_text_from_another_page_opens_with_the_input_it_needs():
    text = "nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))"
    page = open_page("calculator", **links.of_text(text))
    assert page.text_area(key=links.TEXT).value == text
    assert page.text_input(key=links.INPUT).value == "1x28x28"
    assert cards(page)["Parameters"] == f"{40 + (4 * 26 * 26 + 1) * 10:,}"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({links.INPUT: "elephant"}, "is no input shape"),
        ({links.INPUT: "3x0x5"}, "is no input shape"),
        ({links.INPUT: "3x99999999x9"}, "is no input shape"),
        (links.of_text("import os; os.system('x')"), ""),
        (links.of_text("{" * 300), ""),
        (links.of_text("nn.Conf2d(3, 4, 5)"), "Conv2d"),
    ],
)
def test_nonsense_gets_one_sentence(changes, sentence):
    page = open_page("calculator", **changes)
    assert not page.exception
    assert len(page.error) == 1
    assert sentence in page.error[0].value


def test_a_text_far_too_long_is_refused_and_not_kept():
    page = open_page("calculator", **{links.NET: links.OWN})
    page.text_area(key=links.TEXT).set_value("nn.ReLU()," * 10_000).run()
    assert not page.exception
    assert "100,000 characters" in page.error[0].value
    assert page.text_area(key=links.TEXT).value == ""
    page.text_area(key=links.TEXT).set_value("nn.Sequential(nn.Conv2d(3, 4, 3))").run()
    assert not page.error


def test_where_a_network_stops_the_rows_before_stay_and_the_number_to_change_is_named():
    text = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))"
    page = open_page("calculator", **links.of_text(text, (3, 32, 32)))
    assert not page.exception
    assert "7200" in page.error[0].value.replace(",", "")
    assert "in_features" in words(page)
    assert cards(page)["Parameters"] == "224"


def test_choosing_another_network_brings_its_input():
    page = open_page("calculator")
    page.selectbox(key=links.NET).set_value("LeNet-5").run()
    assert page.text_input(key=links.INPUT).value == "1x32x32"
    assert cards(page)["Parameters"] == "61,706"


def test_one_click_changes_the_one_number():
    text = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(100, 10))"
    page = open_page("calculator", **links.of_text(text, (3, 32, 32)))
    next(button for button in page.button if button.label == "Set in_features to 7200").click().run()
    assert not page.exception
    assert not page.error
    assert page.text_area(key=links.TEXT).value == text.replace("100", "7200")
    assert page.text_input(key=links.INPUT).value == "3x32x32"
