"""The sentences of the upsampling page, each a function of the numbers that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from core.lessons.upsampling import stays_uniform
from playground import units

PADDINGS = {
    "valid": "no padding; cells that no window covers stay unused",
    "same": "padding such that the output has ⌈*n* / *s*⌉ cells (*n* = input size, *s* = stride)",
}
SYMMETRIC = "the same number of zeros at both ends"


def response(of_ones: tuple[float, float]) -> str:
    """What becomes of an input that is 1 everywhere, away from the border (smallest and largest output).

    >>> response((1.0, 1.0)), response((-0.4444, 1.7778))
    ('uniform input stays uniform', 'uniform input 1 becomes −0.444 to 1.778')
    """
    if stays_uniform(of_ones):
        return "uniform input stays uniform"
    low, high = (f"{value:.3f}".replace("-", "−") for value in of_ones)
    return f"uniform input 1 becomes {low} to {high}"


def checkerboard(kernel: int, stride: int, weights: str, inputs: tuple[int, int], of_ones: tuple[float, float]) -> str:
    """Whether a transposed convolution draws a pattern of its own, and what of: uneven counts, or the weights.

    Args: `inputs` are the fewest and the most that are added into an output, `of_ones` the response to ones.
    """
    fewest, most = inputs
    becomes = f"a {response(of_ones)}"
    if fewest == most:
        words = (
            f"Kernel size {kernel} is divisible by stride {stride}: away from the border **every output is the sum of "
            f"{units.counted(most, 'input')}**"
        )
        if stays_uniform(of_ones):
            return f"{words}, and with {weights} weights {becomes}: no checkerboard."
        return f"{words}. The pattern here comes from the {weights} weights alone: {becomes}."
    words = (
        f"Kernel size {kernel} is not divisible by stride {stride}: away from the border **some outputs are the "
        f"sum of {units.counted(fewest, 'input')}, others of {most}**."
    )
    if stays_uniform(of_ones):
        return (
            f"{words} The {weights} weights make up for it: {becomes}. Training changes the weights, and then a "
            "checkerboard can appear."
        )
    return f"{words} That is the checkerboard, before any training: {becomes}."


def padded_row(name: str, padding: tuple[int, int], outputs: int, unread: Sequence[int], size: int) -> str:
    """What one padding does to a row of `size` cells; `unread` are the positions that no window reads."""
    before, after = padding
    unused = units.counted(sum(0 <= cell < size for cell in unread), "cell")
    return (
        f"**{name}**: {PADDINGS.get(name, SYMMETRIC)}. {before} before, {after} after, **{outputs}** "
        f"output{'' if outputs == 1 else 's'}, {unused} unused."
    )
