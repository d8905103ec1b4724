"""`python -m core compare`, as people call it."""

from __future__ import annotations

import json
import sys

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


OPEN = """class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.fc = nn.Linear(8, num_classes)
    def forward(self, x):
        return self.fc(x)
"""


def test_arguments_go_to_text_and_own_code_and_notes_are_printed(capsys, tmp_path):
    own = tmp_path / "own_head.py"
    own.write_text("import torch.nn as nn\n" + OPEN)
    words = ["compare", OPEN, f"{own}:Net", "--input", "8"]
    assert main([*words, "--args", "num_classes=3"]) == 0
    assert "1 alike: " in capsys.readouterr().out
    assert main(["compare", OPEN, "lenet5", "--input", "8"]) == 2  # one input for both: LeNet takes images
    capsys.readouterr()
    assert main(["compare", OPEN, OPEN, "--input", "8"]) == 0
    assert capsys.readouterr().out.count("num_classes has no value in the text; 10 is assumed.") == 2


def test_two_folders_with_files_of_the_same_names(capsys, tmp_path):
    for folder, width in (("before", 3), ("after", 5)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "widths_of_net.py").write_text(f"WIDTH = {width}")
        (tmp_path / folder / "json.py").write_text(
            "from torch import nn\nfrom widths_of_net import WIDTH\ndef net():\n    return nn.Linear(8, WIDTH)\n"
        )
    assert main(["compare", *(f"{tmp_path}/{name}/json.py:net" for name in ("before", "after")), "--input", "8"]) == 0
    assert "out_features 3 → 5" in capsys.readouterr().out
    assert json.__name__ == "json"
    assert sys.modules["json"] is json
