"""The signal through layers against a plain loop and against theory; symmetry; LSUV's short way."""

import numpy as np
import pytest
import torch
from torch import nn

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, initialize
from core.lessons import experiments, gradients
from core.lessons.activations import build
from core.lessons.initialization import signal_propagation as lab
from core.lessons.initialization.fan_arithmetic import LayerShape, draw_weight, expected_std
from core.lessons.initialization.signal_propagation import LinearStack
from core.lessons.initialization.symmetry import train_hidden_units


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_signal_is_what_a_plain_loop_sees(name):
    stack = LinearStack("Tanh", depth=4, width=16, gain=1.2)
    found = lab.signal(stack, name, seeds=2)
    layers = [nn.Linear(16, 16, bias=False) for _ in range(4)]
    x = torch.randn(lab.BATCH, 16, generator=torch.Generator().manual_seed(1001))
    network = nn.Sequential(*(part for layer in layers for part in (layer, nn.Tanh())))
    initialize(layers, name, torch.Generator().manual_seed(1), 1.2, forward=lambda: network(x))
    for place, layer in enumerate(layers, start=1):
        x = torch.tanh(layer(x)).detach()
        assert found.mean[1, place] == pytest.approx(x.double().mean().item(), rel=1e-5, abs=1e-6)
        assert found.variance[1, place] == pytest.approx(x.double().var().item(), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("activation", ["ReLU", "Tanh", "SELU", "Sigmoid"])
@pytest.mark.parametrize("name", ["Kaiming normal", "Xavier uniform", "LeCun normal", "Sparse"])
def test_theory_is_what_wide_layers_do(name, activation):
    stack, width = LinearStack(activation, depth=3, width=1024), 1024
    x, bend = lab.batch(width, 0), build(activation)
    generator = torch.Generator().manual_seed(0)
    mean, variance = lab.theory(stack, name)
    loose = 0.08 if name == "Sparse" else 0.03  # few weights, but large ones
    for place in range(1, 4):
        layer = nn.utils.skip_init(nn.Linear, width, width, bias=False)
        initialize([layer], name, generator)
        with torch.no_grad():
            x = bend(layer(x))
        assert x.mean().item() == pytest.approx(mean[place], abs=loose * max(1, variance[place] ** 0.5))
        assert x.var().item() == pytest.approx(variance[place], rel=3 * loose)


def test_theory_in_closed_form():
    square, half = 1.0, LinearStack("ReLU", depth=6)
    mean, variance = lab.theory(half, "Kaiming normal")
    np.testing.assert_allclose(mean[1:], np.sqrt(2 * square) / np.sqrt(2 * np.pi), rtol=1e-4)
    np.testing.assert_allclose(variance[1:], square - 1 / np.pi, rtol=1e-4)
    fades = lab.theory(half, "LeCun normal")[1]
    np.testing.assert_allclose(fades[2:] / fades[1:-1], 0.5, rtol=1e-4)
    mean, variance = lab.theory(LinearStack("SELU", depth=30), "LeCun normal")
    assert (mean[-1], variance[-1]) == pytest.approx((0, 1), abs=2e-3)
    assert lab.theory(half, "LSUV") is None


def test_band_and_factor():
    found = lab.signal(LinearStack("ReLU", depth=10, width=16), "LeCun normal", seeds=5)
    low, middle, high = found.band("variance")
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert found.factor == pytest.approx(sorted((one[-1] / one[1]) ** (1 / 9) for one in found.variance)[2])
    for seed, factor in enumerate(found.factors):
        assert found.variance[seed, 1] * factor**9 == pytest.approx(found.variance[seed, -1])
    assert np.isnan(lab.signal(LinearStack(depth=1, width=8), "Normal", seeds=2).factor)


@pytest.mark.parametrize("activation", ["ReLU", "Sigmoid"])
def test_lsuv_settles_as_with_whole_forwards_and_reaches_variance_one(activation):
    stack = LinearStack(activation, depth=6, width=24)
    found = lab.linear_layers(stack, "LSUV", (), 0)
    x, bend = lab.batch(24, 0), build(activation)
    whole = [nn.utils.skip_init(nn.Linear, 24, 24, bias=False) for _ in found]
    initialize(whole, "LSUV", torch.Generator().manual_seed(0), forward=lambda: lab.outputs(whole, bend, x))
    for one, other in zip(found, whole, strict=True):
        assert torch.equal(one.weight, other.weight)
        assert one(x).var().item() == pytest.approx(1, abs=0.02)
        x = bend(one(x)).detach()


def test_a_constant_keeps_all_units_equal_and_chance_does_not():
    equal = train_hidden_units("Constant", steps=15)
    assert set(equal.distinct) == {1}
    np.testing.assert_allclose(equal.after - equal.after[:1], 0, atol=1e-5)
    assert not np.allclose(equal.before, equal.after)
    for name in ("Kaiming normal", "LSUV"):
        found = train_hidden_units(name, steps=15)
        assert set(found.distinct) == {8}
        assert len(found.losses) == 15
        assert found.losses[-1] < equal.losses[-1]


def test_symmetry_trains_as_torch_optim_does():
    found = train_hidden_units("Xavier normal", steps=6)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 10))
    initialize([network[1], network[3]], "Xavier normal", torch.Generator().manual_seed(0))
    optimizer = torch.optim.SGD(network.parameters(), 0.5)
    stream = gradients.batches(0)
    next(stream)
    for loss_there, (x, labels) in zip(found.losses, stream, strict=False):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), labels)
        loss.backward()
        optimizer.step()
        assert loss.item() == pytest.approx(loss_there, rel=1e-5)
    x, labels = experiments.digits()
    assert found.last_loss == pytest.approx(nn.functional.cross_entropy(network(x), labels).item(), rel=1e-5)
    np.testing.assert_allclose(found.after.reshape(8, 64), network[1].weight.detach().numpy(), atol=1e-5)


def test_table_of_scales_is_that_of_the_stack():
    names, activations = ("Kaiming normal", "LSUV", "Constant"), ("ReLU", "Tanh", "Sigmoid")
    table = lab.scales(names, activations, depth=6, width=16)
    for i, name in enumerate(names[:2]):
        for j, activation in enumerate(activations):
            stack = LinearStack(activation, 6, 16)
            given = lab.outputs(lab.linear_layers(stack, name, (), 0), build(activation), lab.batch(16, 0))
            assert table[i, j] == pytest.approx(np.log10((given[6].std() / given[1].std()).item()), abs=1e-4)
    assert not np.isnan(table).any()
    assert set(ACTIVATIONS) >= set(activations)


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_one_weight_has_the_variance_that_is_printed(name):
    for kind in ("Fully connected", "Conv"):
        assert draw_weight(LayerShape(kind, 16, 32), name).shape[:2] == (32, 16)
    expected = lab.weight_variance(LinearStack(width=64), name)
    if expected is not None:
        weight = draw_weight(LayerShape("Fully connected", 64, 64), name, tuple(INITIALIZATIONS[name].defaults.items()))
        assert weight.var().item() == pytest.approx(expected, rel=0.15)
        assert expected_std(weight, name) == pytest.approx(expected**0.5)
