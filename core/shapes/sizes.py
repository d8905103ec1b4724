r"""The size of one side behind a convolution, a transposed one or a pooling, and the paddings of TensorFlow.

A picture has two sides and each follows these rules on its own. Names and meaning are PyTorch's; `padding` is what is
added on each of the two ends, or a pair (before, after). In the formulas n is the size of the input, k the kernel,
s the stride, p the padding, d the dilation.

Source of the size formulas: Dumoulin & Visin 2016, arXiv:1603.07285.
"""

from __future__ import annotations

from core.errors import ShapeError

Padding = int | tuple[int, int]


def ends(padding: Padding) -> tuple[int, int]:
    """The padding before and after, of either form.

    >>> ends(2), ends((0, 1))
    ((2, 2), (0, 1))
    """
    return padding if isinstance(padding, tuple) else (padding, padding)


def span(kernel: int, dilation: int = 1) -> int:
    """How many cells a kernel reaches over, the gaps that dilation leaves included.

    $$d(k - 1) + 1$$

    >>> span(3), span(3, dilation=2)
    (3, 5)
    """
    return dilation * (kernel - 1) + 1


def conv_output_size(size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int:
    r"""Length of one side after `nn.Conv2d`.

    $$n_\text{out} = \left\lfloor\frac{n + 2p - d(k - 1) - 1}{s}\right\rfloor + 1$$

    Args: side lengths in cells; with a padding pair, 2p is its sum.
    Raises: ShapeError if the dilated kernel is longer than the padded side.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 15.

    >>> conv_output_size(150, 5, padding=2), conv_output_size(9, 3, stride=2)
    (150, 4)
    """
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    return room(size, kernel, padding, dilation) // stride + 1


def conv_transpose_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1
) -> int:
    r"""Length of one side after `nn.ConvTranspose2d`.

    $$n_\text{out} = (n - 1)s - 2p + d(k - 1) + o + 1$$

    Args: `padding` is cut off each end of the result; `output_padding` (o) is added at its far end.
    Raises: ShapeError if nothing is left, or if `output_padding` is not below the larger of stride and dilation.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 14, with dilation.

    >>> conv_transpose_output_size(7, 4, stride=2, padding=1)
    14
    """
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    if not 0 <= output_padding < max(stride, dilation):
        raise ShapeError(
            f"output_padding {output_padding} must be at least 0 and below the larger of stride {stride} and dilation "
            f"{dilation}: choose 0 to {max(stride, dilation) - 1}, or raise the stride."
        )
    output = (size - 1) * stride - 2 * padding + span(kernel, dilation) + output_padding
    if output < 1:
        raise ShapeError(
            f"a transposed convolution with padding {padding} cuts {2 * padding} cells off a result of "
            f"{output + 2 * padding}, which leaves nothing: lower padding to at most {(output + 2 * padding - 1) // 2}."
        )
    return output


