"""What is asked of a text, and what is read from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Parsed:
    """A network read from text.

    Attributes:
        module: on the device asked for, with the author's names.
        lines: text that gives the same module when parsed again; PyTorch where the network can be written in it.
        dialect: "pytorch", "keras" or "paddle".
        input_shape: (C, H, W) where the text says it.
        notes: sentences on what was left out, changed or assumed.
        networks: names of all networks in the text, in order; one of them may be asked for.
        network: the name of the one that this is.
        assumed: values taken for names that the text leaves open; others may be given.
        stated: those of them whose value stands elsewhere in the text, as `width = 64` above `def build(width):`.
        stopped_at: the name of the first layer that could not be evaluated, where less than all was asked for.
        steps: what reading took, of `core.parsing.evaluation.budget.MAX_TOTAL`.
        has_room: whether longer sequences and larger images than usual were needed where the text leaves them open.
    """

    module: nn.Module
    lines: str
    dialect: str
    input_shape: Shape | None = None
    notes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    network: str = ""
    assumed: Mapping[str, Any] = field(default_factory=dict)
    stated: frozenset[str] = frozenset()
    stopped_at: str = ""
    steps: int = 0
    has_room: bool = False


@dataclass(frozen=True)
class ReadingOptions:
    """What is asked of a text besides its words: see `parse`."""

    device: str = "meta"
    input_shape: Shape | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    network: str = ""
    is_lenient: bool = False
