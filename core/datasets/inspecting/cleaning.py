"""What was found while a set was opened: what was left out, what is in it twice, what is too small or too long."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.datasets.dataset import Pictures, Refusal
from core.datasets.inspecting.duplicates import exact_copies

TINY = 32  # pixels on the shorter side
ODD_SHAPE = 3.0  # longer side by shorter side

Group = tuple[int, ...]  # places of pictures that are copies of each other, in order


@dataclass(frozen=True)
class JfifRule:
    """What the famous clean-up loop would do: delete every file whose first 10 bytes lack the letters JFIF.

    It looks at one spelling of one format's first lines, not at the picture. `deletes_good` are places of pictures
    that decode, `deletes_broken` and `keeps_broken` files that do not.
    """

    deletes_good: tuple[int, ...]
    deletes_broken: tuple[Refusal, ...]
    keeps_broken: tuple[Refusal, ...]

    @property
    def deletes(self) -> int:
        """How many files it deletes."""
        return len(self.deletes_good) + len(self.deletes_broken)


@dataclass(frozen=True)
class CleaningReport:
    """What a look through a set found. Numbers are places in `Pictures.images`.

    `exact` are groups of pictures that are the same to the pixel, `near` groups that look the same but are not all
    exact copies, `across` those groups of either kind whose copies carry different labels: one of them must be wrong.
    `tiny` and `odd_shaped` are judged by the size before squashing. `jfif` is None for sets that never were files.
    """

    kept: int
    refused: tuple[Refusal, ...]
    ignored: tuple[str, ...]
    exact: tuple[Group, ...]
    near: tuple[Group, ...]
    across: tuple[Group, ...]
    tiny: tuple[int, ...]
    odd_shaped: tuple[int, ...]
    jfif: JfifRule | None

    @property
    def reasons(self) -> dict[str, int]:
        """How many files were refused for each reason, the commonest first."""
        reasons = [refusal.reason for refusal in self.refused]
        return {reason: reasons.count(reason) for reason in sorted(set(reasons), key=reasons.count, reverse=True)}


def inspect(pictures: Pictures) -> CleaningReport:
    """Look through a loaded set; nothing is changed or decoded again. Copies never straddle a split, see `Pictures`."""
    exact = exact_copies(pictures.images)
    groups = _groups(pictures.groups)
    sides = pictures.originals
    return CleaningReport(
        kept=len(pictures),
        refused=pictures.refused,
        ignored=pictures.ignored,
        exact=_groups(exact),
        near=tuple(group for group in groups if len(exact[list(group)].unique()) > 1),
        across=tuple(group for group in groups if len(pictures.labels[list(group)].unique()) > 1),
        tiny=() if sides is None else _places(sides.amin(1) < TINY),
        odd_shaped=() if sides is None else _places(sides.amax(1) > ODD_SHAPE * sides.amin(1)),
        jfif=None if pictures.jfif is None else _jfif_rule(pictures, pictures.jfif),
    )


def _groups(first: Tensor) -> tuple[Group, ...]:
    """(N,) numbers -> the groups of two or more places that share one, in order."""
    members: dict[int, list[int]] = {}
    for place, number in enumerate(first.tolist()):
        members.setdefault(number, []).append(place)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


def _places(found: Tensor) -> tuple[int, ...]:
    return tuple(torch.nonzero(found).flatten().tolist())


def _jfif_rule(pictures: Pictures, jfif: Tensor) -> JfifRule:
    return JfifRule(
        deletes_good=_places(~jfif),
        deletes_broken=tuple(refusal for refusal in pictures.refused if not refusal.jfif),
        keeps_broken=tuple(refusal for refusal in pictures.refused if refusal.jfif),
    )
