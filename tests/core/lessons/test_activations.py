"""The figures of the activation lesson."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from core.layers.activations import ACTIVATIONS
from core.lessons import activations as lab


def test_curve_is_the_module_and_its_slope():
    found = lab.curve("Sigmoid")
    assert found.max_slope == (0.25, 0.0, 0.0)
    np.testing.assert_allclose(found.slope, found.y * (1 - found.y))
    assert found.saturated[0]
    assert not found.saturated[len(found.x) // 2]


@pytest.mark.parametrize(
    ("name", "slope", "first", "last"),
    [("Tanh", 1, 0, 0), ("ReLU", 1, 0, 6), ("ReLU6", 1, 0, 6), ("ELU", 1, 0, 6), ("Hardsigmoid", 1 / 6, -3, 3),
     ("SELU", 1.0507 * 1.6733, 0, 0), ("Hardswish", 1.5, 3, 3), ("SiLU (Swish)", 1.09984, 2.39936, 2.39936)],
)  # fmt: skip
def test_maximum_slope_and_its_x_lie_between_the_points_of_the_grid(name, slope, first, last):
    assert lab.curve(name).max_slope == pytest.approx((slope, first, last), abs=1e-3)


@pytest.mark.parametrize("reach", [6.0, 20.0])
def test_saturated_ranges_end_where_the_slope_is_a_twentieth(reach):
    sigmoid = math.log((1 + math.sqrt(0.8)) / (1 - math.sqrt(0.8)))  # y (1 - y) = 0.05
    tanh = math.atanh(math.sqrt(0.95))
    for name, edge in (("Sigmoid", sigmoid), ("Tanh", tanh)):
        (low, left), (right, high) = lab.curve(name, (), reach).saturated_ranges
        assert (low, high) == (-reach, reach)
        assert (left, right) == pytest.approx((-edge, edge), abs=reach / 120 / 500)
    assert lab.curve("ReLU", (), reach).saturated_ranges == ((-reach, 0.0),)
    assert lab.curve("ELU", (), reach).saturated_ranges[0][1] == pytest.approx(math.log(0.05), abs=reach / 120 / 500)
    assert lab.curve("PReLU", (), reach).saturated_ranges == ()


@pytest.mark.parametrize("reach", [6.0, 20.0])
def test_smallest_and_largest_value_lie_between_the_points_of_the_grid(reach):
    x = torch.linspace(-reach, reach, 400_001, dtype=torch.float64)
    for name in ("SiLU (Swish)", "GELU", "Mish", "Hardswish", "Tanh"):
        y = lab.build(name).double()(x)
        assert lab.curve(name, (), reach).span == pytest.approx((y.min().item(), y.max().item()), abs=1e-7)


def test_knobs_reach_the_curve():
    assert lab.curve("LeakyReLU", (("negative_slope", 0.5),)).y[0] == -3
    assert lab.curve("ELU", (("alpha", 2.0),)).y[0] == pytest.approx(2 * (math.exp(-6) - 1))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_batch_is_counted_true(name):
    batch = lab.gaussian_batch(name, (), 0.0, 1.0, seed=3)
    again = lab.gaussian_batch(name, (), 0.0, 1.0, seed=3)
    assert np.array_equal(batch.after, again.after)
    assert batch.dead[0] <= batch.saturated[0] <= batch.saturated[1] == 4096
    if name == "ReLU":
        assert batch.dead[0] == (batch.before <= 0).sum()
        assert batch.after.mean() == pytest.approx(1 / math.sqrt(2 * math.pi), abs=0.03)


def test_selu_keeps_mean_and_std():
    batch = lab.gaussian_batch("SELU", (), 0.0, 1.0, seed=0, count=100_000)
    assert batch.after.mean() == pytest.approx(0, abs=0.02)
    assert batch.after.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("value", [0.3, 1.0, 6.0, 100.0, 1000.0])
def test_spacing_reaches_the_next_number_of_the_format(dtype, value):
    near = torch.tensor(value).to(dtype)
    bits = near.view(torch.int16)
    assert (bits + 1).view(dtype).double() - near.double() == lab.spacing(near.item(), dtype)


def test_relu6_keeps_16_bit_outputs_fine():
    relu, relu6 = (lab.precision(name, (), 1000.0, torch.float16) for name in ("ReLU", "ReLU6"))
    assert (relu.largest, relu.spacing) == (1000, 0.5)
    assert (relu6.largest, relu6.spacing) == (6, 0.00390625)


def test_linear_layers_collapse_and_others_do_not():
    for depth in (1, 2, 10, 30):
        found = lab.collapse(None, depth)
        assert found.error < 1e-12 * max(found.scale, 1)
        np.testing.assert_allclose(found.matrix, found.stack, atol=1e-12 * max(found.scale, 1))
    assert lab.collapse("ReLU", 5).error > 0.05
    assert lab.collapse("Tanh", 1).error < 1e-9


def test_fit_learns_and_repeats():
    run, again = (list(lab.fit("PReLU", "Leaky ReLU, slope 0.4", 0.05, seed=1)) for _ in range(2))
    assert [moment.loss for moment in run] == [moment.loss for moment in again]
    assert run[0].parameters == (("weight", (0.25,)),)
    assert run[-1].parameters[0][1][0] == pytest.approx(0.4, abs=1e-3)
    swish = list(lab.fit("SiLU (Swish)", "Swish, beta 3", 2.0, seed=1))
    assert swish[-1].parameters[0][1][0] == pytest.approx(3, abs=0.3)
    assert swish[-1].loss < swish[0].loss / 20


def test_fit_step_is_plain_sgd():
    first, second, *_ = lab.fit("PReLU", "Absolute value", 0.1, seed=5)
    generator, module = torch.Generator().manual_seed(5), nn.PReLU()
    x = 1.5 * torch.randn(64, generator=generator)
    loss = ((module(x) - x.abs()) ** 2).mean()
    loss.backward()
    assert first.loss == pytest.approx(loss.item())
    assert second.parameters[0][1][0] == pytest.approx(0.25 - 0.1 * module.weight.grad.item())
