"""Sparse gradients, grouped products, and operations for which PyTorch's own shape rules stop."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core.profiler import profile
from tests.core.profiler.real_steps import kept_bytes, operations, step_peak

ROWS, WIDTH, WORDS, BATCH = 4000, 64, 12, 16


class Words(nn.Module):
    def __init__(self, table: nn.Module, twice: bool = False) -> None:
        super().__init__()
        self.table, self.head, self.twice = table, nn.Linear(WIDTH, 4), twice

    def forward(self, ids: Tensor) -> Tensor:
        y = self.table(ids)
        y = y.mean(1) if y.dim() == 3 else y
        return self.head(y + self.table(ids + 1).mean(1) if self.twice else y)


@pytest.mark.parametrize("kind", [nn.Embedding, nn.EmbeddingBag])
def test_sparse_gradients_hold_the_rows_that_were_looked_up(kind):
    model, ids = Words(kind(ROWS, WIDTH, sparse=True)), torch.randint(0, ROWS, (BATCH, WORDS))
    result = profile(model, (WORDS,), BATCH)
    rows = 4 * BATCH * WORDS * WIDTH
    assert rows <= result.gradient_bytes - 4 * (4 * WIDTH + 4) <= rows + 2 * 8 * BATCH * WORDS
    dense = profile(Words(kind(ROWS, WIDTH)), (WORDS,), BATCH)
    assert dense.training_peak_bytes - result.training_peak_bytes > 3 * ROWS * WIDTH
    assert not result.notes
    assert result.total_params == dense.total_params
    if kind is nn.Embedding:
        assert result.saved_bytes == kept_bytes(model, ids)


def test_two_sparse_gradients_add_up_to_all_their_rows():
    once = profile(Words(nn.Embedding(ROWS, WIDTH, sparse=True)), (WORDS,), BATCH)
    twice = profile(Words(nn.Embedding(ROWS, WIDTH, sparse=True), twice=True), (WORDS,), BATCH)
    more = twice.gradient_bytes - once.gradient_bytes
    assert 4 * BATCH * WORDS * WIDTH <= more <= 4 * BATCH * WORDS * WIDTH + 2 * 8 * BATCH * WORDS


class Grouped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 64, 128) / 8)

    def forward(self, x: Tensor) -> Tensor:
        ends = torch.tensor([16, 48, x.shape[0]], dtype=torch.int32)
        return torch._grouped_mm(x, self.weight, offs=ends)


def test_grouped_products_in_fp32():
    model, x = Grouped(), torch.randn(256, 64)
    result = profile(model, (64,), 256)
    assert not result.notes
    assert result.total_macs == 64 * 128
    assert result.saved_bytes == kept_bytes(model, x)
    target = torch.zeros(256, dtype=torch.int64)
    real = step_peak(model, x, lambda y: nn.functional.cross_entropy(y, target), lambda: [target])
    assert result.training_peak_bytes == pytest.approx(real, rel=0.02)


@pytest.mark.parametrize(
    "choose",
    [
        lambda y: y.max(1).values,
        lambda y: y.topk(8, 1).values,
        lambda y: y.sort(1).values,
        lambda y: y[torch.arange(0, y.shape[0], 2)],
        lambda y: y.gather(1, torch.zeros(y.shape[0], 4, dtype=torch.int64)),
        lambda y: y.index_select(1, torch.arange(100)),
    ],
)
def test_choosing_makes_one_gradient_and_not_two(choose):
    class Chooses(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(16, 2048)

        def forward(self, x: Tensor) -> Tensor:
            return choose(self.layer(x))

    model, x = Chooses(), torch.randn(256, 16)
    real = step_peak(model, x, lambda y: y.square().mean())
    result = profile(model, (16,), 256, loss=lambda y: y.square().mean())
    assert result.training_peak_bytes == pytest.approx(real, rel=0.02)


def test_scripts_count_what_they_multiply():
    traced = torch.jit.trace(nn.Conv2d(3, 8, 3), torch.ones(1, 3, 8, 8))
    model = nn.Sequential(traced, nn.Flatten())
    assert profile(model, (3, 8, 8), 2).total_macs == operations(lambda: model(torch.ones(2, 3, 8, 8))) // 4


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding", [None, 0])
def test_bags_of_words_keep_what_they_keep_on_the_processor(mode, padding):
    model, ids = nn.EmbeddingBag(50, 16, mode=mode, padding_idx=padding), torch.randint(0, 50, (BATCH, WORDS))
    assert profile(model, (WORDS,), BATCH).saved_bytes == kept_bytes(model, ids)
