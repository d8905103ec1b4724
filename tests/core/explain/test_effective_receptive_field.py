"""The effective receptive field: zero outside the theoretical one, a known shape where it can be written down."""

import pytest
import torch
from torch import nn

from core.errors import PlaygroundError
from core.explain import convolutions, effective_field
from core.training import build_network


def ones(*layers):
    model = nn.Sequential(*layers)
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    return model


def test_two_kernels_of_ones_see_a_triangle():
    model = ones(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, bias=False))
    found = effective_field(model, "1", torch.rand(2, 1, 11, 11))
    side = torch.tensor([1.0, 2, 3, 2, 1]).double()
    assert found.cell == (3, 3)
    assert found.window == ((3, 7), (3, 7))
    assert found.theoretical == (5, 5)
    torch.testing.assert_close(found.influence[3:8, 3:8], torch.outer(side, side) / 81)
    assert found.side_holding(1.0) == 5
    assert found.side_holding(49 / 81) == 3
    assert found.side_holding(9 / 81) == 1


@pytest.mark.parametrize("name", ["Small ResNet", "Cats and dogs"])
def test_nothing_outside_the_theoretical_window_moves_a_cell(name):
    torch.manual_seed(0)
    model = build_network(name, 2, 64)
    x = torch.randn(3, 3, 64, 64)
    for layer in convolutions(model):
        found = effective_field(model, layer, x)
        (top, bottom), (left, right) = found.window
        within = found.influence[top : bottom + 1, left : right + 1]
        assert float(found.influence.sum()) == pytest.approx(1)
        assert float(within.sum()) == pytest.approx(1)
        assert found.side_holding(0.5) <= max(found.theoretical)
        assert found.side_holding(0.5) <= found.side_holding(0.95)


def test_it_is_the_gradient_of_the_middle_cell():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Tanh(), nn.Conv2d(4, 5, 3, stride=2))
    x = torch.randn(2, 3, 9, 9, requires_grad=True)
    model(x)[:, :, 2, 2].sum().backward()
    expected = x.grad.abs().sum((0, 1)).double()
    torch.testing.assert_close(effective_field(model, "2", x).influence, expected / expected.sum())


def test_inactive_units_are_an_error_that_says_so():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3))
    nn.init.constant_(model[0].bias, -1e6)
    with pytest.raises(PlaygroundError, match="inactive"):
        effective_field(model, "2", torch.rand(1, 1, 9, 9))
