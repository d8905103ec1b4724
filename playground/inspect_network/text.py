"""Sentences of the page."""

from __future__ import annotations

SYMBOLS = (
    "$y_{ij}$ = cell of a map before normalization and activation, $x_c$ = its source maps with their padding, $w_c$ = "
    "their kernels, $b$ = bias, $s$ = stride, $d$ = dilation"
)


def colours(is_computed_in_browser: bool, is_whole: bool) -> str:
    """What the colours mean, and where the maps are computed."""
    words = "Orange: positive; blue: negative; full colour is the largest magnitude of a column."
    if is_computed_in_browser:
        words += " This network is computed in your browser, by its weights, each time the image changes."
    else:
        words += " This network is computed by the server; of each column the strongest maps are drawn."
    return words if is_whole else words + " Layers with maps of one size are folded into their last one."
