"""An interactive tensor: point at a cell to see which cells share its mean and variance, with the arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.lessons.normalization import NormalizationCube, values
from playground.components import bundle

_START = (0, 1, 0, 1)  # the cell shown at first
_PART_NAMES = {"NHW": "batch", "HW": "instance"}

_mount = bundle.component("cube")


def cube_data(state: NormalizationCube) -> dict[str, Any]:
    """The data of the script; values are sent as whole hundredths, so that sums are exact.

    Raises: ParseError as `core.lessons.normalization.values` does.
    """
    entry = state.entry
    parts = [
        {"axes": axes, "weight": weight, "name": _PART_NAMES.get(axes, "")}
        for axes, weight in zip(entry.shares, state.blend, strict=True)
    ]
    return {
        "shape": list(state.size.shape),
        "letters": "OIHW" if entry.on_weights else "NCHW",
        "values": np.rint(values(state).ravel() * 100).astype(int).tolist(),
        "parts": parts,
        "groups": state.groups,
        "centred": entry.centred,
        "affine": entry.affine,
        "gamma": state.affine.gamma if entry.affine else 1.0,
        "beta": state.affine.beta if entry.affine == "both" else 0.0,
        "eps": state.affine.eps,
        "result": "ŵ" if entry.on_weights else "y",
        "start": _START,
    }


def cube(state: NormalizationCube, key: str = "cube") -> None:
    """Show a cube; pointing happens in the browser, nothing is sent back."""
    _mount(data=cube_data(state), key=key)
