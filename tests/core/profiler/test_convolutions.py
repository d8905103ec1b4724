"""What a single convolution takes for itself on the CPU, against the allocator's own events."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from benchmarks.measured_memory import measure_events
from core.profiler import profile
from core.profiler.memory.cpu.kernels import workspace
from core.profiler.memory.cpu.machine import has_half_products

aten = torch.ops.aten


@dataclass(frozen=True)
class ConvolutionCase:
    """A convolution of `batch` pictures of `side` x `side` cells with square kernels."""

    read: int
    made: int
    side: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1
    transposed: bool = False
    batch: int = 2

    def arguments(self, dtype: torch.dtype) -> tuple:
        channels = (self.read, self.made // self.groups) if self.transposed else (self.made, self.read // self.groups)
        x = torch.zeros(self.batch, self.read, self.side, self.side, dtype=dtype)
        weight = torch.zeros(*channels, self.kernel, self.kernel, dtype=dtype)
        window = ([self.stride] * 2, [self.padding] * 2, [self.dilation] * 2, self.transposed, [0, 0], self.groups)
        return x, weight, torch.zeros(self.made, dtype=dtype), *window


CASES = {
    "first": ConvolutionCase(3, 32, 64, 3, padding=1),
    "grey": ConvolutionCase(1, 8, 64, 5),
    "twelve channels": ConvolutionCase(12, 16, 28, 3, padding=1, batch=8),
    "plain": ConvolutionCase(64, 64, 56, 3, padding=1),
    "large": ConvolutionCase(32, 64, 112, 3, padding=1),
    "odd": ConvolutionCase(24, 40, 57, 3, padding=1),
    "dilated": ConvolutionCase(64, 64, 28, 3, padding=2, dilation=2),
    "strided": ConvolutionCase(64, 128, 57, 3, stride=2, padding=1),
    "1x1": ConvolutionCase(64, 256, 28, 1, batch=16),
    "1x1 strided": ConvolutionCase(256, 512, 28, 1, stride=2, batch=4),
    "grouped": ConvolutionCase(64, 64, 56, 3, padding=1, groups=4),
    "depthwise": ConvolutionCase(32, 32, 56, 3, padding=1, groups=32),
    "depthwise strided": ConvolutionCase(64, 64, 28, 3, stride=2, padding=1, groups=64, batch=8),
    "large depthwise strided": ConvolutionCase(672, 672, 14, 5, stride=2, padding=2, groups=672),
    "large depthwise of one picture": ConvolutionCase(240, 240, 14, 5, stride=2, padding=2, groups=240, batch=1),
    "large depthwise": ConvolutionCase(96, 96, 28, 7, padding=3, groups=96),
    "transposed": ConvolutionCase(64, 32, 28, 2, stride=2, transposed=True),
    "transposed to colours": ConvolutionCase(64, 3, 32, 4, stride=2, padding=1, transposed=True),
    "from noise": ConvolutionCase(100, 512, 1, 4, transposed=True),
}


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
@pytest.mark.parametrize("name", CASES)
def test_gradients_of_a_convolution_take_what_is_predicted(name, dtype):
    if dtype is torch.bfloat16 and not has_half_products():
        pytest.skip("this processor computes in 16 bit by way of copies in 32 bit, which are not predicted")
    x, weight, bias, *window = CASES[name].arguments(dtype)
    gradient = torch.zeros_like(aten.convolution.default(x, weight, bias, *window))
    arguments = (gradient, x, weight, list(bias.shape), *window, [True, True, True])
    kept: list[tuple[Tensor, ...]] = []

    def step() -> None:
        kept[:] = [aten.convolution_backward.default(*arguments)]

    kept.append(aten.convolution_backward.default(*arguments))
    results = sum(tensor.nbytes for tensor in kept[0])
    measured = measure_events(step, lambda: []).peak_bytes - results
    predicted = workspace(aten.convolution_backward.default, arguments, kept[0], "cpu")
    assert predicted == pytest.approx(measured, rel=0.05, abs=8192)


@pytest.mark.parametrize("layer", [nn.Conv1d, nn.Conv2d, nn.Conv3d])
def test_valid_is_no_padding_on_any_axis(layer):
    shape = (4, 9, 9, 9)[: layer(1, 1, 1).weight.dim() - 1]
    peaks = [profile(layer(4, 8, 3, padding=padding), shape, 2).training_peak_bytes for padding in ("valid", 0)]
    assert peaks[0] == peaks[1]
