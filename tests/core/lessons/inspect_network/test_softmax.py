"""Softmax, cross-entropy and their gradient are PyTorch's, at every temperature, smoothing and size of logits."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from core.lessons.inspect_network import softmax
from core.lessons.inspect_network.loss_rows import loss_rows
from core.lessons.inspect_network.printed import printed_parts
from core.lessons.inspect_network.softmax import loss_breakdown
from tests.truth.knob_states import STATES, configs

logits = st.lists(st.floats(-60, 60, width=32), min_size=2, max_size=12).map(torch.tensor)
settings_ = configs(softmax.LossSettings)


@STATES
@given(logits, st.integers(0, 11), settings_)
def test_every_column_is_what_pytorch_gives(z, label, chosen):
    label %= len(z)
    z = softmax.changed_logits(z, label, chosen.change)
    x = z.clone().requires_grad_()
    loss = F.cross_entropy(x / chosen.temperature, torch.tensor(label), label_smoothing=chosen.smoothing)
    loss.backward()
    ours = loss_breakdown(z, label, chosen.temperature, chosen.smoothing)
    torch.testing.assert_close(ours.probabilities, torch.softmax(z / chosen.temperature, 0), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(ours.gradient, x.grad, rtol=1e-9, atol=1e-12)
    assert ours.loss == pytest.approx(loss.item(), rel=1e-9, abs=1e-12)
    assert float(ours.targets.sum()) == pytest.approx(1)
    assert ours.predicted == int(z.argmax())
    assert float(ours.exps.max()) == 1


def test_formulas_alone_give_the_same_as_the_table():
    z = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
    ours = loss_breakdown(z, 1, 0.5, 0.2)
    assert softmax.cross_entropy(ours.targets, ours.probabilities) == pytest.approx(ours.loss)
    assert softmax.cross_entropy(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0])) == 0


@STATES
@given(st.floats(-30, 30), st.floats(-30, 30), st.sampled_from((0.1, 0.5, 1.0, 4.0)))
def test_two_classes_are_a_sigmoid(first, second, temperature):
    pair = torch.tensor([first, second], dtype=torch.float64) / temperature
    ours = softmax.two_class_probability(first, second, temperature)
    assert ours == pytest.approx(float(torch.softmax(pair, 0)[0]), abs=1e-12)


@pytest.mark.parametrize(
    ("offset", "overflows", "underflows"), [(0, False, False), (100, True, False), (-200, False, True)]
)
def test_float32_fails_where_pytorch_says_nan_and_the_subtracted_maximum_never(offset, overflows, underflows):
    z = torch.tensor([3.0, 1.0, -2.0])
    one = softmax.float32_softmax(z, offset)
    assert (one.overflows, one.underflows) == (overflows, underflows)
    shifted = (z.double() + offset).float()
    naive = shifted.exp() / shifted.exp().sum()
    torch.testing.assert_close(one.naive_probabilities, naive, equal_nan=True)
    assert bool(naive.isnan().any()) == (overflows or underflows)
    torch.testing.assert_close(one.probabilities, torch.softmax(shifted, 0))


@pytest.mark.parametrize("probability", [0.001, 0.3, 0.99])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_smallest_change_halves_the_loss_and_less_does_not(probability, temperature):
    z = temperature * torch.tensor([math.log(probability / (1 - probability)), 0.0], dtype=torch.float64)
    own = loss_breakdown(z, 0, temperature).loss
    change = softmax.smallest_halving_change(probability, temperature)
    assert loss_breakdown(z + torch.tensor([change, 0]), 0, temperature).loss == pytest.approx(own / 2)
    assert loss_breakdown(z + torch.tensor([0.99 * change, 0]), 0, temperature).loss > own / 2


@STATES
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=9), st.integers(0, 5))
def test_printed_parts_add_up_and_are_off_by_less_than_a_digit(values, digits):
    parts = printed_parts(values, digits)
    assert round(sum(parts), digits) == pytest.approx(round(math.fsum(values) * 10**digits) / 10**digits, abs=1e-9)
    assert all(abs(part - value) < 10**-digits + 1e-9 for part, value in zip(parts, values, strict=True))


@STATES
@given(logits, st.integers(0, 11), settings_, st.integers(1, 12))
def test_the_rows_of_the_table_add_up_to_its_sums(z, label, chosen, most):
    label %= len(z)
    one = loss_breakdown(z, label, chosen.temperature, chosen.smoothing)
    listed = softmax.listed_classes(z, (label,), most)
    rows, sums = loss_rows(one, listed, chosen.temperature)
    assert sum(row.count for row in rows) == sums.count == len(z)
    for name in ("exp", "probability", "target", "term", "gradient"):
        assert sum(getattr(row, name) for row in rows) == pytest.approx(getattr(sums, name), abs=1e-9)
    assert (sums.probability, sums.target) == (1, 1)
    assert sums.gradient == pytest.approx(0, abs=1e-4 / chosen.temperature)
    assert sums.term == pytest.approx(one.loss, abs=0.6e-4)
    for row in rows:
        if row.index is not None:
            assert row.probability == pytest.approx(float(one.probabilities[row.index]), abs=1e-4)
            assert row.gradient == pytest.approx(float(one.gradient[row.index]), abs=2.1e-4)
        if chosen.temperature == 1:
            assert row.gradient == pytest.approx(row.probability - row.target, abs=1e-9)


@STATES
@given(logits, st.sets(st.integers(0, 11), max_size=3), st.integers(1, 9))
def test_listed_classes_hold_the_highest_and_all_that_must_be_there(z, always, most):
    always = {k % len(z) for k in always}
    listed = softmax.listed_classes(z, tuple(always), most)
    assert always <= set(listed)
    assert len(listed) == min(len(z), max(most, len(always)))
    assert z[list(listed)].tolist() == sorted(z[list(listed)].tolist(), reverse=True)
