"""When storages are let go: peaks of whole steps against real ones, where something is used twice or thrown away."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.measured_memory import measure_training
from core.profiler import Setting, profile

BATCH = 64


class UsedThrice(nn.Module):
    """Gradients of one tensor come from three sides."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.sides = nn.Linear(400, 400), nn.ModuleList(nn.Linear(400, 400) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return torch.stack([side(x) for side in self.sides]).sum((0, 2)) + x.sum(1)


class ThrownAway(nn.Module):
    """The distances to a codebook decide, and are gone when the decision is made; the decision has no gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.codes = nn.Linear(400, 400), nn.Parameter(torch.randn(3000, 400))

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        nearest = torch.cdist(x, self.codes).sigmoid().argmin(1)
        return x + (self.codes[nearest] - x).detach()


class Tokens(nn.Module):
    """Attention in a layer of its own, whose three inputs are one."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(48, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.attention(x, x, x, need_weights=False)[0])


class Spectrum(nn.Module):
    """The gradient of the weights is a product with conjugates, which are written out for it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 40, 21, dtype=torch.cfloat))

    def forward(self, x: Tensor) -> Tensor:
        return torch.fft.irfft2(torch.fft.rfft2(x) * self.weight, s=x.shape[-2:])


class Turned(nn.Module):
    """Pairs of cells are turned by angles that forward works out anew: small tensors that are no weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(32, 32), nn.Linear(32, 32)

    def forward(self, x: Tensor) -> Tensor:
        left, right = self.first(x).chunk(2, -1)
        angles = torch.arange(64)[:, None] * torch.arange(16) / 16
        turned = left * angles.cos() - right * angles.sin(), left * angles.sin() + right * angles.cos()
        return self.last(torch.cat(turned, -1))


NETWORKS = [
    *((UsedThrice, (400,)), (ThrownAway, (400,)), (Tokens, (40, 48)), (Spectrum, (3, 40, 40)), (Turned, (64, 32))),
]


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_a_peak_is_that_of_a_real_step(network, shape):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        measured = measure_training(network(), torch.zeros(BATCH, *shape), Setting(BATCH)).peak_bytes
    finally:
        torch.set_num_threads(threads)
    assert profile(network(), shape, BATCH).training_peak_bytes == pytest.approx(measured, rel=0.002)
