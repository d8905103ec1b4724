"""Filter banks: what the first layer of a network may look like. To add a bank, add one entry to BANKS."""

from __future__ import annotations

import numpy as np

from core.lessons.kernels.registry import build

MIXED = ("Identity", "Gaussian blur", "Sharpen", "Outline", "Emboss", "Laplacian of Gaussian")


def _rotated(name: str, angles: range, **knobs: float) -> dict[str, np.ndarray]:
    return {f"{name} {angle}°": build(name, angle=angle, **knobs) for angle in angles}


BANKS: dict[str, dict[str, np.ndarray]] = {
    "Edges in 8 directions": _rotated("Sobel", range(0, 360, 45)),
    "Stripes in 8 directions": {
        f"Gabor {angle:g}°": build("Gabor", angle=angle, size=11, frequency=0.15, sigma=2.5)
        for angle in np.arange(8) * 22.5
    },
    "Coarse to fine stripes": {
        f"{frequency:g} per pixel, {angle}°": build("Gabor", angle=angle, size=13, frequency=frequency, sigma=3.0)
        for angle in (0, 90)
        for frequency in (0.08, 0.16, 0.24, 0.32)
    },
    "Mixed": {name: build(name) for name in MIXED}
    | {"Sobel 0°": build("Sobel"), "Sobel 90°": build("Sobel", angle=90)},
}
