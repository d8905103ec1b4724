"""What convolutions on the CPU hold for themselves: copies in another layout, unfolded inputs, sums.

On (N, C, H, W) tensors they run on oneDNN, which copies input, weight and output into blocks of 8 or 16 channels and
back. Some kernels want channels last instead: those in bf16 where there are matrix tiles (AMX), and those that spread
something out by a stride (gradients of strided inputs, transposed convolutions). Found by watching the allocator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import is_channels_last, span
from core.profiler.memory.cpu import direct_convolution, machine, reduction_buffers
from core.profiler.memory.cpu.machine import blocked_weight, channel_block, paired_weight, rounded, tiled_weight

SINGLE = direct_convolution.SINGLE


@dataclass(frozen=True)
class Call:
    """The tensors and settings of one convolution; `y` is its result, or in backward the gradient of that."""

    x: Tensor
    weight: Tensor
    y: Tensor
    stride: Sequence[int]
    padding: Sequence[int]
    dilation: Sequence[int]
    transposed: bool
    groups: int
    with_bias: bool

    @property
    def is_half(self) -> bool:
        return self.x.dtype is not torch.float32

    @property
    def is_pointwise(self) -> bool:
        return math.prod(self.weight.shape[2:]) == 1

    @property
    def is_depthwise(self) -> bool:
        return self.groups > 1 and self.weight.shape[1] == 1 and self.weight.shape[0] == self.groups

    @property
    def on_tiles(self) -> bool:
        return self.x.dtype is torch.bfloat16 and machine.has_amx() and not self.is_depthwise

    @property
    def spreads(self) -> bool:
        """Whether a stride spreads cells out, which is done with channels last."""
        able = machine.has_half_products() if self.is_half else not self.is_depthwise
        return able and max(self.stride) > 1

    @property
    def last(self) -> bool:
        """Whether channels lie last already."""
        return is_channels_last(self.x) or is_channels_last(self.weight)

    @property
    def on_onednn(self) -> bool:
        """PyTorch's choice for CPU tensors (`use_mkldnn` in ATen's Convolution.cpp)."""
        if not torch.backends.mkldnn.enabled or not torch.backends.mkldnn.is_available():
            return False
        if self.is_half:
            return self.x.dtype in (torch.bfloat16, torch.float16) and machine.has_avx512()
        batch = self.x.shape[0]
        is_product = {*self.weight.shape[2:][-2:], *self.stride, *self.dilation} == {1}
        if is_product and batch < 16 and torch.get_num_threads() == 1:
            return False
        large_kernel = self.weight.dim() > 3 and min(self.weight.shape[-2:]) > 3
        return self.groups > 1 or large_kernel or batch > 1 or math.prod(self.x.shape[:4]) > 20_480

    @property
    def is_direct(self) -> bool:
        """Whether it goes the way of `direct_convolution`: all but tiles, and 16 bit with channels last or spread."""
        if not self.is_half:
            return True
        return not (self.on_tiles or self.last or self.is_depthwise) and machine.has_half_products()

    @property
    def passes(self) -> direct_convolution.Convolution:
        """What is computed, seen from the tensor that the kernels slide over."""
        read, made = (self.y, self.x) if self.transposed else (self.x, self.y)
        flat = (1,) if read.dim() == 3 else ()  # PyTorch runs one axis as two, the first of them one cell high
        return direct_convolution.Convolution(
            batch=read.shape[0],
            read=self.weight.shape[1] * self.groups,
            made=self.weight.shape[0],
            cells=(*flat, *read.shape[2:]),
            made_cells=(*flat, *made.shape[2:]),
            taps=(*flat, *self.weight.shape[2:]),
            stride=(*flat, *self.stride),
            padding=(*(0 for _ in flat), *self.padding),
            dilation=(*flat, *self.dilation),
            groups=self.groups,
            with_bias=self.with_bias,
            size=self.x.element_size(),
            is_last=self.last,
            sums=_sums(self),
        )

    def is_read_as_it_is(self, tensor: Tensor) -> bool:
        """A few channels are read where they are, not copied into a block."""
        return tensor.shape[1] < channel_block() and self.groups == 1


def _by_axis(steps: Sequence[Sequence[int]], weight: Tensor) -> list[Sequence[int]]:
    """Stride, padding and dilation with a number for each axis: PyTorch takes one for all, and gives "valid" so."""
    axes = weight.dim() - 2
    return [[*step] * axes if len(step) == 1 else step for step in steps]


def forward(args: tuple, y: Tensor) -> int:
    """Bytes that `aten.convolution` holds above its result."""
    x, weight, bias, *steps, transposed, _, groups = args
    stride, padding, dilation = _by_axis(steps, weight)
    call = Call(x, weight, y, stride, padding, dilation, transposed, groups, bias is not None)
    if not call.on_onednn:
        return _columns(call) + _made_dense(call, x)
    if call.is_direct:
        conv = call.passes
        made = direct_convolution.to_input(conv, call.with_bias) if transposed else direct_convolution.forward(conv)
        return made.fullest(y.nbytes) - y.nbytes + _made_dense(call, x, weight)
    if call.last:
        return blocked_weight(weight, groups) + _mended(x) + _mended(weight)
    if call.on_tiles or (transposed and call.spreads):
        return max(blocked_weight(weight, groups) + _turned(x), _turned(y) + y.nbytes)
    copies = 0 if call.is_read_as_it_is(x) and not transposed else _blocked(x)
    inside = copies + blocked_weight(weight, groups) + _blocked(y) + _aside(call)
    return max(inside, _blocked(y) + (2 if transposed and call.with_bias else 1) * y.nbytes) - y.nbytes


def backward(args: tuple, outputs: tuple) -> int:
    """Bytes that `aten.convolution_backward` holds above the gradients it returns."""
    gradient, x, weight, _, *steps, transposed, _, groups, output_mask = args
    stride, padding, dilation = _by_axis(steps, weight)
    call = Call(x, weight, gradient, stride, padding, dilation, transposed, groups, bool(output_mask[2]))
    copies = _made_dense(call, gradient, x, weight)
    if not call.on_onednn:
        return _native_backward(call) + copies
    if call.is_direct:
        held = sum(output.nbytes for output in outputs if output is not None)
        return _direct_backward(call, output_mask) - held + copies
    if call.last:
        blocked = blocked_weight(weight, groups)
        return max(2 * blocked, blocked + _sums(call)) + copies + _wide(call)
    phases = _to_input(call) if output_mask[0] else []
    if output_mask[1]:
        phases += [(x.nbytes if output_mask[0] else 0) + phase for phase in _to_weight(call)]
    return copies + max(phases, default=0) - sum(output.nbytes for output in outputs if output is not None)


def _direct_backward(call: Call, output_mask: Sequence[bool]) -> int:
    """Bytes at the fullest moment of the gradients that are wanted, one after the other."""
    conv, phases = call.passes, [0]
    if output_mask[0]:
        run = direct_convolution.forward if call.transposed else direct_convolution.to_input
        phases.append(run(conv).fullest(call.x.nbytes))
    if output_mask[1]:
        bias = SINGLE * call.y.shape[1] if call.with_bias else 0
        before = call.x.nbytes if output_mask[0] else 0
        phases.append(before + direct_convolution.to_weight(conv).fullest(call.weight.nbytes) + bias)
    return max(phases)


def _made_dense(call: Call, *tensors: Tensor) -> int:
    """Copies of operands that have gaps, or another layout than the rest."""
    if call.last:
        return sum(map(_mended, tensors))
    return sum(tensor.nbytes for tensor in tensors if not tensor.is_contiguous())


def _aside(call: Call) -> int:
    """A 1x1 convolution makes one picture at a time: of the cells that a stride leaves, and of sums in 16 bit."""
    if not call.is_pointwise:
        return 0
    cells = math.prod(call.y.shape[2:])
    thinned = call.x.shape[1] * cells * call.x.element_size() if max(call.stride) > 1 else 0
    return thinned + (reduction_buffers.SINGLE * call.y.shape[1] * cells if call.is_half else 0)


def _to_input(call: Call) -> list[int]:
    """Bytes while the gradient of the input is found, and while it is brought into the input's layout."""
    x, y = call.x, call.y
    if call.on_tiles or (call.spreads and not call.transposed):
        return [_turned(y) + _spreader(call) + _turned(x), _turned(x) + 2 * x.nbytes]
    copy = 0 if call.transposed and call.is_read_as_it_is(y) else _blocked(y)
    return [copy + blocked_weight(call.weight, call.groups) + _blocked(x), _blocked(x) + x.nbytes]


