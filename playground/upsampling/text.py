"""Sentences and numbers of the upsampling page."""

from __future__ import annotations

from core.layers.upsampling import transposed_size
from playground.upsampling.settings import UpsamplingSettings

SIZE_SYMBOLS = (
    "$n$ = input size, $s$ = stride, $p$ = padding, $d$ = dilation (1 here), $k$ = kernel size, $o$ = output padding"
)
CHALLENGE = "Make the checkerboard of the transposed convolution disappear at scale 3, with uniform weights."
HINT = "Every output must be written as often as its neighbours: the kernel size must be divisible by the stride."
ASYMMETRIC = (
    'PyTorch supports `padding="same"` only with stride 1; otherwise pad asymmetrically with `nn.ZeroPad2d`, as drawn.'
)
PADDINGS = {
    "valid": "no padding; the last cells may stay unused",
    "same": "padding such that the output has ⌈*n* / *s*⌉ cells (*n* = input size, *s* = stride)",
}
SYMMETRIC = "the same number of zeros at both ends"


def response(low: float, high: float) -> str:
    """What a method makes of an input that is 1 everywhere."""
    uniform = abs(low - 1) + abs(high - 1) < 1e-5
    return "uniform input stays uniform" if uniform else f"uniform input 1 becomes {low:.3f} to {high:.3f}"


def verdict(chosen: UpsamplingSettings) -> str:
    """Whether a transposed convolution creates a checkerboard, and why."""
    kernel, stride, (fewest, most) = chosen.kernel_size, chosen.scale, chosen.write_counts
    if fewest == most:
        return (
            f"Kernel size {kernel} is divisible by stride {stride}: away from the border **every output is the sum of "
            f"{_inputs(most)}**, and uniform weights create no checkerboard."
        )
    return (
        f"Kernel size {kernel} is not divisible by stride {stride}: away from the border **some outputs are the sum of "
        f"{_inputs(fewest)}, others of {most}**. That is the checkerboard, before any training."
    )


def _inputs(count: int) -> str:
    return f"{count} input{'' if count == 1 else 's'}"


def counts(side: int, kernel: int, stride: int) -> str:
    """What the numbers of the drawing count."""
    return (
        f"A {side}×{side} input, enlarged by a transposed convolution. Each input value adds a {kernel}×{kernel} "
        f"kernel to the output, **{stride}** cells from its neighbour's. The numbers count how many kernels overlap in "
        "each output cell."
    )


def output_size(chosen: UpsamplingSettings) -> str:
    """The size formula of the transposed convolution with its numbers, as LaTeX."""
    size, kernel, stride, (padding, output_padding) = chosen.side, chosen.kernel_size, chosen.scale, chosen.padding
    output = transposed_size(size, kernel, stride)
    return (
        rf"({size} - 1) \cdot {stride} - 2 \cdot {padding} + 1 \cdot ({kernel} - 1) + {output_padding} + 1 = {output}"
    )


def padded_row(name: str, padding: tuple[int, int], output: int, unused: int) -> str:
    """What a kind of padding does to one row."""
    before, after = padding
    return (
        f"**{name}**: {PADDINGS.get(name, SYMMETRIC)}. {before} before, {after} after, **{output}** outputs, "
        f"{unused} {'cell' if unused == 1 else 'cells'} unused."
    )
