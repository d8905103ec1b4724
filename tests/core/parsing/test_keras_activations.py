"""Activations of Keras that are no layers of PyTorch; what layers do of their own accord."""

import pytest
import torch

from core.parsing import materialize, parse

IMPORTS = "import keras\nfrom keras.layers import *\n"


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("exponential", torch.exp),
        ("squareplus", lambda x: (x + torch.sqrt(x**2 + 4)) / 2),
        ("sparse_sigmoid", lambda x: torch.clip(x / 2 + 0.5, 0, 1)),
        ("sparse_plus", lambda x: torch.where(x < -1, 0, torch.where(x > 1, x, (x + 1) ** 2 / 4))),
    ],
)
@pytest.mark.parametrize("written", ["Activation('{}')", "Activation(keras.activations.{})"])
def test_functions_of_each_value(name, formula, written):
    net = materialize(parse(f"{IMPORTS}net = keras.Sequential([Input((5, 3)), {written.format(name)}])").module, 0)
    x = torch.linspace(-3, 3, 30).reshape(2, 3, 5)
    assert torch.allclose(net(x), formula(x), atol=1e-6)


@pytest.mark.parametrize("layer", ["Dense(6, 'glu')", "Dense(6, activation='glu')", "Conv1D(6, 1, activation='glu')"])
def test_a_gate_halves_the_channels(layer):
    net = parse(f"{IMPORTS}net = keras.Sequential([Input((5, 3)), {layer}, Dense(2)])").module
    assert net(torch.zeros(2, 3, 5, device="meta")).shape == (2, 2, 5)
    assert sum(one.numel() for one in net.parameters()) == (3 * 6 + 6) + (3 * 2 + 2)


def test_an_own_function_without_its_keyword():
    own = "def halved(x):\n    return x[..., :2]\n"
    net = parse(f"{IMPORTS}{own}net = keras.Sequential([Input((5,)), Dense(6, halved), Dense(1)])").module
    assert sum(one.numel() for one in net.parameters()) == (5 * 6 + 6) + (2 + 1)


@pytest.mark.parametrize(("axes", "cells"), [(1, (4,)), (2, (6, 6)), (3, (4, 4, 4))])
def test_cropping_without_settings(axes, cells):
    """Keras 3 takes one cell off each side in one and three dimensions, and none in two."""
    net = parse(f"{IMPORTS}net = keras.Sequential([Input({(6,) * axes + (2,)}), Cropping{axes}D(), Conv{axes}D(3, 1)])")
    assert net.module(torch.zeros(2, *net.input_shape, device="meta")).shape == (2, 3, *cells)
