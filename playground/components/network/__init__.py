"""A network as proportional blocks: hover for a layer's figures, colour by what they cost, click to unfold one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import streamlit as st

from core.network_drawing import BOUND_LEGEND
from core.profiler.figures import FIGURES
from core.profiler.timing.rates import Bound
from playground.components import bundle

WAITS = "seconds"  # the measure that is no figure of a row: what a layer waits for, and how long
MEASURES = {name: {"title": one.title, "noun": one.noun, "bytes": one.is_bytes} for name, one in FIGURES.items()}
LEGEND = {bound: {"title": entry.title, "colour": entry.colour} for bound, entry in BOUND_LEGEND.items()}
_mount = bundle.component("network", MEASURES=MEASURES, WAITS=WAITS, LEGEND=LEGEND)


@dataclass(frozen=True)
class NetworkBlock:
    """One feature map: what made it and what that cost. `shape` is without the batch; `row` is -1 for the input."""

    row: int
    name: str
    kind: str
    input: tuple[int, ...]
    shape: tuple[int, ...]
    params: int = 0
    macs: int = 0
    output_bytes: int = 0
    saved_bytes: int = 0
    failed: bool = False
    glued: bool = False


@dataclass(frozen=True)
class Waiting:
    """How long a row takes, as a number and in words, and what it waits for."""

    seconds: float
    words: str
    bound: Bound


@dataclass(frozen=True)
class Waits:
    """What the layers of a network wait for on a device: by row, or a sentence why nobody knows it."""

    device: str
    rows: Mapping[int, Waiting] = field(default_factory=dict)
    unknown: str = ""


def network(
    blocks: Sequence[NetworkBlock],
    alt: str,
    *,
    on_pick: Callable[[int], None],
    on_measure: Callable[[str], None],
    key: str,
    measure: str,
    waits: Waits | None = None,
    has_waits: bool = True,
    picked: int | None = None,
    skips: Sequence[tuple[int, int]] = (),
) -> None:
    """Draw the blocks, input first. `on_pick` gets the number of the row that is clicked.

    Args:
        measure: what the colour shows at first, one of `MEASURES` or `WAITS`; `on_measure` gets another one that is
            chosen.
        waits: needed where the measure is `WAITS`; `has_waits` is whether that can be chosen.
        skips: pairs of blocks, by their places, that an arc joins: skip connections.
    """

    def row_changed() -> None:
        row = st.session_state[key].get("row")
        if type(row) is int and row in {block.row for block in blocks if block.row >= 0}:  # a browser can send anything
            on_pick(row)

    def measure_changed() -> None:
        chosen = st.session_state[key].get("measure")
        if isinstance(chosen, str) and chosen in (*MEASURES, WAITS):
            on_measure(chosen)

    data = {
        "blocks": [dict(vars(block)) for block in blocks],
        "skips": list(skips),
        "totals": {name: sum(getattr(block, name) for block in blocks) for name in MEASURES},
        "measure": measure,
        "waits": asdict(waits) if waits else None,
        "hasWaits": has_waits,
        "picked": picked,
        "alt": alt,
    }
    _mount(data=data, key=key, on_row_change=row_changed, on_measure_change=measure_changed)
