"""Inputs whose axes stand in another order than the first layer has them, or that are told by more than one name."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse
from core.parsing.inputs.usual_inputs import candidate_inputs

NET = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {layers}

    def forward(self, x):
        {lines}

net = Net()
"""
TURNED = {
    "an image whose channels come last": (
        "self.a = nn.Conv2d(3, 8, 3); self.b = nn.Linear(8, 5)",
        "return self.b(self.a(x.permute(0, 3, 1, 2) / 255).mean((2, 3)))",
        (64, 64, 3),
    ),
    "one whose sides a layer behind it tells": (
        "self.a = nn.Conv2d(3, 8, 3); self.b = nn.Linear(8 * 30 * 30, 5)",
        "return self.b(self.a(x.permute(0, 3, 1, 2)).flatten(1))",
        (32, 32, 3),
    ),
    "one that gets its channel in forward": (
        "self.a = nn.Conv2d(1, 8, 3); self.b = nn.Linear(8 * 26 * 26, 5)",
        "return self.b(self.a(x.unsqueeze(1)).flatten(1))",
        (28, 28),
    ),
    "a clip whose channels come last": (
        "self.a = nn.Conv2d(3, 8, 3); self.b = nn.Linear(8 * 20 * 20, 5)",
        "b, t, h, w, c = x.shape\n        x = x.reshape(b * t, h, w, c).permute(0, 3, 1, 2)\n"
        "        return self.b(self.a(x).reshape(b, t, -1)).mean(1)",
        (8, 22, 22, 3),
    ),
    "steps that come last": (
        "self.a = nn.LSTM(7, 8, batch_first=True); self.b = nn.Linear(8, 5)",
        "return self.b(self.a(x.transpose(1, 2))[0][:, -1])",
        (7, 32),
    ),
    "steps that a remark tells": (
        "self.a = nn.LSTM(1, 8, batch_first=True)  # the input is (B, 1, 13)\n        self.b = nn.Linear(8, 5)",
        "return self.b(self.a(x.transpose(1, 2))[0][:, -1])",
        (1, 13),
    ),
}


@pytest.mark.parametrize("kind", TURNED)
def test_an_input_is_found_in_the_order_that_forward_takes(kind):
    layers, lines, shape = TURNED[kind]
    text = NET.format(layers=layers, lines=lines)
    parsed = parse(text)
    tried = [parsed.input_shape] if parsed.input_shape else candidate_inputs(parsed.module)
    scope: dict = {}
    exec(text, scope)
    assert shape == next(one for one in tried if goes_through(parsed.module, one))
    assert scope["net"](torch.zeros(2, *shape)).shape == (2, 5)


def goes_through(module: torch.nn.Module, shape: tuple[int, ...]) -> bool:
    try:
        module.eval()(torch.empty(2, *shape, device="meta"))
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("names", ["W_q W_k W_v", "q_proj k_proj v_proj", "to_q to_k to_v", "query key value"])
def test_attention_is_given_steps_and_not_one_row(names):
    first, second, third = names.split()
    layers = "; ".join(f"self.{name} = nn.Linear(6, 6)" for name in (first, second, third))
    lines = f"return self.{first}(x) * (self.{second}(x) * self.{third}(x)).sum(1, keepdim=True)"
    module = parse(NET.format(layers=layers, lines=lines)).module
    assert candidate_inputs(module)[0] == (32, 6)


def test_images_have_the_channels_of_their_names():
    text = """
import torch
import torch.nn as nn

class Fusion(nn.Module):
    def __init__(self, image_channels, depth_channels):
        super().__init__()
        self.a = nn.Conv2d(image_channels + depth_channels, 8, 3, padding=1)

    def forward(self, image, depth):
        return self.a(torch.cat([image, depth], 1))

net = Fusion(3, 2)
"""
    parsed = parse(text)
    (shape, dtype) = parsed.module.named_inputs["depth"]
    assert (parsed.input_shape[0], shape[0], dtype) == (3, 2, torch.float32)
    assert parsed.module(torch.empty(2, *parsed.input_shape, device="meta")).shape == (2, 8, *parsed.input_shape[1:])
