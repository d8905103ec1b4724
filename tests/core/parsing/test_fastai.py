"""Networks that a text puts together of fastai's layers; those that fastai itself makes of data are not read."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

IMPORTS = ["from fastai.vision.all import *\n", "from fastai.layers import *\nimport torch.nn as nn\n"]
MADE = {
    "sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), Flatten())": nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten()),
    "sequential(nn.Conv2d(3, 8, 3), lambda x: x.mean((2, 3)), nn.Linear(8, 2))": nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Linear(8, 2)
    ),
    "sequential(ConvLayer(3, 8, stride=2), ConvLayer(8, 4, ks=1, act_cls=None))": nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
        nn.Sequential(nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4)),
    ),
    "sequential(ConvLayer(3, 8, norm_type=None), ConvLayer(8, 4, bn_1st=False))": nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()),
        nn.Sequential(nn.Conv2d(8, 4, 3, padding=1, bias=False), nn.ReLU(), nn.BatchNorm2d(4)),
    ),
    "sequential(nn.Conv2d(3, 8, 3), create_head(8, 5))": nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.Sequential(
            nn.Identity(), nn.Flatten(), nn.BatchNorm1d(16), nn.Dropout(), nn.Linear(16, 512, bias=False), nn.ReLU(),
            nn.BatchNorm1d(512), nn.Dropout(), nn.Linear(512, 5, bias=False),
        ),
    ),
    "sequential(AdaptiveConcatPool2d(), Flatten(), LinBnDrop(6, 2, p=0.2))": nn.Sequential(
        nn.Identity(), nn.Flatten(), nn.Sequential(nn.BatchNorm1d(6), nn.Dropout(), nn.Linear(6, 2, bias=False))
    ),
    "SimpleCNN([3, 8, 4])": nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
        nn.Sequential(nn.Conv2d(8, 4, 3, 2, 1), nn.ReLU()),
    ),
}  # fmt: skip


def shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(one.shape) for name, one in module.named_parameters()}


@pytest.mark.parametrize("imports", IMPORTS)
@pytest.mark.parametrize("made", MADE)
def test_layers_of_fastai_are_those_that_pytorch_has(made, imports):
    module = parse(f"{imports}net = {made}\n").module
    assert shapes(module) == shapes(MADE[made])
    assert module.eval()(torch.empty(2, 3, 16, 16, device="meta")).shape[0] == 2


def test_what_a_learner_is_given_is_the_network():
    text = "from fastai.vision.all import *\ndls = ImageDataLoaders.from_folder(path)\n"
    text += "net = sequential(nn.Conv2d(1, 4, 3), nn.ReLU())\nlearn = Learner(dls, net)\nlearn.fit(1)\n"
    assert shapes(parse(text).module) == {"0.weight": (4, 1, 3, 3), "0.bias": (4,)}


def test_a_network_that_fastai_makes_of_data_is_named():
    with pytest.raises(ParseError, match="fastai"):
        parse("from fastai.vision.all import *\nlearn = vision_learner(dls, resnet34)\nlearn.fine_tune(3)\n")
