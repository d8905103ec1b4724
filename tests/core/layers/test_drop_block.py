"""Dropout of blocks: DropBlock and Disout against their formulas, and how often a cell stays."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.errors import PlaygroundError
from core.layers.dropout import Disout, DropBlock, block_gamma, keep_probability
from tests.core.layers.test_dropout import dice, is_mean, numbers


def covering(block, height, width):
    """How many block places cover each cell, counted one by one."""
    found = torch.zeros(height, width)
    for top in range(height - block + 1):
        for left in range(width - block + 1):
            found[top : top + block, left : left + block] += 1
    return found


def blocks_reference(begins, block, height, width):
    """A mask of ones in which every place that begins a block has put its zeros."""
    mask = torch.ones(*begins.shape[:2], height, width, dtype=begins.dtype)
    for picture, channel, top, left in begins.nonzero().tolist():
        mask[picture, channel, top : top + block, left : left + block] = 0
    return mask


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 0.9), st.integers(1, 12), st.integers(1, 12), st.integers(1, 12))
def test_gamma_is_the_papers_and_a_chance(p, block, height, width):
    k = min(block, height, width)
    gamma = block_gamma(p, block, height, width)
    assert gamma == pytest.approx(p * height * width / (k * k * (height - k + 1) * (width - k + 1)))
    assert 0 <= gamma <= p + 1e-12
    places, cells = (height - k + 1) * (width - k + 1), height * width
    assert gamma * places * k * k == pytest.approx(p * cells)  # what would go if blocks never overlapped
    stay = keep_probability(gamma, block, height, width)
    torch.testing.assert_close(stay, (1 - gamma) ** covering(k, height, width).double())
    assert 1 - stay.mean().item() <= p + 1e-12


@pytest.mark.parametrize("block", [1, 2, 3, 6, 9])
@pytest.mark.parametrize("per_channel", [True, False])
def test_drop_block_is_its_reference_forward_and_backward(block, per_channel):
    x, towards = numbers(2, 3, 6, 8).requires_grad_(), numbers(2, 3, 6, 8, seed=1)
    k = min(block, 6)
    corners = (2, 3 if per_channel else 1, 6 - k + 1, 8 - k + 1)
    begins = torch.empty(corners, dtype=torch.float64).bernoulli_(block_gamma(0.4, block, 6, 8), generator=dice(8))
    mask = blocks_reference(begins, k, 6, 8)
    assert 0 < mask.sum() < mask.numel()
    factors = mask * mask.numel() / mask.sum()
    y = DropBlock(0.4, block, per_channel, dice(8))(x)
    torch.testing.assert_close(y, x * factors)
    (y * towards).sum().backward()
    torch.testing.assert_close(x.grad, factors * towards)


def test_cells_stay_as_often_as_told_and_factors_always_average_1():
    module, x = DropBlock(0.3, 3, generator=dice()), torch.ones(1, 1, 7, 9, dtype=torch.float64)
    draws = torch.stack([module(x)[0, 0] for _ in range(4000)])
    torch.testing.assert_close(draws.mean((1, 2)), torch.ones(4000, dtype=torch.float64))
    stay = keep_probability(block_gamma(0.3, 3, 7, 9), 3, 7, 9)
    assert is_mean((draws > 0).double(), stay, (stay * (1 - stay)).sqrt())
    mean = draws.mean(0)  # the rim is above 1 and the middle below, as the docstring says
    assert mean[0, 0] > 1.1
    assert mean[3, 4] < 0.9


def test_blocks_of_one_cell_are_plain_dropout_but_for_the_divisor():
    x = numbers(2, 3, 6, 6)
    y, plain = DropBlock(0.3, 1, generator=dice(2))(x), numbers(2, 3, 6, 6)
    begins = torch.empty_like(x).bernoulli_(0.3, generator=dice(2))
    torch.testing.assert_close(y, plain * (1 - begins) / (1 - begins).mean())


def test_a_map_of_which_nothing_stays_is_zero_and_not_nan():
    module = DropBlock(0.89, 4, generator=dice())
    draws = [module(torch.ones(1, 1, 4, 4)) for _ in range(30)]
    assert any((y == 0).all() for y in draws)
    assert all(y.isfinite().all() for y in draws)
    with pytest.raises(PlaygroundError, match="block_size"):
        DropBlock(0.1, 0)


@pytest.mark.parametrize("kernel", [None, 1, 3])
def test_disout_is_its_formula(kernel):
    x, towards = numbers(2, 3, 7, 7).requires_grad_(), numbers(2, 3, 7, 7, seed=1)
    following = None if kernel is None else nn.Parameter(numbers(5, 3, kernel, kernel, seed=2))
    module = Disout(0.4, 3, alpha=2.0, following=following, generator=dice(8))
    y = module(x)
    own = dice(8)
    mask = blocks_reference(
        torch.empty(2, 3, 5, 5, dtype=torch.float64).bernoulli_(block_gamma(0.4, 3, 7, 7), generator=own), 3, 7, 7
    )
    strength = torch.full((3,), 0.01, dtype=torch.float64)
    if kernel:
        signs = torch.empty(1, 3, kernel, kernel, dtype=torch.float64).bernoulli_(0.5, generator=own)[0] * 2 - 1
        strength = (following.detach().max(0).values * signs).flatten(1).mean(1) * (0.1 if kernel == 1 else 1.0)
    normal = torch.empty(2, 3, 7, 7, dtype=torch.float64).normal_(generator=own)
    noise = 2.0 * strength[:, None, None] * x.detach().std() * normal
    share = mask.sum() / mask.numel()
    torch.testing.assert_close(y, (mask * x + (1 - mask) * noise) / share)
    (y * towards).sum().backward()
    torch.testing.assert_close(x.grad, mask / share * towards)
    assert not list(module.parameters())


def test_disout_expects_what_drop_block_expects():
    x = numbers(1, 1, 5, 5)
    noisy, plain = Disout(0.3, 2, alpha=100.0, generator=dice(1)), DropBlock(0.3, 2, generator=dice(2))
    one, two = (torch.stack([module(x) for _ in range(4000)]) for module in (noisy, plain))
    spread = (one.var(0) + two.var(0)).sqrt()
    assert is_mean(one - two, torch.zeros_like(x), spread)
    assert (one.var(0) > two.var(0)).all()
