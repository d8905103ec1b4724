"""What oneDNN keeps and takes for one layer of an LSTM in one direction.

In training it keeps a workspace from forward to backward: gates, states, and room for all the gradients of states, each
from the start of a page. Without gradients the states go into a scratchpad that is given back. Weights are copied into
another layout, and those of the gradients back.
Source: `rnn_utils.hpp` and `rnn_utils.cpp` of oneDNN 3 (`set_workspace_sizes`, `set_offsets`), ATen's `mkldnn/RNN.cpp`.
"""

from __future__ import annotations

from contextvars import ContextVar

from torch import Tensor

on_gpu: ContextVar[bool] = ContextVar("on_gpu", default=False)  # another library, which keeps gates and states alone
PAGE = 4096
SINGLE = 4  # bytes of a sum, and of a gradient of a state, whatever the type of the states
ASIDE = 4664  # bytes to begin on a page, and for addresses
BLOCK = 32  # hidden cells side by side in a weight that is only read
MERGED = 128  # pictures from which on the gates of all steps are not computed at once


def row(cells: int, itemsize: int) -> int:
    """Cells of a row that begins on a cache line, with a line between where rows would lie 256 apart.

    >>> row(100, 4), row(256, 4), row(512, 2)
    (112, 272, 544)
    """
    line = 64 // itemsize
    filled = -(-cells // line) * line
    return filled + line if filled % 256 == 0 else filled


def kept(x: Tensor, hidden: int) -> int:
    """Bytes kept for backward of x (T, B, I): gates, states of T + 1 steps of two layers, and gradients of these."""
    steps, batch, read = x.shape
    size, widest = x.element_size(), max(read, hidden)
    if on_gpu.get():
        return int(steps * batch * 6 * hidden * size)
    states = 2 * (steps + 1) * batch
    gates, output = steps * batch * row(4 * hidden, size) * size, steps * batch * row(hidden, size) * size
    gradients = states * row(widest, SINGLE) * SINGLE
    cells = states * hidden
    return _paged(gates, output, states * row(widest, size) * size, cells * size, gradients, gradients, cells * SINGLE)


def _paged(*parts: int) -> int:
    return sum(-(-nbytes // PAGE) * PAGE for nbytes in parts)


def forward(args: tuple, outputs: tuple) -> int:
    """Bytes that `aten.mkldnn_rnn_layer` holds above its results: the last of them is what it keeps for backward."""
    x, weight, *_ = args
    steps, batch, read = x.shape
    hidden, size = args[10], x.element_size()
    if outputs[3] is not None:
        weights = (read + hidden) * row(4 * hidden, size) * size
        return weights + _bias(weight) + _scratch(x, hidden, batch < MERGED) + ASIDE
    weights = (read + hidden) * 4 * -(-hidden // BLOCK) * BLOCK * size
    states = 2 * (steps + 1) * batch
    states_bytes = _paged(states * row(max(read, hidden), size) * size, states * hidden * size)
    gradients = _paged(batch * row(hidden, size) * size)  # of which there are none
    scratch = _scratch(x, hidden, batch == 1) - gradients
    return weights + _bias(weight) + states_bytes + scratch + ASIDE + 208


def backward(args: tuple, outputs: tuple) -> int:
    """Bytes that `aten.mkldnn_rnn_layer_backward` holds above the gradients it returns."""
    x, weight, recurrent, _, _, h, c, output = args[:8]
    given = list(zip(args[10:13], (output, h, c), strict=True))
    hidden, size = args[15], x.element_size()
    copies = sum(like.nbytes for gradient, like in given if gradient is None or not gradient.is_contiguous())
    for tensor in (weight, recurrent):
        side = tensor.shape[1]
        if row(side, size) != side:
            copies += tensor.shape[0] * row(side, size) * size
    gradients = (x.shape[2] + hidden) * row(4 * hidden, SINGLE) * SINGLE
    return copies + gradients + _bias(weight) + _scratch(x, hidden, True) + ASIDE


def _bias(weight: Tensor) -> int:
    """Both biases added, a cell for each gate."""
    return weight.shape[0] * weight.element_size()


def _scratch(x: Tensor, hidden: int, all_steps: bool) -> int:
    """Gates, of all steps or of one, one step's output, and the gradient of that."""
    steps, batch, _ = x.shape
    gates = (steps if all_steps else 1) * batch * row(4 * hidden, SINGLE) * SINGLE
    output = batch * row(hidden, x.element_size()) * x.element_size()
    return _paged(gates, output, batch * row(hidden, SINGLE) * SINGLE)
