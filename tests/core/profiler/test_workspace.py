"""What each operation of a layer holds, forward and backward, against the allocator's own events."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.audited import OpAudit, audited
from core.profiler.memory.cpu.kernels import workspace
from core.profiler.memory.cpu.machine import has_avx512, has_half_products

ROUGHLY = 40_000  # bytes of addresses and masks in a scratchpad, which nobody predicts


def _last(layer: nn.Module) -> nn.Module:
    return layer.to(memory_format=torch.channels_last)


CONVOLUTIONS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "patches": (lambda: nn.Conv2d(3, 96, 16, 16), (2, 3, 224, 224)),
    "patches of features": (lambda: nn.Conv2d(96, 192, 2, 2), (2, 96, 28, 28)),
    "dilated": (lambda: nn.Conv2d(8, 40, 3, padding=6, dilation=6), (4, 8, 48, 48)),
    "dilated and strided": (lambda: nn.Conv2d(32, 48, 3, 2, dilation=2), (4, 32, 48, 48)),
    "large depthwise, strided": (lambda: nn.Conv2d(48, 48, 7, 2, 3, groups=48), (4, 48, 56, 56)),
    "depthwise with two kernels each": (lambda: nn.Conv2d(32, 64, 3, padding=1, groups=32), (4, 32, 40, 40)),
    "groups of odd width": (lambda: nn.Conv2d(42, 33, 5, padding=2, groups=3), (4, 42, 33, 33)),
    "groups of sixteen, strided": (lambda: nn.Conv2d(64, 64, 3, 2, 1, groups=4), (4, 64, 56, 56)),
    "1x1 in groups": (lambda: nn.Conv2d(32, 64, 1, groups=4), (2, 32, 56, 56)),
    "1x1 strided": (lambda: nn.Conv2d(24, 8, 1, 2), (2, 24, 68, 68)),
    "1x1 of many pictures": (lambda: nn.Conv2d(24, 96, 1), (16, 24, 28, 28)),
    "a kernel as large as the picture": (lambda: nn.Conv2d(64, 128, 7), (4, 64, 7, 7)),
    "transposed": (lambda: nn.ConvTranspose2d(40, 48, 3, padding=1), (4, 40, 28, 28)),
    "transposed and strided": (lambda: nn.ConvTranspose2d(64, 40, 4, 2, 1), (4, 64, 28, 28)),
    "transposed and depthwise": (lambda: nn.ConvTranspose2d(32, 32, 4, 2, 1, groups=32), (4, 32, 28, 28)),
    "one axis": (lambda: nn.Conv1d(40, 64, 9, padding=16, dilation=4), (4, 40, 800)),
    "three axes": (lambda: nn.Conv3d(3, 24, 3, padding=1), (2, 3, 16, 28, 28)),
    "three axes, one cell deep": (lambda: nn.Conv3d(48, 48, 3, padding=1), (2, 48, 1, 14, 14)),
    "three axes, depthwise": (lambda: nn.Conv3d(48, 48, 3, padding=1, groups=48), (2, 48, 10, 14, 14)),
    "channels last": (lambda: _last(nn.Conv2d(64, 40, 5, padding=2)), (4, 64, 28, 28)),
    "channels last, in groups": (lambda: _last(nn.Conv2d(32, 64, 5, padding=2, groups=32)), (2, 32, 28, 28)),
    "channels last, patches": (lambda: _last(nn.Conv2d(3, 96, 8, 8)), (2, 3, 112, 112)),
}


def _rows_of(picture: Tensor) -> Tensor:
    """(N, C, H, W) as a layer of attention leaves it: what lies last is the channels, and there is a gap before it."""
    tokens = F.pad(picture.flatten(2).transpose(1, 2), (0, 0, 1, 0))
    return tokens[:, 1:].transpose(1, 2).reshape(picture.shape)


LAYERS: dict[str, tuple[Callable[..., object], tuple[int, ...]]] = {
    "layer norm over three axes": (nn.LayerNorm((32, 30, 30)), (4, 32, 30, 30)),
    "layer norm of what is turned": (lambda x: F.layer_norm(x.transpose(1, 2), (200,)), (4, 200, 100)),
    "fold": (nn.Fold((60, 60), 4, stride=2), (4, 8 * 16, 29 * 29)),
    "unfold": (nn.Unfold(3, padding=1), (4, 8, 60, 60)),
    "distances": (lambda x: torch.cdist(x, x), (600, 32)),
    "attention": (lambda x: F.scaled_dot_product_attention(x, x, x), (2, 4, 300, 64)),
    "attention of a long text": (
        lambda x: F.scaled_dot_product_attention(x, x[..., :70, :], x[..., :70, :]),
        (1, 2, 800, 32),
    ),
    "attention with its weights": (
        lambda x: nn.MultiheadAttention(64, 4, batch_first=True)(x, x, x, need_weights=True)[0],
        (2, 300, 64),
    ),
    "softmax with channels last": (lambda x: x.to(memory_format=torch.channels_last).softmax(1), (4, 32, 28, 28)),
    "log of a sum": (lambda x: x.logsumexp(-1), (64, 50, 100)),
    "a choice of cells": (lambda x: x.masked_fill(x > 0, 0.0) + torch.where(x > 0, x, 2.0), (64, 50, 100)),
    "batch norm with channels last": (
        lambda x: nn.BatchNorm2d(32)(x.to(memory_format=torch.channels_last)),
        (4, 32, 28, 28),
    ),
    "a transform of two axes and back": (lambda x: torch.fft.irfft2(torch.fft.rfft2(x) * 2), (4, 3, 64, 64)),
    "transforms along other axes": (lambda x: torch.fft.fft(x, dim=1).abs(), (4, 24, 40, 36)),
    "sizes of complex numbers": (lambda x: torch.fft.rfft(x).abs(), (64, 500)),
    "mean squares of what is turned": (lambda x: F.mse_loss(x.transpose(1, 2), torch.zeros(64, 90, 50)), (64, 50, 90)),
    "a convolution of tokens": (lambda x: nn.Conv2d(32, 64, 1)(_rows_of(x)), (4, 32, 28, 28)),
}

RECURRENT = {
    "plain": nn.LSTM(64, 96),
    "wide": nn.LSTM(33, 256, bias=False),
    "two layers both ways": nn.LSTM(40, 64, 2, bidirectional=True, batch_first=True),
    "projected": nn.LSTM(40, 64, proj_size=20),
    "gated units": nn.GRU(40, 64, batch_first=True),
}


pytestmark = pytest.mark.usefixtures("one_thread")


def both_ways(layer: Callable[..., object], x: Tensor) -> list[OpAudit]:
    def run() -> None:
        output = layer(x)
        first = output[0] if isinstance(output, tuple) else output
        first.backward(torch.ones_like(first))

    run()
    return audited(run)


def assert_predicted(calls: list[OpAudit], aside: int = ROUGHLY, share: float = 0.01) -> None:
    for call in (call for call in calls if call.given):
        assert not call.error, call
        assert not call.layout, call
        assert call.predicted_end == pytest.approx(call.real_end, abs=1024), call
        held = call.real_peak + call.bytes_given
        assert abs(call.predicted_peak - call.real_peak) <= max(aside, share * held), call


@pytest.mark.skipif(not has_avx512(), reason="the kernels of this processor have other layouts")
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_a_convolution_holds_what_is_predicted(name):
    build, size = CONVOLUTIONS[name]
    layer, x = build(), torch.randn(size)
    if next(layer.parameters()).is_contiguous(memory_format=torch.channels_last) and "last" in name:
        x = x.to(memory_format=torch.channels_last)
    assert_predicted(both_ways(layer, x.requires_grad_()))


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_holds_what_is_predicted(name):
    layer, size = LAYERS[name]
    assert_predicted(both_ways(layer, torch.randn(size, requires_grad=True)))


@pytest.mark.skipif(not has_avx512(), reason="the kernels of this processor have other layouts")
@pytest.mark.parametrize("name", RECURRENT)
def test_a_recurrent_layer_keeps_and_takes_what_is_predicted(name):
    layer = RECURRENT[name]
    x = torch.randn(9, 20, layer.input_size, requires_grad=True)
    calls = both_ways(layer, x)
    with torch.no_grad():
        calls += audited(lambda: layer(x))
    assert_predicted(calls, aside=2048)


@pytest.mark.skipif(not has_half_products(), reason="this processor computes in 16 bit by way of copies in 32 bit")
@pytest.mark.parametrize(
    "layer", [nn.BatchNorm2d(32), nn.LayerNorm(28), nn.GroupNorm(4, 32)], ids=lambda layer: layer._get_name()
)
@pytest.mark.parametrize("mixed", [False, True], ids=["pure", "parameters in fp32"])
def test_statistics_of_a_norm_have_the_type_of_its_parameters(layer, mixed):
    layer = layer.float() if mixed else layer.bfloat16()
    x = torch.randn(4, 32, 28, 28, dtype=torch.bfloat16, requires_grad=True)
    assert_predicted(both_ways(layer, x))


@pytest.mark.parametrize("shape", [(4, 8, 64, 64), (16, 1000), (5000,)])
def test_a_mask_takes_the_places_of_what_it_picks(shape):
    """Of such operations only a real run knows the sizes, so the rule is asked directly."""
    torch.manual_seed(0)
    x = torch.randn(shape)
    mask, cells, zeros = x > 0, x[x > 0], torch.zeros(shape)
    calls = {
        torch.ops.aten.index.Tensor: (x, [mask]),
        torch.ops.aten.index_put_.default: (zeros, [mask], cells, True),
        torch.ops.aten.masked_select.default: (x, mask),
    }
    for operation, arguments in calls.items():
        operation(*arguments)
        (call,) = [one for one in audited(lambda op=operation, args=arguments: op(*args)) if one.given]
        expected = workspace(operation, arguments, operation(*arguments), "cpu")
        assert expected > 0
        assert call.real_peak - call.real_end == pytest.approx(expected, abs=16)


def test_one_number_for_all_masked_cells_takes_nothing():
    x = torch.randn(4, 100)
    assert workspace(torch.ops.aten.index_put_.default, (x, [x > 0], torch.tensor(0.0)), x, "cpu") == 0
