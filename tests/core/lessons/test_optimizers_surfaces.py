"""Surfaces against autograd, paths against the plain PyTorch loop, written steps against their own digits."""

import re

import numpy as np
import pytest
import torch

from core.lessons.optimizers import surfaces, worked_steps
from core.lessons.optimizers.surfaces import SURFACES
from core.optim import OPTIMIZERS


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_are_those_of_autograd(name):
    surface = SURFACES[name]
    x, y = (torch.rand(50, dtype=torch.float64, generator=torch.Generator().manual_seed(s)) * 4 - 2 for s in (0, 1))
    x.requires_grad_()
    y.requires_grad_()
    torch.testing.assert_close(eval(surface.code, {"x": x, "y": y}), surface.value(x, y), rtol=1e-10, atol=1e-10)
    want = torch.autograd.grad(surface.value(x, y).sum(), (x, y))
    torch.testing.assert_close(torch.stack(surface.gradient(x, y)), torch.stack(want), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", SURFACES)
def test_minima_are_minima_and_lie_in_the_picture(name):
    surface = SURFACES[name]
    for x, y in surface.minima:
        assert surface.gradient(x, y) == pytest.approx((0, 0), abs=1e-12)
        assert surface.x[0] < x < surface.x[1]
        assert surface.y[0] < y < surface.y[1]
        around = [surface.value(x + dx, y + dy) for dx in (-0.01, 0.01) for dy in (-0.01, 0.01)]
        assert surface.value(x, y) < min(around)
    drawn = surfaces.heights(name)
    assert drawn.min() >= 0
    assert drawn.max() == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", ["Beale", "Noisy"])
def test_path_is_what_the_plain_loop_gives(name, optimizer):
    surface = SURFACES[name]
    rough = torch.from_numpy(surfaces.noise(name, 20))
    theta = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    one = OPTIMIZERS[optimizer].build([theta], 0.002)
    want = [theta.detach().clone()]
    for step in range(20):
        one.zero_grad()
        (surface.value(*theta) + (rough[step] * theta).sum()).backward()
        one.step()
        want.append(theta.detach().clone())
    found = surfaces.path(name, optimizer, surface.start, 0.002, steps=20)
    np.testing.assert_allclose(found.points, torch.stack(want).numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.losses[-1], surface.value(*found.points[-1]))


def test_the_bowl_diverges_just_beyond_two_over_its_curvature():
    assert surfaces.path("Bowl", "SGD", (1.0, 1.0), 1.99, steps=400).diverged is None
    beyond = surfaces.path("Bowl", "SGD", (1.0, 1.0), 3.0, steps=400)
    assert beyond.diverged
    assert len(beyond.points) == beyond.diverged + 1
    assert "diverged" in beyond.outcome


def test_arrival_and_the_saddle():
    assert surfaces.path("Bowl", "SGD", (1.0, 1.0), 1.0).arrived == 1
    stuck = surfaces.path("Saddle", "SGD", (-2.0, 0.0), 0.1)
    assert (stuck.points[:, 1] == 0).all()
    assert stuck.arrived is None
    assert stuck.outcome == "stuck: no gradient in y"


def test_the_noise_is_the_same_for_all_and_none_elsewhere():
    np.testing.assert_array_equal(surfaces.noise("Noisy", 20), surfaces.noise("Noisy", 150)[:20])
    assert not surfaces.noise("Bowl", 5).any()


@pytest.mark.parametrize("form", ["lines", "textbook"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_written_numbers_give_the_written_result(optimizer, form):
    for axis in (0, 1):
        steps = worked_steps.worked_steps(
            "Beale", optimizer, (1.0, 1.3), 0.01, (("weight_decay", 0.03),), form, axis=axis
        )
        assert len(steps) == 2
        for line in (line for step in steps for line in step if "partial" not in line.numbers):
            assert worked_steps.decimal(evaluated(line.numbers), 6) == line.result, line


def evaluated(latex: str) -> float:
    """The value of what is printed, by Python's own arithmetic."""
    text = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*")
    for _ in range(3):
        text = re.sub(r"\\sqrt\{((?:[^{}]|\^\{-?\d+\})*)\}", r"root(\1)", text)
        text = re.sub(r"\\frac\{((?:[^{}]|\^\{-?\d+\})*)\}\{((?:[^{}]|\^\{-?\d+\})*)\}", r"((\1)/(\2))", text)
    text = re.sub(r"\^\{(-?\d+)\}", r"**(\1)", text).replace("^2", "**2").replace(") ((", ") * ((")
    text = re.sub(r"([\d)]) +(?=[(r])", r"\1 * ", text)
    return float(eval(text, {"root": np.sqrt}))


def test_last_weights_written_are_where_the_path_goes():
    for name in OPTIMIZERS:
        last = worked_steps.worked_steps("Rosenbrock", name, (-1.2, 1.0), 0.001)[1][-1].result
        assert last == worked_steps.decimal(surfaces.path("Rosenbrock", name, (-1.2, 1.0), 0.001).points[2][0], 6)
