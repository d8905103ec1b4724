"""The cleaning report of a dataset: skipped files, duplicates, images that are too small or too long."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.datasets.dataset import ImageDataset, SkippedFile
from core.datasets.inspecting.bundles import Group, joined
from core.datasets.inspecting.duplicates import exact_duplicates
from core.datasets.splitting import copies_of

TINY = 32  # pixels on the shorter side
ODD_SHAPE = 3.0  # longer side by shorter side


@dataclass(frozen=True)
class JfifRule:
    """What the clean-up loop of many tutorials would do: delete every file whose first 10 bytes lack the letters JFIF.

    It checks the header of one format, not the image. `deletes_good` are indices of images that decode,
    `deletes_broken` and `keeps_broken` files that do not.
    """

    deletes_good: tuple[int, ...]
    deletes_broken: tuple[SkippedFile, ...]
    keeps_broken: tuple[SkippedFile, ...]

    @property
    def deletes(self) -> int:
        return len(self.deletes_good) + len(self.deletes_broken)


@dataclass(frozen=True)
class CleaningReport:
    """The result of `inspect`. Numbers are indices into `ImageDataset.images`.

    `exact` are groups of images that are the same to the pixel, `near` groups that look the same but are not all
    exact copies, `across` those groups of either kind whose copies carry different labels, which somebody should
    look at: a label may be wrong, or the image may show both. `scattered` are groups too large to be kept in one part
    of a split.
    `tiny` and `odd_shaped` are judged by the size before resizing. `jfif` is None for sets that never were files.
    """

    kept: int
    refused: tuple[SkippedFile, ...]
    ignored: tuple[str, ...]
    exact: tuple[Group, ...]
    near: tuple[Group, ...]
    across: tuple[Group, ...]
    scattered: tuple[Group, ...]
    tiny: tuple[int, ...]
    odd_shaped: tuple[int, ...]
    jfif: JfifRule | None

    @property
    def reasons(self) -> dict[str, int]:
        """How many files were refused for each reason, the commonest first."""
        reasons = [file.reason for file in self.refused]
        return {reason: reasons.count(reason) for reason in sorted(set(reasons), key=reasons.count, reverse=True)}


def inspect(data: ImageDataset) -> CleaningReport:
    """Check a loaded dataset; nothing is changed or decoded again."""
    exact = exact_duplicates(data.images)
    groups = _groups(joined(data.groups, data.large_groups))
    sides = data.originals
    return CleaningReport(
        kept=len(data),
        refused=data.refused,
        ignored=data.ignored,
        exact=_groups(exact),
        near=tuple(group for group in groups if len(exact[list(group)].unique()) > 1),
        across=tuple(group for group in groups if len(data.labels[list(group)].unique()) > 1),
        scattered=data.large_groups,
        tiny=() if sides is None else _indices(sides.amin(1) < TINY),
        odd_shaped=() if sides is None else _indices(sides.amax(1) > ODD_SHAPE * sides.amin(1)),
        jfif=None if data.jfif is None else _jfif_rule(data, data.jfif),
    )


def _groups(first: Tensor) -> tuple[Group, ...]:
    """(N,) numbers -> the groups of two or more indices that share one, in order."""
    return tuple(tuple(group) for group in copies_of(first))


def _indices(mask: Tensor) -> tuple[int, ...]:
    return tuple(torch.nonzero(mask).flatten().tolist())


def _jfif_rule(data: ImageDataset, jfif: Tensor) -> JfifRule:
    return JfifRule(
        deletes_good=_indices(~jfif),
        deletes_broken=tuple(file for file in data.refused if not file.jfif),
        keeps_broken=tuple(file for file in data.refused if file.jfif),
    )
