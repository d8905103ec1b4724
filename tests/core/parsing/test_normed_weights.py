"""Weights under `weight_norm` and `spectral_norm` have PyTorch's names and are drawn as the layer would draw them."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from core.parsing import parse
from core.parsing.materialize import materialize

TEXT = """
import torch.nn as nn
from torch.nn.utils{where} import {norm}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = {norm}(nn.Conv1d(3, 4, 3))
        self.first.weight.data.normal_(0, 0.01)
        self.second = {norm}(nn.Linear(6, 2))

    def forward(self, x):
        return self.second(self.first(x))

net = Net()
"""
NORMS = ("weight_norm", "spectral_norm")
PLACES = ("", ".parametrizations")


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("where", PLACES)
def test_names_and_shapes_are_pytorchs(norm, where):
    text, scope = TEXT.format(norm=norm, where=where), {}
    exec(text, scope)
    read = parse(text).module
    real = [{name: tuple(one.shape) for name, one in net.state_dict().items()} for net in (scope["net"], read)]
    assert list(real[0].items()) == list(real[1].items())


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("where", PLACES)
def test_first_weights_are_drawn_and_can_be_trained_and_copied(norm, where):
    made = materialize(parse(TEXT.format(norm=norm, where=where)).module, seed=3)
    torch.manual_seed(3)
    plain = nn.Conv1d(3, 4, 3)
    x = torch.ones(2, 3, 8)
    drawn = next(one for one in made.first.parameters() if one.shape == plain.weight.shape)
    assert torch.equal(drawn, plain.weight)
    if norm == "weight_norm":  # which leaves the weight what it is at first
        assert torch.allclose(made.first(x), plain(x), atol=1e-6)
    made.train()(x).sum().backward()
    assert all(one.grad is not None and torch.isfinite(one.grad).all() for one in made.parameters())
    assert torch.equal(copy.deepcopy(made).eval()(x), made.eval()(x))


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_settings_are_those_of_the_text():
    text = """
from torch.nn.utils import parametrizations, parametrize, spectral_norm, weight_norm
whole = weight_norm(nn.Linear(6, 5), "weight", None)
other = spectral_norm(nn.Conv2d(3, 4, 3), "weight", 1, 1e-12, 1)
both = parametrizations.weight_norm(parametrizations.spectral_norm(nn.Bilinear(2, 3, 4)), name="bias")
parametrize.remove_parametrizations(both, tensor_name="bias")
net = nn.ModuleList([whole, other, both])
"""
    scope = {"nn": nn}
    exec(text, scope)
    read = parse(text).module
    real = [{name: tuple(one.shape) for name, one in net.state_dict().items()} for net in (scope["net"], read)]
    assert real[0] == real[1]
