"""Texts of one's own on the calculator page: the input they need, the PyTorch beside Keras, read only once."""

from __future__ import annotations

import pytest

import core.parsing.partial
from core.profiler.memory.iteration import Iteration
from playground.calculator import links
from tests.pages.helpers import open_page
from tests.pages.test_calculator import TABS, cards, words

KERAS = """model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, kernel_size=(3, 3), strides=2, padding="same", activation="relu"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])"""
CLASS = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 5)
        self.fc = nn.Linear(6 * 14 * 14, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(torch.flatten(x, 1))
"""


@pytest.mark.parametrize(
    ("text", "shape", "params"),
    [(KERAS, "1x28x28", 320 + 62730), (CLASS, "3x32x32", 456 + 11770)],
    ids=["keras", "class"],
)
def test_networks_as_tutorials_write_them_are_read_with_the_input_they_need(text, shape, params):
    page = open_page("calculator", **links.of_text(text))
    assert not page.exception
    assert not page.error
    assert page.text_input(key=links.INPUT).value == shape
    assert cards(page)["Parameters"] == f"{params:,}"


def test_keras_stands_beside_the_pytorch_that_means_the_same():
    page = open_page("calculator", **links.of_text(KERAS))
    assert "nn.Linear(6272, 10)" in page.code[0].value
    assert "Read as Keras" in words(page)


@pytest.mark.parametrize("where", ["Tesla T4 (free notebooks) · 16 GiB", "64 GB", "this"])
def test_a_text_is_parsed_once_and_profiled_once_per_setting(where, monkeypatch):
    text = KERAS.replace("Dense(10", f"Dense({10 + len(where)}")  # one that no cache has met
    parsed, profiled = [], []
    read_tree, forward = core.parsing.partial.read_tree, Iteration.forward
    monkeypatch.setattr(core.parsing.partial, "read_tree", lambda text: (parsed.append(text), read_tree(text))[1])
    monkeypatch.setattr(
        Iteration, "forward", lambda self: (profiled.append((self.input_shape, self.setting)), forward(self))[1]
    )
    for tab in TABS * 2:
        page = open_page("calculator", **links.of_text(text), ca_tab=tab, ca_dev=where)
        assert not page.exception
        assert not page.error
    assert parsed == [text]
    assert len(profiled) == len(set(profiled))


def test_a_text_that_ends_at_a_layer_is_searched_once(monkeypatch):
    text = "nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Lineer(7, 3), nn.ReLU())"
    parsed = []
    read_tree = core.parsing.partial.read_tree
    monkeypatch.setattr(core.parsing.partial, "read_tree", lambda text: (parsed.append(text), read_tree(text))[1])
    for tab in TABS:
        assert (
            "Parsing fails at this layer" in open_page("calculator", **links.of_text(text), ca_tab=tab).error[0].value
        )
    assert len(parsed) == len(set(parsed))


def test_where_reading_stops_the_rows_before_stay():
    text = KERAS.replace("Dense(10,", "Dense(read_count(),")
    page = open_page("calculator", **links.of_text(text), ca_tab="Layers")
    assert not page.exception
    assert len(page.error) == 1
    assert "Parsing fails at this layer:** Line 5: read_count is not a layer or function" in page.error[0].value
    assert page.text_area(key=links.TEXT).value == text
    assert page.text_input(key=links.INPUT).value == "1x28x28"
    assert cards(page)["Parameters"] == "320"
    assert page.dataframe[0].value["kind"].tolist() == ["ZeroPad2d", "Conv2d", "ReLU", "Flatten"]
