"""Every optimizer's written lines against torch.optim, in PyTorch's form and in the textbook's."""

import numpy as np
import pytest
import torch

from core.lessons.optimizers import surfaces, worked_steps
from core.optim import OPTIMIZERS

START, STEPS = (-2.0, 1.5), 12


def places(name, form, decay, surface="Noisy", lr=0.05):
    """The weights before each step, and the place ahead where a form has one."""
    values = worked_steps.initial_values(name, START, lr, (("weight_decay", decay),))
    found = []
    for number in range(1, STEPS + 1):
        theta = values["theta"]
        worked_steps.one_step(surface, name, values, number, form)
        found.append(values.get("ahead", theta))
    return np.array(found)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("form", ["lines", "textbook"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_lines_go_where_torch_goes(name, form, decay):
    path = surfaces.path("Noisy", name, START, 0.05, (("weight_decay", decay),), steps=STEPS)
    exact = 1e-12 if form == "lines" else 1e-5  # textbooks put epsilon elsewhere
    np.testing.assert_allclose(places(name, form, decay), path.points[:-1], atol=exact)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_entry_steps_downhill_in_every_precision(name, dtype):
    theta = torch.tensor([2.0, -1.0], dtype=dtype, requires_grad=True)
    optimizer = OPTIMIZERS[name].build([theta], OPTIMIZERS[name].good_rate)
    for _ in range(3):
        optimizer.zero_grad()
        (theta**2).sum().backward()
        optimizer.step()
    assert theta.dtype == dtype
    assert (theta**2).sum().item() < 5


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_printed_call_makes_the_same_optimizer(name):
    theta = torch.zeros(2, requires_grad=True)
    printed = eval(OPTIMIZERS[name].code("[theta]", "0.03"), {"torch": torch, "theta": theta})
    ours = OPTIMIZERS[name].build([theta], 0.03, foreach=False)
    assert type(printed) is type(ours)
    differ = {key for key in ours.defaults if printed.defaults[key] != ours.defaults[key]}
    assert differ <= {"foreach"}


def test_adam_forgets_decay_where_adamw_keeps_it():
    plain, decayed = (places(name, "lines", 0.2, "Bowl") for name in ("Adam", "AdamW"))
    assert not np.allclose(plain, decayed)
    np.testing.assert_array_equal(places("Adam", "lines", 0.0), places("AdamW", "lines", 0.0))


def test_formulas_name_what_they_use():
    assert OPTIMIZERS["SGD with momentum"].lines[1].formula == r"v \leftarrow \mu \cdot v + g"
    assert all("<" not in line.formula for one in OPTIMIZERS.values() for line in (*one.lines, *one.textbook))
