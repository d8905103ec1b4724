"""`python -m core compare`, as people call it."""

from __future__ import annotations

import json

import pytest

from core.__main__ import main


def test_two_presets_as_tables(capsys):
    assert main(["compare", "VGG-11", "vgg11_bn", "--batch", "2"]) == 0
    printed = capsys.readouterr().out
    assert "+5,504" in printed
    assert "+ BatchNorm2d 1: 64×224×224, 128 parameters" in printed
    assert "  1 alike: 0\n" in printed


def test_two_texts_as_json(capsys):
    first, second = "nn.Sequential(nn.Conv2d(3, 8, 3))", "nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU())"
    assert main(["compare", first, second, "--input", "3x8x8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    params = next(pair for pair in found["totals"] if pair["name"] == "Parameters")
    assert (params["first"], params["second"]) == (224, 448)
    assert [change["kind"] for change in found["changes"]] == ["changed", "only second"]
    assert "out_channels 8 → 16" in found["changes"][0]["differences"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("resnet18", "resnet51"), "resnet50"),
        (("nn.ReLU()", "resnet18"), "--input"),
        (("lenet5", "unet", "--input", "9"), "9 is not an image"),
    ],
)
def test_what_is_missing_is_said(capsys, words, said):
    assert main(["compare", *words]) == 2
    assert said in capsys.readouterr().err
