"""All that a source says about its classes."""

from __future__ import annotations

from dataclasses import dataclass

from core.datasets.layout.folders.levels import Skeleton
from core.datasets.layout.folders.roles import PREDICT
from core.datasets.layout.tables.labels import TableLabels
from core.datasets.layout.tables.parsing import LabelTable


@dataclass(frozen=True)
class Evidence:
    """All that a source says about its classes: positions of images, every folder as a class, tables."""

    skeleton: Skeleton
    plain: Skeleton
    tables: tuple[LabelTable, ...]
    all_labels: tuple[TableLabels, ...]

    @property
    def labels(self) -> TableLabels | None:
        """The tables that name most of the images."""
        return next(iter(self.all_labels), None)

    @property
    def flat_names(self) -> dict[str, str]:
        """The names of all files that may carry a class."""
        positions = self.skeleton.positions
        return {path: path.rsplit("/", 1)[-1] for path in positions if positions[path].split != PREDICT}
