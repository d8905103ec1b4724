"""A network as proportional blocks: hover for a layer's figures, colour by what they cost, click to unfold one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

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
    on_pick: Callable[[], None],
    on_measure: Callable[[], None],
    key: str,
    measure: str,
    waits: Waits | None = None,
    has_waits: bool = True,
    picked: int | None = None,
    skips: Sequence[tuple[int, int]] = (),
) -> None:
    """Draw the blocks, input first. A click puts the row's number into `st.session_state[key].row`, then `on_pick`.

    Args:
        measure: what the colour shows at first, one of `MEASURES` or `WAITS`. Another one that is chosen is put into
            `st.session_state[key].measure`, then `on_measure`.
        waits: needed where the measure is `WAITS`; `has_waits` is whether that can be chosen.
        skips: pairs of blocks, by their places, that an arc joins: skip connections.
    """
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
    _mount(data=data, key=key, on_row_change=on_pick, on_measure_change=on_measure)