def pool_output_size(
    size: int, kernel: int, stride: int | None = None, padding: Padding = 0, dilation: int = 1, ceil_mode: bool = False
) -> int:
    r"""Length of one side after `nn.MaxPool2d` or `nn.AvgPool2d`.

    $$n_\text{out} = \left\lfloor\frac{n + 2p - d(k - 1) - 1}{s}\right\rfloor + 1$$

    With `ceil_mode` the fraction is rounded up instead, but the last window must start inside the input or its left
    padding; one that would start in the right padding is dropped.

    Args: `stride` is the kernel's size if not given; no padding may exceed half the kernel, as PyTorch demands.
    Raises: ShapeError if no window fits, or if the padding is too large.
    Source: torch.nn.MaxPool2d.

    >>> pool_output_size(7, 2), pool_output_size(7, 2, ceil_mode=True)
    (3, 4)
    """
    stride = kernel if stride is None else stride
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    before, after = ends(padding)
    if 2 * max(before, after) > kernel:
        raise ShapeError(
            f"a pooling padding of {max(before, after)} is more than half of the kernel {kernel}: "
            f"lower padding to at most {kernel // 2}, or pool with a kernel of at least {2 * max(before, after)}."
        )
    if not ceil_mode:
        return room(size, kernel, padding, dilation) // stride + 1
    output = -(-(size + before + after - span(kernel, dilation)) // stride) + 1
    if (output - 1) * stride >= size + before:
        output -= 1
    if output < 1:
        room(size, kernel, padding, dilation)  # tells which way out there is
    return output


def same_padding(size: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    r"""Padding (before, after) that TensorFlow's SAME adds to one side; if it is uneven, the odd cell comes after.

    $$p_\text{total} = \max\left(\left(\left\lceil\tfrac{n}{s}\right\rceil - 1\right)s + d(k - 1) + 1 - n,\; 0\right)$$

    >>> same_padding(9, 3), same_padding(150, 3, stride=2)
    ((1, 1), (0, 1))
    """
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation)
    total = max((same_output_size(size, stride) - 1) * stride + span(kernel, dilation) - size, 0)
    return total // 2, total - total // 2


def same_output_size(size: int, stride: int = 1) -> int:
    r"""Length of one side after a convolution with TensorFlow's SAME padding, whatever the kernel.

    $$n_\text{out} = \left\lceil\frac{n}{s}\right\rceil$$

    >>> same_output_size(150, 4)
    38
    """
    require_legal(size=size, stride=stride)
    return -(-size // stride)


def valid_output_size(size: int, kernel: int, stride: int = 1, dilation: int = 1) -> int:
    r"""Length of one side after a convolution with TensorFlow's VALID: no padding, unreached last cells are dropped.

    $$n_\text{out} = \left\lceil\frac{n - d(k - 1)}{s}\right\rceil$$

    >>> valid_output_size(13, 6, stride=5), unread_cells(13, 6, stride=5)
    (2, 2)
    """
    return conv_output_size(size, kernel, stride, 0, dilation)


def unread_cells(size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int:
    r"""How many cells at the far end of the input lie behind the last window: what the floor throws away.

    $$\max\left((n + 2p - d(k - 1) - 1) \bmod s \;-\; p,\; 0\right)$$

    Padding that no window reaches is not counted, only cells of the picture itself.

    >>> unread_cells(8, 3, stride=2), unread_cells(8, 3, stride=2, padding=1)
    (1, 0)
    """
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    left_over = room(size, kernel, padding, dilation) % stride
    return min(max(left_over - ends(padding)[1], 0), size)


def unread_positions(
    size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> tuple[int, ...]:
    """Every cell of one padded side that no window reads: behind the last one, between two, or in a dilation's gaps.

    Counted from the first cell of the input: those below 0 and from `size` on are padding.
    Raises: ShapeError if the kernel does not fit.

    >>> unread_positions(10, 2, stride=3), unread_positions(9, 4, stride=2)
    ((2, 5, 8, 9), (8,))
    """
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    before, after = ends(padding)
    starts = range(0, room(size, kernel, padding, dilation) + 1, stride)
    read = {start + tap * dilation for start in starts for tap in range(kernel)}
    return tuple(cell - before for cell in range(size + before + after) if cell not in read)


def room(size: int, kernel: int, padding: Padding, dilation: int) -> int:
    """How far the kernel can move inside the padded side; raises ShapeError if it does not fit."""
    before, after = ends(padding)
    padded, reach = size + before + after, span(kernel, dilation)
    if reach <= padded:
        return padded - reach
    needed = -(-(reach - size) // 2)
    spread = f" with dilation {dilation}, {reach} cells long," if dilation > 1 else ""
    or_dilation = f", lower dilation to at most {(padded - 1) // (kernel - 1)}" if padded >= kernel > 1 else ""
    raise ShapeError(
        f"a {kernel}x{kernel} kernel{spread} does not fit a {size}x{size} input (padded to {padded}x{padded}): "
        f"raise padding to at least {needed}{or_dilation}, or shrink the kernel."
    )


def require_legal(padding: Padding = 0, **sides: int) -> None:
    """Raise ShapeError unless sizes, kernels, strides and dilations are at least 1, and paddings at least 0."""
    for name, value in sides.items():
        if value < 1:
            raise ShapeError(f"{name} is {value}, but must be at least 1: choose 1 or more.")
    if min(ends(padding)) < 0:
        raise ShapeError(f"padding is {padding}, but nothing can be padded by less than 0: choose 0 or more.")
