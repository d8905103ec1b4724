"""The kinds of layers that `benchmarks.workspace` runs: name -> random layers of that kind."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations

from benchmarks.workspace_cases import (
    Kind,
    attention,
    channels_last,
    convolution,
    distances,
    encoder,
    folds,
    half,
    lookups,
    over_axes,
    patches,
    picture,
    products,
    recurrent,
    rows,
    sampled,
    scaled,
    square,
    targets,
    weights,
)

_ACTIVATIONS = (
    *(nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Hardsigmoid),
    *(nn.Softplus, nn.Softsign, nn.Tanh, nn.Sigmoid, nn.LogSigmoid, nn.Tanhshrink, nn.Hardtanh, nn.PReLU, nn.RReLU),
    *(nn.Softmax2d, lambda: nn.GLU(1), lambda: nn.Threshold(0.1, 0), nn.Dropout, nn.Dropout2d, nn.AlphaDropout),
)

KINDS: dict[str, Kind] = {
    "convolution": convolution(2),
    "convolution, 1x1": convolution(2, kernel=[1], read=[8, 24, 64, 128, 256]),
    "convolution, 7x7 first": convolution(2, kernel=[7, 11], stride=[2, 4], read=[1, 3], made=[32, 64, 96]),
    "convolution, grouped": convolution(2, groups=[2, 3, 4, 8, 32], stride=[1, 1, 2]),
    "convolution, depthwise": convolution(2, groups=["all"], kernel=[3, 5, 7], multiplier=[1, 1, 2]),
    "convolution, dilated": convolution(2, dilation=[2, 3, 6], kernel=[3, 5], stride=[1]),
    "convolution, transposed": convolution(2, transposed=[True], kernel=[2, 3, 4], stride=[1, 2]),
    "convolution, transposed and grouped": convolution(2, transposed=[True], kernel=[3, 4], groups=[2, "all"]),
    "convolution, patches": patches,
    "convolution 1d": convolution(1, kernel=[1, 3, 9], dilation=[1, 1, 4]),
    "convolution 1d, depthwise": convolution(1, kernel=[3, 7], groups=["all"]),
    "convolution 1d, transposed": convolution(1, kernel=[2, 4], transposed=[True]),
    "convolution 3d": convolution(3, kernel=[1, 3], dilation=[1, 1, 2]),
    "convolution 3d, depthwise": convolution(3, kernel=[3], groups=["all"]),
    "convolution 3d, transposed": convolution(3, kernel=[2, 3], transposed=[True]),
    "LSTM": recurrent(nn.LSTM),
    "GRU and RNN": recurrent(nn.GRU, nn.RNN),
    "multi-head attention": attention,
    "scaled dot product attention": scaled,
    "encoder layer": encoder,
    "batch and instance norms": picture(
        nn.BatchNorm2d,
        lambda c: nn.BatchNorm2d(c).eval(),
        lambda c: nn.InstanceNorm2d(c, affine=True),
        nn.InstanceNorm2d,
    ),
    "batch norms, one and three axes": picture(nn.BatchNorm1d, nn.InstanceNorm1d, axes=1),
    "group norms": picture(lambda c: nn.GroupNorm(4, c), lambda c: nn.GroupNorm(1, c), lambda c: nn.GroupNorm(c, c)),
    "local response norms": picture(lambda c: nn.LocalResponseNorm(5)),
    "layer norms": over_axes,
    "RMS norms": rows(lambda x: F.rms_norm(x, x.shape[-1:], torch.ones(x.shape[-1]).requires_grad_())),
    "pooling": picture(
        lambda c: nn.MaxPool2d(2),
        lambda c: nn.MaxPool2d(3, 2, 1),
        lambda c: nn.AvgPool2d(2),
        lambda c: nn.AvgPool2d(3, 2, 1),
        lambda c: nn.AdaptiveAvgPool2d(1),
        lambda c: nn.AdaptiveAvgPool2d(3),
        lambda c: nn.AdaptiveMaxPool2d(3),
        lambda c: nn.LPPool2d(2, 3, 2),
        lambda c: nn.FractionalMaxPool2d(2, output_ratio=0.5),
    ),
    "pooling 1d": picture(
        lambda c: nn.MaxPool1d(2), lambda c: nn.AvgPool1d(3), lambda c: nn.AdaptiveAvgPool1d(4), axes=1
    ),
    "pooling 3d": picture(
        lambda c: nn.MaxPool3d(2), lambda c: nn.AvgPool3d(2), lambda c: nn.AdaptiveAvgPool3d(1), axes=3
    ),
    "upsampling": picture(
        lambda c: nn.Upsample(scale_factor=2),
        lambda c: nn.Upsample(scale_factor=2, mode="bilinear"),
        lambda c: nn.Upsample(scale_factor=2, mode="bicubic"),
        lambda c: lambda x: F.interpolate(x, size=17, mode="area"),
        lambda c: lambda x: F.interpolate(x, size=17, mode="nearest-exact"),
        lambda c: lambda x: F.interpolate(x, scale_factor=0.5, mode="bilinear", antialias=True),
        lambda c: nn.PixelShuffle(2),
        lambda c: nn.PixelUnshuffle(1),
        lambda c: nn.ChannelShuffle(2),
    ),
    "upsampling, one and three axes": picture(
        lambda c: nn.Upsample(scale_factor=2), lambda c: nn.Upsample(scale_factor=2, mode="trilinear"), axes=3
    ),
    "padding": picture(
        *(lambda c, layer=layer: layer(2) for layer in (nn.ReflectionPad2d, nn.ReplicationPad2d, nn.ZeroPad2d)),
        lambda c: nn.CircularPad2d(1),
    ),
    "folding": folds,
    "activations": picture(*(lambda c, layer=layer: layer() for layer in _ACTIVATIONS)),
    "softmaxes": rows(
        *(lambda x, f=f, axis=axis: f(x, axis) for f in (F.softmax, F.log_softmax, F.softmin) for axis in (-1, 1)),
        lambda x: torch.logsumexp(x, -1),
        lambda x: F.normalize(x, dim=-1),
    ),
    "reductions": rows(
        *(lambda x, f=f: f(x, -1) for f in (torch.sum, torch.mean, torch.std, torch.var, torch.cumsum, torch.prod)),
        *(lambda x, f=f: f(x, 0) for f in (torch.sum, torch.mean, torch.amax, torch.cumsum, torch.norm)),
        *(lambda x: x.max(-1)[0], lambda x: x.median(-1)[0], lambda x: x.sort(-1)[0], lambda x: x.topk(2, -1)[0]),
        *(lambda x: x.norm(dim=-1), lambda x: x.mean(), lambda x: x.sum((0, -1)), lambda x: x.cumprod(-1)),
        *(lambda x: x.square().mean((0, 1)), lambda x: torch.linalg.vector_norm(x), lambda x: x.max()),
    ),
    "two tensors": rows(
        *(torch.add, torch.mul, torch.div, torch.sub, torch.maximum, torch.minimum, torch.atan2, torch.hypot),
        *(lambda x, y: torch.where(x > y, x, y), lambda x, y: x.lerp(y, 0.3), lambda x, y: torch.cat([x, y], -1)),
        *(lambda x, y: torch.stack([x, y]), lambda x, y: x.mul(y.mean(-1, True)), lambda x, y: torch.addcmul(x, x, y)),
        width=2,
    ),
    "indexing": rows(
        *(lambda x: x.roll(1, -1), lambda x: x.flip(-1), lambda x: x[..., ::2], lambda x: x.repeat(*[2] * x.dim())),
        *(lambda x: x.repeat_interleave(2, -1), lambda x: x.gather(-1, torch.zeros(*x.shape[:-1], 3).long())),
        *(lambda x: x.index_select(-1, torch.arange(3)), lambda x: x[:, torch.tensor([0, 1])], lambda x: x.tril()),
        *(lambda x: x.scatter(-1, torch.zeros(*x.shape[:-1], 3).long(), 0.0), lambda x: F.pad(x, (1, 2))),
        *(lambda x: x.masked_fill(x > 0, 0.0), lambda x: x.transpose(-1, -2).contiguous(), lambda x: x.clone()),
        *(lambda x: x.unfold(-1, 3, 2).contiguous(), lambda x: x.diagonal(0, -2, -1).clone(), lambda x: x.diff(dim=-1)),
    ),
    "sampling": sampled,
    "products": products,
    "distances": distances,
    "linear algebra": square(
        *(torch.linalg.inv, torch.linalg.cholesky, torch.linalg.det, torch.linalg.qr, torch.linalg.svdvals),
        *(torch.linalg.eigvalsh, torch.linalg.matrix_exp, lambda x: torch.linalg.solve(x, x), torch.linalg.slogdet),
        *(lambda x: torch.linalg.svd(x, full_matrices=False)[1], lambda x: torch.linalg.eigh(x)[0], torch.linalg.pinv),
        *(lambda x: torch.linalg.matrix_power(x, 3), lambda x: torch.linalg.norm(x), torch.linalg.matrix_norm),
        *(lambda x: torch.linalg.solve_triangular(x.tril(), x, upper=False), lambda x: torch.linalg.lstsq(x, x)[0]),
    ),
    "Fourier transforms": rows(
        *(lambda x: torch.fft.rfft(x).abs(), lambda x: torch.fft.fft(x).real, lambda x: torch.fft.rfft2(x).abs()),
        *(lambda x: torch.fft.irfft(torch.fft.rfft(x) * 2), lambda x: torch.view_as_real(torch.fft.fft2(x))),
    ),
    "made weights": weights(
        *(nn.utils.weight_norm, parametrizations.weight_norm, parametrizations.orthogonal),
        *(nn.utils.spectral_norm, parametrizations.spectral_norm),
    ),
    "lookups": lookups,
    "losses": targets(
        *(F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, F.binary_cross_entropy_with_logits, F.kl_div),
        *(F.soft_margin_loss, F.poisson_nll_loss, F.multilabel_soft_margin_loss, F.cross_entropy),
    ),
    "losses of classes": targets(
        F.cross_entropy, lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), classes=True
    ),
}
_TWICE = (
    *("convolution", "convolution, depthwise", "convolution, grouped", "convolution, patches", "pooling", "upsampling"),
    *("batch and instance norms", "group norms"),
)
_IN_HALF = (
    *(*_TWICE, "convolution, transposed", "convolution, dilated", "LSTM", "multi-head attention", "encoder layer"),
    *("layer norms", "softmaxes", "reductions", "activations", "products"),
)
KINDS |= {f"{name}, channels last": channels_last(KINDS[name]) for name in _TWICE}
KINDS |= {f"{name}, bf16": half(KINDS[name]) for name in _IN_HALF}
