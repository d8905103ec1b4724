"""Multiply-accumulates of every product of matrices, and of what takes matrices apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from core.profiler import profile


class Called(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


PRODUCTS: dict[str, tuple[Callable[[Tensor], Tensor], int]] = {  # x is (3, 5, 7); the products for all three
    "addbmm": (lambda x: torch.addbmm(torch.zeros(5, 5), x, x.mT), 3 * 5 * 7 * 5),
    "baddbmm": (lambda x: torch.baddbmm(torch.zeros(3, 5, 5), x, x.mT), 3 * 5 * 7 * 5),
    "matmul": (lambda x: x @ torch.ones(7, 11), 3 * 5 * 7 * 11),
    "einsum": (lambda x: torch.einsum("bik,bjk->bij", x, x), 3 * 5 * 7 * 5),
    "einsum of three": (
        lambda x: torch.einsum("bik,kl,bjl->bij", x, torch.ones(7, 7), x),
        3 * 5 * 7 * 7 + 3 * 5 * 7 * 5,
    ),
    "tensordot": (lambda x: torch.tensordot(x, torch.ones(5, 7, 2), 2), 3 * 5 * 7 * 2),
    "chain": (
        lambda x: torch.linalg.multi_dot([x.flatten(0, 1), torch.ones(7, 2), torch.ones(2, 4)]),
        15 * 7 * 2 + 15 * 2 * 4,
    ),
    "matrix times vector": (lambda x: x @ torch.ones(7), 3 * 5 * 7),
    "outer product": (lambda x: x[..., None] * x[..., None, :], 0),
    "matrix power": (lambda x: torch.linalg.matrix_power(x @ x.mT, 2), 3 * 5 * 7 * 5 + 3 * 5**3),
    "solve": (lambda x: torch.linalg.solve(x @ x.mT, x), 3 * 5 * 7 * 5 + 3 * 5**3 // 3 + 3 * 5**2 * 7),
    "inverse": (lambda x: torch.linalg.inv(x @ x.mT), 3 * 5 * 7 * 5 + 3 * (3 * 5**3 // 3)),
    "determinant": (lambda x: torch.linalg.det(x @ x.mT), 3 * 5 * 7 * 5 + 3 * 5**3 // 3),
    "Cholesky": (lambda x: torch.linalg.cholesky(x @ x.mT), 3 * 5 * 7 * 5 + 3 * 5**3 // 3 // 2),
    "triangle": (lambda x: torch.linalg.solve_triangular(x[:, :, :5].tril(), x, upper=False), 3 * 5 * 7 * 5 // 2),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_of_matrices_count(name):
    function, products = PRODUCTS[name]
    result = profile(Called(function), (5, 7), 3)
    assert result.total_macs == products // 3


def test_a_long_memory_counts_its_gates():
    lstm = nn.LSTM(6, 5, num_layers=2, bidirectional=True)
    weights = sum(parameter.numel() for name, parameter in lstm.named_parameters() if "weight" in name)
    assert profile(lstm, (3, 6), 4).total_macs == 3 * weights


def test_what_runs_in_inference_mode_counts():
    body, head = nn.Linear(7, 64), nn.Linear(64, 2)

    def forward(x: Tensor) -> Tensor:
        with torch.inference_mode():
            features = body(x).relu()
        return head(features.clone())

    assert profile(Called(forward), (7,), 4).total_macs == 7 * 64 + 64 * 2
