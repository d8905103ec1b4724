"""Every activation against its printed formula, autograd, its bounds and the three number formats."""

import math

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from core.layers.activations import ACTIVATIONS, Maxout, Swish, code_of, value_and_slope
from tests.core.layers import printed_formula

X = torch.linspace(-8, 8, 1601, dtype=torch.float64)

# The printed formula, written out once more in plain Python; nn's own module is the other side. An entry that is not
# here is held against its printed formula itself.
FORMULAS = {
    "Sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "Tanh": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    "ReLU": lambda x: max(0, x),
    "ReLU6": lambda x: min(max(0, x), 6),
    "LeakyReLU": lambda x: max(0, x) + 0.01 * min(0, x),
    "PReLU": lambda x: max(0, x) + 0.25 * min(0, x),
    "ELU": lambda x: max(0, x) + min(0, math.exp(x) - 1),
    "CELU": lambda x: max(0, x) + min(0, math.exp(x) - 1),
    "SELU": lambda x: 1.0507 * (max(0, x) + min(0, 1.6733 * (math.exp(x) - 1))),
    "SiLU (Swish)": lambda x: x / (1 + math.exp(-x)),
    "Hardswish": lambda x: x * min(max(0, x + 3), 6) / 6,
    "Hardsigmoid": lambda x: min(max(0, x + 3), 6) / 6,
    "GELU": lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))),
    "Mish": lambda x: x * math.tanh(math.log(1 + math.exp(x))),
    "Softplus": lambda x: math.log(1 + math.exp(x)),
    "Softsign": lambda x: x / (1 + abs(x)),
    "Maxout": lambda x: max(0, x),
}

BOUNDS = {  # of the values at the default knobs; -inf and inf where not named
    "Sigmoid": (0, 1),
    "Tanh": (-1, 1),
    "ReLU": (0, math.inf),
    "ReLU6": (0, 6),
    "ELU": (-1, math.inf),
    "CELU": (-1, math.inf),
    "SELU": (-1.7581, math.inf),
    "SiLU (Swish)": (-0.2785, math.inf),
    "Hardswish": (-0.375, math.inf),
    "Hardsigmoid": (0, 1),
    "GELU": (-0.17, math.inf),
    "Mish": (-0.3088, math.inf),
    "Softplus": (0, math.inf),
    "Softsign": (-1, 1),
    "Maxout": (0, math.inf),
}


def build(name):
    return ACTIVATIONS[name].build(**ACTIVATIONS[name].defaults).double()


def printed_value(name, x):
    """What the LaTeX of an entry says, its letters being the entry's only knob."""
    (knob,) = [float(knob) for knob in ACTIVATIONS[name].defaults.values() if isinstance(knob, float)] or [0.0]
    return printed_formula.value(ACTIVATIONS[name].formula, {"x": x, "alpha": knob, "beta": knob, "a": knob})


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "Maxout"])  # whose letters are several numbers
def test_the_printed_formula_is_the_one_written_out(name):
    for x in X[::25].tolist():
        assert printed_value(name, x) == pytest.approx(FORMULAS[name](x), rel=1e-12, abs=1e-12)


def test_our_own_classes_are_told_from_those_of_torch():
    assert (ACTIVATIONS["SiLU (Swish)"].own, ACTIVATIONS["Maxout"].own, ACTIVATIONS["ELU"].own) == (
        "Swish",
        "Maxout",
        "",
    )
    assert all(type(build(name)).__name__ == entry.own for name, entry in ACTIVATIONS.items() if entry.own)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_follow_the_formula_and_slopes_its_difference(name):
    y, slope = value_and_slope(build(name), X)
    formula = FORMULAS.get(name, lambda x: printed_value(name, x))
    want = torch.tensor([formula(x) for x in X.tolist()], dtype=torch.float64)
    torch.testing.assert_close(y, want, atol=5e-4 if name == "SELU" else 1e-9, rtol=0)
    step = 1e-6
    difference = (build(name)(X + step) - build(name)(X - step)) / (2 * step)
    kinks = (difference - slope).abs() > 1e-5
    assert kinks.sum() <= 3  # a corner has no slope; PyTorch picks one side


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_bounds_are_reached_and_not_passed(name):
    (low, high), wide = BOUNDS.get(name, (-math.inf, math.inf)), torch.linspace(-60, 60, 240_001, dtype=torch.float64)
    y = build(name)(wide).detach()
    assert low - 1e-4 <= y.min().item()
    assert y.max().item() <= high + 1e-9
    if math.isfinite(low):
        assert y.min().item() == pytest.approx(low, abs=0.02)
    if math.isfinite(high):
        assert y.max().item() == pytest.approx(high, abs=0.02)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_saturated_sides_are_flat_and_the_others_are_not(name):
    _, (left, right) = value_and_slope(build(name), torch.tensor([-100.0, 100.0], dtype=torch.float64))
    entry = ACTIVATIONS[name]
    assert (abs(left) < 1e-3) == (entry.saturates in ("left", "both"))
    assert (abs(right) < 1e-3) == (entry.saturates in ("right", "both"))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_runs_forward_and_backward_in_every_precision(name, dtype):
    module = ACTIVATIONS[name].build(**ACTIVATIONS[name].defaults).to(dtype)
    x = torch.linspace(-4, 4, 17).to(dtype).view(1, 17, 1, 1).requires_grad_()
    y = module(x)
    assert y.shape == x.shape
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad.isfinite().all()
    reference = build(name)(x.detach().double())
    torch.testing.assert_close(y.detach().double(), reference.detach(), atol=0.03, rtol=0.02)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_knobs_at_both_ends_and_the_printed_code(name):
    names = {"nn": nn, "Swish": Swish, "Maxout": Maxout}
    for end in ("low", "high"):
        knobs = {
            key: (knob.choices[0 if end == "low" else -1] if knob.choices else getattr(knob, end))
            for key, knob in ACTIVATIONS[name].knobs.items()
        }
        module = ACTIVATIONS[name].build(**knobs)
        printed = eval(code_of(name, knobs), names)
        assert torch.equal(module(X.float()), printed(X.float()))


def test_own_modules_have_right_gradients_and_learn():
    for module in (Swish(1.7).double(), Maxout(4).double()):
        x = torch.tensor([-2.0, -0.3, 0.4, 1.9], dtype=torch.float64, requires_grad=True)
        assert gradcheck(module, (x,))
        module(x).sum().backward()
        assert any(p.grad.abs().sum() > 0 for p in module.parameters())
    assert torch.equal(Swish()(X.float()), X.float() * torch.sigmoid(X.float()))


def test_lines_that_tie_share_the_gradient():
    module, x = Maxout(2).double(), torch.tensor([-1.0, 0.0, 3.0], dtype=torch.float64, requires_grad=True)
    module(x).backward(torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64))
    assert x.grad.tolist() == [0.0, 0.5, 1.0]
    assert module.offset.grad.tolist() == [1.5, 1.5]
    assert module.slope.grad.tolist() == [-1.0, 3.0]


@pytest.mark.parametrize(("name", "steepest"), [("Sigmoid", 0.25), ("Tanh", 1.0), ("ReLU", 1.0)])
def test_steepest_slopes(name, steepest):
    assert value_and_slope(build(name), X)[1].max().item() == pytest.approx(steepest)
