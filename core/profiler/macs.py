"""Multiply-accumulates of an operation: one registry, from PyTorch operation to formula. Adding bias is left out.

Matrices that are taken apart in a fixed number of steps count by their leading term (Golub & Van Loan 2013, chapters 3
to 5); what is repeated until it is near enough (singular values, eigenvalues) is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def _convolution(args: tuple, outputs: Any) -> int:
    """Each output cell takes (in_channels / groups) * kernel cells; transposed, each input cell gives as many."""
    x, weight, transposed = args[0], args[1], args[6]
    cells = x.numel() if transposed else outputs.numel()
    return cells * math.prod(weight.shape[1:])


def _matmul(left: int, right: int) -> Callable[[tuple, Any], int]:
    """(..., n, k) times (..., k, m): n * k * m products for each matrix."""
    return lambda args, outputs: args[left].numel() * (args[right].shape[-1] if args[right].dim() > 1 else 1)


def _attention(args: tuple, outputs: Any) -> int:
    """Scores (L, S) of E products each, then their sum over S for each of the Ev values."""
    query, key, value = args[:3]
    return math.prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _trilinear(args: tuple, outputs: Any) -> int:
    """nn.Bilinear: x1 (B, I), weight (O, I, J), x2 (B, J)."""
    return args[0].shape[0] * args[1].numel() + outputs.numel() * args[2].shape[-1]


def _lstm(args: tuple, outputs: Any) -> int:
    """One layer in one direction: x (T, B, I) times the weights of four gates, (4H, I) and (4H, H)."""
    return math.prod(args[0].shape[:2]) * (args[1].numel() + args[2].numel())


def _order(matrix: Tensor) -> tuple[int, int, int]:
    """Matrices in a batch of (..., m, n), and the longer and the shorter of their sides."""
    rows, columns = matrix.shape[-2:]
    return math.prod(matrix.shape[:-2]), max(rows, columns), min(rows, columns)


def _lu(args: tuple, outputs: Any) -> int:
    """Elimination of (..., n, n): n^3 / 3."""
    count, _, n = _order(args[0])
    return count * n**3 // 3


def _solve(args: tuple, outputs: Any) -> int:
    """Elimination, then two triangles for each of the right sides: n^2 each."""
    count, _, n = _order(args[0])
    return _lu(args, outputs) + count * n**2 * (args[1].numel() // (count * n))


def _triangle(args: tuple, outputs: Any) -> int:
    """One triangle for each of the right sides: n^2 / 2 each."""
    return args[1].numel() * int(args[0].shape[-1]) // 2


def _qr(args: tuple, outputs: Any) -> int:
    """Reflections of (..., m, n): n^2 (m - n / 3), and as many again to write Q out."""
    count, longer, shorter = _order(args[0])
    return 2 * count * shorter**2 * (3 * longer - shorter) // 3


def _grouped(args: tuple, outputs: Any) -> int:
    """Each row by the matrix of its group; where columns are grouped, each column."""
    left, right = args[:2]
    return outputs.numel() * left.shape[-1] if left.dim() > right.dim() else left.numel() * right.shape[-1]


MACS: dict[Any, Callable[[tuple, Any], int]] = {
    aten.convolution: _convolution,
    aten._convolution: _convolution,  # as TorchScript writes it down
    aten._grouped_mm: _grouped,
    aten.mm: _matmul(0, 1),
    aten.bmm: _matmul(0, 1),
    aten.mv: _matmul(0, 1),
    aten.dot: _matmul(0, 1),
    aten.addmm: _matmul(1, 2),
    aten.baddbmm: _matmul(1, 2),
    aten.addbmm: _matmul(1, 2),
    aten._addmm_activation: _matmul(1, 2),
    aten._scaled_mm: _matmul(0, 1),
    aten._int_mm: _matmul(0, 1),
    aten.vdot: _matmul(0, 1),
    aten.linalg_lu_factor_ex: _lu,
    aten.linalg_lu: _lu,
    aten._linalg_det: _lu,
    aten._linalg_slogdet: _lu,
    aten._linalg_solve_ex: _solve,
    aten.linalg_inv_ex: lambda args, outputs: 3 * _lu(args, outputs),
    aten.linalg_cholesky_ex: lambda args, outputs: _lu(args, outputs) // 2,
    aten.linalg_solve_triangular: _triangle,
    aten.triangular_solve: lambda args, outputs: _triangle((args[1], args[0]), outputs),
    aten.linalg_qr: _qr,
    aten.linalg_householder_product: lambda args, outputs: _qr(args, outputs) // 2,
    aten.addmv: _matmul(1, 2),
    aten._trilinear: _trilinear,
    aten.mkldnn_rnn_layer: _lstm,
    aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    aten._scaled_dot_product_flash_attention: _attention,
    aten._scaled_dot_product_efficient_attention: _attention,
    aten._scaled_dot_product_fused_attention_overrideable: _attention,
}


def macs_of(func: Any, args: tuple, outputs: Any) -> int:
    """Multiply-accumulates of one call of an ATen operation, for the whole batch; 0 where it multiplies no matrices."""
    formula = MACS.get(func.overloadpacket)
    return formula(args, outputs) if formula else 0
