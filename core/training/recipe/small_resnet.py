"""Our own networks: small enough to be trained while one watches."""

from __future__ import annotations

from torch import Tensor, nn

from core.training.recipe.architecture_options import ArchitectureOptions


class SmallResNetBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, as in ResNet. (B, C, H, W) -> (B, D, H / stride, W / stride).

    Source: He et al. 2016, arXiv:1512.03385, figure 2.
    """

    def __init__(
        self, channels: int, out_channels: int, stride: int = 1, style: ArchitectureOptions | None = None
    ) -> None:
        super().__init__()
        style = style or ArchitectureOptions()
        branch = nn.Sequential(
            *conv_and_norm(channels, out_channels, 3, stride, style),
            style.dropped(style.activated(), "signal"),
            *conv_and_norm(out_channels, out_channels, 3, 1, style),
        )
        self.main = style.dropped(branch, "branch")
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != out_channels:
            self.shortcut = nn.Sequential(*conv_and_norm(channels, out_channels, 1, stride, style, drops=False))
        self.active = style.activated()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return self.active(self.main(x) + self.shortcut(x))


def conv_and_norm(
    channels: int, out_channels: int, kernel: int, stride: int, style: ArchitectureOptions, drops: bool = True
) -> list[nn.Module]:
    """A convolution that keeps the size at stride 1, and its norm; the norm's shift does the work of a bias."""
    norm = style.normalized(out_channels)
    convolution = nn.Conv2d(channels, out_channels, kernel, stride, padding=kernel // 2, bias=not norm)
    return [style.dropped(convolution, "weights") if drops else convolution, *norm]


def small_residual(classes: int, style: ArchitectureOptions | None = None) -> nn.Module:
    """A 5x5 stem that halves the image, then four residual stages, each but the first halving it again."""
    style = style or ArchitectureOptions()
    stem = [*conv_and_norm(3, style.width, 5, 2, style, drops=False), style.activated()]
    return _staged(stem, style.width, 4, classes, style)


def wide_residual(classes: int, style: ArchitectureOptions | None = None) -> nn.Module:
    """The stem is thin and followed by a pool, so that three wide stages work on a sixteenth of the places.

    For the same time as `small_residual` of 24 channels it has 64: matrix units like wide layers on small maps.
    """
    style = style or ArchitectureOptions()
    thin = max(style.width // 2, 8)
    stem = [*conv_and_norm(3, thin, 5, 2, style, drops=False), style.activated(), nn.MaxPool2d(2)]
    return _staged(stem, thin, 3, classes, style)


def _staged(stem: list[nn.Module], before: int, stages: int, classes: int, style: ArchitectureOptions) -> nn.Module:
    """Stages of residual blocks, each twice as wide as the last and half its size, and the mean of each last map."""
    blocks: list[nn.Module] = []
    for stage in range(stages):
        width = style.width * 2**stage
        for place in range(style.depth):
            blocks.append(SmallResNetBlock(before, width, 2 if stage and not place else 1, style))
            before = width
    return style.begin(nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes)))


def cats_and_dogs(classes: int, style: ArchitectureOptions | None = None) -> nn.Module:
    """Four 3x3 convolutions with pooling between, then the mean of each map and one linear layer. It has no style."""
    layers: list[nn.Module] = []
    for channels, out_channels in ((3, 16), (16, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(channels, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)] if out_channels < 128 else []
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))
