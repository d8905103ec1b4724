"""Networks on which the profiler is held against PyTorch: small, and unlike each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """y = relu(f(x) + x), the addition being a function call."""

    def __init__(self, channels: int, inplace: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU(inplace=inplace)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.second(self.relu(self.norm(self.first(x)))) + x)


class Dense(nn.Module):
    """Concatenation of input and output, as in DenseNet."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, growth, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)


class Functional(nn.Module):
    """Everything a function call, with a parameter that belongs to no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((6, 3, 3, 3), 0.1))
        self.scale = nn.Parameter(torch.ones(6))

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.conv2d(x, self.weight, stride=2, padding=1), inplace=True)
        x = F.dropout(x * self.scale.view(1, -1, 1, 1), 0.3, self.training)
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Attention(nn.Module):
    """Fused attention over the cells of a picture, between linear layers."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2).transpose(1, 2)
        b, n, w = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, w))


class SelfAttention(nn.Module):
    """PyTorch's own attention layer, whose parts are never called."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(x, x, x, need_weights=False)[0]


class Tied(nn.Module):
    """One layer called twice, one weight in two layers, and one layer never called."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.left = nn.Linear(8, 8, bias=False)
        self.right = nn.Linear(8, 8)
        self.right.weight = self.left.weight
        self.unused = nn.Linear(5, 7)

    def forward(self, x: Tensor) -> Tensor:
        return self.right(torch.tanh(self.left(self.conv(torch.sigmoid(self.conv(x))))))


class InPlaceViews(nn.Module):
    """Views that change a tensor itself."""

    def forward(self, x: Tensor) -> Tensor:
        x = torch.exp(x)
        return torch.exp(x.squeeze_(2).transpose_(1, 2)).unsqueeze_(0)


class UNet(nn.Module):
    """Down, up by a transposed convolution, and a skip."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU())
        self.deep = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.LeakyReLU(0.1, inplace=True))
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.down(x)
        return self.head(torch.cat([x, self.up(self.deep(x))], dim=1))


@dataclass(frozen=True)
class ProfiledNetwork:
    build: Callable[[], nn.Module]
    input_shape: tuple[int, ...]


def _plain() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2), nn.Dropout2d(0.2)),
        *(nn.Conv2d(8, 16, 3), nn.ELU(inplace=True), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.LazyLinear(20), nn.Dropout(0.5, inplace=True), nn.Linear(20, 10), nn.LogSoftmax(dim=1)),
    )


def _batch_norms() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True)),
        *(nn.Conv2d(8, 8, 3, groups=8), nn.InstanceNorm2d(8, affine=True), nn.ReLU6(inplace=True)),
        *(nn.Conv2d(8, 12, 1), nn.LayerNorm([12, 12, 12]), nn.GELU(), nn.LocalResponseNorm(5), nn.Hardswish()),
    )


def _frozen_norm() -> nn.Module:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3, dilation=2))
    model[0].requires_grad_(False)
    model[1].eval()
    return model


def _upsampling() -> nn.Module:
    return nn.Sequential(
        *(nn.ConvTranspose2d(3, 8, 4, stride=2, padding=1, groups=1), nn.PReLU(8), nn.PixelShuffle(2)),
        *(nn.Upsample(scale_factor=2), nn.Conv2d(2, 4, 3, padding="same", padding_mode="reflect"), nn.Softplus()),
        *(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Mish(), nn.Tanh()),
    )


NETWORKS: dict[str, ProfiledNetwork] = {
    "plain": ProfiledNetwork(_plain, (3, 20, 20)),
    "norms": ProfiledNetwork(_batch_norms, (3, 16, 16)),
    "frozen norm": ProfiledNetwork(_frozen_norm, (3, 12, 12)),
    "residual": ProfiledNetwork(lambda: nn.Sequential(Residual(4, False), Residual(4, False)), (4, 8, 8)),
    "residual in place": ProfiledNetwork(
        lambda: nn.Sequential(Residual(4, True), nn.Dropout(), Residual(4, True)), (4, 8, 8)
    ),
    "concatenation": ProfiledNetwork(lambda: nn.Sequential(Dense(4, 3), Dense(7, 3), nn.AvgPool2d(2)), (4, 8, 8)),
    "functions": ProfiledNetwork(Functional, (3, 11, 11)),
    "attention": ProfiledNetwork(lambda: Attention(8, 2), (8, 4, 4)),
    "attention layer": ProfiledNetwork(SelfAttention, (5, 8)),
    "in-place views": ProfiledNetwork(InPlaceViews, (4, 1, 8)),
    "tied": ProfiledNetwork(Tied, (4, 8, 8)),
    "u-net": ProfiledNetwork(UNet, (3, 12, 12)),
    "upsampling": ProfiledNetwork(_upsampling, (3, 6, 6)),
    "one axis": ProfiledNetwork(
        lambda: nn.Sequential(
            nn.Conv1d(2, 4, 3, stride=2), nn.BatchNorm1d(4), nn.MaxPool1d(2), nn.AdaptiveAvgPool1d(2)
        ),
        (2, 30),
    ),
    "three axes": ProfiledNetwork(
        lambda: nn.Sequential(nn.Conv3d(1, 4, 3), nn.BatchNorm3d(4), nn.ReLU(True), nn.MaxPool3d(2), nn.Dropout3d()),
        (1, 8, 9, 10),
    ),
    "recurrent": ProfiledNetwork(lambda: nn.GRU(6, 5, batch_first=True), (7, 6)),
}


def built(name: str) -> nn.Module:
    """The network with its lazy layers filled in, in training mode."""
    model = NETWORKS[name].build()
    if any(isinstance(parameter, nn.UninitializedParameter) for parameter in model.parameters()):
        with torch.no_grad():
            model(torch.zeros(2, *NETWORKS[name].input_shape))
    return model
