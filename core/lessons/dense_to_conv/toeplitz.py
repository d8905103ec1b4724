"""A convolution is a fully connected layer whose weight matrix is mostly zeros and repeats the same few numbers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def convolution_matrix(weight_hw: Tensor, size: int, stride: int = 1, padding: int = 0) -> Tensor:
    r"""The matrix M with `M @ x.flatten() == conv2d(x).flatten()` for one channel.

    $$y = M x, \qquad M \in \mathbb{R}^{m^2 \times n^2}$$

    Weight (kh, kw), input `size` x `size`; returns (outputs, size * size). Row r holds the kernel where output r reads.
    Found by convolving each unit picture, so that padding and stride are PyTorch's own.
    Source: Goodfellow, Bengio & Courville 2016, section 9.1.
    """
    units = torch.eye(size * size, dtype=weight_hw.dtype).view(-1, 1, size, size)
    columns = F.conv2d(units, weight_hw[None, None], stride=stride, padding=padding)  # (n * n, 1, m, m)
    return columns.flatten(1).T.contiguous()


def dense_like(matrix: Tensor, x_n: Tensor, seed: int = 0) -> Tensor:
    r"""Weights (outputs, inputs) that give the same output for `x_n` as `matrix`, and are random otherwise.

    Random weights W0, corrected by the smallest change that makes this one output equal:

    $$W = W_0 + \frac{(M - W_0)\, x\, x^\top}{x^\top x}$$

    Args: `matrix` (m, n), `x_n` (n,). Where x is all zeros all weights give 0, and W0 is returned.
    """
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(matrix.shape, generator=generator, dtype=matrix.dtype) * matrix.shape[1] ** -0.5
    energy = x_n @ x_n
    if energy == 0:
        return start
    return start + torch.outer((matrix - start) @ x_n, x_n) / energy


def shift(x_hw: Tensor, down: int, right: int) -> Tensor:
    """The image (..., H, W) shifted by whole cells; zeros enter, what leaves is lost."""
    shifted = torch.zeros_like(x_hw)
    height, width = x_hw.shape[-2:]
    shifted[..., max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = x_hw[
        ..., max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return shifted
