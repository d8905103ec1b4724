"""A network as proportional blocks: hover for a layer's figures, colour by what they cost, click to unfold one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from playground.components import bundle

_mount = bundle.component("network")
MEASURES = ("params", "macs", "output_bytes", "saved_bytes")


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


def network(
    blocks: Sequence[NetworkBlock],
    alt: str,
    *,
    on_pick: Callable[[], None],
    key: str,
    measure: str = "params",
    picked: int | None = None,
    skips: Sequence[tuple[int, int]] = (),
) -> None:
    """Draw the blocks, input first. A click puts the row's number into `st.session_state[key].row`, then `on_pick`.

    `skips` are the pairs of blocks, by their places, that an arc joins: skip connections.
    """
    data = {
        "blocks": [asdict(block) for block in blocks],
        "skips": list(skips),
        "totals": {name: sum(getattr(block, name) for block in blocks) for name in MEASURES},
        "measure": measure,
        "picked": picked,
        "alt": alt,
    }
    _mount(data=data, key=key, on_row_change=on_pick)
