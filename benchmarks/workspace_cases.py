"""Random layers of every kind, with an input each: what `benchmarks.workspace` runs."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations

Case = tuple[Callable[..., Any], tuple[Tensor, ...]]  # what is called, and what it is called with
Kind = Callable[[Random], Case]
CHANNELS = (1, 2, 3, 8, 12, 16, 24, 32, 40, 48, 64, 96, 128)


def _x(*size: int) -> Tensor:
    return torch.randn(size).requires_grad_()


def _convolution(axes: int, **fixed: Any) -> Kind:
    """A convolution over 1 to 3 axes; `fixed` holds what its kind is known by, as values to choose from."""

    def make(random: Random) -> Case:
        def pick(name: str, *values: Any) -> Any:
            return random.choice(fixed.get(name, values))

        kernel, stride, dilation = pick("kernel", 1, 3, 5), pick("stride", 1, 2), pick("dilation", 1)
        groups = pick("groups", 1)
        depthwise = groups == "all"
        read = pick("read", *CHANNELS)
        read = read if depthwise or groups == 1 else groups * -(-read // groups)
        groups = read if depthwise else groups
        made = read * pick("multiplier", 1) if depthwise else groups * -(-pick("made", *CHANNELS[3:]) // groups)
        padding = pick("padding", 0, dilation * (kernel // 2))
        side = dilation * (kernel - 1) + stride * random.randrange(*((8, 200), (4, 40), (2, 10))[axes - 1])
        kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
        if pick("transposed", False):
            kinds = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
            side = max(3, side // 2)
        settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        layer = kinds[axes - 1](read, made, kernel, **settings, bias=random.random() < 0.7)
        return layer, (_x(random.choice((1, 2, 4, 8)), read, *[side] * axes),)

    return make


def _patches(random: Random) -> Case:
    """A picture cut into patches: kernel and stride are one."""
    side, read = random.choice((2, 4, 7, 8, 14, 16)), random.choice((1, 3, 4, 32, 96))
    layer = nn.Conv2d(read, random.choice((48, 96, 192, 384)), side, side)
    return layer, (_x(random.choice((1, 2, 4)), read, *[side * random.randrange(4, 15)] * 2),)


def _recurrent(*kinds: type[nn.Module]) -> Kind:
    def make(random: Random) -> Case:
        settings: dict[str, Any] = {
            "num_layers": random.choice((1, 1, 2)),
            "bidirectional": random.random() < 0.4,
            "batch_first": random.random() < 0.5,
            "bias": random.random() < 0.8,
        }
        if settings["num_layers"] > 1 and random.random() < 0.5:
            settings["dropout"] = 0.1
        read, hidden = random.choice((5, 16, 33, 64, 100)), random.choice((7, 32, 50, 64, 128, 256, 512))
        if nn.LSTM in kinds and random.random() < 0.2:
            settings["proj_size"] = max(1, hidden // 3)
        batch, length = random.choice((1, 4, 20, 130)), random.randrange(2, 30)
        size = (batch, length, read) if settings["batch_first"] else (length, batch, read)
        layer = random.choice(kinds)(read, hidden, **settings)
        return lambda x: layer(x)[0], (_x(*size),)

    return make


def _attention(random: Random) -> Case:
    heads, width = random.choice((1, 2, 4, 8)), random.choice((8, 16, 32, 64))
    length, batch = random.choice((7, 16, 50, 197, 300)), random.choice((1, 2, 4))
    layer = nn.MultiheadAttention(heads * width, heads, batch_first=True, dropout=random.choice((0, 0, 0.1)))
    weights = random.random() < 0.3
    return lambda x: layer(x, x, x, need_weights=weights)[0], (_x(batch, length, heads * width),)


def _scaled(random: Random) -> Case:
    batch, heads, width = random.choice((1, 2, 4)), random.choice((1, 4, 8)), random.choice((8, 32, 64))
    queries, keys = random.choice((7, 64, 197, 300, 600)), random.choice((16, 77, 197, 512, 1100))
    way = random.choice(("plain", "causal", "masked", "boolean", "dropout", "turned"))
    q, k, v = _x(batch, heads, queries, width), _x(batch, heads, keys, width), _x(batch, heads, keys, width)
    if way == "turned":
        q, k, v = (_x(batch, t.shape[2], heads, width) for t in (q, k, v))
        return lambda *qkv: F.scaled_dot_product_attention(*(t.transpose(1, 2) for t in qkv)), (q, k, v)
    mask = torch.zeros(queries, keys) if way == "masked" else torch.ones(queries, keys, dtype=torch.bool)
    extra: dict[str, Any] = {"is_causal": True} if way == "causal" else {"dropout_p": 0.1} if way == "dropout" else {}
    if way in ("masked", "boolean"):
        extra["attn_mask"] = mask
    return lambda *qkv: F.scaled_dot_product_attention(*qkv, **extra), (q, k, v)


def _encoder(random: Random) -> Case:
    heads = random.choice((2, 4))
    layer = nn.TransformerEncoderLayer(heads * 32, heads, 256, batch_first=True, norm_first=random.random() < 0.5)
    return layer, (_x(random.choice((1, 3)), random.choice((10, 120)), heads * 32),)


def _picture(*makers: Callable[[int], Callable[..., Any]], axes: int = 2) -> Kind:
    """One of several layers for pictures of C channels."""

    def make(random: Random) -> Case:
        channels, side = (
            random.choice((4, 8, 12, 16, 32, 48)),
            random.choice(((64, 500), (12, 28, 33), (6, 9))[axes - 1]),
        )
        return random.choice(makers)(channels), (_x(random.choice((1, 2, 4)), channels, *[side] * axes),)

    return make


def _over_axes(random: Random) -> Case:
    """A layer norm over the last one to three axes."""
    size = [random.choice((1, 2, 5)), *(random.choice((4, 16, 30)) for _ in range(3))]
    return nn.LayerNorm(size[-random.choice((1, 2, 3)) :], bias=random.random() < 0.7), (_x(*size),)


def _rows(*functions: Callable[..., Any], width: int = 1) -> Kind:
    """A function of matrices, batches of matrices, or longer."""

    def make(random: Random) -> Case:
        size = [random.choice((2, 3, 8)), *(random.choice((5, 16, 60)) for _ in range(random.choice((1, 2))))]
        size.append(random.choice((8, 24, 100)))
        return random.choice(functions), tuple(_x(*size) for _ in range(width))

    return make


def _products(random: Random) -> Case:
    b, n, k, m = random.choice((1, 3, 8)), *(random.choice((4, 17, 64, 130)) for _ in range(3))
    ways: list[Case] = [
        (torch.matmul, (_x(b, n, k), _x(b, k, m))),
        (torch.matmul, (_x(b, n, k), _x(k, m))),
        (torch.matmul, (_x(2, b, n, k), _x(b, k, m))),
        (lambda x, y: x.transpose(1, 2) @ y.transpose(1, 2), (_x(b, k, n), _x(b, m, k))),
        (torch.baddbmm, (_x(b, n, m), _x(b, n, k), _x(b, k, m))),
        (torch.baddbmm, (_x(n, m), _x(b, n, k), _x(b, k, m))),
        (torch.addbmm, (_x(n, m), _x(b, n, k), _x(b, k, m))),
        (torch.addmm, (_x(n, m), _x(n, k), _x(k, m))),
        (torch.addmv, (_x(n), _x(n, k), _x(k))),
        (torch.mv, (_x(n, k), _x(k))),
        (torch.outer, (_x(n), _x(m))),
        (torch.addr, (_x(n, m), _x(n), _x(m))),
        (lambda x, y: torch.einsum("bnk,bmk->bnm", x, y), (_x(b, n, k), _x(b, m, k))),
        (lambda x, y: torch.einsum("bnk,kmj->bnmj", x, y), (_x(b, n, k), _x(k, m, 3))),
        (lambda x, y: torch.tensordot(x, y, ([1, 2], [0, 1])), (_x(b, n, k), _x(n, k, m))),
        (torch.kron, (_x(5, 6), _x(7, 8))),
        (torch.chain_matmul, (_x(n, k), _x(k, m), _x(m, 5))),
        (lambda x, y, z: torch.linalg.multi_dot([x, y, z]), (_x(n, k), _x(k, m), _x(m, 5))),
        (nn.Bilinear(6, 7, 8), (_x(n, 6), _x(n, 7))),
        (nn.Linear(k, m, bias=random.random() < 0.5), (_x(b, n, k),)),
        (nn.Linear(k, m), (_x(b, n, k).transpose(0, 1),)),
    ]
    return random.choice(ways)


def _distances(random: Random) -> Case:
    b, n, m, d = random.choice((1, 3)), *(random.choice((5, 30, 100)) for _ in range(2)), random.choice((3, 16, 64))
    p = random.choice((2.0, 2.0, 1.0, 3.0))
    ways: list[Case] = [
        (lambda x, y: torch.cdist(x, y, p=p), (_x(n, d), _x(m, d))),
        (lambda x, y: torch.cdist(x, y, p=p), (_x(b, n, d), _x(b, m, d))),
        (lambda x: torch.pdist(x), (_x(n, d),)),
        (lambda x, y: F.cosine_similarity(x, y), (_x(n, d), _x(n, d))),
        (lambda x, y: F.pairwise_distance(x, y), (_x(n, d), _x(n, d))),
    ]
    return random.choice(ways)


def _square(*functions: Callable[..., Any]) -> Kind:
    """A function of square matrices, one or a batch, symmetric and positive."""

    def make(random: Random) -> Case:
        n = random.choice((4, 20, 60))
        size = (n, n) if random.random() < 0.5 else (3, n, n)
        chosen = random.choice(functions)
        x = torch.randn(size)
        return chosen, ((x @ x.mT + n * torch.eye(n)).requires_grad_(),)

    return make


def _weights(*makers: Callable[[nn.Module], nn.Module]) -> Kind:
    """A layer whose weight is made anew each time."""

    def make(random: Random) -> Case:
        read, made = random.choice((4, 12, 32)), random.choice((8, 16, 48))
        maker = random.choice(makers)
        if random.random() < 0.5:
            return maker(nn.Linear(read, made)), (_x(5, read),)
        return maker(nn.Conv2d(read, made, 3)), (_x(2, read, 12, 12),)

    return make


def _folds(random: Random) -> Case:
    k, s = random.choice((2, 3, 4)), random.choice((1, 2))
    channels, side = random.choice((1, 3, 8)), random.choice((10, 20))
    count = ((side - k) // s + 1) ** 2
    if random.random() < 0.5:
        return nn.Unfold(k, stride=s), (_x(2, channels, side, side),)
    return nn.Fold((side, side), k, stride=s), (_x(2, channels * k * k, count),)


def _lookups(random: Random) -> Case:
    words, width = random.choice((10, 200, 3000)), random.choice((8, 64))
    indices = torch.randint(0, words, (random.choice((2, 8)), random.choice((5, 60))))
    ways: list[Callable[..., Any]] = [
        nn.Embedding(words, width),
        nn.Embedding(words, width, padding_idx=0),
        nn.Embedding(words, width, max_norm=1.0),
        nn.EmbeddingBag(words, width, mode="sum"),
        nn.EmbeddingBag(words, width, mode="mean"),
        nn.EmbeddingBag(words, width, mode="max"),
    ]
    table = _x(words, width)
    ways += [lambda i: table[i], lambda i: table.index_select(0, i[0]), lambda i: F.one_hot(i, words).float() @ table]
    return random.choice(ways), (indices,)


def _targets(*losses: Callable[..., Any], classes: bool = False) -> Kind:
    def make(random: Random) -> Case:
        n, c = random.choice((2, 16, 64)), random.choice((3, 100))
        x = _x(n, c) if not classes or random.random() < 0.5 else _x(n, c, 9, 7)
        target = torch.randint(0, c, (n, *x.shape[2:])) if classes else torch.rand(n, c)
        loss = random.choice(losses)
        return lambda x: loss(x, target), (x,)

    return make


def _sampled(random: Random) -> Case:
    n, c, side, mode = (
        2,
        random.choice((1, 3, 16)),
        random.choice((9, 30)),
        random.choice(("bilinear", "nearest", "bicubic")),
    )
    grid = torch.rand(n, side, side, 2) * 2 - 1
    grid.requires_grad_(random.random() < 0.5)
    return lambda x, g: F.grid_sample(x, g, mode=mode, align_corners=False), (_x(n, c, side, side), grid)


def _half(kind: Kind) -> Kind:
    """The same in bf16."""

    def make(random: Random) -> Case:
        torch.set_default_dtype(torch.bfloat16)
        try:
            layer, inputs = kind(random)
        finally:
            torch.set_default_dtype(torch.float32)
        return layer, tuple(x.detach().bfloat16().requires_grad_() if x.is_floating_point() else x for x in inputs)

    return make


def _channels_last(kind: Kind) -> Kind:
    """The same with channels last."""

    def make(random: Random) -> Case:
        layer, inputs = kind(random)
        if isinstance(layer, nn.Module):
            layer = layer.to(memory_format=torch.channels_last)
        formats = [torch.channels_last if x.dim() == 4 else torch.preserve_format for x in inputs]
        pairs = zip(inputs, formats, strict=True)
        return layer, tuple(x.detach().clone(memory_format=layout).requires_grad_() for x, layout in pairs)

    return make


_ACTIVATIONS = (
    *(nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Hardsigmoid),
    *(nn.Softplus, nn.Softsign, nn.Tanh, nn.Sigmoid, nn.LogSigmoid, nn.Tanhshrink, nn.Hardtanh, nn.PReLU, nn.RReLU),
    *(nn.Softmax2d, lambda: nn.GLU(1), lambda: nn.Threshold(0.1, 0), nn.Dropout, nn.Dropout2d, nn.AlphaDropout),
)

KINDS: dict[str, Kind] = {
    "convolution": _convolution(2),
    "convolution, 1x1": _convolution(2, kernel=[1], read=[8, 24, 64, 128, 256]),
    "convolution, 7x7 first": _convolution(2, kernel=[7, 11], stride=[2, 4], read=[1, 3], made=[32, 64, 96]),
    "convolution, grouped": _convolution(2, groups=[2, 3, 4, 8, 32], stride=[1, 1, 2]),
    "convolution, depthwise": _convolution(2, groups=["all"], kernel=[3, 5, 7], multiplier=[1, 1, 2]),
    "convolution, dilated": _convolution(2, dilation=[2, 3, 6], kernel=[3, 5], stride=[1]),
    "convolution, transposed": _convolution(2, transposed=[True], kernel=[2, 3, 4], stride=[1, 2]),
    "convolution, transposed and grouped": _convolution(2, transposed=[True], kernel=[3, 4], groups=[2, "all"]),
    "convolution, patches": _patches,
    "convolution 1d": _convolution(1, kernel=[1, 3, 9], dilation=[1, 1, 4]),
    "convolution 1d, depthwise": _convolution(1, kernel=[3, 7], groups=["all"]),
    "convolution 1d, transposed": _convolution(1, kernel=[2, 4], transposed=[True]),
    "convolution 3d": _convolution(3, kernel=[1, 3], dilation=[1, 1, 2]),
    "convolution 3d, depthwise": _convolution(3, kernel=[3], groups=["all"]),
    "convolution 3d, transposed": _convolution(3, kernel=[2, 3], transposed=[True]),
    "LSTM": _recurrent(nn.LSTM),
    "GRU and RNN": _recurrent(nn.GRU, nn.RNN),
    "multi-head attention": _attention,
    "scaled dot product attention": _scaled,
    "encoder layer": _encoder,
    "batch and instance norms": _picture(
        nn.BatchNorm2d,
        lambda c: nn.BatchNorm2d(c).eval(),
        lambda c: nn.InstanceNorm2d(c, affine=True),
        nn.InstanceNorm2d,
    ),
    "batch norms, one and three axes": _picture(nn.BatchNorm1d, nn.InstanceNorm1d, axes=1),
    "group norms": _picture(lambda c: nn.GroupNorm(4, c), lambda c: nn.GroupNorm(1, c), lambda c: nn.GroupNorm(c, c)),
    "local response norms": _picture(lambda c: nn.LocalResponseNorm(5)),
    "layer norms": _over_axes,
    "RMS norms": _rows(lambda x: F.rms_norm(x, x.shape[-1:], torch.ones(x.shape[-1]).requires_grad_())),
    "pooling": _picture(
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
    "pooling 1d": _picture(
        lambda c: nn.MaxPool1d(2), lambda c: nn.AvgPool1d(3), lambda c: nn.AdaptiveAvgPool1d(4), axes=1
    ),
    "pooling 3d": _picture(
        lambda c: nn.MaxPool3d(2), lambda c: nn.AvgPool3d(2), lambda c: nn.AdaptiveAvgPool3d(1), axes=3
    ),
    "upsampling": _picture(
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
    "upsampling, one and three axes": _picture(
        lambda c: nn.Upsample(scale_factor=2), lambda c: nn.Upsample(scale_factor=2, mode="trilinear"), axes=3
    ),
    "padding": _picture(
        *(lambda c, layer=layer: layer(2) for layer in (nn.ReflectionPad2d, nn.ReplicationPad2d, nn.ZeroPad2d)),
        lambda c: nn.CircularPad2d(1),
    ),
    "folding": _folds,
    "activations": _picture(*(lambda c, layer=layer: layer() for layer in _ACTIVATIONS)),
    "softmaxes": _rows(
        *(lambda x, f=f, axis=axis: f(x, axis) for f in (F.softmax, F.log_softmax, F.softmin) for axis in (-1, 1)),
        lambda x: torch.logsumexp(x, -1),
        lambda x: F.normalize(x, dim=-1),
    ),
    "reductions": _rows(
        *(lambda x, f=f: f(x, -1) for f in (torch.sum, torch.mean, torch.std, torch.var, torch.cumsum, torch.prod)),
        *(lambda x, f=f: f(x, 0) for f in (torch.sum, torch.mean, torch.amax, torch.cumsum, torch.norm)),
        *(lambda x: x.max(-1)[0], lambda x: x.median(-1)[0], lambda x: x.sort(-1)[0], lambda x: x.topk(2, -1)[0]),
        *(lambda x: x.norm(dim=-1), lambda x: x.mean(), lambda x: x.sum((0, -1)), lambda x: x.cumprod(-1)),
        *(lambda x: x.square().mean((0, 1)), lambda x: torch.linalg.vector_norm(x), lambda x: x.max()),
    ),
    "two tensors": _rows(
        *(torch.add, torch.mul, torch.div, torch.sub, torch.maximum, torch.minimum, torch.atan2, torch.hypot),
        *(lambda x, y: torch.where(x > y, x, y), lambda x, y: x.lerp(y, 0.3), lambda x, y: torch.cat([x, y], -1)),
        *(lambda x, y: torch.stack([x, y]), lambda x, y: x.mul(y.mean(-1, True)), lambda x, y: torch.addcmul(x, x, y)),
        width=2,
    ),
    "indexing": _rows(
        *(
            lambda x: x.roll(1, -1),
            lambda x: x.flip(-1),
            lambda x: x[..., ::2],
            lambda x: x.repeat(2, *[1] * (x.dim() - 1)),
        ),
        *(lambda x: x.repeat_interleave(2, -1), lambda x: x.gather(-1, torch.zeros(*x.shape[:-1], 3).long())),
        *(lambda x: x.index_select(-1, torch.arange(3)), lambda x: x[:, torch.tensor([0, 1])], lambda x: x.tril()),
        *(lambda x: x.scatter(-1, torch.zeros(*x.shape[:-1], 3).long(), 0.0), lambda x: F.pad(x, (1, 2))),
        *(lambda x: x.masked_fill(x > 0, 0.0), lambda x: x.transpose(-1, -2).contiguous(), lambda x: x.clone()),
        *(lambda x: x.unfold(-1, 3, 2).contiguous(), lambda x: x.diagonal(0, -2, -1).clone(), lambda x: x.diff(dim=-1)),
    ),
    "sampling": _sampled,
    "products": _products,
    "distances": _distances,
    "linear algebra": _square(
        *(torch.linalg.inv, torch.linalg.cholesky, torch.linalg.det, torch.linalg.qr, torch.linalg.svdvals),
        *(torch.linalg.eigvalsh, torch.linalg.matrix_exp, lambda x: torch.linalg.solve(x, x), torch.linalg.slogdet),
        *(lambda x: torch.linalg.svd(x, full_matrices=False)[1], lambda x: torch.linalg.eigh(x)[0], torch.linalg.pinv),
        *(lambda x: torch.linalg.matrix_power(x, 3), lambda x: torch.linalg.norm(x), torch.linalg.matrix_norm),
        *(lambda x: torch.linalg.solve_triangular(x.tril(), x, upper=False), lambda x: torch.linalg.lstsq(x, x)[0]),
    ),
    "Fourier transforms": _rows(
        *(lambda x: torch.fft.rfft(x).abs(), lambda x: torch.fft.fft(x).real, lambda x: torch.fft.rfft2(x).abs()),
        *(lambda x: torch.fft.irfft(torch.fft.rfft(x) * 2), lambda x: torch.view_as_real(torch.fft.fft2(x))),
    ),
    "made weights": _weights(
        *(nn.utils.weight_norm, parametrizations.weight_norm, parametrizations.orthogonal),
        *(nn.utils.spectral_norm, parametrizations.spectral_norm),
    ),
    "lookups": _lookups,
    "losses": _targets(
        *(F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, F.binary_cross_entropy_with_logits, F.kl_div),
        *(F.soft_margin_loss, F.poisson_nll_loss, F.multilabel_soft_margin_loss, F.cross_entropy),
    ),
    "losses of classes": _targets(
        F.cross_entropy, lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), classes=True
    ),
}
_TWICE = (
    "convolution",
    "convolution, depthwise",
    "convolution, grouped",
    "convolution, patches",
    "pooling",
    "upsampling",
)
KINDS |= {
    f"{name}, channels last": _channels_last(KINDS[name])
    for name in (*_TWICE, "batch and instance norms", "group norms")
}
_IN_HALF = (*_TWICE, "convolution, transposed", "convolution, dilated", "LSTM", "multi-head attention", "encoder layer")
_IN_HALF += (
    "batch and instance norms",
    "group norms",
    "layer norms",
    "softmaxes",
    "reductions",
    "activations",
    "products",
)
KINDS |= {f"{name}, bf16": _half(KINDS[name]) for name in _IN_HALF}