def _spreader(call: Call) -> int:
    """The weight with which a gradient is spread out with channels last, and for depthwise ones in bf16 the scratchpad.

    The scratchpad holds a picture of the gradient as far as windows reach, and a row of sums; where the stride does not
    divide the width it is larger by something that we have no rule for.
    """
    if not call.is_depthwise:
        return tiled_weight(call.weight, call.groups)
    if call.x.dtype is not torch.bfloat16 or max(call.dilation) > 1:
        return blocked_weight(call.weight, call.groups)
    axes = zip(call.x.shape[2:], call.weight.shape[2:], call.stride, call.padding, strict=True)
    reached = call.groups * math.prod((n - 1 + p) // s - -((k - 1 - p) // s) + 1 for n, k, s, p in axes)
    row = reduction_buffers.BLOCK * reduction_buffers.SINGLE * -(-call.x.shape[-1] // call.stride[-1])
    pages = reduction_buffers.HALF * -(-reached // reduction_buffers.PAGE) + 6
    return paired_weight(call.weight) + pages * reduction_buffers.PAGE + row + 24


def _to_weight(call: Call) -> list[int]:
    """The same for the gradient of the weight."""
    if call.on_tiles:
        copies, blocked = _turned(call.x) + _turned(call.y), tiled_weight(call.weight, call.groups)
    else:
        copies, blocked = _operands(call), blocked_weight(call.weight, call.groups)
    return [copies + blocked + _sums(call), blocked + call.weight.nbytes]


def _operands(call: Call) -> int:
    """Copies of what the gradient of the weight is summed over."""
    if call.is_depthwise and max(call.weight.shape[2:]) > 3:
        return 0
    if not machine.has_avx512() and max(call.dilation) > 1:
        return _unfolded(call) + 4 * call.weight.nbytes
    read, written = (call.y, call.x) if call.transposed else (call.x, call.y)
    if not call.is_read_as_it_is(read):
        return _blocked(read) + _blocked(written)
    channels = read.shape[1]
    untouched = call.is_half or channels == 3 or (channels < 3 and machine.has_avx512())
    filled = 0 if untouched else 8 if channels <= 8 else channel_block()
    return read.nbytes // channels * filled + _blocked(written)


def _blocked(tensor: Tensor) -> int:
    """Bytes of an activation (N, C, ...) with its channels filled up to whole blocks."""
    return tensor.nbytes // tensor.shape[1] * rounded(tensor.shape[1])


def _turned(tensor: Tensor) -> int:
    """Bytes of a copy with channels last; one channel is as good as last."""
    return 0 if tensor.shape[1] == 1 else tensor.nbytes


def _mended(tensor: Tensor) -> int:
    """A copy with channels last of a tensor that has them second, where its neighbours have them last."""
    if min(tensor.shape[1:]) == 1 and tensor.is_contiguous():
        return 0
    return (
        0
        if is_channels_last(tensor) and span(tuple(tensor.shape), tensor.stride()) == tensor.numel()
        else tensor.nbytes
    )


def _columns(call: Call) -> int:
    """The unfolded input of a convolution that is one matrix product, or one a group, or one a picture if dilated."""
    columns = _all_columns(call)
    return columns if call.groups == 1 else max(call.y.nbytes, columns + call.x.nbytes // call.groups)


def _native_backward(call: Call) -> int:
    """The same for the gradients: groups are computed one after the other, and put together."""
    columns = _all_columns(call)
    if call.groups == 1:
        return columns
    one = columns + (call.x.nbytes + call.y.nbytes) // call.groups
    return max(one, call.x.nbytes + call.weight.nbytes + (call.y.shape[1] * SINGLE if call.with_bias else 0))


def _all_columns(call: Call) -> int:
    if call.is_pointwise and max(call.stride) == 1 and call.x.dim() < 5:
        return 0
    return _unfolded(call) * (call.x.shape[0] if {*call.dilation} == {1} else 1)


def _unfolded(call: Call) -> int:
    """Bytes of one picture, of one group, with each window written out."""
    unfolded, positions = (call.y, call.x) if call.transposed else (call.x, call.y)
    cells = unfolded.shape[1] // call.groups * math.prod(call.weight.shape[2:]) * math.prod(positions.shape[2:])
    return cells * call.x.element_size()


def _sums(call: Call) -> int:
    """The scratchpad for weight gradients in 16 bit; those in fp32 are summed where they belong."""
    if not call.is_half or call.is_depthwise:
        return 0
    read, written = (call.y, call.x) if call.transposed else (call.x, call.y)
    summed = reduction_buffers.GradientSum(
        *(_axes(read.shape[2:]), _axes(written.shape[2:])),
        *(read.shape[1] // call.groups, written.shape[1] // call.groups, call.groups),
        *(_axes(call.weight.shape[2:]), _axes(call.stride), _axes(call.padding, 0), _axes(call.dilation)),
        with_bias=call.with_bias and not call.transposed,
    )
    if call.on_tiles:
        return reduction_buffers.with_amx(summed)
    return reduction_buffers.with_avx512(summed, call.is_read_as_it_is(read))


def _axes(values: Sequence[int], filler: int = 1) -> reduction_buffers.Axes:
    """Depth, height and width of what has one to three axes."""
    depth, height, width = (*[filler] * (3 - len(values)), *values)
    return depth, height, width


def _wide(call: Call) -> int:
    """Gradients of large depthwise kernels with channels last go through blocks of 16 x 16, mostly empty."""
    if not call.is_depthwise or max(call.weight.shape[2:]) <= 3:
        return 0
    return channel_block() ** 2 * call.weight.numel() * (call.weight.element_size() + (4 if call.is_half else 0))
