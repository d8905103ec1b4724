"""Two networks side by side: their totals, their stages, and which layers differ in what."""

from __future__ import annotations

import difflib
import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from core.profiler.figures import FIGURES
from core.profiler.results import Profile
from core.profiler.rows import Row
from core.profiler.size_text import shape_text

VECTOR = "vector"
TOTALS = {
    "total_params": "Parameters",
    "total_macs": "MACs per image",
    "output_bytes": "Outputs (B)",
    "saved_bytes": "Saved activations (B)",
    "training_peak_bytes": "Peak training memory (B)",
    "inference_peak_bytes": "Peak inference memory (B)",
}


@dataclass(frozen=True)
class Pair:
    """One figure of both networks."""

    name: str
    first: int
    second: int

    @property
    def difference(self) -> int:
        """Second less first."""
        return self.second - self.first

    @property
    def ratio(self) -> float | None:
        """Second over first; None where the first is 0.

        >>> Pair("", 4, 6).ratio, Pair("", 0, 6).ratio
        (1.5, None)
        """
        return self.second / self.first if self.first else None


@dataclass(frozen=True)
class StageTotals:
    """All layers of both networks whose outputs have maps of one size ("56×56"; "vector" for those without a map)."""

    size: str
    layers: Pair
    params: Pair
    macs: Pair
    output_bytes: Pair
    saved_bytes: Pair


@dataclass(frozen=True)
class Change:
    """A stretch of layers that are alike in both or that only one network has, or a layer that differs.

    Attributes:
        kind: "alike", "changed", "only first" or "only second".
        first, second: indices of rows in each network; as many as `count` where they are alike.
        differences: what differs, as phrases such as "stride 1 → 2".
    """

    kind: str
    first: tuple[int, ...]
    second: tuple[int, ...]
    differences: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return max(len(self.first), len(self.second))


def totals(first: Profile, second: Profile) -> tuple[Pair, ...]:
    """The totals of two profiles, in the order and with the names of `TOTALS`."""
    return tuple(Pair(title, getattr(first, name), getattr(second, name)) for name, title in TOTALS.items())


def stages(first: Sequence[Row], second: Sequence[Row]) -> tuple[StageTotals, ...]:
    """Sums over layers by the size of their output's map, the largest map first, vectors last."""
    sizes = dict.fromkeys(map(map_size, (*first, *second)))
    ordered = sorted(sizes, key=_cells, reverse=True)
    return tuple(_stage(size, _of_size(size, first), _of_size(size, second)) for size in ordered)


def map_size(row: Row) -> str:
    """The sides of a row's output without batch and channels.

    >>> map_size(Row("", "Conv2d", (), (1, 64, 56, 56), 0, 0, 0, 0))
    '56×56'
    >>> map_size(Row("", "Linear", (), (1, 9), 0, 0, 0, 0))
    'vector'
    """
    return shape_text(row.output_shape[2:], VECTOR)


def _of_size(size: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if map_size(row) == size]


def _cells(size: str) -> int:
    """Cells of a map; 0 for a vector."""
    return 0 if size == VECTOR else math.prod(map(int, size.split("×")))


def _stage(size: str, first: Sequence[Row], second: Sequence[Row]) -> StageTotals:
    sums = {
        name: Pair(name, *(sum(getattr(row, name) for row in rows) for rows in (first, second))) for name in FIGURES
    }
    return StageTotals(size, Pair("layers", len(first), len(second)), **sums)


def changes(first: Sequence[Row], second: Sequence[Row]) -> tuple[Change, ...]:
    """What to do to the first network's layers to come to the second's, in order: the longest common runs stay."""
    return tuple(
        change
        for tag, left, right in _edits([design(row) for row in first], [design(row) for row in second])
        for change in _steps(tag, left, right, first, second)
    )


def _edits(first: Sequence[Hashable], second: Sequence[Hashable]) -> Iterator[tuple[str, range, range]]:
    """What difflib does to come from one sequence to the other: its word, and the places in both."""
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
        yield tag, range(start, stop), range(other_start, other_stop)


def design(row: Row) -> tuple[object, ...]:
    """What makes a layer that layer: its class, settings and shapes, not its name."""
    return row.kind, row.attributes, row.input_shape[1:], row.output_shape[1:], row.params


def _steps(tag: str, left: range, right: range, first: Sequence[Row], second: Sequence[Row]) -> Iterator[Change]:
    if tag == "equal":
        yield Change("alike", tuple(left), tuple(right))
        return
    kinds = [first[index].kind for index in left], [second[index].kind for index in right]
    for step, one, other in _edits(*kinds):
        if step == "equal":
            for a, b in zip(one, other, strict=True):
                row, place = left[a], right[b]
                yield Change("changed", (row,), (place,), differences(first[row], second[place]))
            continue
        if one:
            yield Change("only first", tuple(left[a] for a in one), ())
        if other:
            yield Change("only second", (), tuple(right[b] for b in other))


def differences(first: Row, second: Row) -> tuple[str, ...]:
    """What differs between two layers of one class: settings, or else the shapes they get and give.

    >>> a = Row("", "Conv2d", (1, 3, 9, 9), (1, 8, 9, 9), 0, 0, 0, 0, attributes=(("stride", (1, 1)),))
    >>> b = Row("", "Conv2d", (1, 3, 9, 9), (1, 8, 5, 5), 0, 0, 0, 0, attributes=(("stride", (2, 2)),))
    >>> differences(a, b)
    ('stride 1 → 2', 'output 8×9×9 → 8×5×5')
    """
    settings, others = dict(first.attributes), dict(second.attributes)
    found = [
        f"{name} {_value(settings.get(name))} → {_value(others.get(name))}"
        for name in dict.fromkeys([*settings, *others])
        if settings.get(name) != others.get(name)
    ]
    for name in ("input", "output"):
        shapes = [shape_text(getattr(row, f"{name}_shape")[1:], "none") for row in (first, second)]
        if shapes[0] != shapes[1]:
            found.append(f"{name} {shapes[0]} → {shapes[1]}")
    if not found and first.params != second.params:
        found.append(f"parameters {first.params:,} → {second.params:,}")
    return tuple(found)


def _value(value: object) -> str:
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        value = value[0]
    return "none" if value is None else str(value)
