"""Schedules against their formulas, trainings against the plain loop, the range test against its rule."""

import math

import numpy as np
import pytest
import torch

from core.lessons import gradients
from core.lessons.optimizers import training as lab
from core.optim import OPTIMIZERS, SCHEDULES
from core.training.lr_range_test import BLOWN_UP, FLAT, SETTLED, suggestion

T = np.arange(lab.STEPS)
BY_HAND = {
    "Constant": 0.1 + 0 * T,
    "Step": 0.1 * 0.1 ** (T // 60),
    "Exponential": 0.1 * 0.98**T,
    "Cosine": 0.05 * (1 + np.cos(np.pi * T / lab.STEPS)),
    "Warm-up": 0.1 * (0.01 + 0.99 * np.minimum(1, T / 50)),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_rates_are_those_of_the_formula(name):
    np.testing.assert_allclose(lab.rates(name, 0.1), BY_HAND[name], rtol=1e-9, atol=1e-12)


def test_restarts_cycle_and_plateau_do_what_they_say():
    restarts = lab.rates("Warm restarts", 0.1)
    assert [int(t) for t in np.flatnonzero(np.isclose(restarts, 0.1))] == [0, 30, 90]
    cycle = lab.rates("One-cycle", 0.1)
    assert cycle.max() == pytest.approx(0.1)
    assert cycle[0] == pytest.approx(0.1 / 25)
    assert cycle[-1] == pytest.approx(0.1 / 250_000)
    plateau = lab.rates("Plateau", 0.1)
    assert (plateau[: lab.STEPS // 2] == 0.1).all()
    assert plateau[-1] < 0.1 * 0.3


@pytest.mark.parametrize("name", SCHEDULES)
def test_printed_call_gives_the_drawn_rates(name):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    call = SCHEDULES[name].code(lab.STEPS, 0.1)
    scheduler = eval(call, {"torch": torch, "optimizer": optimizer})
    found = []
    for number in range(lab.STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*([float(max(lab.STEPS // 2 - number, 0))] if SCHEDULES[name].watches else []))
    np.testing.assert_array_equal(found, lab.rates(name, 0.1))


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_runs(name):
    found = list(lab.train(lab.LessonRun(schedule=name, steps=8), seed=0))
    assert len(found) == 8
    assert [step.accuracy is None for step in found] == [True] * 7 + [False]


def test_training_is_the_plain_loop():
    model = lab.network(3)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5, 0.1)
    losses = []
    for _, (x, labels) in zip(range(12), gradients.batches(3), strict=False):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    run = lab.LessonRun("Adam", 0.01, (), "Step", (("step_size", 5), ("gamma", 0.1)), 12)
    found = list(lab.train(run, 3))
    np.testing.assert_allclose([step.loss for step in found], losses, rtol=1e-5)
    assert found[-1].accuracy == pytest.approx(lab.training_accuracy(model))
    assert found[-1].rate == pytest.approx(1e-4)


def test_racers_share_weights_and_batches_and_do_not_disturb_each_other():
    runs = [lab.LessonRun(name, OPTIMIZERS[name].good_rate, steps=6) for name in OPTIMIZERS]
    together = list(lab.train_all(runs, 1))
    assert len({step.loss for step in together[0]}) == 1
    alone = list(lab.train(runs[2], 1))
    torch.rand(5)
    assert [point[2] for point in together] == alone


def test_a_blown_up_run_ends_and_the_others_go_on():
    history = list(lab.train_all([lab.LessonRun("SGD", 1e6, steps=20), lab.LessonRun(steps=20)], 0))
    assert len(history) == 20
    assert history[-1][0] is None


def test_range_test_raises_the_rate_until_it_blows_up():
    found = list(lab.range_test("SGD", 0))
    rates = np.array([step.rate for step in found])
    np.testing.assert_allclose(rates[1:] / rates[:-1], 1e6 ** (1 / 119))
    assert len(found) < 120
    assert not found[-1].smooth <= BLOWN_UP * min(step.smooth for step in found[:-1])
    rate = suggestion(found)
    assert 0.001 < rate < 1
    last = list(lab.train(lab.LessonRun("SGD", rate), 0))[-1]
    assert math.isfinite(last.loss)
    assert last.accuracy > 0.8


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_at_the_suggested_rate_the_loss_is_falling_and_training_works(name):
    found = list(lab.range_test(name, 1))
    good = suggestion(found)
    place = min(range(len(found)), key=lambda number: abs(found[number].rate - good))
    assert found[place + 3].smooth < found[place].smooth < found[max(place - 3, 0)].smooth
    settled = found[SETTLED - 1 :]
    later = [step.smooth for step in settled if step.rate > 10.01 * good]
    assert min(later) > (1 + FLAT) * min(step.smooth for step in settled), "the page says: as low up to ten times that"
    small, fair, large = (list(lab.train(lab.LessonRun(name, good * by), 0))[-1].accuracy for by in (0.03, 1, 100))
    assert fair > 0.93
    assert fair > max(small, large)
