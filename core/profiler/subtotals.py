"""Rows added up module by module, to any depth, with repeated blocks in a row folded into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from torch import nn

from core.profiler.figures import FIGURES
from core.profiler.rows import Row, Shape


@dataclass(frozen=True)
class Subtotal:
    """A module of a network with all rows inside it, or one row.

    Attributes:
        name: its path, "" for the network; `kind` is its class.
        depth: modules above it; 0 for the network.
        rows: indices of the rows that it sums.
        params, macs, output_bytes, saved_bytes: sums of the rows, as in `Row`.
        input_shape, output_shape: of its first and last row, batch included.
        children: modules and rows directly inside, in the order of their first call; () for a row.
        repeats: how many like it, one after the other, it stands for; the figures are those of all.
        last_name: the path of the last of these, "" where there is one.
    """

    name: str
    kind: str
    depth: int
    rows: tuple[int, ...]
    params: int
    macs: int
    output_bytes: int
    saved_bytes: int
    input_shape: Shape
    output_shape: Shape
    children: tuple[Subtotal, ...] = field(default=(), repr=False)
    repeats: int = 1
    last_name: str = ""

    @property
    def label(self) -> str:
        """How it is named in a table.

        >>> Subtotal("layer3.1", "Bottleneck", 2, (), 0, 0, 0, 0, (), (), repeats=5, last_name="layer3.5").label
        'layer3.1 … layer3.5 (x 5)'
        """
        name = self.name or self.kind
        return f"{name} … {self.last_name} (x {self.repeats})" if self.repeats > 1 else name

    @cached_property
    def likeness(self) -> tuple[Any, ...]:
        """What two blocks of one design share: all but names and places."""
        inside = tuple(child.likeness for child in self.children)
        return (self.kind, self.input_shape, self.output_shape, self.params, self.macs, self.repeats, inside)


def kinds_of(model: nn.Module) -> dict[str, str]:
    """Path of each module -> the name of its class."""
    return {name: type(module).__name__ for name, module in model.named_modules(remove_duplicate=False)}


def subtotals(rows: Sequence[Row], kinds: Mapping[str, str], collapse: bool = True) -> Subtotal:
    """The network with its modules below it.

    Args: `kinds` names the class of each path, see `kinds_of`; `collapse` folds neighbours that are alike.

    >>> from core.profiler import profile
    >>> model = nn.Sequential(*[nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()) for _ in range(6)])
    >>> [child.label for child in subtotals(profile(model, (8, 9, 9)).rows, kinds_of(model)).children]
    ['0 … 5 (x 6)']
    """
    return _module("", 0, list(enumerate(rows)), kinds, collapse)


def levels(rows: Iterable[Row]) -> int:
    """How deep the tree of `subtotals` is: one level for each part of a path, one more for a function in a module.

    >>> levels([Row("body.0", "Conv2d", (), (), 0, 0, 0, 0)])
    2
    """
    depths = (len(row.name.split(".")) + row.is_function if row.name else 1 for row in rows)
    return max(depths, default=1)


def lines(tree: Subtotal, depth: int | None = None) -> Iterator[Subtotal]:
    """The modules and rows to show, down to a depth (None: all the way), each before what is inside it."""
    for child in tree.children:
        yield child
        if depth is None or child.depth < depth:
            yield from lines(child, depth)


def _module(name: str, depth: int, inside: list[tuple[int, Row]], kinds: Mapping[str, str], collapse: bool) -> Subtotal:
    groups: dict[str | int, list[tuple[int, Row]]] = {}
    for index, row in inside:
        groups.setdefault(_part(row, index, name), []).append((index, row))
    children = [
        _module(part, depth + 1, own, kinds, collapse)
        if isinstance(part, str)
        else _summed(own[0][1].name, own[0][1].kind, depth + 1, own)
        for part, own in groups.items()
    ]
    return _summed(name, kinds.get(name, ""), depth, inside, tuple(_collapsed(children) if collapse else children))


def _part(row: Row, index: int, parent: str) -> str | int:
    """The module directly inside `parent` that a row belongs to; for a row directly inside it, its index."""
    rest = row.name[len(parent) + 1 :] if parent else row.name
    head, _, deeper = rest.partition(".")
    if row.name == parent or not (deeper or row.is_function):
        return index
    return f"{parent}.{head}" if parent else head


def _summed(
    name: str, kind: str, depth: int, inside: list[tuple[int, Row]], children: tuple[Subtotal, ...] = ()
) -> Subtotal:
    sums = {figure: sum(getattr(row, figure) for _, row in inside) for figure in FIGURES}
    called = [row for _, row in inside if row.called] or [row for _, row in inside]
    first, last = (called[0].input_shape, called[-1].output_shape) if called else ((), ())
    rows = tuple(index for index, _ in inside)
    return Subtotal(name, kind, depth, rows, **sums, input_shape=first, output_shape=last, children=children)


def _collapsed(children: Iterable[Subtotal]) -> list[Subtotal]:
    """Neighbours of one design that have insides of their own become one line."""
    done: list[Subtotal] = []
    before: tuple[Any, ...] | None = None
    for child in children:
        if done and child.children and child.likeness == before:
            first = done[-1]
            sums = {figure: getattr(first, figure) + getattr(child, figure) for figure in FIGURES}
            rows, count = first.rows + child.rows, first.repeats + 1
            done[-1] = replace(first, rows=rows, repeats=count, last_name=child.name, **sums)
        else:
            before = child.likeness
            done.append(child)
    return done
