"""An image and a filtered one in one frame: a divider to drag, the same zoom in both, the value under the pointer.

Everything under the mouse happens in the browser; the server sends the pixels once for each change.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass

import numpy as np

from playground.components import bundle

_mount = bundle.component("image_compare")


@dataclass(frozen=True)
class ColourScale:
    """How the output is coloured.

    `kind` "signed": the diverging scale, `bound` at either end; "picture": black at 0, white at `bound`, one or three
    channels; "angle": two maps, an angle in degrees as hue and a magnitude as brightness, full at `bound`.
    """

    kind: str
    bound: float


@dataclass(frozen=True)
class SlidingWindow:
    """The window that an output cell reads, in rows and columns of input pixels."""

    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    dilation: int = 1


def image_compare(
    before: np.ndarray,
    after: np.ndarray,
    scale: ColourScale,
    window: SlidingWindow | None = None,
    *,
    alt: str,
    names: tuple[str, str] = ("Input", "Output"),
    key: str,
) -> None:
    """Show `before` (uint8, (H, W) or (H, W, 3)) against `after` (float32, (C, H_out, W_out)).

    Layout, divider and zoom stand in the address under `key`. With no `window`, every output cell lies on the input
    pixel of the same row and column.
    """
    _mount(data=pack(before, after, scale, window or SlidingWindow(), alt, names, key), key=key)


def pack(
    before: np.ndarray,
    after: np.ndarray,
    scale: ColourScale,
    window: SlidingWindow,
    alt: str,
    names: tuple[str, str],
    link: str,
) -> bytes:
    """One message: length of the header, the header as JSON, the bytes of `before`, the float32 values of `after`."""
    header = {
        "before": [*before.shape[:2], 1 if before.ndim == 2 else before.shape[2]],
        "after": [*after.shape[1:], after.shape[0]],
        "scale": asdict(scale),
        "window": asdict(window),
        "alt": alt,
        "names": names,
        "link": link,
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    pixels = np.ascontiguousarray(before, dtype=np.uint8).tobytes()
    pixels += b"\0" * (-len(pixels) % 4)
    return struct.pack("<I", len(text)) + text + pixels + np.ascontiguousarray(after, dtype="<f4").tobytes()
