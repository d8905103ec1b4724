"""Sentences of the page."""

from __future__ import annotations

SYMBOLS = (
    "$y_{ij}$ = cell of a map before normalization and activation, $x_c$ = its source maps with their padding, $w_c$ = "
    "their kernels, $b$ = bias, $s$ = stride, $d$ = dilation"
)


KERNELS = {  # of so many channels
    1: " A square beside a map is the kernel that makes it of the image: purple weights are positive, green negative.",
    3: " A square beside a map is the kernel that makes it of the image, as a colour image: grey is a weight of zero.",
}


def colours(is_computed_in_browser: bool, is_whole: bool, kernel_channels: int = 0) -> str:
    """What the colours mean, and where the maps are computed; `kernel_channels` of the kernels drawn, 0 for none."""
    words = "Orange: positive; blue: negative; full colour is the largest magnitude of a column."
    words += KERNELS.get(kernel_channels, "")
    if is_computed_in_browser:
        words += " This network is computed in your browser, by its weights, each time the image changes."
    else:
        words += " This network is computed by the server; of each column the strongest maps are drawn."
    return words if is_whole else words + " Layers with maps of one size are folded into their last one."
