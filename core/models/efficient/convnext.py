"""ConvNeXt: Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545. Without the paper's stochastic depth."""

from itertools import pairwise

from torch import nn

from core.layers.blocks import Permute, Residual, Scale

DEPTHS, WIDTHS = (3, 3, 9, 3), (96, 192, 384, 768)  # Tiny
CHANNELS_LAST, CHANNELS_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def convnext_tiny(classes: int = 1000) -> nn.Sequential:
    """Patches of 4x4, then four stages of blocks with halvings between. (B, 3, 224, 224) -> (B, classes)."""
    layers: list[nn.Module] = [nn.Conv2d(3, WIDTHS[0], 4, stride=4), *_norm(WIDTHS[0])]
    for (before, width), depth in zip(pairwise((WIDTHS[0], *WIDTHS)), DEPTHS, strict=True):
        if before != width:
            layers += [*_norm(before), nn.Conv2d(before, width, 2, stride=2)]
        layers += [block(width) for _ in range(depth)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(WIDTHS[-1], eps=1e-6), nn.Linear(WIDTHS[-1], classes)]
    return nn.Sequential(*layers, *head)


def block(width: int) -> Residual:
    """A 7x7 kernel a channel, then a dense layer up and one down at every place. (B, width, H, W) in and out."""
    return Residual(
        nn.Conv2d(width, width, 7, padding=3, groups=width),
        Permute(*CHANNELS_LAST),
        nn.LayerNorm(width, eps=1e-6),
        nn.Linear(width, 4 * width),
        nn.GELU(),
        nn.Linear(4 * width, width),
        Scale(width),
        Permute(*CHANNELS_FIRST),
    )


def _norm(width: int) -> list[nn.Module]:
    return [Permute(*CHANNELS_LAST), nn.LayerNorm(width, eps=1e-6), Permute(*CHANNELS_FIRST)]
