"""Paddle's BatchNorm, which takes rows, sequences, images and volumes alike."""

from __future__ import annotations

from torch import Tensor, nn

OF_RANK = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
OF_ANY_RANK = ("BatchNorm", "SyncBatchNorm")  # Paddle's layers


class RankedBatchNorm(nn.BatchNorm2d):
    """A batch norm that becomes the one of PyTorch which its first input needs.

    >>> import torch
    >>> norm = opened(nn.BatchNorm2d(3))
    >>> norm(torch.zeros(2, 3, 5)).shape, type(norm).__name__
    (torch.Size([2, 3, 5]), 'BatchNorm1d')
    """

    def _get_name(self) -> str:
        return "BatchNorm2d"

    def _check_input_dim(self, input: Tensor) -> None:
        self.__class__ = OF_RANK.get(input.dim(), nn.BatchNorm2d)  # type: ignore[assignment]
        self._check_input_dim(input)


def opened(layer: nn.Module) -> nn.Module:
    """The layer itself, open to inputs of any rank."""
    if type(layer) is nn.BatchNorm2d:
        layer.__class__ = RankedBatchNorm
    return layer
