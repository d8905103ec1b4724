"""Confusion matrices of few and of many classes: only the cells that hold something are kept and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import torch
from torch import Tensor

DENSE = 20  # classes up to which all cells are written, as earlier versions wrote and read them

Row = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ConfusionMatrix(Sequence[Row]):
    """How many images of each class (row) were predicted as each class (column): a sequence of K rows of K counts.

    `cells` are (row, column, count) of all counts that are not 0, row by row: at most one for each image.
    """

    classes: int
    cells: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, counts: Sequence[Sequence[int]] | Tensor) -> ConfusionMatrix:
        """(K, K) counts -> their matrix."""
        table = torch.as_tensor(counts, dtype=torch.int64)
        places = table.nonzero()
        values = table[places[:, 0], places[:, 1]] if len(places) else torch.empty(0, dtype=torch.int64)
        cells = zip(*(column.tolist() for column in (*places.reshape(-1, 2).T, values)), strict=True)
        return cls(len(table), tuple(cells))

    @property
    def accuracy(self) -> float:
        """The share of images on the diagonal; 0 if there are no images."""
        correct = sum(count for row, column, count in self.cells if row == column)
        return correct / max(1, sum(count for _, _, count in self.cells))

    def __len__(self) -> int:
        return self.classes

    @overload
    def __getitem__(self, row: int) -> Row: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, row: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(row, slice):
            return tuple(self[one] for one in range(self.classes)[row])
        index, counts = range(self.classes)[row], [0] * self.classes
        for there, column, count in self.cells:
            if there == index:
                counts[column] = count
        return tuple(counts)

    def __iter__(self) -> Iterator[Row]:
        rows: dict[int, list[int]] = {}
        for row, column, count in self.cells:
            rows.setdefault(row, [0] * self.classes)[column] = count
        empty = (0,) * self.classes
        return (tuple(rows[row]) if row in rows else empty for row in range(self.classes))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ConfusionMatrix):
            return (self.classes, self.cells) == (other.classes, other.cells)
        return isinstance(other, Sequence) and tuple(self) == tuple(map(tuple, other))

    def __hash__(self) -> int:
        return hash((self.classes, self.cells))

    def to_plain(self) -> Any:
        """Lists and numbers for JSON: all rows for few classes, else the cells.

        >>> ConfusionMatrix.of([[2, 0], [1, 3]]).to_plain()
        [[2, 0], [1, 3]]
        """
        if self.classes <= DENSE:
            return [list(row) for row in self]
        return {"classes": self.classes, "cells": [list(cell) for cell in self.cells]}

    @classmethod
    def from_plain(cls, values: Any) -> ConfusionMatrix:
        """The inverse of `to_plain`, of this version and of earlier ones."""
        if isinstance(values, ConfusionMatrix):
            return values
        if isinstance(values, dict):
            return cls(values["classes"], tuple((row, column, count) for row, column, count in values["cells"]))
        return cls.of(values)
