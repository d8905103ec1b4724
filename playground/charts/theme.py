"""Colours, the same everywhere: one diverging scale for data, a second for weights, both symmetric about zero."""

from __future__ import annotations

import numpy as np

# Blue - white - orange for data, green - white - purple for weights; white is zero in both, in light and in dark.
DATA_SCALE = ((0.0, "#0b3c8c"), (0.25, "#5b92ea"), (0.5, "#ffffff"), (0.75, "#f4a25f"), (1.0, "#9c4300"))
WEIGHT_SCALE = ((0.0, "#0b5d3b"), (0.25, "#5cb892"), (0.5, "#ffffff"), (0.75, "#c78ad1"), (1.0, "#6a1b7a"))


def channels(colour: str) -> np.ndarray:
    """Red, green and blue, 0..255, of "#rrggbb"."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def tinted(colours: np.ndarray, mask: np.ndarray, colour: str, kept: float) -> np.ndarray:
    """uint8 colours (..., 3), those under the mask (...) mixed with another; `kept` is their own share."""
    mixed = kept * colours + (1 - kept) * channels(colour)
    return np.rint(np.where(mask[..., None], mixed, colours)).astype(np.uint8)


def rgb(value: np.ndarray, bound: float, scale: tuple[tuple[float, str], ...] = DATA_SCALE) -> np.ndarray:
    """Signed values (any shape) -> uint8 colours (shape + (3,)); `bound` is the value at either end of the scale.

    >>> rgb(np.array([0.0]), 1.0).tolist()
    [[255, 255, 255]]
    """
    stops = np.array([stop for stop, _ in scale])
    colours = np.array([channels(colour) for _, colour in scale])
    position = np.clip(np.asarray(value, dtype=float) / (2 * (bound or 1)) + 0.5, 0, 1)
    interpolated = [np.interp(position, stops, colours[:, channel]) for channel in range(3)]
    return np.rint(np.stack(interpolated, axis=-1)).astype(np.uint8)


def css_colour(colour: np.ndarray) -> str:
    """uint8 (3,) as CSS writes it.

    >>> css_colour(np.array([255, 0, 16], np.uint8))
    'rgb(255,0,16)'
    """
    return f"rgb({','.join(map(str, colour))})"


def text_colour(background: np.ndarray) -> np.ndarray:
    """Either "#000000" or "#ffffff" (shape[:-1]) for text on uint8 colours (..., 3), whichever has more contrast."""
    share = np.asarray(background) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])  # as WCAG 2.2 defines it
    return np.where(luminance < 0.179, "#ffffff", "#000000")
