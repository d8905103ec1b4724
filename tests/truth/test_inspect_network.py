"""The page on a whole network: what is sent and drawn of it is what PyTorch computes."""

import base64

import numpy as np
import pytest
import torch

from core.lessons.inspect_network import INCLUDED, columns_of, included_network, maps_of, trace, training_snapshots
from core.models.efficient.pretrained import preprocess, pretrained_efficientnet_lite0
from core.receptive_field import receptive_fields
from playground.components.feature_columns import SHOWN, ColumnsView
from playground.inspect_network import text
from tests.pages.helpers import components, open_page

CORE = "tests/core/lessons/inspect_network"
BROWSER = "tests/browser/test_inspect_network.py"
SHOWS = {
    "feature maps and scores of a small network": f"{BROWSER}::test_the_browser_computes_what_pytorch_does",
    "feature maps and scores of a large network": "test_the_maps_of_a_large_network_are_those_of_pytorch",
    "the sum of a cell, its terms, rounding and later layers": (
        f"{BROWSER}::test_the_browser_computes_what_pytorch_does",
        f"{CORE}/test_activations.py::test_parts_add_up_to_every_cell",
    ),
    "scale and shift of a normalization": (
        f"{CORE}/test_activations.py::test_scale_and_shift_are_what_the_normalization_does"
    ),
    "three clicks from a drawing to the sum of a cell": (
        f"{BROWSER}::test_from_a_drawing_to_the_sum_of_a_cell_in_three_clicks"
    ),
    "training steps, and how many test images are right at each": (
        "test_steps_of_the_training_are_sent_with_their_weights",
        f"{CORE}/test_networks.py::test_the_steps_of_the_training_recognize_as_many_test_images_as_is_said",
    ),
    "the pixels that a cell sees": (
        "test_what_a_cell_sees_is_its_receptive_field",
        f"{CORE}/test_activations.py::test_no_pixel_outside_of_its_span_changes_a_cell",
    ),
    "the image and its true class": "test_the_image_and_its_class_are_those_of_the_test_set",
    "the sentence on colours and where the maps are computed": "test_the_caption_says_where_the_maps_are_computed",
}


def sent(name: str, picture: int = 5, **query: str) -> dict:
    page = open_page("inspect_network", network=name, input="Included image", picture=str(picture), **query)
    assert not page.exception
    (data,) = components(page, "feature_columns")
    return data


def floats(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4")


@pytest.mark.parametrize("name", INCLUDED)
def test_the_image_and_its_class_are_those_of_the_test_set(name):
    data = sent(INCLUDED[name].title)
    images, labels = INCLUDED[name].test_images()
    assert data["label"] == int(labels[5])
    assert data["classes"] == list(INCLUDED[name].classes)
    np.testing.assert_array_equal(floats(data["x"]["values"]).reshape(data["x"]["shape"]), images[5] / 255)
    pixels = np.frombuffer(base64.b64decode(data["picture"]["values"]), np.uint8)
    shown = pixels.reshape(data["picture"]["height"], data["picture"]["width"], 3)
    np.testing.assert_array_equal(shown, images[5].expand(3, -1, -1).permute(1, 2, 0))


@pytest.mark.parametrize("name", INCLUDED)
def test_steps_of_the_training_are_sent_with_their_weights(name):
    data = sent(INCLUDED[name].title)
    snapshots = training_snapshots(name)
    assert [(one["step"], one["right"]) for one in data["steps"]] == [(one.step, one.right) for one in snapshots]
    assert {one["count"] for one in data["steps"]} == {INCLUDED[name].tests}
    for program, snapshot in zip(data["programs"], snapshots, strict=True):
        np.testing.assert_array_equal(
            floats(program[0]["weight"]["packed"]).reshape(program[0]["weight"]["shape"]), snapshot.model[0].weight
        )


def test_the_maps_of_a_large_network_are_those_of_pytorch():
    data = sent("EfficientNet-Lite0", picture=0)
    pixels = np.frombuffer(base64.b64decode(data["picture"]["values"]), np.uint8).reshape(224, 224, 3)
    x_BCHW = preprocess(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None])
    model = pretrained_efficientnet_lite0()
    layers = trace(model, x_BCHW)
    with torch.no_grad():
        np.testing.assert_allclose(floats(data["scores"]), model(x_BCHW)[0], atol=1e-4)
    columns = columns_of(layers)
    drawn = [at for at, column in enumerate(data["columns"]) if column["values"] is not None]
    assert len(drawn) == len({column.stage for column in columns})
    for at in drawn:
        shown, maps = data["columns"][at], maps_of(layers[columns[at].layers[-1]].output)
        assert shown["shape"] == list(maps.shape)
        assert len(shown["channels"]) == min(SHOWN, len(maps))
        values = floats(shown["values"]).reshape(len(shown["channels"]), *shown["sent"])
        share = [side // small for side, small in zip(maps.shape[1:], shown["sent"], strict=True)]
        means = torch.nn.functional.avg_pool2d(maps[shown["channels"]], share)
        np.testing.assert_allclose(values, means, atol=1e-4)
        strength = maps.abs().mean((1, 2))
        assert strength[shown["channels"]].min() >= strength.sort(descending=True).values[len(shown["channels"]) - 1]


@pytest.mark.parametrize("name", INCLUDED)
def test_what_a_cell_sees_is_its_receptive_field(name):
    data = sent(INCLUDED[name].title)
    model = included_network(name)
    fields = {field.name: field for field in receptive_fields(model, tuple(data["x"]["shape"]))}
    compared = 0
    for column in data["columns"]:
        field = fields[column["layers"][-1]["name"]]
        if column["shape"][1] > 1:
            assert column["spans"] == [[list(cell) for cell in side.cells] for side in field.sides]
            compared += 1
        else:
            assert [len(side) for side in column["spans"]] == [1, 1]
    assert compared >= 4


def test_the_caption_says_where_the_maps_are_computed():
    page = open_page("inspect_network", network="EfficientNet-Lite0")
    assert text.colours(False, False) in [caption.value for caption in page.caption]
    page = open_page("inspect_network")
    assert text.colours(True, True) in [caption.value for caption in page.caption]
    assert "your browser" in text.colours(True, True)
    assert "folded" in text.colours(False, False)
    assert "folded" not in text.colours(False, True)


@pytest.mark.parametrize("spoilt", [None, 3, [], {"chosen": "x"}, {"chosen": [1], "open": 4}, {"chosen": [1, "2"]}])
def test_whatever_a_browser_says_of_a_choice_is_read_as_none(spoilt):
    assert ColumnsView.of(spoilt, (1,)) == ColumnsView(None, (1,))


def test_a_choice_is_read():
    assert ColumnsView.of({"chosen": [3, 4], "open": [0, "x", 2]}) == ColumnsView((3, 4), (0, 2))
