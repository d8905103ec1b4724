"""Networks of torchvision for segmentation: their counts and outputs, heads of a text's own, the second head."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

HEAD = "import torch.nn as nn\nimport torchvision\nfrom torchvision import models\n"
COUNTS = {  # torchvision's own, with 21 classes and without a second head
    "fcn_resnet50": 32957013,
    "fcn_resnet101": 51949141,
    "deeplabv3_resnet50": 39638869,
    "deeplabv3_resnet101": 58630997,
    "deeplabv3_mobilenet_v3_large": 11025477,
    "lraspp_mobilenet_v3_large": 3221538,
}
SECOND = {"fcn_resnet50": 2365205, "deeplabv3_mobilenet_v3_large": 3851}  # what its head for layer3 adds


def _count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("name", COUNTS)
def test_counts_and_the_size_of_the_output(name):
    parsed = parse(f"{HEAD}net = models.segmentation.{name}(weights=None)\n")
    assert (_count(parsed.module), parsed.input_shape) == (COUNTS[name], (3, 224, 224))
    assert parsed.module.eval()(torch.empty(2, 3, 97, 64, device="meta")).shape == (2, 21, 97, 64)


@pytest.mark.parametrize("name", SECOND)
@pytest.mark.parametrize("setting", ["pretrained=True", "weights='DEFAULT'", "aux_loss=True"])
def test_weights_or_a_setting_bring_a_second_head(name, setting):
    module = parse(f"{HEAD}net = torchvision.models.segmentation.{name}({setting})\n").module
    assert _count(module) == COUNTS[name] + SECOND[name]
    assert [tuple(y.shape) for y in module.eval()(torch.empty(1, 3, 64, 64, device="meta"))] == [(1, 21, 64, 64)] * 2


@pytest.mark.parametrize(
    "line",
    [
        "net = models.segmentation.deeplabv3_resnet50(num_classes=4)",
        "net = models.segmentation.deeplabv3_resnet50()\nnet.classifier[4] = nn.Conv2d(256, 4, 1)",
        "from torchvision.models.segmentation.deeplabv3 import DeepLabHead\n"
        "net = models.segmentation.deeplabv3_resnet50()\nnet.classifier = DeepLabHead(2048, 4)",
    ],
)
def test_another_number_of_classes(line):
    module = parse(f"{HEAD}{line}\n").module
    assert _count(module) == COUNTS["deeplabv3_resnet50"] - 17 * 257


def test_a_class_takes_the_output_by_its_name():
    text = f"""{HEAD}from torchvision.models.segmentation import fcn_resnet50, FCN_ResNet50_Weights
class Masks(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = fcn_resnet50(weights=FCN_ResNet50_Weights.DEFAULT)
        self.net.classifier[4] = nn.Conv2d(512, 2, 1)
    def forward(self, x):
        return self.net(x)["out"].argmax(1)
"""
    module = parse(text).module
    assert module.eval()(torch.empty(3, 3, 32, 32, device="meta")).shape == (3, 32, 32)
    assert next(name for name, _ in module.named_parameters()) == "net.backbone.conv1.weight"
