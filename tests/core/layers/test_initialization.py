"""Every initialization against its printed theory, and LSUV against its promise."""

import math

import pytest
import torch
from torch import nn

from core.layers.initialization import INITIALIZATIONS, fans, initialize

LAYERS = {"linear": lambda: nn.Linear(300, 200), "conv": lambda: nn.Conv2d(32, 48, 3)}


def filled(name, kind="linear", seed=0, **rest):
    layer = LAYERS[kind]()
    x = torch.randn(64, *((300,) if kind == "linear" else (32, 8, 8)), generator=torch.Generator().manual_seed(9))
    initialize([layer], name, torch.Generator().manual_seed(seed), forward=lambda: layer(x), **rest)
    return layer


def test_fans_are_those_of_torch():
    for build in LAYERS.values():
        weight = build().weight
        assert fans(weight) == nn.init._calculate_fan_in_and_fan_out(weight)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_std_is_what_theory_says(name, kind):
    weight = filled(name, kind).weight.detach()
    entry = INITIALIZATIONS[name]
    if entry.std is None:
        return
    fan_in, fan_out = fans(weight)
    if name in ("Orthogonal", "Sparse") and kind == "conv":  # as a matrix (out, in * kh * kw)
        fan_out = weight.shape[0]
    want = entry.std(fan_in, fan_out, **INITIALIZATIONS[name].defaults)
    assert weight.std().item() == pytest.approx(want, rel=0.05 if name == "Sparse" else 0.03, abs=1e-6)
    if name != "Constant":
        assert weight.mean().item() == pytest.approx(0, abs=0.02 * max(want, 0.05))


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_repeats_by_seed_and_gain_multiplies(name):
    one, two, twice = filled(name).weight, filled(name).weight, filled(name, gain=2.0).weight
    assert torch.equal(one, two)
    torch.testing.assert_close(twice, 2 * one)
    assert filled(name).bias.eq(0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_weights_run_forward_and_backward_in_every_precision(name, kind, dtype):
    layer = filled(name, kind)
    x = torch.randn(4, *((300,) if kind == "linear" else (32, 5, 5)), generator=torch.Generator().manual_seed(1))
    want = layer.double()(x.to(dtype).double()).detach()
    layer.to(dtype)
    x = x.to(dtype).requires_grad_()
    y = layer(x)
    y.sum().backward()
    assert y.dtype == layer.weight.grad.dtype == dtype
    assert x.grad.isfinite().all()
    assert layer.weight.grad.isfinite().all()
    size = want.abs().max().item()  # a sum of hundreds of products rounds with the largest of them
    torch.testing.assert_close(y.detach().double(), want, atol=0.03 * size, rtol=0.02)


@pytest.mark.parametrize("name", [name for name in INITIALIZATIONS if name not in ("Sparse", "LSUV", "Identity")])
def test_printed_line_is_what_runs(name):
    layer, generator = nn.Linear(300, 200), torch.Generator().manual_seed(0)
    names = {"nn": nn, "layer": layer, "generator": generator}
    exec(INITIALIZATIONS[name].code.format(**INITIALIZATIONS[name].defaults), names)
    torch.testing.assert_close(layer.weight, filled(name).weight, rtol=0, atol=0)


def test_orthogonal_identity_and_sparse_are_what_their_names_say():
    weight = filled("Orthogonal").weight
    torch.testing.assert_close(weight @ weight.T, torch.eye(200), atol=1e-5, rtol=0)
    x = torch.randn(5, 300)
    torch.testing.assert_close(filled("Identity")(x), x[:, :200])
    conv = filled("Identity", "conv")
    y = conv(torch.ones(1, 32, 5, 5))
    torch.testing.assert_close(y[:, :32], torch.ones(1, 32, 3, 3))
    zeros = (filled("Sparse").weight == 0).sum(0)
    assert zeros.eq(180).all()  # 90 % of the 200 rows, in each column
    assert (nn.init.sparse_(torch.empty(200, 300), 0.9) == 0).sum(0).eq(180).all()


@pytest.mark.parametrize("activation", [nn.ReLU(), nn.Tanh(), nn.Sigmoid()])
def test_lsuv_gives_every_layer_variance_one(activation):
    layers = [nn.Linear(64, 64) for _ in range(12)]
    network = nn.Sequential(*(part for layer in layers for part in (layer, activation)))
    x = torch.randn(256, 64, generator=torch.Generator().manual_seed(0))
    initialize(layers, "LSUV", torch.Generator().manual_seed(0), forward=lambda: network(x))
    for layer in layers:
        y = layer(x)
        assert y.var().item() == pytest.approx(1, abs=0.011)
        x = activation(y)


def test_variance_is_kept_by_the_scheme_made_for_the_activation():
    def last(name, activation):
        layers = [nn.Linear(256, 256) for _ in range(20)]
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(512, 256, generator=generator)
        initialize(layers, name, generator)
        for layer in layers:
            x = activation(layer(x))
        return (x**2).mean().item()

    assert 0.3 < last("Kaiming normal", torch.relu) < 3
    assert last("Xavier normal", torch.relu) < 1e-4
    assert 0.5 < last("LeCun normal", torch.selu) < 2
    assert math.isfinite(last("Normal", torch.relu))
