"""Which parameters learn, and how fast beside each other."""

from __future__ import annotations

from torch import nn


def groups(learning: nn.Module, fresh: str, gently: float) -> list[dict]:
    """The parameters that learn, and each group's `share` of the learning rate.

    Where a part is new, by the name `fresh`, all others came trained and have the share `gently`; "" is none.
    """
    if not fresh:
        return [{"params": list(learning.parameters()), "share": 1.0}]
    new = list(learning.get_submodule(fresh).parameters())
    rest = [p for p in learning.parameters() if all(p is not one for one in new)]
    return [{"params": new, "share": 1.0}, {"params": rest, "share": gently}]
