"""A kernel sliding over the cat, its outline growing beside it. Everything moves and is computed in the browser."""

from __future__ import annotations

import numpy as np

from playground import markup
from playground.components import bundle

_mount = bundle.component("sliding_kernel")


def sliding_kernel(picture: np.ndarray, key: str, rest: tuple[int, int] | None = None) -> None:
    """Slide a 3x3 kernel over `picture`, uint8 (H, W); nothing is asked of the server.

    The kernel is 1 in the middle and -n/64 around it, n = 0..8 on the slider: from the picture itself to its outline.
    `rest` is the row and column of the output at which the window stands when nothing may move; the middle if None.
    """
    high, wide = picture.shape
    row, column = rest or (high // 2, wide // 2)
    pixels = markup.packed(picture, "u1")
    _mount(data={"pixels": pixels, "height": high, "width": wide, "rest": [row, column]}, key=key)
