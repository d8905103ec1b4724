"""Layers of timm that weigh channels: their weights, and what they compute, written out again in PyTorch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.parsing import parse

IMPORTS = "from timm.layers import {}\nfrom torch import nn\n\nnet = nn.Sequential({})\n"


def squeezed(weights, x):
    seen = F.conv2d(x.mean((2, 3), keepdim=True), weights["fc1.weight"], weights["fc1.bias"])
    return x * F.conv2d(seen.relu(), weights["fc2.weight"], weights["fc2.bias"]).sigmoid()


def effective(weights, x):
    return x * F.hardsigmoid(F.conv2d(x.mean((2, 3), keepdim=True), weights["fc.weight"], weights["fc.bias"]))


def efficient(weights, x):
    seen = F.conv1d(x.mean((2, 3))[:, None], weights["conv.weight"], padding=1)
    return x * seen.sigmoid().transpose(1, 2)[..., None]


def scaled(weights, x):
    return x * weights["gamma"][:, None, None]


LAYERS = {
    "SqueezeExcite": ("64, rd_channels=7", squeezed, {"fc1.weight": (7, 64, 1, 1), "fc2.bias": (64,)}),
    "SEModule": ("64", squeezed, {"fc1.weight": (8, 64, 1, 1), "fc2.weight": (64, 8, 1, 1)}),
    "EffectiveSEModule": ("64", effective, {"fc.weight": (64, 64, 1, 1), "fc.bias": (64,)}),
    "EcaModule": ("64", efficient, {"conv.weight": (1, 1, 3)}),
    "LayerScale2d": ("64", scaled, {"gamma": (64,)}),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_of_timm_computes_what_is_written_out(name):
    arguments, compute, shapes = LAYERS[name]
    layer = parse(IMPORTS.format(name, f"{name}({arguments})"), device="cpu", input_shape=(64, 5, 6)).module[0]
    weights = {key: torch.nn.init.normal_(one) for key, one in layer.named_parameters()}
    assert shapes.items() <= {key: tuple(one.shape) for key, one in weights.items()}.items()
    x = torch.rand(2, 64, 5, 6)
    with torch.no_grad():
        assert torch.allclose(layer(x), compute(weights, x), atol=1e-6)


def test_activations_are_made_by_their_names():
    text = IMPORTS.format("create_act_layer, get_act_layer", "create_act_layer('hard_swish'), get_act_layer('gelu')()")
    assert [type(one).__name__ for one in parse(text).module] == ["Hardswish", "GELU"]
