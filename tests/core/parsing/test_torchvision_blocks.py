"""Blocks of torchvision in files of its own: their names and counts."""

from __future__ import annotations

import torch

from core.parsing import parse

VISION = """
from torchvision.ops.misc import Conv2dNormActivation, SqueezeExcitation
from ._utils import _make_divisible, _ovewrite_named_param, handle_legacy_interface
from ..ops.misc import MLP
from ..utils import _log_api_usage_once
from ._api import register_model, Weights, WeightsEnum

class Net_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(url="https://example.org/net.pth", meta={"num_params": 1})
    DEFAULT = IMAGENET1K_V1

class Net(nn.Module):
    def __init__(self, width=30):
        super().__init__()
        _log_api_usage_once(self)
        width = _make_divisible(width, 8)
        self.stem = Conv2dNormActivation(3, width, kernel_size=3, stride=2, activation_layer=nn.SiLU)
        self.se = SqueezeExcitation(width, width // 4)
        self.head = MLP(width, [16, 10])

    def forward(self, x):
        return self.head(self.se(self.stem(x)).mean((2, 3)))

@register_model()
@handle_legacy_interface(weights=("pretrained", Net_Weights.IMAGENET1K_V1))
def net(*, weights=None, progress=True, **kwargs):
    weights = Net_Weights.verify(weights)
    if weights is not None:
        _ovewrite_named_param(kwargs, "width", 64)
    return Net(**kwargs)
"""


def test_blocks_of_torchvision_have_its_names_and_counts():
    parsed = parse(VISION)
    names = [
        "stem.0.weight",
        "stem.1.weight",
        "stem.1.bias",
        "se.fc1.weight",
        "se.fc1.bias",
        "se.fc2.weight",
        "se.fc2.bias",
    ]
    names += ["head.0.weight", "head.0.bias", "head.3.weight", "head.3.bias"]
    assert [name for name, _ in parsed.module.named_parameters()] == names
    assert parsed.module.stem[0].out_channels == 32
    assert parsed.module(torch.empty(2, 3, 8, 8, device="meta")).shape == (2, 10)
    assert parsed.networks == ("net",)
