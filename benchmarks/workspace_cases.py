"""Random layers of every kind, with an input each: what `benchmarks.workspace` runs."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Case = tuple[Callable[..., Any], tuple[Tensor, ...]]  # what is called, and what it is called with
Kind = Callable[[Random], Case]
CHANNELS = (1, 2, 3, 8, 12, 16, 24, 32, 40, 48, 64, 96, 128)


def _x(*size: int) -> Tensor:
    return torch.randn(size).requires_grad_()


def convolution(axes: int, **fixed: Any) -> Kind:
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


def patches(random: Random) -> Case:
    """A picture cut into patches: kernel and stride are one."""
    side, read = random.choice((2, 4, 7, 8, 14, 16)), random.choice((1, 3, 4, 32, 96))
    layer = nn.Conv2d(read, random.choice((48, 96, 192, 384)), side, side)
    return layer, (_x(random.choice((1, 2, 4)), read, *[side * random.randrange(4, 15)] * 2),)


def recurrent(*kinds: type[nn.Module]) -> Kind:
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


def attention(random: Random) -> Case:
    heads, width = random.choice((1, 2, 4, 8)), random.choice((8, 16, 32, 64))
    length, batch = random.choice((7, 16, 50, 197, 300)), random.choice((1, 2, 4))
    layer = nn.MultiheadAttention(heads * width, heads, batch_first=True, dropout=random.choice((0, 0, 0.1)))
    weights = random.random() < 0.3
    return lambda x: layer(x, x, x, need_weights=weights)[0], (_x(batch, length, heads * width),)


def scaled(random: Random) -> Case:
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


def encoder(random: Random) -> Case:
    heads = random.choice((2, 4))
    layer = nn.TransformerEncoderLayer(heads * 32, heads, 256, batch_first=True, norm_first=random.random() < 0.5)
    return layer, (_x(random.choice((1, 3)), random.choice((10, 120)), heads * 32),)


def picture(*makers: Callable[[int], Callable[..., Any]], axes: int = 2) -> Kind:
    """One of several layers for pictures of C channels."""

    def make(random: Random) -> Case:
        side = random.choice(((64, 500), (12, 28, 33), (6, 9))[axes - 1])
        channels = random.choice((4, 8, 12, 16, 32, 48))
        return random.choice(makers)(channels), (_x(random.choice((1, 2, 4)), channels, *[side] * axes),)

    return make


def over_axes(random: Random) -> Case:
    """A layer norm over the last one to three axes."""
    size = [random.choice((1, 2, 5)), *(random.choice((4, 16, 30)) for _ in range(3))]
    return nn.LayerNorm(size[-random.choice((1, 2, 3)) :], bias=random.random() < 0.7), (_x(*size),)


def rows(*functions: Callable[..., Any], width: int = 1) -> Kind:
    """A function of matrices, batches of matrices, or longer."""

    def make(random: Random) -> Case:
        size = [random.choice((2, 3, 8)), *(random.choice((5, 16, 60)) for _ in range(random.choice((1, 2))))]
        size.append(random.choice((8, 24, 100)))
        return random.choice(functions), tuple(_x(*size) for _ in range(width))

    return make


def products(random: Random) -> Case:
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


def distances(random: Random) -> Case:
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


def square(*functions: Callable[..., Any]) -> Kind:
    """A function of square matrices, one or a batch, symmetric and positive."""

    def make(random: Random) -> Case:
        n = random.choice((4, 20, 60))
        size = (n, n) if random.random() < 0.5 else (3, n, n)
        chosen = random.choice(functions)
        x = torch.randn(size)
        return chosen, ((x @ x.mT + n * torch.eye(n)).requires_grad_(),)

    return make


def weights(*makers: Callable[[nn.Module], nn.Module]) -> Kind:
    """A layer whose weight is made anew each time."""

    def make(random: Random) -> Case:
        read, made = random.choice((4, 12, 32)), random.choice((8, 16, 48))
        maker = random.choice(makers)
        if random.random() < 0.5:
            return maker(nn.Linear(read, made)), (_x(5, read),)
        return maker(nn.Conv2d(read, made, 3)), (_x(2, read, 12, 12),)

    return make


def folds(random: Random) -> Case:
    k, s = random.choice((2, 3, 4)), random.choice((1, 2))
    channels, side = random.choice((1, 3, 8)), random.choice((10, 20))
    count = ((side - k) // s + 1) ** 2
    if random.random() < 0.5:
        return nn.Unfold(k, stride=s), (_x(2, channels, side, side),)
    return nn.Fold((side, side), k, stride=s), (_x(2, channels * k * k, count),)


def lookups(random: Random) -> Case:
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


def targets(*losses: Callable[..., Any], classes: bool = False) -> Kind:
    def make(random: Random) -> Case:
        n, c = random.choice((2, 16, 64)), random.choice((3, 100))
        x = _x(n, c) if not classes or random.random() < 0.5 else _x(n, c, 9, 7)
        target = torch.randint(0, c, (n, *x.shape[2:])) if classes else torch.rand(n, c)
        loss = random.choice(losses)
        return lambda x: loss(x, target), (x,)

    return make


def sampled(random: Random) -> Case:
    n, c, side = 2, random.choice((1, 3, 16)), random.choice((9, 30))
    mode = random.choice(("bilinear", "nearest", "bicubic"))
    grid = torch.rand(n, side, side, 2) * 2 - 1
    grid.requires_grad_(random.random() < 0.5)
    return lambda x, g: F.grid_sample(x, g, mode=mode, align_corners=False), (_x(n, c, side, side), grid)


def half(kind: Kind) -> Kind:
    """The same in bf16."""

    def make(random: Random) -> Case:
        torch.set_default_dtype(torch.bfloat16)
        try:
            layer, inputs = kind(random)
        finally:
            torch.set_default_dtype(torch.float32)
        return layer, tuple(x.detach().bfloat16().requires_grad_() if x.is_floating_point() else x for x in inputs)

    return make


def channels_last(kind: Kind) -> Kind:
    """The same with channels last."""

    def make(random: Random) -> Case:
        layer, inputs = kind(random)
        if isinstance(layer, nn.Module):
            layer = layer.to(memory_format=torch.channels_last)
        formats = [torch.channels_last if x.dim() == 4 else torch.preserve_format for x in inputs]
        pairs = zip(inputs, formats, strict=True)
        return layer, tuple(x.detach().clone(memory_format=layout).requires_grad_() for x, layout in pairs)

    return make
