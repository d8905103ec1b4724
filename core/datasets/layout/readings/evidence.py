"""All that a source says about its classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.datasets.layout.folders.levels import Skeleton
from core.datasets.layout.folders.roles import PREDICT
from core.datasets.layout.tables.class_names import class_names_in
from core.datasets.layout.tables.labels import TableLabels
from core.datasets.layout.tables.name_lists import NameList, listed_names
from core.datasets.layout.tables.parsing import LabelTable


@dataclass(frozen=True)
class Evidence:
    """What a source says about its classes: positions of images, every folder as a class, tables, lists of names."""

    skeleton: Skeleton
    plain: Skeleton
    tables: tuple[LabelTable, ...]
    all_labels: tuple[TableLabels, ...]
    name_lists: tuple[NameList, ...] = ()

    @property
    def labels(self) -> TableLabels | None:
        """The tables that name most of the images."""
        return next(iter(self.all_labels), None)

    def names_for(self, classes: Iterable[str]) -> tuple[str, dict[str, str]] | None:
        """Other names for classes, from a table or a list: where from, class -> name; None if there are none."""
        in_order = sorted(classes)
        return class_names_in(self.tables, in_order) or listed_names(self.name_lists, in_order)

    @property
    def flat_names(self) -> dict[str, str]:
        """The names of all files that may carry a class."""
        positions = self.skeleton.positions
        return {path: path.rsplit("/", 1)[-1] for path in positions if positions[path].split != PREDICT}
